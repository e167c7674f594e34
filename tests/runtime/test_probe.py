"""The probe leaves out only what a filter rejects, and never what `json.load` would complain of."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadstream import Dataset, stream_json
from loadstream.runtime.demands import Demand
from loadstream.runtime.parsers import array_parser

msgspec = pytest.importorskip("msgspec")
from loadstream.runtime.probe import Probe  # noqa: E402

KEPT = Demand("k", ("v",), False)
NEEDED = Demand("k", ("v",), True)


def parse(document: bytes) -> Any:
    try:
        return array_parser()(document)
    except (ValueError, RecursionError):
        return None


def sift(text: str | bytes, *demands: Demand) -> list[Any] | None:
    raw = text.encode() if isinstance(text, str) else text
    return Probe(demands or (KEPT,)).sift(raw, parse)


def others(*elements: str) -> str:
    """An array of the elements, among others that the filter rejects."""
    return "[" + ", ".join(['{"k": "w", "n": [1]}'] * 9 + [*elements]) + "]"


def test_only_elements_that_match_are_built() -> None:
    assert sift(others('{"k": "v", "n": 1}', '{"n": 2, "k": "v"}')) == [
        {"k": "v", "n": 1},
        {"n": 2, "k": "v"},
    ]
    assert sift(others()) == []


def test_all_elements_are_built_where_most_of_them_match() -> None:
    assert sift('[{"k": "v"}, {"k": "v"}, {"k": "w"}]') == [{"k": "v"}, {"k": "v"}, {"k": "w"}]


def test_an_array_without_elements_proves_nothing() -> None:
    assert sift("[]") is None
    assert sift("[ \n ]") is None


def test_the_last_of_a_repeated_key_counts() -> None:
    assert sift(others('{"k": "v", "k": "w"}')) == []
    assert sift(others('{"k": "w", "k": "v"}')) == [{"k": "v"}]


@pytest.mark.parametrize("spelled", [r"\u006b", r"\u006B"])
def test_a_key_or_value_may_be_spelled_with_escapes(spelled: str) -> None:
    assert sift(others(f'{{"{spelled}": "\\u0076"}}')) == [{"k": "v"}]


@pytest.mark.parametrize("spelled", ["ключ", r"\u043a\u043b\u044e\u0447"])
def test_a_key_need_not_be_ascii(spelled: str) -> None:
    demand = Demand("ключ", ("да",), False)
    assert sift(others(f'{{"{spelled}": "да"}}'), demand) == [{"ключ": "да"}]


def test_a_key_of_something_inside_does_not_count() -> None:
    assert sift(others('{"x": {"k": "v"}}', '{"K": "v"}', '{"k ": "v"}')) == []


def test_values_are_compared_as_python_compares_them() -> None:
    one = Demand("k", (1,), False)
    texts = ['{"k": 1}', '{"k": 1.0}', '{"k": true}', '{"k": 1e0}']
    assert sift(others(*texts), one) == [{"k": 1}, {"k": 1.0}, {"k": True}, {"k": 1.0}]
    none = Demand("k", (None,), True)
    assert sift(others('{"k": null}', '{"k": 0}', "{}"), none) == [{"k": None}, {}]
    large = Demand("k", (2**53,), False)
    texts = [f'{{"k": {number}}}' for number in (2**53, 2**53 + 1, 2**64 + 2**53, 10**30)]
    assert sift(others(*texts), large) == [{"k": 2**53}]


def test_an_element_without_the_key_is_left_out_only_if_the_filter_does_not_raise() -> None:
    assert sift(others("{}")) == []
    assert sift(others("{}"), NEEDED) == [{}]


def test_a_later_demand_does_not_hide_that_an_earlier_one_raises() -> None:
    demands = (NEEDED, Demand("j", ("x",), True))
    texts = ['{"j": "y"}', '{"k": "v", "j": "y"}', '{"k": "v", "j": "x"}', '{"k": "v"}']
    assert sift(others(*texts), *demands) == [{"j": "y"}, {"k": "v", "j": "x"}, {"k": "v"}]


def test_two_demands_of_one_key_are_both_heeded() -> None:
    demands = (Demand("k", ("v", "u"), True), Demand("k", ("v",), True))
    assert sift(others('{"k": "v"}', '{"k": "u"}'), *demands) == [{"k": "v"}]


@pytest.mark.parametrize(
    "element", ["1", '"k"', "null", "[]", '["k"]', '{"k": []}', '{"k": {}}', '{"k": 1e400}']
)
def test_a_window_with_anything_unusual_is_parsed_whole(element: str) -> None:
    assert sift(others(element)) is None


@pytest.mark.parametrize(
    "inside",
    [
        b'"\xff"',
        b'"\xc0\x80"',
        b'"\xe2\x82"',
        b'"\xed\xa0\x80"',
        b'{"\xff": 1}',
        b'"\\ud800"',
        b"NaN",
        b"9" * 4301,
        b"-" + b"9" * 4301,
        b"[[" + b"1" * 200_000 + b"]]",
        b"01",
        b"1.",
        b"-",
        b"[1,]",
        b'{"a":1,}',
        b'"\x00"',
        b'"\\x41"',
        b"tru",
        b"\xef\xbb\xbf1",
        pytest.param(
            b"[" * 100_000 + b"]" * 100_000,
            marks=pytest.mark.skipif(
                sys.version_info >= (3, 14), reason="the stack's size is the limit since 3.14"
            ),
        ),
    ],
)
def test_what_json_rejects_or_only_json_reads_is_not_skipped(inside: bytes) -> None:
    for size in range(20):  # wherever it stands
        document = b'[{"k": "w", "p": "%b", "x": %b}, {"k": "v"}]' % (b"p" * 211 * size, inside)
        assert sift(document) is None


def test_what_is_long_but_no_integer_is_skipped() -> None:
    for inside in (b'"' + b"9 " * 5000 + b'"', b"1" * 4000, b"[" + b"123456, " * 5000 + b"1]"):
        assert sift(b'[{"k": "w", "x": %b}]' % inside) == []


@pytest.mark.skipif(not hasattr(sys, "set_int_max_str_digits"), reason="no such limit here")
def test_the_limit_of_digits_is_that_of_the_interpreter() -> None:
    before = sys.get_int_max_str_digits()
    document = b'[{"k": "w", "x": %b}]' % (b"9" * 1000)
    try:
        sys.set_int_max_str_digits(700)
        assert sift(document) is None
        sys.set_int_max_str_digits(0)
        assert sift(document.replace(b"999", b"9" * 30)) == []
    finally:
        sys.set_int_max_str_digits(before)


def test_a_key_that_msgspec_cannot_look_for_is_said_to_be_so() -> None:
    with pytest.raises(ValueError):
        Probe([Demand("\ud800", ("v",), False)])


def test_a_msgspec_that_misreads_integers_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(msgspec, "__version__", "0.18.6")
    with pytest.raises(ImportError):
        Probe([KEPT])


# The stream as a whole, with every window probed.


@pytest.fixture
def always_probes(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Has every window probed whose filter demands anything; gives how many were skipped through.

    Probing is taken to cost nothing, so that it always goes on.
    """
    sifted = []
    sift = Probe.sift

    def spy(self: Probe, array: bytes, parse: Callable[[bytes], Any]) -> list[Any] | None:
        found = sift(self, array, parse)
        if found is not None:
            sifted.append(len(array))
        return found

    monkeypatch.setattr(Probe, "sift", spy)
    monkeypatch.setattr("loadstream.runtime.sieve._LARGE_IF_IMPORTED", -1)
    monkeypatch.setattr("loadstream.runtime.sieve.perf_counter", float)
    return lambda: len(sifted)


