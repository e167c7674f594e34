"""Elements that are converted to a type."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Optional, TypedDict

import attrs
import msgspec
import pytest

from loadstream import (
    Dataset,
    ElementTypeError,
    StreamConsumedError,
    stream_json,
    stream_lines,
    stream_values,
)


@dataclass
class Call:
    tool: str
    seconds: float


@dataclass
class Session:
    id: int
    calls: list[Call] = field(default_factory=list)
    parent: Optional[int] = None  # noqa: UP045 (the older spelling is understood too)
    label: int | str = ""


class SessionDict(TypedDict, total=False):
    id: int
    calls: list[Call]
    parent: int | None
    label: int | str


class SessionStruct(msgspec.Struct):
    id: int
    calls: list[Call] = []
    parent: int | None = None
    label: int | str = ""


@attrs.define
class SessionAttrs:
    id: int
    calls: list[Call] = attrs.Factory(list)
    parent: int | None = None
    label: int | str = ""


class Point(NamedTuple):
    x: int
    y: float
    name: str = ""


class Untouched(msgspec.Struct):
    value: Any


ROWS: list[dict[str, Any]] = [
    {"id": n, "calls": [{"tool": "t", "seconds": n / 7}], "label": n if n % 2 else "even"}
    for n in range(3000)
]


@pytest.mark.parametrize("kind", [Session, SessionStruct, SessionAttrs])
@pytest.mark.parametrize("size", [64, 131_072])
def test_objects_become_instances(
    kind: Any, size: int, document: Callable[..., Path], window: Callable[[int], None]
) -> None:
    window(size)
    rows = list(stream_json(document({"s": ROWS}), "$.s", type=kind))
    assert {type(row) for row in rows} == {kind}
    assert [(row.id, row.calls, row.parent, row.label) for row in rows] == [
        (row["id"], [Call("t", row["id"] / 7)], None, row["label"]) for row in ROWS
    ]


def test_objects_become_typed_dicts(document: Callable[..., Path]) -> None:
    rows = list(stream_json(document(ROWS), type=SessionDict))
    assert rows == [{**row, "calls": [Call("t", row["id"] / 7)]} for row in ROWS]


def test_arrays_become_named_tuples(document: Callable[..., Path]) -> None:
    rows = list(stream_json(document([[1, 2.5], [3, 4, "c"]]), type=Point))
    assert rows == [Point(1, 2.5), Point(3, 4.0, "c")]
    assert {type(row) for row in rows} == {Point}


def test_a_field_that_the_type_does_not_name_is_dropped(document: Callable[..., Path]) -> None:
    assert list(stream_json(document([{"id": 1, "more": [2]}]), type=Session)) == [Session(1)]


def test_any_type_of_msgspec_will_do(document: Callable[..., Path]) -> None:
    path = document([[1, None], [], [3]])
    assert list(stream_json(path, type=list[int | None])) == [[1, None], [], [3]]
    assert list(stream_json(document([1, "a"]), type=int | str)) == [1, "a"]
    assert list(stream_json(document([{"1": 2}]), type=dict[int, int])) == [{1: 2}]
    assert list(stream_json(document(["ab"]), type=str)) == ["ab"]


EXACT = (
    '[{"value": 9007199254740993}, {"value": 18446744073709551617}, {"value": 1%s},'
    ' {"value": NaN}, {"value": -Infinity}, {"value": -0.0}, {"value": 0.1},'
    ' {"value": 1.7976931348623157e308}, {"value": 5e-324}, {"value": 1e999},'
    ' {"value": "\\ud800"}, {"value": {"a": 1, "a": 2, "\\udfff": []}}, {"value": [1, 1.0, true]}]'
) % ("0" * 400)


def test_values_are_as_exact_as_untyped_ones(
    document: Callable[..., Path], judge: Any, parser: str
) -> None:
    path = document(EXACT)
    values = [row.value for row in stream_json(path, type=Untouched)]
    assert judge.identical(values, [row["value"] for row in json.loads(EXACT)])


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-0.0", "0.1", "2.5e-310", "1e22"])
def test_numbers_of_a_typed_field_are_exact(
    number: str, document: Callable[..., Path], judge: Any
) -> None:
    path = document('[{"tool": "a", "seconds": NUMBER}]'.replace("NUMBER", number))
    assert judge.identical(next(stream_json(path, type=Call)).seconds, float(number))
    big = 10**400 + 7
    assert next(stream_json(document([{"id": big}]), type=Session)).id == big


@pytest.mark.parametrize("size", [32, 131_072])
@pytest.mark.parametrize("index", [0, 1, 1023, 1024, 2999])
def test_an_error_names_the_element_the_place_and_the_cause(
    index: int, size: int, document: Callable[..., Path], window: Callable[[int], None]
) -> None:
    window(size)
    rows = json.loads(json.dumps(ROWS))
    rows[index]["calls"].append({"tool": "t", "seconds": "long"})
    stream = stream_json(document(rows), type=Session)
    given = []
    with pytest.raises(ElementTypeError) as caught:
        given.extend(iter(stream))
    assert [session.id for session in given] == list(range(index))
    assert (caught.value.index, caught.value.place) == (index, "$.calls[1].seconds")
    assert caught.value.cause == "Expected `float`, got `str`"
    assert str(caught.value) == (
        f"element {index} is not a Session: Expected `float`, got `str`, at $.calls[1].seconds"
    )
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    with pytest.raises(StreamConsumedError, match="ended with ElementTypeError"):
        iter(stream)


@pytest.mark.parametrize(
    ("element", "kind", "place", "cause"),
    [
        (5, Session, "$", "Expected `object`, got `int`"),
        ({}, Session, "$", "Object missing required field `id`"),
        ({"id": "5"}, Session, "$.id", "Expected `int`, got `str`"),
        ({"id": True}, Session, "$.id", "Expected `int`, got `bool`"),
        ({"id": 1.0}, SessionDict, "$.id", "Expected `int`, got `float`"),
        ({"id": 1, "parent": "x"}, SessionStruct, "$.parent", "Expected `int | null`, got `str`"),
        ({"id": 1, "label": None}, SessionAttrs, "$.label", "Expected `int | str`, got `null`"),
        ([1], Point, "$", "Expected `array` of length 2 to 3, got 1"),
        ({"a": {"b": "c"}}, dict[str, dict[str, int]], "$[...][...]", "Expected `int`, got `str`"),
        ({"x": 1}, dict[int, int], "key in $", "Expected `int`, got `str`"),
    ],
)
def test_what_is_of_another_type_is_refused(
    element: Any, kind: Any, place: str, cause: str, document: Callable[..., Path]
) -> None:
    with pytest.raises(ElementTypeError) as caught:
        list(stream_json(document([element]), type=kind))
    assert (caught.value.index, caught.value.place, caught.value.cause) == (0, place, cause)


def test_an_integer_that_no_float_can_hold_is_refused(document: Callable[..., Path]) -> None:
    path = document([{"tool": "a", "seconds": 1}, {"tool": "b", "seconds": 10**400}])
    with pytest.raises(ElementTypeError, match=r"element 1 is not a Call: .*(range|too large)"):
        list(stream_json(path, type=Call))


def test_an_error_names_a_generic_type_in_full(document: Callable[..., Path]) -> None:
    with pytest.raises(ElementTypeError, match=r"element 1 is not a list\[int\]: "):
        list(stream_json(document([[1], ["a"]]), type=list[int]))
    with pytest.raises(ElementTypeError, match=r"element 0 is not a int \| None: "):
        list(stream_json(document(["a"]), type=int | None))


def test_a_key_that_is_no_text_is_an_error_of_its_element(document: Callable[..., Path]) -> None:
    path = document('[{"id": 1}, {"id": 2, "\\ud800": 3}]')
    with pytest.raises(ElementTypeError, match=r"element 1 is not a Session: .*surrogates"):
        list(stream_json(path, type=Session))


def test_the_filter_is_given_what_was_converted_and_the_index_counts_all(
    document: Callable[..., Path],
) -> None:
    path = document([*ROWS, {"id": "x"}])
    stream = stream_json(path, type=Session, filter_func=lambda s: s.calls[0].seconds < 1)
    given = []
    with pytest.raises(ElementTypeError) as caught:
        given.extend(iter(stream))
    assert [session.id for session in given] == list(range(7))
    assert caught.value.index == len(ROWS)


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.json"])
def test_lines_are_converted(name: str, document: Callable[..., Path]) -> None:
    path = document("".join(json.dumps(row) + "\n\n" for row in [*ROWS, {}]), name)
    stream = stream_json if name.endswith("jsonl") else stream_lines
    rows: list[Session] = []
    with pytest.raises(ElementTypeError, match="element 3000"):
        rows.extend(stream(path, type=Session))
    assert [row.id for row in rows] == list(range(3000))


def test_values_of_an_object_are_converted(document: Callable[..., Path]) -> None:
    path = document({"by": {str(row["id"]): row for row in ROWS}})
    rows = list(stream_values(path, "$.by", type=Session, filter_func=lambda s: s.id % 2))
    assert [row.id for row in rows] == list(range(1, 3000, 2))


def test_nested_arrays_and_defaults_are_converted(document: Callable[..., Path]) -> None:
    path = document({"s": [*ROWS, {"calls": [{"tool": 1}]}]})
    stream = stream_json(path, "$.s[*].calls", type=Call)
    assert [next(stream) for _ in ROWS] == [Call("t", n / 7) for n in range(3000)]
    with pytest.raises(ElementTypeError, match=r"element 3000 is not a Call: .*, at \$\.tool"):
        next(stream)
    default = [{"tool": "t", "seconds": 1}]
    assert list(stream_json(path, "$.t", type=Call, default=default)) == [Call("t", 1.0)]


def test_an_error_of_the_document_stays_what_it_is(document: Callable[..., Path]) -> None:
    text = json.dumps(ROWS)[:-1] + ", x]"
    with pytest.raises(json.JSONDecodeError) as expected:
        json.loads(text)
    given = []
    with pytest.raises(json.JSONDecodeError) as caught:
        given.extend(stream_json(document(text), type=Session))
    assert str(caught.value) == str(expected.value)
    assert len(given) == len(ROWS)
    with pytest.raises(KeyError, match="nothing"):
        list(stream_json(document({}), "$.nothing", type=Session))


def test_an_error_of_the_type_s_own_code_comes_through(document: Callable[..., Path]) -> None:
    @dataclass
    class Odd:
        id: int

        def __post_init__(self) -> None:
            if self.id == 2:
                raise ValueError("two is not odd")
            if self.id == 3:
                raise LookupError("three")

    path = document([{"id": 1}, {"id": 2}])
    with pytest.raises(ElementTypeError, match="element 1 is not a Odd: two is not odd"):
        list(stream_json(path, type=Odd))
    stream = stream_json(document([{"id": 1}, {"id": 3}]), type=Odd)
    assert next(stream) == Odd(1)
    with pytest.raises(LookupError, match="three"):
        next(stream)


def test_a_type_that_is_none_is_refused_before_the_file_is_opened(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="not supported"):
        stream_json(tmp_path / "missing.json", type=5)
    with pytest.raises(TypeError, match="not supported"):
        Dataset(tmp_path / "missing.json", type="Session").pages(3)


def test_closing_a_typed_stream_gives_no_more(document: Callable[..., Path]) -> None:
    with stream_json(document(ROWS), type=Session) as stream:
        iterator = iter(stream)
        assert next(iterator).id == 0
    assert list(iterator) == []


def test_a_data_set_has_a_type(document: Callable[..., Path]) -> None:
    dataset = Dataset(document(ROWS), type=Session)
    assert dataset.load() == list(dataset.stream())
    assert [row.id for row in dataset.stream(lambda row: row.id > 2997)] == [2998, 2999]
    assert Dataset[Session] is not None
    pages = list(dataset.pages(700))
    assert [row.id for page in pages for row in page.items] == list(range(3000))
    assert {type(row) for page in pages for row in page.items} == {Session}
    rest = [row.id for page in dataset.pages(500, pages[1].cursor) for row in page.items]
    assert rest == list(range(1400, 3000))


def test_an_error_in_a_page_counts_from_the_start_of_the_stream(
    document: Callable[..., Path], window: Callable[[int], None]
) -> None:
    window(1000)
    rows = [*ROWS[:250], {"id": None}]
    dataset = Dataset(document(rows), type=Session)
    cursor = next(dataset.pages(100)).cursor
    for pages in (dataset.pages(100), dataset.pages(100, cursor)):
        given = []
        with pytest.raises(ElementTypeError) as caught:
            given.extend(pages)
        assert caught.value.index == 250
        assert given[-1].items[-1].id == 199


def test_the_error_can_be_pickled() -> None:
    error = ElementTypeError(3, "Session", "$.id", "Expected `int`, got `str`")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
    assert isinstance(error, ValueError)


def test_without_msgspec_one_line_names_the_extra(
    document: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "msgspec", None)
    with pytest.raises(ImportError, match=r"pip install 'loadstream\[typed\]'$") as caught:
        stream_json(document(ROWS), type=Session)
    assert "\n" not in str(caught.value)
    assert list(stream_json(document(ROWS))) == ROWS


def test_msgspec_is_imported_only_for_a_type(document: Callable[..., Path]) -> None:
    program = (
        "import sys, loadstream as l; p = sys.argv[1]; print(len(l.Dataset(p).load()));"
        "print('msgspec' in sys.modules, 'loadstream.runtime.typed' in sys.modules);"
        "print(len(list(l.stream_json(p, type=dict)))); print('msgspec' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(document(ROWS))],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["3000", "False", "False", "3000", "True"]


TYPED = """
from typing import Any, Literal, Optional, assert_type
from loadstream import Dataset, Stream, stream_json, stream_lines, stream_values

