"""The user's own tests on both sides: compared test by test, and never equal where none passed."""

from __future__ import annotations

import ast
import importlib.util
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

from loadstream.verify import Verdict, check_from_config, replay
from loadstream.verify.model import CheckResult
from loadstream.verify.tests_fault import _with_fault

CODE = """
def total(rows):
    return sum(rows)

def first(rows):
    return rows[0]
"""
OTHERWISE = """
# The same, said otherwise: lines, sources and tracebacks are others.
def total(rows):
    result = 0
    for row in rows:
        result += row
    return result


def first(rows):
    found, *_ = rows[:1] or [rows[0]]
    return found
"""
TESTS = """
import time
import pytest
from code_under_test import first, total

def test_total():
    assert total([1, 2, 3]) == 6

def test_first():
    time.sleep(0.01)
    assert first([5, 6]) == 5

@pytest.mark.parametrize("row", [1, 2])
def test_one(row):
    assert total([row]) == row
"""


class Sides:
    """The repository with tests, and one check of them."""

    def __init__(self, repository: Any) -> None:
        self.repository = repository

    def __call__(
        self,
        *,
        old: str = CODE,
        new: str = OTHERWISE,
        tests: str = TESTS,
        words: str = "tests/",
        options: dict[str, Any] | None = None,
        **table: Any,
    ) -> CheckResult:
        self.repository.write(code_under_test_py=old)
        if tests:
            self.repository.write(tests__test_code_py=tests)
        self.repository.git("add", "--all")
        self.repository.git("commit", "--quiet", "--allow-empty", "--message", "state")
        self.repository.write(code_under_test_py=new)
        check = check_from_config({"pytest": words, **table})
        self.report = self.repository.verify(
            checks=[check], **{"timeout": 120.0, **(options or {})}
        )
        # What no test runs comes behind it, as a check by itself.
        return self.report.checks[0]


@pytest.fixture
def sides(repository: Any) -> Sides:
    return Sides(repository)


def test_tests_that_pass_alike_are_equal_and_counted(sides: Sides) -> None:
    result = sides()
    assert result.verdict is Verdict.EQUAL, result.explanation
    assert "4 passed alike on both sides" in result.explanation
    assert "came out different in 1 of 1 check, as it must (a fault in" in sides.report.self_test
    assert [(case.name, case.count) for case in result.cases] == [("real", 1)]


def test_a_test_that_fails_on_one_side_is_named_with_both_outcomes(sides: Sides) -> None:
    result = sides(new=CODE.replace("sum(rows)", "sum(rows[1:])"))
    assert result.verdict is Verdict.DIFFERENT
    assert result.counterexample is not None
    places = [found.place for found in result.counterexample.differences]
    assert places == [
        f"test tests/test_code.py::{name}" for name in ("test_one[1]", "test_one[2]", "test_total")
    ]
    last = result.counterexample.differences[-1]
    assert last.old == "passed"
    assert last.new.startswith("failed: AssertionError: assert 5 == 6")


FAILING = (
    TESTS
    + """
def test_broken():
    handle = object()
    raise ValueError(f"no {handle} for {total([1])}")
"""
)


def test_tests_that_fail_alike_are_equal_where_others_pass(sides: Sides) -> None:
    result = sides(tests=FAILING)
    assert result.verdict is Verdict.EQUAL, result.explanation
    assert "4 passed, 1 failed alike on both sides" in result.explanation


@pytest.mark.parametrize(
    ("new", "shown"),
    [
        (CODE.replace("sum(rows)", "sum(rows) if len(rows) > 1 else 2"), "ValueError: no "),
        (CODE.replace("sum(rows)", "sum(rows) if len(rows) > 1 else {}[0]"), "KeyError: 0"),
    ],
    ids=["message", "class"],
)
def test_another_failure_of_the_same_test_is_different(sides: Sides, new: str, shown: str) -> None:
    tests = FAILING.replace('@pytest.mark.parametrize("row", [1, 2])\n', "").replace(
        "def test_one(row)", "def one(row)"
    )
    result = sides(tests=tests, new=new)
    assert result.verdict is Verdict.DIFFERENT, result.explanation
    assert result.counterexample is not None
    (found,) = result.counterexample.differences
    assert found.place == "test tests/test_code.py::test_broken"
    assert found.old.startswith("failed: ValueError: no <object object at 0x…> for 1")
    assert shown in found.new


OUTCOMES = """
import pytest
from code_under_test import total

BAD = total([1]) != 1

@pytest.fixture
def before():
    assert not BAD

@pytest.fixture
def after():
    yield
    assert not BAD

def test_passed(): pass
def test_failed(): assert not BAD
def test_error(before): pass
def test_error_after(after): pass
def test_skipped():
    if BAD:
        pytest.skip("bad")
@pytest.mark.xfail
def test_xfailed(): assert BAD
@pytest.mark.xfail
def test_xpassed(): assert not BAD
class TestGroup:
    def test_method(self): assert not BAD
"""


