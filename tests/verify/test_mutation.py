"""Mutants of new code are killed by what the inputs show, and the others are told apart."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from loadstream.verify import Settings, Verdict, check_from_config, compare_callables, to_json
from loadstream.verify.model import MutantResult
from loadstream.verify.mutants import Mutant

Changed = Callable[[str, str], Any]

OLD = """
from common import load_sessions

for session in load_sessions():
    if session["period"] == "P4" and len(session["delegations"]) > 20:
        print(session["session_id"], session["cost"])
"""
NEW = OLD.replace("load_sessions", "stream_sessions")


def test_faults_in_a_filter_are_all_killed(changed: Changed) -> None:
    result = changed(OLD, NEW).result(max_cases=20, mutants=8)
    assert result.verdict is Verdict.EQUAL
    assert [mutant.at for mutant in result.mutants.survived] == []
    assert result.mutants.killed == 8
    assert result.explanation.endswith("; 8 of 8 mutants killed")
    assert all(": " in mutant.why for mutant in result.mutants.results)


def test_a_fault_that_no_input_shows_survives_with_its_diff(changed: Changed) -> None:
    idle = "\nunused = {'k': 1}\nif unused['k'] > 5 and stream_sessions is None:\n    print('x')\n"
    report = changed(OLD + "\n", OLD.replace("load", "stream") + idle).verify(mutants=40)
    (check,) = report.checks
    survived = check.mutants.survived
    assert any("5 turned into 6" in mutant.label for mutant in survived)
    written = to_json(report)["checks"][0]["mutants"]
    assert written["killed"] == check.mutants.killed > 10
    assert written["survived"] == [{"label": m.at, "diff": m.diff} for m in survived]
    (diff,) = [m.diff for m in survived if "5 turned into 6" in m.label]
    assert "-if unused['k'] > 5 and" in diff
    assert "+if unused['k'] > 6 and" in diff
    json.dumps(written)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("for session in\n", "does not compile"),
        ("while True: pass\n", "did not end within"),
        (NEW.replace("print(session", "print(sesion"), "NameError"),
        ("import nosuchmodule\n" + NEW, "nosuchmodule"),
    ],
)
def test_what_cannot_run_is_never_counted_as_killed(
    changed: Changed, monkeypatch: pytest.MonkeyPatch, text: str, why: str
) -> None:
    broken = "it does not compile: invalid" if "compile" in why else ""
    mutant = Mutant("analyze.py", 1, "test", "broken", text, broken)
    monkeypatch.setattr("loadstream.verify.mutation.mutants", lambda *_: (mutant,))
    result = changed(OLD, NEW).result(mutants=1, timeout=3, max_cases=4)
    (found,) = result.mutants.results
    assert isinstance(found, MutantResult)
    assert (found.outcome, result.mutants.killed) == ("could-not-run", 0)
    assert why in found.why
    assert "0 of 0 mutants killed, 1 could not run" in result.explanation
    assert result.verdict is Verdict.EQUAL


def test_an_exception_that_only_the_mutant_raises_is_a_kill(
    changed: Changed, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant = Mutant("analyze.py", 1, "test", "broken", NEW + "\n[][0]\n")
    monkeypatch.setattr("loadstream.verify.mutation.mutants", lambda *_: (mutant,))
    result = changed(OLD, NEW).result(mutants=1, max_cases=4)
    assert [m.outcome for m in result.mutants.results] == ["killed"]
    assert "exception" in result.mutants.results[0].why


def test_nothing_is_broken_where_it_is_not_asked_for_or_not_equal(changed: Changed) -> None:
    assert changed(OLD, NEW).result(max_cases=2).mutants is None
    other = changed(OLD + "\n", NEW.replace("> 20", "> 2")).result(max_cases=2, mutants=3)
    assert (other.verdict, other.mutants) == (Verdict.DIFFERENT, None)


def test_the_new_one_of_two_functions_is_broken(
    repository: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.write(
        a_py="from common import load_sessions\ndef f():\n"
        "    return [s['period'] for s in load_sessions() if s['cost'] > 1]\n",
        b_py="from common import stream_sessions\ndef g():\n"
        "    return [s['period'] for s in stream_sessions() if s['cost'] > 1]\n"
        "def other():\n    return 1 > 2\n",
    )
    monkeypatch.chdir(repository.root)
    report = compare_callables("a.py:f", "b.py:g", Settings(pairs=0, mutants=6))
    (result,) = report.checks
    # That a number which is only compared is a Decimal makes no difference.
    assert [m.operator for m in result.mutants.survived] in ([], ["decimal"])
    assert {mutant.path for mutant in result.mutants.results} == {"b.py"}
    assert "in 1 of 1 check" in report.self_test


# the self-test of each check

CLOSES = "import sys\nfrom common import load_sessions\nprint(len(load_sessions()))\n"


def test_code_that_leaves_early_or_closes_its_output_does_not_fail_the_self_test(
    repository: Any,
) -> None:
    repository.write(
        a_py="import sys\nsys.exit()\n" + OLD,
        b_py="import os\n" + OLD + "\nos.close(1)\nopen('out.txt', 'w').close()\nos._exit(0)\n",
        c_py=OLD,
    )
    repository.commit()
    repository.write(
        **{
            name: (repository.root / f"{name[0]}.py").read_text().replace("load_s", "stream_s")
            for name in ("a_py", "b_py", "c_py")
        }
    )
    report = repository.verify(max_cases=3)
    assert Verdict.ERROR not in {check.verdict for check in report.checks}
    assert "came out different in 3 of 3 checks" in report.self_test


def test_a_failing_self_test_is_an_error_of_its_own_check_alone(
    repository: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loadstream.verify import self_test

    faults = self_test.plain_faults

    def idle(path: str, source: str, target: Any) -> Any:
        found = list(faults(path, source, target))
        if path != "a.py":
            return found
        return [self_test_fault(path, fault.label, source + "\n# nothing\n") for fault in found]

    self_test_fault = type(
        next(iter(faults("a.py", "", check_from_config({"run": "a.py"}).target)))
    )
    monkeypatch.setattr(self_test, "plain_faults", idle)
    repository.write(a_py=OLD, c_py=OLD)
    repository.commit()
    repository.write(a_py=NEW, c_py=NEW)
    report = repository.verify(max_cases=3)
    assert {check.name: check.verdict for check in report.checks} == {
        "a.py": Verdict.ERROR,
        "c.py": Verdict.EQUAL,
    }
    assert "a.py failed its own" in report.self_test
    assert "passed as equal" in report.checks[0].explanation


def test_what_has_no_file_to_break_is_said_to_have_had_no_self_test(changed: Changed) -> None:
    check = check_from_config({"run": "-m json.tool data/sessions.json"})
    report = changed(OLD, NEW).verify(checks=[check], max_cases=2)
    assert report.self_test.startswith("not done for -m json.tool data/sessions.json: ")
