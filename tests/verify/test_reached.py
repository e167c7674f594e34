"""Changed code that never ran is never `equal`; what ran in part is said."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from loadstream.verify import (
    Settings,
    Verdict,
    VerifyError,
    check_from_config,
    compare_callables,
    to_json,
)
from loadstream.verify.changed_lines import changed_files
from loadstream.verify.model import CheckResult, SiteChange
from loadstream.verify.reached import Batch, Hit, Outcome, Reached, read_hits, weigh
from loadstream.verify.report_figures import ranges

Changed = Callable[[str, str], Any]

OLD = "def f():\n    a = 1\n    return a\ndef g():\n    return 1\nprint(g())\n"
NEW = OLD.replace("a = 1", "a = 2").replace("return a", "return a - 1")


def batch(old: str = OLD, new: str = NEW, **fields: Any) -> Batch:
    sides = [({"a.py": ast.parse(text)}, {"a.py": text}) for text in (old, new)]
    return Batch(changed_files(["a.py"], *sides), **fields)


def result(name: str = "a.py", verdict: Verdict = Verdict.EQUAL) -> CheckResult:
    return CheckResult(name, verdict, "agree", ("a.py",), (), None, None, None)


def weighed(hits: set[Hit], *results: CheckResult, **fields: Any) -> Outcome:
    given = results or (result(),)
    own = [frozenset(hits)] + [frozenset()] * (len(given) - 1)
    return weigh(given, own, batch(**fields))


F2 = ("a.py", "f", 1, 2)
F3 = ("a.py", "f", 1, 3)


def test_a_script_whose_changed_function_never_ran_is_inconclusive() -> None:
    (check,) = weighed({("a.py", "<module>", 1, 6)}).results
    assert check.verdict is Verdict.INCONCLUSIVE
    assert check.explanation.startswith("lines 2–3 of a.py never ran (f): name a check that runs")


def test_one_changed_line_is_enough_and_the_others_are_said() -> None:
    outcome = weighed({F2})
    assert outcome.results[0].verdict is Verdict.EQUAL
    (lines,) = outcome.lines
    assert (lines.changed, lines.ran, lines.missed) == ((2, 3), (2,), (3,))
    assert outcome.results[0].lines == outcome.lines


def test_checks_count_together() -> None:
    outcome = weighed({F2, F3}, result("other.py"), result("a.py"))
    assert [check.verdict for check in outcome.results] == [Verdict.EQUAL, Verdict.EQUAL]
    assert [check.lines[0].ran for check in outcome.results] == [(2, 3), ()]


def test_a_module_that_several_checks_cover_is_named_once_by_itself() -> None:
    outcome = weighed(set(), result("x.py"), result("y.py"))
    assert [(c.name, c.verdict) for c in outcome.results] == [
        ("x.py", Verdict.EQUAL),
        ("y.py", Verdict.EQUAL),
        ("a.py", Verdict.INCONCLUSIVE),
    ]


@pytest.mark.parametrize("verdict", [Verdict.DIFFERENT, Verdict.ERROR, Verdict.INCONCLUSIVE])
def test_a_verdict_that_is_worse_stays(verdict: Verdict) -> None:
    (check,) = weighed(set(), result(verdict=verdict)).results
    assert (check.verdict, check.explanation) == (verdict, "agree")
    assert len(weighed(set(), result("x.py", verdict)).results) == 1


def test_a_changed_file_that_no_check_covers_is_required() -> None:
    elsewhere = replace(result("x.py"), files=())
    assert len(weighed(set(), elsewhere).results) == 1
    assert len(weighed(set(), elsewhere, required=("a.py",)).results) == 2


def test_a_new_function_that_never_ran_is_only_noted() -> None:
    hits = {F2, ("a.py", "<module>", 1, 7)}
    outcome = weighed(hits, new=NEW + "def fresh():\n    return 1\n")
    assert outcome.results[0].verdict is Verdict.EQUAL
    assert outcome.notes == (
        "fresh in a.py never ran: nothing old has that name to compare it with",
    )


def test_an_import_that_runs_shows_nothing_of_the_line_that_uses_it() -> None:
    old = "import a\nif a.x:\n    b()\n"
    new = "import a, c\nif a.x:\n    c()\n"
    (check,) = weighed({("a.py", "<module>", 1, 1)}, old=old, new=new).results
    assert check.verdict is Verdict.INCONCLUSIVE


def test_a_function_on_one_line_has_not_run_because_it_was_defined() -> None:
    old, new = "def f(): return 1\n", "def f(): return 2\n"
    (defined,) = weighed({("a.py", "<module>", 1, 1)}, old=old, new=new).results
    assert defined.verdict is Verdict.INCONCLUSIVE
    (called,) = weighed({("a.py", "f", 1, 1)}, old=old, new=new).results
    assert called.verdict is Verdict.EQUAL


def test_a_site_comes_to_the_checks_that_ran_it_or_is_not_reached() -> None:
    ran = SiteChange("a.py", 2, "LS101", "rule", "", (2,))
    missed = SiteChange("a.py", 3, "LS106", "rule", "", (3,))
    outcome = weighed({F2}, result("x.py"), result("y.py"), sites={"a.py": (ran, missed)})
    assert [check.sites for check in outcome.results] == [(ran,), ()]
    assert outcome.unreached_sites == (missed,)


def test_what_is_left_to_watch_is_what_has_not_run() -> None:
    changed = batch().changed
    assert Reached(changed, frozenset()).unreached() == {"a.py": (2, 3)}
    assert Reached(changed, frozenset({F2})).unreached() == {"a.py": (3,)}
    assert Reached(changed, frozenset({F2, F3})).unreached() == {}


def test_a_log_that_ends_in_the_middle_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    assert read_hits(tmp_path) is None
    (tmp_path / "lines.log").write_text('["a.py", "f", 1, 2]\n["a.py", "f"', encoding="utf-8")
    assert read_hits(tmp_path) == {F2}


def test_lines_in_words() -> None:
    assert ranges([3]) == "line 3"
    assert ranges([5, 3, 4, 8]) == "lines 3–5 and 8"
    assert ranges([1, 3, 5, 6]) == "lines 1, 3 and 5–6"


# in real runs

ROWS = "from common import load_sessions\nrows = load_sessions()\n"
PARTLY = ROWS + (
    "def count(rows, odd=None):\n    if odd:\n        return 0 + 1\n    return len(rows) + 0\n"
    "print(count(rows))\n"
)


def test_a_function_that_nobody_calls_is_inconclusive(changed: Changed) -> None:
    old = ROWS + "def f(rows):\n    return rows[0]\nprint(len(rows))\n"
    report = changed(old, old.replace("rows[0]", "rows[-1]")).verify(max_cases=2)
    (check,) = report.checks
    assert check.verdict is Verdict.INCONCLUSIVE
    assert "line 4 of analyze.py never ran (f)" in check.explanation
    assert report.exit_code == 2


def test_lines_that_ran_in_part_are_equal_and_in_the_report(changed: Changed) -> None:
    new = PARTLY.replace("0 + 1", "1").replace(" + 0", "")
    report = changed(PARTLY, new).verify(max_cases=2)
    assert report.verdict is Verdict.EQUAL
    (lines,) = to_json(report)["changed_lines"]
    assert lines == {"path": "analyze.py", "changed": [5, 6], "ran": [6], "never_ran": [5]}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_lines_are_seen_in_threads_forks_and_before_an_early_end(changed: Changed) -> None:
    old = ROWS + (
        "import os, sys, threading\n"
        "def threaded():\n    print(len(rows))\n"
        "def forked():\n    return 1 + 1\n"
        "def last():\n    sys.stdout.flush()\n    os._exit(2 + 1)\n"
        "def run():\n"
        "    one = threading.Thread(target=threaded)\n    one.start()\n    one.join()\n"
        "    sys.stdout.flush()\n    child = os.fork()\n    if not child:\n"
        "        forked()\n        os._exit(0)\n    os.waitpid(child, 0)\n    last()\n"
        "run()\n"
    )
    new = old.replace("len(rows)", "len(rows) + 0").replace("1 + 1", "2").replace("2 + 1", "3")
    report = changed(old, new).verify(max_cases=2)
    (lines,) = report.lines
    assert lines.missed == ()
    assert len(lines.changed) == 3


@pytest.mark.skipif(os.name == "nt", reason="descriptors")
def test_a_program_that_closes_all_descriptors_is_seen_and_its_file_stays_its_own(
    changed: Changed,
) -> None:
    old = (
        "import os\nos.closerange(3, 64)\nout = open('out.txt', 'w')\n"
        "def f():\n    return 1 + 1\nprint(f(), file=out)\nout.close()\n"
        "print(open('out.txt').read())\n"
    )
    report = changed(old, old.replace("1 + 1", "2")).verify(max_cases=1)
    assert report.verdict is Verdict.EQUAL, report.checks[0].explanation
    assert report.lines[0].ran == (5,)


def test_methods_and_cached_functions_of_a_script_are_run(changed: Changed) -> None:
    old = (
        "import functools\n@functools.cache\ndef f():\n    return 1\n"
        "class A:\n    def g(self):\n        return 1\nprint('x')\n"
    )
    new = old.replace("        return 1", "        return 2")
    repository = changed(old, new)
    (check,) = repository.verify(max_cases=1).checks
    assert check.verdict is Verdict.DIFFERENT
    assert "result of A.g()" in check.explanation
    repository.write(analyze_py=old.replace("f():\n    return 1", "f():\n    return 2"))
    (check,) = repository.verify(max_cases=1).checks
    assert "result of f()" in check.explanation


def test_a_library_that_is_not_run_makes_no_equal_beside_a_script(repository: Any) -> None:
    repository.write(lib_py="def f(a):\n    return a\n", s_py=ROWS + "print(len(rows))\n")
    repository.commit()
    repository.write(lib_py="def f(a):\n    return a + 1\n", s_py=ROWS + "print(len(rows) + 0)\n")
    report = repository.verify(max_cases=1)
    assert {c.name: c.verdict for c in report.checks} == {
        "s.py": Verdict.EQUAL,
        "lib.py": Verdict.INCONCLUSIVE,
    }
    assert [sum(c.count for c in check.cases) for check in report.checks] == [1, 0]
    named = repository.verify(checks=[check_from_config({"run": "s.py"})], max_cases=1)
    assert named.verdict is Verdict.EQUAL
    assert any("lib.py differs too" in note for note in named.notes)


def test_what_reads_arguments_comes_with_what_to_write(changed: Changed) -> None:
    old = ROWS + "import sys\nprint(len(rows), sys.argv[1])\n"
    report = changed(old, old.replace("rows)", "rows) + 0")).verify(max_cases=1)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert any('run = "analyze.py ARGUMENTS"' in note for note in report.notes)


def test_an_old_version_that_does_not_parse_is_said(repository: Any) -> None:
    repository.write(s_py="def (:\n", b_py="print(1)\n")
    repository.commit()
    repository.write(s_py="print(1)\n", b_py="print(1 + 0)\n")
    report = repository.verify(max_cases=1)
    assert report.notes == ("s.py is not run: its old version does not parse",)


def test_a_function_that_is_not_there_is_one_clear_line(changed: Changed) -> None:
    repository = changed("print(1)\n", "print(2)\ndef only_new():\n    return 1\n")
    for function, where in (("nowhere", "the base"), ("only_new", "the base")):
        check = check_from_config({"call": f"analyze:{function}"})
        with pytest.raises(VerifyError, match=f"no function {function} in analyze.py in {where}"):
            repository.verify(checks=[check])


def test_compare_takes_modules_methods_and_arguments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__init__.py").touch()
    text = "import sys\nclass A:\n    def f(self):\n        return 1\ndef g():\n    return 1\n"
    text += "if __name__ == '__main__':\n    print(sys.argv[1:])\n"
    (tmp_path / "pkg" / "mod.py").write_text(text, encoding="utf-8")
    (tmp_path / "old.py").write_text(text, encoding="utf-8")
    (tmp_path / "new.py").write_text(text.replace("[1:]", "[1:2]"), encoding="utf-8")
    for old, new, verdict in (
        ("pkg.mod:g", "old.py:A.f", Verdict.EQUAL),
        ("old.py --x 1", "new.py --x", Verdict.DIFFERENT),
        ("old.py --x", "new.py --x", Verdict.EQUAL),
    ):
        report = compare_callables(old, new, Settings(pairs=0, max_cases=1))
        assert report.verdict is verdict, (old, report.checks[0].explanation)
    with pytest.raises(VerifyError, match="no function nope in the class A"):
        compare_callables("old.py:A.nope", "old.py:g")