def test_each_outcome_is_told_from_each_other(sides: Sides) -> None:
    result = sides(tests=OUTCOMES, new=CODE.replace("sum(rows)", "7"))
    assert result.counterexample is not None
    found = {
        difference.place.rpartition("::")[2]: (
            difference.old.partition(":")[0],
            difference.new.partition(":")[0],
        )
        for difference in result.counterexample.differences
    }
    assert found == {
        "test_failed": ("passed", "failed"),
        "test_error": ("passed", "error"),
        "test_error_after": ("passed", "error"),
        "test_skipped": ("passed", "skipped"),
        "test_xfailed": ("xfailed", "xpassed"),
        "test_xpassed": ("xpassed", "xfailed"),
        "test_method": ("passed", "failed"),
    }


NOTHING = {
    "no tests": ("def helper(): pass\n", "tests/", "pytest collected none"),
    "only what is deselected": (TESTS, "tests/ -k nothing_like_it", "pytest collected none"),
    "a folder that is not there": (TESTS, "nowhere/", "file or directory not found: nowhere/"),
    "a syntax error": ("def test_x(:\n", "tests/", "cannot be collected"),
    "a missing import": ("import no_such_module\n", "tests/", "No module named 'no_such_module'"),
    "an unknown option": (TESTS, "tests/ --no-such-option", "wrong usage"),
    "all skipped": ("import pytest\npytest.importorskip('none')\n", "tests/", "1 skipped"),
    "only set up": (TESTS, "tests/ --setup-only", "no test passed: 4 error"),
    "all fail": ("def test_x(): assert 0\n", "tests/", "no test passed: 1 failed"),
    "os._exit": ("import os\ndef test_x(): os._exit(0)\n", "tests/", "did not come to its end"),
    "a broken conftest": (TESTS, "tests/", "wrong usage"),
}  # fmt: skip


@pytest.mark.parametrize("case", NOTHING)
def test_tests_that_show_nothing_are_inconclusive(sides: Sides, case: str) -> None:
    tests, words, said = NOTHING[case]
    if case == "a broken conftest":
        sides.repository.write(tests__conftest_py="import no_such_module\n")
    result = sides(tests=tests, words=words)
    assert result.verdict is Verdict.INCONCLUSIVE, result.explanation
    assert said in result.explanation


@pytest.mark.parametrize("words", ["tests/", "tests"])
def test_a_module_that_cannot_be_collected_any_more_is_different(sides: Sides, words: str) -> None:
    result = sides(words=words, new="def total(rows): return sum(rows)\n")
    assert result.verdict is Verdict.DIFFERENT
    assert result.counterexample is not None
    (found,) = result.counterexample.differences
    assert found.place == "collection of tests/test_code.py"
    assert found.old == "no error"
    assert "cannot import name 'first'" in found.new


def test_a_new_test_is_said_and_not_compared(sides: Sides) -> None:
    repository = sides.repository
    repository.write(code_under_test_py=CODE, tests__test_code_py=TESTS)
    repository.commit()
    repository.write(
        code_under_test_py=OTHERWISE, tests__test_code_py=TESTS + "def test_new(): pass\n"
    )
    result = repository.result(checks=[check_from_config({"pytest": "tests"})], timeout=120.0)
    assert result.verdict is Verdict.EQUAL, result.explanation
    assert "4 passed alike" in result.explanation
    assert result.advice == (
        "tests/test_code.py::test_new is only in the working tree: not compared",
    )


def test_a_test_that_is_gone_is_different_also_where_its_file_was_changed(sides: Sides) -> None:
    repository = sides.repository
    tests = TESTS + "def test_more(): pass\n"
    repository.write(code_under_test_py=CODE, tests__test_code_py=tests)
    repository.commit()
    repository.write(code_under_test_py=OTHERWISE, tests__test_code_py=TESTS)
    result = repository.result(checks=[check_from_config({"pytest": "tests"})], timeout=120.0)
    assert result.verdict is Verdict.DIFFERENT
    assert result.counterexample is not None
    (found,) = result.counterexample.differences
    assert (found.place, found.old, found.new) == (
        "test tests/test_code.py::test_more",
        "passed",
        "not collected",
    )


def test_a_test_that_the_code_makes_and_no_longer_makes_is_different(sides: Sides) -> None:
    tests = TESTS.replace("[1, 2])", "range(total([2])))")
    result = sides(tests=tests, new=CODE.replace("sum(rows)", "sum(rows) - (rows == [2])"))
    assert result.counterexample is not None
    found = {item.place: (item.old, item.new) for item in result.counterexample.differences}
    assert found["test tests/test_code.py::test_one[1]"] == ("passed", "not collected")


@pytest.mark.skipif(importlib.util.find_spec("xdist") is None, reason="needs pytest-xdist")
@pytest.mark.parametrize("addopts", ["-n 2", "-n 2 --dist loadgroup -v --tb=long", "-x --lf"])
def test_the_users_options_are_kept_and_the_tests_run_in_one_process(
    sides: Sides, addopts: str
) -> None:
    (sides.repository.root / "pytest.ini").write_text(f"[pytest]\naddopts = {addopts}\n")
    tests = (
        TESTS + "\nimport os\ndef test_alone(): assert 'PYTEST_XDIST_WORKER' not in os.environ\n"
    )
    result = sides(tests=tests)
    assert result.verdict is Verdict.EQUAL, result.explanation
    assert "5 passed" in result.explanation


