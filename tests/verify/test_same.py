"""assert_same fails with the smallest case, and never passes where nothing was shown."""

# ruff: noqa: ARG005
# A fault often is that an argument is not looked at.
from __future__ import annotations

import itertools
import subprocess
import sys
import threading
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies

from loadstream.verify import assert_same


@dataclass
class Point:
    x: int


def failure(old: Any, new: Any, cases: Any, **options: Any) -> str:
    with pytest.raises(AssertionError) as caught:
        assert_same(old, new, cases, **options)
    return str(caught.value)


def total(rows: list[int]) -> int:
    return sum(rows)


ALIKE = {
    "numbers": (total, lambda rows: sum(list(rows))),
    "generators are drained": (lambda rows: (r for r in rows), lambda rows: (r + 0 for r in rows)),
    "dataclasses": (lambda rows: Point(len(rows)), lambda rows: Point(sum(1 for _ in rows))),
    "output": (lambda rows: print(rows), lambda rows: sys.stdout.write(f"{rows}\n") and None),
    "changed arguments": (lambda rows: rows.append(1), lambda rows: rows.extend([1])),
}


@pytest.mark.parametrize("case", ALIKE)
def test_functions_that_agree_pass(case: str) -> None:
    assert_same(*ALIKE[case], [([],), ([3],), {"rows": [1, 2]}])