class Row:
    id: int

assert_type(stream_json("a", "$.b", type=Row), Stream[Row])
assert_type(stream_values("a", type=Row), Stream[Row])
assert_type(stream_lines("a", type=Row), Stream[Row])
assert_type(list(stream_json("a", type=dict[str, int])), list[dict[str, int]])
assert_type(stream_json("a", filter_func=lambda row: row["id"]), Stream[Any])
assert_type(stream_json("a", type=Optional[Row]), Stream[Any])
assert_type(stream_json("a", type=Literal["a"]), Stream[Any])
stream_json("a", type=Row | int)
assert_type(Dataset("a", type=Row), Dataset[Row])
assert_type(Dataset("a", type=Row).load(), list[Row])
assert_type(Dataset("a", type=Row).stream(lambda row: row.id > 1), Stream[Row])
assert_type(Dataset("a").load(), list[Any])

def bare(dataset: Dataset) -> None: ...

stream_json("a", type=Row, filter_func=lambda row: row.wrong)
stream_json("a", type=5)
"""


def test_a_type_checker_knows_the_elements(tmp_path: Path) -> None:
    api = pytest.importorskip("mypy.api")
    path = tmp_path / "consumer.py"
    path.write_text(TYPED)
    options = ["--strict", "--python-version=3.11", f"--cache-dir={tmp_path / 'cache'}"]
    out, err, _ = api.run([*options, "--config-file=", str(path)])
    codes = [line.rsplit("  ")[-1] for line in out.splitlines() if ": error: " in line]
    assert (codes, err) == (["[attr-defined]", "[call-overload]"], ""), out
