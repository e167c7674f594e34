"""Which statements of a new text count as changed, and in which function."""

from __future__ import annotations

import ast

import pytest

from loadstream.verify.changed_lines import MODULE, ChangedFile, changed_file, changed_files

OLD = """\
import json


def first(rows):
    '''Say it.'''
    return rows[0]


class Kept:
    @staticmethod
    def second(rows):
        total = 0
        for row in rows:
            total += row
        return total


print(first([1]))
"""


def changed(old: str | None, new: str) -> ChangedFile:
    trees = (None if old is None else ast.parse(old), ast.parse(new))
    return changed_file("a.py", old, new, trees)


def lines(old: str, new: str) -> dict[str, list[int]]:
    return {u.name: [s.first for s in u.statements] for u in changed(old, new).units}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("'''Say it.'''", "'''Say more.'''"),
        ("rows[0]", "rows[0]  # the first"),
        ("return rows[0]", "return (\n        rows[0]\n    )"),
        ("        total = 0\n", "\n        # none yet\n        total = 0\n"),
    ],
)
def test_docstrings_comments_and_formatting_are_no_change(before: str, after: str) -> None:
    assert changed(OLD, OLD.replace(before, after)).units == ()


def test_a_statement_that_differs_belongs_to_its_function() -> None:
    new = OLD.replace("rows[0]", "rows[-1]").replace("total = 0", "total = 1")
    assert lines(OLD, new) == {"first": [6], "Kept.second": [12]}


def test_a_function_that_only_lost_a_statement_counts_from_its_first() -> None:
    assert lines("def f():\n    a()\n    b()\n", "def f():\n    a()\n") == {"f": [2]}


def test_what_a_nested_function_does_is_its_own() -> None:
    old = "def f():\n    def g():\n        return 1\n    return g\n"
    assert lines(old, old.replace("1", "2")) == {"f.g": [3]}


def test_the_module_has_what_stands_outside_of_functions() -> None:
    new = OLD.replace("import json", "import json\nimport re").replace("print(", "print(1, ")
    (unit,) = changed(OLD, new).units
    assert (unit.name, [(s.first, s.defines) for s in unit.statements]) == (
        MODULE,
        [(2, True), (19, False)],
    )
    assert [statement.first for statement in unit.telling] == [19]


@pytest.mark.parametrize(
    ("new", "added"),
    [
        (OLD + "def third():\n    return 3\n", True),
        (OLD.replace("import json", "def json():\n    return 3"), False),
        (OLD.replace("    @static", "    def third(self):\n        return 3\n    @static"), False),
    ],
)
def test_only_a_name_that_the_old_text_never_had_is_new(new: str, added: bool) -> None:
    (unit,) = [u for u in changed(OLD, new).units if u.name != MODULE]
    assert unit.added is added


def test_handlers_and_cases_are_statements_too() -> None:
    old = "def f(x):\n    try:\n        g()\n    except OSError:\n        pass\n"
    assert lines(old, old.replace("OSError", "ValueError")) == {"f": [4]}
    old = "def f(x):\n    match x:\n        case 1:\n            g()\n"
    assert lines(old, old.replace("case 1", "case 2")) == {"f": [3]}


def test_code_objects_are_told_apart_by_name_and_first_line() -> None:
    new = "def f(): return 1\nx = (lambda: 1)()\n"
    new += "class A:\n    @d\n    def m(self):\n        return [1 for _ in x]\n"
    file = changed(None, new)
    assert file.owner("f", 1) == "f"
    assert file.owner("<module>", 1) == MODULE
    assert file.owner("<lambda>", 2) == MODULE
    assert file.owner("A", 3) == MODULE
    assert file.owner("m", 4) == "A.m"
    assert file.owner("<listcomp>", 6) == "A.m"


def test_a_file_without_any_change_is_left_out() -> None:
    side = ({"a.py": ast.parse(OLD)}, {"a.py": OLD})
    assert changed_files(["a.py", "b.py"], side, side) == {}