DIFFERENT = {
    "a value": (lambda rows: rows[-1:], lambda rows: rows[:1], "result[0]", "1 (int)", "0 (int)"),
    "a type": (
        total,
        lambda rows: Decimal(sum(rows)),
        "result",
        "0 (int)",
        "Decimal('0') (decimal.Decimal)",
    ),
    "a float": (total, lambda rows: float(sum(rows)), "result", "0 (int)", "0.0 (float)"),
    "an exception": (
        lambda rows: {}[len(rows)],
        lambda rows: [][len(rows)],
        "exception",
        "KeyError: 0",
        "IndexError: list index out of range",
    ),
    "one raises": (total, lambda rows: 1 // 0, "exception", "no exception", "ZeroDivisionError"),
    "output": (lambda rows: print(1), lambda rows: print(2), "stdout line 1", "'1'", "'2'"),
    "stderr": (
        lambda rows: print(1, file=sys.stderr),
        lambda rows: None,
        "stderr line 1",
        "'1'",
        "no such line",
    ),
    "a mutated argument": (
        lambda rows: None,
        lambda rows: rows.append(9),
        "arguments after the call[0][0]",
        "nothing",
        "9 (int)",
    ),
    "a generator's end": (
        lambda rows: (r for r in rows),
        lambda rows: ({}[r] if r > 1 else r for r in rows),
        "result (end)",
        "None",
        "KeyError('2') (exception)",
    ),
    "exit": (lambda rows: sys.exit(1), lambda rows: None, "exception", "SystemExit: 1", "no exc"),
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_a_difference_fails_with_its_place_and_both_values(case: str) -> None:
    old, new, place, before, after = DIFFERENT[case]
    text = failure(old, new, [([1, 2],)])
    assert text.startswith("old and new differ (case 1 of 1)")
    assert f"  {place}" in text
    assert f"old: {before}" in text
    assert f"new: {after}" in text


def test_the_smallest_failing_case_is_shown_and_made_smaller() -> None:
    def new(rows: list[int], above: int) -> list[int]:
        return [row for row in rows if row >= above]

    def old(rows: list[int], above: int) -> list[int]:
        return [row for row in rows if row > above]

    cases: list[Any] = [([1] * 50, 1), ([1, 2, 3], 9), {"rows": [5, 7, 9, 7], "above": 7}]
    text = failure(old, new, cases)
    assert text.startswith("old and new differ (case 3 of 3), made smaller\n")
    assert "  arguments: (rows=[7], above=7)\n" in text


def test_each_side_and_each_case_gets_arguments_of_its_own() -> None:
    rows = [1, 2]

    def popping(rows: list[int]) -> int:
        return rows.pop()

    assert_same(popping, lambda rows: rows.pop(-1), [(rows,), (rows,)])
    assert rows == [1, 2]


def test_one_object_given_twice_stays_one_object() -> None:
    rows = [1]

    def same_object(a: object, b: object) -> bool:
        return a is b

    assert "False (bool)" in failure(same_object, lambda a, b: a is not b, [(rows, rows)])


@pytest.mark.parametrize(
    "value", [threading.Lock, object, lambda: lambda: 1], ids=["lock", "object", "lambda"]
)
def test_what_has_no_equality_fails(value: Any) -> None:
    text = failure(lambda _x: value(), lambda _x: value(), [(1,)])
    assert text.startswith("result has no equality (case 1 of 1)")


def test_old_that_disagrees_with_itself_fails() -> None:
    count = itertools.count()
    text = failure(lambda _x: next(count), lambda _x: 0, [(1,)])
    assert "old disagrees with itself at result" in text


def raising(_x: int) -> None:
    raise ValueError("no")


def test_a_function_that_only_raises_or_not_shows_something() -> None:
    def checked(x: int) -> None:
        if x:
            raising(x)

    assert_same(checked, checked, [(0,), (1,)])
    assert "no exception" in failure(checked, lambda _x: None, [(0,), (1,)])


def test_cases_that_show_nothing_fail() -> None:
    assert failure(total, total, []) == "there are no cases: nothing was compared"
    assert failure(raising, raising, [(1,), (2,)]).startswith("every case raised, alike")
    assert failure(id, lambda _x: None, []).startswith("there are no cases")
    assert failure(lambda _x: None, lambda _x: None, [(1,)]).startswith("no case showed anything")


@pytest.mark.parametrize("case", [[1], 1, "a", {1: 2}])
def test_a_case_that_is_no_tuple_and_no_dict_is_refused(case: Any) -> None:
    with pytest.raises(TypeError, match=r"case 1 is of type \w+: give a tuple"):
        assert_same(total, total, [case])


def test_arguments_that_cannot_be_copied_are_refused() -> None:
    with pytest.raises(TypeError, match="cannot be copied for each side"):
        assert_same(list, list, [((n for n in (1, 2)),)])


def test_what_ignore_matches_may_differ() -> None:
    def said(text: str) -> Any:
        return lambda x: print(f"{x} rows, took {text} ms")

    assert_same(said("3"), said("40"), [(1,)], ignore=[r"took \d+ ms"])
    assert "stdout line 1" in failure(said("3"), said("40"), [(1,)])


async def later(x: int) -> int:
    return x


def test_a_coroutine_is_awaited() -> None:
    async def other(x: int) -> int:
        return x + 1

    assert_same(later, lambda x: x, [(1,)])
    assert "1 (int)" in failure(later, other, [(1,)])


def test_a_strategy_makes_cases_and_the_smallest_is_shown() -> None:
    rows = strategies.tuples(strategies.lists(strategies.integers(0, 99), max_size=4))
    assert_same(total, lambda rows: sum(rows[::-1]), rows)
    text = failure(total, lambda rows: sum(set(rows)), rows)
    assert "  arguments: ([1, 1])" in text


def test_functions_are_named_by_file_or_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder, body in (("before", "sum(rows)"), ("after", "sum(rows) + helper.ONE")):
        (tmp_path / folder).mkdir()
        text = f"import helper\n\ndef total(rows):\n    return {body}\n"
        (tmp_path / folder / "code.py").write_text(text, encoding="utf-8")
        (tmp_path / folder / "helper.py").write_text("ONE = 1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "helper", raising=False)
    assert "0 (int)" in failure("before/code.py:total", "after/code.py:total", [([],)])
    assert_same("before/code.py:total", "builtins:sum", [([1],)])
    assert str(tmp_path / "before") not in sys.path
    monkeypatch.delitem(sys.modules, "helper")


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("nowhere.py:f", "there is no file nowhere.py"),
        ("builtins:nothing", "there is no function nothing in builtins"),
        ("no_such_module:f", "there is no module no_such_module"),
        ("builtins", "names no function"),
    ],
)
def test_a_name_of_nothing_is_one_clear_line(named: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        assert_same(named, total, [([],)])


def test_the_name_alone_imports_nothing_of_the_verifier() -> None:
    program = (
        "import sys, loadstream.verify, loadstream.pytest_plugin\n"
        "print([m for m in sys.modules if m.startswith('loadstream.verify.') or m == 'ijson'])\n"
        "from loadstream.verify import assert_same\n"
        "print([m for m in sys.modules if m in ('loadstream.verify.run', 'ijson', 'subprocess')])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n[]\n"
