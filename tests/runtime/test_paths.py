"""Which part of a document is streamed, and what is said of a path that leads nowhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from loadstream import DuplicateKeyError, stream_items, stream_json, stream_values
from loadstream.runtime.paths import EACH, parse_path

DOC: dict[str, Any] = {
    "meta": {"version": 3, "a b": [1], "ünï": [2], "": [0]},
    "sessions": [
        {"id": 1, "delegations": [{"n": 1}, {"n": 2}], "tags": {"x": 1}},
        {"id": 2, "delegations": [], "tags": {}},
        {"id": 3, "delegations": [{"n": 3}], "tags": {"y": 2, "z": 3}},
    ],
    "matrix": [[1, 2], [], [3, [4]]],
    "text": "añb",
    "number": 7,
    "nothing": None,
}

SIZES = [5, 131_072]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$", list(DOC)),
        ("$.sessions", DOC["sessions"]),
        ("$.sessions[*]", DOC["sessions"]),
        ("$['sessions']", DOC["sessions"]),
        ('$["sessions"][0].delegations', [{"n": 1}, {"n": 2}]),
        ("$.sessions[*].delegations", [{"n": 1}, {"n": 2}, {"n": 3}]),
        ("$.sessions[*].delegations[*]", [{"n": 1}, {"n": 2}, {"n": 3}]),
        ("$.sessions[*].tags", ["x", "y", "z"]),
        ("$.sessions[2].delegations[0]", ["n"]),
        ("$.matrix", DOC["matrix"]),
        ("$.matrix[*][*]", [1, 2, 3, [4]]),
        ("$.matrix[2][1]", [4]),
        ("$.meta", list(DOC["meta"])),
        ("$.meta['a b']", [1]),
        ("$.meta.ünï", [2]),
        ("$.meta['']", [0]),
        (r"$.meta['\u00fcn\u00ef']", [2]),
        ("$.text", ["a", "ñ", "b"]),
        ((), list(DOC)),
        (("sessions",), DOC["sessions"]),
        (("sessions", 0, "delegations"), [{"n": 1}, {"n": 2}]),
    ],
)
def test_a_path_gives_what_iteration_of_that_part_gives(
    path: Any, expected: list[Any], size: int, document: Any, window: Callable[[int], None]
) -> None:
    window(size)
    assert list(stream_json(document(DOC, indent=1), path)) == expected


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("$.absent", "iter(doc['absent'])"),
        ("$.meta.absent.more", "iter(doc['meta']['absent']['more'])"),
        ("$.sessions[9]", "iter(doc['sessions'][9])"),
        ("$.sessions.id", "iter(doc['sessions']['id'])"),
        ("$[0]", "iter(doc[0])"),
        ("$.number", "iter(doc['number'])"),
        ("$.nothing", "iter(doc['nothing'])"),
        ("$.number.deep", "iter(doc['number']['deep'])"),
        ("$.text.deep", "iter(doc['text']['deep'])"),
        ("$.text[9]", "iter(doc['text'][9])"),
        ("$.sessions[*].absent", "[d for s in doc['sessions'] for d in s['absent']]"),
        ("$.sessions[*].id", "[d for s in doc['sessions'] for d in s['id']]"),
        ("$.meta[*].x", "[d for s in doc['meta'] for d in s['x']]"),
    ],
)
def test_a_path_that_leads_nowhere_raises_what_python_raises(
    path: str,
    code: str,
    size: int,
    document: Any,
    window: Callable[[int], None],
    judge: SimpleNamespace,
) -> None:
    window(size)
    expected = judge.outcome(lambda: eval(code, {"doc": DOC}))
    assert expected[0] == "error"
    assert judge.outcome(lambda: list(stream_json(document(DOC), path))) == expected


@pytest.mark.parametrize("path", ["$.absent", "$.sessions[9]", "$.number", "$.sessions[*].absent"])
def test_a_broken_document_outranks_a_path_that_leads_nowhere(path: str, document: Any) -> None:
    with pytest.raises(json.JSONDecodeError, match="Extra data"):
        list(stream_json(document(json.dumps(DOC) + " garbage"), path))


@pytest.mark.parametrize(
    ("path", "part", "accepted"),
    [
        ("sessions", "begin with \\$", True),
        ("", "begin with \\$", True),
        ("$sessions", "'sessions'", True),
        ("$.", "'\\.'", True),
        ("$..a", "whole document", True),
        ("$.a[-1]", "counts from the end", True),
        ("$.a[1:2]", "slices", True),
        ("$.a[?@.b]", "filter_func", True),
        ("$.a['b", "\\['b", True),
        ("$.a[01]", "\\[01\\]", True),
        ("$.a.1", "'\\.1'", True),
        (r"$['\q']", "escape", True),
        (("a", -1), "counts from the end", True),
        (("a", 1.5), "neither a key nor an index", True),
        (("a", True), "neither a key nor an index", True),
        (7, "is a int", True),
    ],
)
def test_a_path_that_is_not_understood_names_the_part_and_what_is_accepted(
    path: Any, part: str, accepted: bool, document: Any
) -> None:
    with pytest.raises(ValueError, match=part) as caught:
        stream_json(document(DOC), path)
    assert "accepted are $, .name, ['name'], [0] and [*]" in str(caught.value)


def test_a_route_is_split_where_elements_begin() -> None:
    route = parse_path("$.a[0]['b'][*].c[*].d[*]")
    assert route.outer == ("a", 0, "b")
    assert route.inner == ("c", EACH, "d")


@pytest.mark.parametrize("size", SIZES)
def test_default_stands_in_for_a_missing_last_key(
    size: int, document: Any, window: Callable[[int], None], judge: SimpleNamespace
) -> None:
    window(size)
    path = document(DOC)
    assert list(stream_json(path, "$.absent", default=[])) == []
    assert list(stream_json(path, "$.absent", default=[1, 2])) == [1, 2]
    assert list(stream_json(path, "$.sessions", default=[])) == DOC["sessions"]
    assert list(stream_json(path, "$.sessions[*].absent", default=(5,))) == [5, 5, 5]
    assert list(stream_items(path, "$.absent", default={"k": 1})) == [("k", 1)]
    for query, code in [
        ("$.absent.deep", "doc['absent'].get('deep', [])"),
        ("$.sessions.deep", "doc['sessions'].get('deep', [])"),
        ("$.number.deep", "doc['number'].get('deep', [])"),
        ("$.nothing", "iter(doc.get('nothing', []))"),
    ]:
        expected = judge.outcome(lambda code=code: eval(code, {"doc": DOC}))
        got = judge.outcome(lambda query=query: list(stream_json(path, query, default=[])))
        assert got == expected


def test_a_default_is_not_changed_when_the_stream_is_closed(document: Any) -> None:
    default = [1, 2, 3]
    with stream_json(document(DOC), "$.absent", default=default) as elements:
        assert next(elements) == 1
    assert default == [1, 2, 3]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("first", ["[1]", "1", '{"b": [1]}'])
def test_a_key_of_the_path_that_is_repeated_is_said_by_name(
    first: str, size: int, document: Any, window: Callable[[int], None]
) -> None:
    window(size)
    path = document('{"a": ' + first + ', "x": {"a": [0]}, "\\u0061": [2], "z": 1}')
    with pytest.raises(DuplicateKeyError, match="'a' occurs twice") as caught:
        list(stream_json(path, "$.a"))
    assert caught.value.key == "a"


def test_a_repeated_key_elsewhere_does_no_harm(document: Any) -> None:
    path = document('{"x": 1, "x": 2, "rows": [{"a": 1, "a": 2}], "y": [{"y": 1, "y": 1}], "y": 0}')
    assert list(stream_json(path, "$.rows")) == [{"a": 2}]
    assert list(stream_json(path)) == ["x", "rows", "y"]


@pytest.mark.parametrize("size", SIZES)
def test_items_and_values_of_an_object(
    size: int, parser: str, document: Any, window: Callable[[int], None]
) -> None:
    window(size)
    data = {f"k{n}": {"n": n, "l": [n, {"x": n}]} for n in range(300)}
    path = document({"head": 1, "data": data, "tail": [2]})
    assert list(stream_items(path, "$.data")) == list(data.items())
    assert list(stream_values(path, "$.data")) == list(data.values())
    assert list(stream_json(path, "$.data")) == list(data)
    assert list(stream_items(path, "$.data", filter_func=lambda pair: pair[0] == "k7")) == [
        ("k7", data["k7"])
    ]


@pytest.mark.parametrize("size", SIZES)
def test_items_with_a_repeated_key_raise_and_repeats_inside_values_do_not(
    size: int, parser: str, document: Any, window: Callable[[int], None]
) -> None:
    window(size)
    inside = document('{"a": {"x": 1, "x": 2}, "b": 1}')
    assert list(stream_items(inside)) == [("a", {"x": 2}), ("b", 1)]
    many = ", ".join(f'"k{n}": {n}' for n in range(200))
    with pytest.raises(DuplicateKeyError):
        list(stream_items(document(f'{{{many}, "k3": 0}}')))


@pytest.mark.parametrize("function", [stream_items, stream_values])
def test_items_of_what_has_none_raise_what_python_raises(function: Any, document: Any) -> None:
    name = function.__name__.removeprefix("stream_")
    with pytest.raises(AttributeError, match=f"'list' object has no attribute '{name}'"):
        list(function(document(DOC), "$.sessions"))
    with pytest.raises(AttributeError, match=f"'int' object has no attribute '{name}'"):
        list(function(document(DOC), "$.number"))


def test_session_context_is_added_while_only_one_session_is_held(document: Any) -> None:
    flat = [
        {**delegation, "session": session["id"]}
        for session in stream_json(document(DOC), "$.sessions")
        for delegation in session["delegations"]
    ]
    assert flat == [{"n": 1, "session": 1}, {"n": 2, "session": 1}, {"n": 3, "session": 3}]


def test_a_path_of_any_iterable_kind_is_refused_but_a_tuple(document: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is a list"):
        stream_json(document(DOC), ["sessions"])  # type: ignore[arg-type]
