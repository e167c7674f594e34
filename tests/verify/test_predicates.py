"""Filters are found in the source, and their answers are counted without touching them."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from loadstream.verify.child_predicates import Counter
from loadstream.verify.predicates import find_predicates, total


def found(**sources: str) -> set[tuple[str, int]]:
    trees = {f"{name}.py": ast.parse(source) for name, source in sources.items()}
    return {(predicate.path, predicate.line) for predicate in find_predicates(trees)}


def test_a_lambda_in_place_is_found_at_its_line() -> None:
    assert found(a="x = stream(\n    1,\n    filter_func=lambda s: s > 1,\n)\n") == {("a.py", 3)}


def test_a_function_is_found_by_its_name_wherever_it_is() -> None:
    nested = (
        "def f():\n    def is_long(s):\n        return s\n    return stream(filter_func=is_long)\n"
    )
    assert found(a=nested) == {("a.py", 2)}
    assert found(a="stream(filter_func=is_long)\n", b="def is_long(s): ...\n") == {("b.py", 1)}


def test_a_decorated_function_begins_at_its_decorator() -> None:
    source = "@cache\n@other\ndef is_long(s): ...\nstream(filter_func=is_long)\n"
    assert found(a=source) == {("a.py", 1)}


def test_a_parameter_that_is_passed_on_is_no_filter_of_its_own() -> None:
    assert not found(a="def f(filter_func=None):\n    return g(filter_func=filter_func)\n")


SOURCE = """
def keep(stream):
    return [x for x in stream if is_long(x)]

def is_long(x):
    return x > 2

def answers(x):
    return Answer()

class Answer:
    def __bool__(self):
        raise RuntimeError("asked")
"""


def counted(places: dict[tuple[str, int], str], work: str) -> dict[str, list[int]] | None:
    names: dict[str, Any] = {}
    exec(compile(SOURCE, "somewhere.py", "exec"), names)
    counter = Counter(places, at_any_cost=True)
    try:
        exec(work, names)
    finally:
        result = counter.stop()
    return result


def test_what_a_filter_returns_is_counted_and_nothing_else() -> None:
    assert counted({("somewhere.py", 5): "x"}, "keep([1, 2, 3, 4, 5])") == {"x": [3, 2]}


def test_a_filter_that_is_never_called_counts_nothing() -> None:
    assert counted({("somewhere.py", 5): "x"}, "len([1])") == {}


def test_an_answer_whose_truth_would_run_code_is_left_alone() -> None:
    assert counted({("somewhere.py", 8): "x"}, "answers(1)") == {}


def test_counting_can_be_begun_again() -> None:
    for _ in range(3):
        assert counted({("somewhere.py", 5): "x"}, "keep([1, 3])") == {"x": [1, 1]}


@pytest.mark.parametrize(
    ("counts", "gap"),
    [
        ([], ""),
        ([None, {}], ""),
        ([{"a": (3, 4)}], ""),
        ([{"a": (3, 0)}, {"a": (0, 1)}], ""),
        ([{"a": (3, 0)}, {"b": (0, 1)}], ""),
        ([{"a": (3, 0)}, None, {"a": (2, 0)}], "the filters rejected none of 5 elements"),
        ([{"a": (0, 7)}], "the filters kept none of 7 elements"),
    ],
)
def test_a_gap_is_what_no_filter_ever_did(counts: list[Any], gap: str) -> None:
    assert total(counts).gap == gap


def test_a_filter_that_never_decides_is_named() -> None:
    coverage = total([{"a.py:3": (3, 0), "b.py:1": (2, 2)}])
    assert coverage.one_sided == ("the filter at a.py:3 rejected none of 3 elements",)
    assert (coverage.kept, coverage.rejected) == (5, 2)