FILTERS: dict[str, Callable[[Any], object]] = {
    "get": lambda e: e.get("k") == "v",
    "item": lambda e: e["k"] == "v" and e["n"] > 1,
    "two": lambda e: e["k"] in {"v", "w"} and e["n"] == 1,
}


def compare(judge: SimpleNamespace, raw: bytes, keep: Callable[[Any], object]) -> None:
    """As though every element were built: the same ones, up to the same error at the same place.

    (That a stream without a filter gives what `json.load` gives is tested elsewhere.)
    """

    def all_built(seen: list[Any]) -> None:
        seen.extend(element for element in stream_json(io.BytesIO(raw)) if keep(element))

    def sifted(seen: list[Any]) -> None:
        seen.extend(stream_json(io.BytesIO(raw), filter_func=keep))

    seen: list[list[Any]] = [[], []]
    expected, got = (
        judge.outcome(lambda work=work, into=into: work(into))
        for work, into in zip((all_built, sifted), seen, strict=True)
    )
    assert judge.identical(expected, got), (raw, expected, got)
    assert judge.identical(*seen), (raw, expected)


@pytest.mark.parametrize("keep", FILTERS)
@pytest.mark.parametrize("size", [16, 250, 131_072])
def test_documents_of_the_suite_inside_elements_that_are_skipped(
    suite: list[Path],
    judge: SimpleNamespace,
    window: Callable[[int], None],
    always_probes: Callable[[], int],
    size: int,
    keep: str,
) -> None:
    window(size)
    for path in suite:
        inside = path.read_bytes()
        skipped = b'{"k": "x", "n": 1, "z": 2}, ' * 20
        for element in (b'{"k": "x", "y": %b, "n": 1}', b'{"y": [%b], "k": "x"}', b"%b"):
            raw = b"[%b%b, %b{}]" % (skipped, element % inside, skipped)
            compare(judge, raw[:-4] + b'{"k": "v", "n": 7}]', FILTERS[keep])
    assert always_probes()