@pytest.mark.skipif(importlib.util.find_spec("pytest_cov") is None, reason="needs pytest-cov")
def test_coverage_of_the_users_tests_changes_no_verdict(sides: Sides) -> None:
    ini = "[pytest]\naddopts = --cov=code_under_test --cov-fail-under=100 -n 2\n"
    (sides.repository.root / "pytest.ini").write_text(ini)
    result = sides(new=OTHERWISE + "\ndef never(): return 1\n")
    assert result.verdict is Verdict.EQUAL, result.explanation


ROUGH = """
import os, sys
from code_under_test import total

def test_elsewhere(tmp_path):
    os.chdir(tmp_path)
    sys.stdout = sys.stderr = None
    assert total([1]) == 1

def test_patched(monkeypatch):
    os.replace = None
    print("printed")
    assert total([1]) == 1
"""


def test_tests_that_leave_a_mess_do_not_lose_the_outcomes(sides: Sides) -> None:
    result = sides(tests=ROUGH)
    assert result.verdict is Verdict.EQUAL, result.explanation
    worse = sides(tests=ROUGH, new=CODE.replace("sum(rows)", "2"))
    assert worse.verdict is Verdict.DIFFERENT


def test_a_stored_difference_is_never_equal_when_the_tests_are_gone(sides: Sides) -> None:
    root = sides.repository.root
    assert sides(new=CODE.replace("sum(rows)", "3")).verdict is Verdict.DIFFERENT
    (file,) = (root / ".loadstream_cache" / "counterexamples").iterdir()
    assert replay(file).verdict is Verdict.DIFFERENT
    sides.repository.write(code_under_test_py=OTHERWISE)
    assert replay(file).verdict is Verdict.EQUAL
    (root / "tests" / "test_code.py").unlink()
    (root / "tests" / "test_other.py").write_text("def test_x(): pass\n", encoding="utf-8")
    assert replay(file).verdict is Verdict.DIFFERENT


def test_tests_that_depend_on_chance_are_not_comparable(sides: Sides) -> None:
    chance = "import time\ndef test_chance(): assert not time.time_ns()\n"
    result = sides(tests=TESTS + chance)
    assert result.verdict is Verdict.NOT_COMPARABLE
    assert "test tests/test_code.py::test_chance" in result.explanation


READS = """
from common import load_sessions
from code_under_test import total

def test_rows():
    assert total([s["cost"] for s in load_sessions()]) >= 0
def test_three():
    assert len(load_sessions()) > 3
"""


def test_data_is_generated_only_where_it_is_asked_for(sides: Sides) -> None:
    assert [case.name for case in sides(tests=READS).cases] == ["real"]
    new = CODE.replace("sum(rows)", "sum(rows) if rows else None")
    assert sides(tests=READS, new=new).verdict is Verdict.EQUAL
    result = sides(tests=READS, new=new, data=["data/*.json"], options={"max_cases": 20})
    assert result.verdict is Verdict.DIFFERENT
    assert result.counterexample is not None
    assert result.counterexample.preview == 'data/sessions.json: {"sessions": []}'


def test_python_dash_m_pytest_is_compared_test_by_test_too(sides: Sides) -> None:
    repository = sides.repository
    repository.write(code_under_test_py=CODE, tests__test_code_py=FAILING)
    repository.commit()
    repository.write(code_under_test_py=OTHERWISE)
    check = check_from_config({"run": "python -m pytest -v tests"})
    result = repository.result(checks=[check], timeout=120.0)
    assert result.verdict is Verdict.EQUAL, result.explanation
    assert "4 passed, 1 failed" in result.explanation


def test_an_interpreter_without_pytest_is_said(sides: Sides, tmp_path: Path) -> None:
    venv.create(tmp_path / "bare", with_pip=False)
    python = tmp_path / "bare" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    result = sides(options={"interpreter": str(python)})
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.explanation.startswith(f"pytest is not installed for {python}")


@pytest.mark.parametrize(
    "source",
    [
        "def test_x():\n    assert True\n",
        "def test_x(): assert True; pass\n",
        "class A:\n    def test_x(self):\n        'Doc.'\n        for i in 'ä': 0\n",
        "def test_x():\n\t@dec\n\tdef inner(): pass\n\tinner()\n",
        "def test_x(a='ü'): pass\n",
    ],
)
def test_a_fault_is_the_first_that_a_test_does(source: str) -> None:
    def function(text: str) -> ast.FunctionDef:
        return next(
            node
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef) and node.name == "test_x"
        )

    faulty = _with_fault(source, function(source))
    assert isinstance(function(faulty).body[0], ast.Raise)
    assert ast.dump(ast.Module(function(faulty).body[1:], [])) == ast.dump(
        ast.Module(function(source).body, [])
    )
