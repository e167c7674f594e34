"""A few seconds of the byte mutator, and that it would notice."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from loadstream.runtime import pages
from loadstream.runtime.elements import Elements
from loadstream.runtime.typed import Conversion
from loadstream.runtime.window import Window
from tests.fuzz import bytes as fuzzer
from tests.fuzz import cases
from tests.fuzz.cases import EACH, Case
from tests.fuzz.expected import expected
from tests.outcomes import identical


@pytest.mark.parametrize("seed", range(3))
def test_mutated_documents_stream_as_json_load_reads_them(seed: int, tmp_path: Path) -> None:
    tally = fuzzer.run(Random(seed), tmp_path, cases=250)
    assert not tally.kinds, "\n".join(tally.shown)
    assert tally.with_elements > 50
    assert 25 < tally.rejected < 245


def test_a_lost_element_is_found_and_made_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Elements, "_only", lambda *_: [])
    case = Case(
        b'{"a": [[1], {"k": "' + b"x" * 90 + b'"}, 2], "b": [3, 4]}', path=("a",), window=16
    )
    kind = fuzzer.difference(case, tmp_path)
    assert kind == "other elements before no error"
    shown = fuzzer.program(case, kind, tmp_path)
    assert "Case(raw=b'" in shown
    assert '"b"' not in shown


def test_an_error_in_another_place_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = Window.error

    def wrong(self: Window, message: str, text: str, index: int) -> json.JSONDecodeError:
        return right(self, message, text, index + 1)

    monkeypatch.setattr(Window, "error", wrong)
    case = Case(b"[1, 2, x]")
    assert fuzzer.difference(case, tmp_path) == "other JSONDecodeError"


def test_a_stream_without_end_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*_: Any, **__: Any) -> Any:
        while True:
            pass

    monkeypatch.setitem(cases.STREAMS, "iter", endless)
    with pytest.raises(cases.Hang):
        cases.streamed(Case(b"[]"), tmp_path, seconds=0.1)


@pytest.mark.parametrize(
    ("case", "elements", "maybe"),
    [
        (Case(b"[1, [2], x"), [1, [2]], []),
        (Case(b"[1, [2] x"), [1], [[2]]),
        (Case(b"[1, 2"), [1], []),
        (Case(b'{"a": [1], "b": [2, 3,]}', ("b",)), [2, 3], []),
        (Case(b'{"a": [1], "b": {"c": 2, "c": 3', ("b",)), ["c"], []),
        (
            Case(b'[{"k": [1, 2]}, {"k": "ab"}, {}, {"k": [9]}, x]', (EACH, "k")),
            [1, 2, "a", "b"],
            [],
        ),
    ],
    ids=lambda value: repr(value)[:40] if isinstance(value, Case) else "",
)
def test_the_elements_before_an_error_are_known(
    case: Case, elements: list[Any], maybe: list[Any], tmp_path: Path
) -> None:
    wanted = expected(case)
    assert (wanted.elements, wanted.maybe) == (elements, maybe)
    assert fuzzer.difference(case, tmp_path) == ""


def test_a_depth_that_depends_on_the_caller_s_stack_is_no_difference(tmp_path: Path) -> None:
    limit = fuzzer._limit()
    endings: tuple[tuple[Any, ...], ...] = ((json.JSONDecodeError, "", limit), (RecursionError,))
    behind = Case(b"[" * limit + b"x" + b"[" * 500)
    assert fuzzer._near_the_limit(behind, endings)
    assert not fuzzer._near_the_limit(Case(b"[" * (limit + 500)), ((RecursionError,),))


@pytest.mark.parametrize(
    ("case", "elements", "names"),
    [
        (Case(b"1\n\n[2]\nx\n3", form="lines"), [1, [2]], {"JSONDecodeError"}),
        (Case(b"1\n2\r3\n", form="lines", source="path"), [1, 2, 3], {""}),
        (Case(b"1\n2\r3\n", form="lines"), [1], {"JSONDecodeError"}),
        (Case(b'1\n"\xff"', form="lines"), [1], {"UnicodeDecodeError"}),
        (Case(b'[1, 2, "a", x', type="int"), [1, 2], {"ElementTypeError"}),
        (Case(b'[1, ["a"] x', type="int"), [1], {"JSONDecodeError", "ElementTypeError"}),
        (Case(b"[1, 2, 3, x", source="path", page=2), [1, 2, 3], {"JSONDecodeError"}),
        (Case(b"[1, 2]", type="float"), [1.0, 2.0], {""}),
    ],
    ids=lambda value: repr(value)[:40] if isinstance(value, Case) else "",
)
def test_what_lines_types_and_pages_should_give_is_known(
    case: Case, elements: list[Any], names: set[str], tmp_path: Path
) -> None:
    wanted = expected(case)
    assert identical(wanted.elements, elements)
    assert {ending[0].__name__ if ending else "" for ending in wanted.endings} == names
    assert fuzzer.difference(case, tmp_path) == ""


def test_an_element_that_is_lost_between_pages_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def behind(text: str) -> pages.Cursor:
        cursor = parse(text)
        return cursor._replace(skip=cursor.skip + 1, done=cursor.done + 1)

    parse = pages.parse_cursor
    monkeypatch.setattr(pages, "parse_cursor", behind)
    case = Case(b"[1, 2, 3, 4, 5, 6, 7, 8, 9]", source="path", page=2, chunks=1)
    assert fuzzer.difference(case, tmp_path) == "other elements before no error"


def test_an_element_that_is_converted_in_spite_of_its_type_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Conversion, "_list", lambda _, elements: elements)
    case = Case(b'[1, "a"]', type="int")
    assert fuzzer.difference(case, tmp_path) == "ElementTypeError became no error"
    assert fuzzer.difference(Case(b"[1]", type="float"), tmp_path) != ""
