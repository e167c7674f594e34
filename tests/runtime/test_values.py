"""Numbers, strings and keys at their edges, cut at every byte by windows of any size."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from loadstream import stream_json

EDGES = [
    *(str(sign * (2**bits + n)) for bits in (53, 63, 64) for n in (-1, 0, 1) for sign in (1, -1)),
    "1" * 4300,
    "1" * 4301,
    str(10**400),
    "-0", "-0.0", "0.0", "1E5", "1e+5", "1.5e-7", "5e-324", "2e-324", "1e400", "-1e400",
    "2.2250738585072011e-308", "9007199254740993.0", "0.1", "1e23", "8.5e22",
    "0." + "1" * 800,
    "123456789012345678901234567890.5",
    "NaN", "Infinity", "-Infinity", "-NaN", "nan", "+1", "01", "1.", ".5", "1e", "-", "0x10",
    r'"\ud83d\ude00"', r'"\ud83d"', r'"\ude00\ud83d"', r'"\u0000"', r'"\/\b\f\n\r\t\"\\"',
    r'"\u00e9\u20AC"', r'"\u12"', r'"\x41"', '"\t"', '"\x7f\u2028"', '"é€😀"', '"\\"', '"\\\\"',
    "true", "false", "null", "tru", "nulll", "True", "'a'",
    '{"a": 1, "a": 2}', r'{"\u0061": 1, "a": 2}', r'{"\ud800": 1}', '{"a"}', "{1: 2}", '{"a": 1,}',
    "[]", "[[]]", "[,]", "[1,]", "{}", "[{}]", "\ufeff1", "\u00a0", "/**/1",
]  # fmt: skip


@pytest.mark.parametrize("text", EDGES, ids=lambda text: ascii(text[:20]))
def test_an_edge_case_is_the_same_at_every_cut(
    text: str,
    parser: str,
    window: Callable[[int], None],
    judge: SimpleNamespace,
) -> None:
    raw = f'[{text}, {text},{{"k": [{text}]}}, {text}]'.encode("utf-8", "surrogatepass")
    expected = judge.outcome(lambda: json.load(io.BytesIO(raw)))
    for size in (*range(1, min(len(raw), 40) + 1), 4096):
        window(size)
        got = judge.outcome(lambda: list(stream_json(io.BytesIO(raw))))
        assert judge.identical(expected, got), (size, expected[:3], got[:3])


def test_a_lower_limit_of_digits_is_respected(judge: SimpleNamespace) -> None:
    sys = pytest.importorskip("sys")
    if not hasattr(sys, "set_int_max_str_digits"):
        pytest.skip("this Python has no limit of digits")
    raw = b"[1, " + b"7" * 1000 + b", 2]"
    limit = sys.get_int_max_str_digits()
    try:
        for other in (640, 0):
            sys.set_int_max_str_digits(other)
            expected = judge.outcome(lambda: json.load(io.BytesIO(raw)))
            got = judge.outcome(lambda: list(stream_json(io.BytesIO(raw))))
            assert expected[:2] == got[:2]
    finally:
        sys.set_int_max_str_digits(limit)


@pytest.mark.parametrize("depth", [100, 201, 500, 900])
@pytest.mark.parametrize("size", [16, 131_072])
def test_deep_nesting_that_json_load_reads_is_read(
    depth: int, size: int, window: Callable[[int], None], judge: SimpleNamespace
) -> None:
    window(size)
    raw = b'{"a": ' + b"[" * depth + b"]" * depth + b', "rows": [1]}'
    assert list(stream_json(io.BytesIO(raw), "$.rows")) == [1]
    elements = list(stream_json(io.BytesIO(raw), "$.a"))
    assert judge.identical(elements, json.loads(raw)["a"])


@pytest.mark.parametrize("size", [16, 131_072])
def test_nesting_too_deep_for_json_load_is_a_recursion_error(
    size: int, window: Callable[[int], None]
) -> None:
    window(size)
    for raw in (b"[" * 100_000, b'{"a": ' + b'[{"b":' * 60_000):
        with pytest.raises(RecursionError):
            list(stream_json(io.BytesIO(raw)))
        with pytest.raises(RecursionError):
            list(stream_json(io.BytesIO(raw), "$.rows"))


def deepest() -> int:
    """The least depth that `json` refuses here."""
    read, refused = 100, 200_000
    while refused - read > 1:
        depth = (read + refused) // 2
        try:
            json.loads("[" * depth + "]" * depth)
        except RecursionError:
            refused = depth
        else:
            read = depth
    return refused


@pytest.mark.parametrize("path", ["$", "$[0]", "$.rows"])
@pytest.mark.parametrize("size", [61, 131_072])
def test_up_to_some_levels_below_the_limit_a_stream_reads_what_json_load_reads(
    path: str, size: int, window: Callable[[int], None], judge: SimpleNamespace
) -> None:
    window(size)
    limit = deepest()
    levels = 19 if sys.version_info >= (3, 14) else 14  # see docs/how-exact-is-it.md
    for depth in (*range(limit - 40, limit - levels, 5), 2 * limit):
        for raw in (b"[" * depth + b"x", b"[" * depth + b"]" * depth + b"x"):
            expected = judge.outcome(lambda: json.load(io.BytesIO(raw)))  # noqa: B023
            got = judge.outcome(lambda: list(stream_json(io.BytesIO(raw), path)))  # noqa: B023
            assert got == expected