scalars = (
    st.sampled_from(["v", "w", "", "é", "\ud800", 1, 2, 1.0, True, None, 10**30, 1e300])
    | st.floats()
    | st.text(max_size=3)
)
records = st.fixed_dictionaries(
    {},
    optional={
        "k": st.sampled_from(["v", "w", "x", "x", "x"]) | scalars,
        "n": st.sampled_from([1, 2, 3]) | scalars | st.lists(scalars, max_size=2),
        "é": scalars | st.dictionaries(st.sampled_from("kn"), scalars, max_size=2),
    },
)
elements = st.lists(records | records | records | scalars, max_size=30) | st.lists(
    st.fixed_dictionaries(
        {"k": st.sampled_from("vwxyz"), "n": st.integers(0, 3), "t": st.text(max_size=5)}
    ),
    max_size=60,
)
wounds = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 4),
        st.sampled_from(
            [
                *b'|,|"|]|}|[|{|:|.|-|0|e|NaN|\\|\\ud800| |\n|\xff|\0|\xed\xa0\x80|\xc3'.split(
                    b"|"
                ),
                *(b'"k":"v",', b'"k":"x",', b'"\\u006b":"v",', b"[" * 3000, b"9" * 4400),
            ]
        ),
    ),
    max_size=2,
)


@given(
    rows=elements,
    damage=wounds,
    size=st.sampled_from([1, 7, 40, 250, 1024, 131_072]),
    ascii_only=st.booleans(),
    keep=st.sampled_from(list(FILTERS)),
)
def test_random_documents_damaged_or_not(
    rows: list[Any],
    damage: list[tuple[float, int, bytes]],
    size: int,
    ascii_only: bool,
    keep: str,
    judge: SimpleNamespace,
) -> None:
    raw = json.dumps(rows, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    for place, gone, inserted in damage:
        at = int(place * (len(raw) + 1))
        raw = raw[:at] + inserted + raw[at + gone :]
    with (
        patch("loadstream.runtime.window.SIZE", size),
        patch("loadstream.runtime.sieve._LARGE_IF_IMPORTED", -1),
        patch("loadstream.runtime.sieve.perf_counter", float),
    ):
        compare(judge, raw, FILTERS[keep])


ROWS = [{"n": n, "k": "vwxyzabcde"[n % 10], "in": [{"k": "v"}, {"k": "w"}]} for n in range(3000)]


@pytest.fixture
def rows(document: Callable[..., Path]) -> Path:
    return document({"head": [1], "rows": ROWS, "tail": {"k": "v"}})


@pytest.mark.parametrize("size", [64, 1000, 131_072])
def test_the_filter_is_asked_only_about_what_can_pass(
    rows: Path, window: Callable[[int], None], always_probes: Callable[[], int], size: int
) -> None:
    window(size)
    seen = []

    def keep(e: Any) -> bool:
        return e["k"] == "v" and seen.append(e["n"]) is None

    assert list(stream_json(rows, "$.rows", filter_func=keep)) == ROWS[::10]
    assert seen == [*range(0, 3000, 10)]
    assert always_probes() > 1
    assert Dataset(rows, "$.rows").stream(lambda e: e["k"] == "v")


def test_an_error_of_the_filter_comes_at_its_element(
    rows: Path, always_probes: Callable[[], int]
) -> None:
    stream = stream_json(rows, "$.rows", filter_func=lambda e: e["k"] == "v" and 1 / (e["n"] - 50))
    seen = []
    with pytest.raises(ZeroDivisionError):
        seen.extend(row["n"] for row in stream)
    assert next(stream, None) is None
    assert seen == [0, 10, 20, 30, 40]
    missing = stream_json(rows, "$.rows", filter_func=lambda e: e["absent"] == "v")
    with pytest.raises(KeyError, match="absent"):
        next(missing)
    assert always_probes()


def test_elements_inside_of_elements_and_converted_ones_are_not_probed(
    rows: Path, always_probes: Callable[[], int]
) -> None:
    keep: Callable[[Any], object] = lambda e: e["k"] == "v"  # noqa: E731
    found = list(stream_json(rows, "$.rows[*].in", filter_func=keep))
    assert found == [{"k": "v"}] * 3000
    found = list(stream_json(rows, "$.rows", filter_func=keep, type=dict[str, Any]))
    assert found == ROWS[::10]
    assert always_probes() == 0


def test_an_error_behind_what_was_skipped_has_its_place(
    document: Callable[..., Path], judge: SimpleNamespace, always_probes: Callable[[], int]
) -> None:
    text = json.dumps(ROWS, indent=1, ensure_ascii=False)
    for broken in (text[:-1] + ", oops]", text[:-1], text + "]", text.replace("2999", "29 99")):
        path = document(broken)
        expected = judge.outcome(lambda broken=broken: json.loads(broken))
        got = judge.outcome(
            lambda p=path: list(stream_json(p, filter_func=lambda e: e["k"] == "x"))
        )
        assert got == expected
    assert always_probes()
