"""Faults are found with a small input, correct migrations are not, and the rest is told apart."""

# ruff: noqa: E501
# The programs below are easier to compare when each fault stands on one line.
from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from loadstream.verify import (
    Settings,
    Verdict,
    VerifyError,
    check_from_config,
    compare_callables,
    replay,
    verify_revisions,
)
from loadstream.verify.smallest import Search

Changed = Callable[[str, str], Any]

MARATHONS = """
from common import load_sessions

marathons = [s for s in load_sessions() if len(s.get("delegations", [])) > 20]
print(len(marathons))
for session in marathons:
    print(session["session_id"], session["cost"])
"""

STREAMED = """
from common import stream_sessions

marathons = list(stream_sessions(filter_func=lambda s: len(s.get("delegations", [])) > 20))
print(len(marathons))
for session in marathons:
    print(session["session_id"], session["cost"])
"""

COSTS = """
from common import load_sessions

def costs():
    return [s["cost"] for s in load_sessions()]

def main():
    for cost in costs():
        print(cost + 1 > 2)

if __name__ == "__main__":
    main()
"""

WRITES = """
import json
from common import load_sessions

with open("out.json", "w") as handle:
    json.dump([s["session_id"] for s in load_sessions()], handle)
"""

RAISES = """
from common import load_sessions

for session in load_sessions():
    if session["cost"] > 1.5:
        raise ValueError(session["session_id"])
    print(session["session_id"])
"""

FAULTS = {
    "a comparison off by one": (MARATHONS, STREAMED.replace("> 20", ">= 20")),
    "a filter lost": (MARATHONS, STREAMED.replace("> 20", "> -1")),
    "a filter turned round": (MARATHONS, STREAMED.replace("> 20", "< 20")),
    "a default lost": (MARATHONS, STREAMED.replace('s.get("delegations", [])', 's["delegations"]')),
    "the last element dropped": (MARATHONS, MARATHONS.replace("load_sessions() if", "load_sessions()[:-1] if")),
    "the first element dropped": (MARATHONS, MARATHONS.replace("load_sessions() if", "load_sessions()[1:] if")),
    "an element repeated": (MARATHONS, MARATHONS.replace("load_sessions() if", "load_sessions() * 2 if")),
    "another order": (MARATHONS, MARATHONS.replace("load_sessions() if", "load_sessions()[::-1] if")),
    "an extra print": (MARATHONS, STREAMED + "print()\n"),
    "an extra line on stderr": (MARATHONS, STREAMED + "import sys\nprint('x', file=sys.stderr)\n"),
    "another exit code": (MARATHONS, STREAMED + "raise SystemExit(3)\n"),
    "a tuple for a list": (MARATHONS, STREAMED.replace("list(stream", "tuple(stream")),
    "Decimal for float": (COSTS, COSTS.replace('s["cost"] for', '__import__("decimal").Decimal(s["cost"]) for')),
    "int for float": (COSTS, COSTS.replace('s["cost"] for', 'int(s["cost"] * 4) / 4 // 1 for')),
    "minus zero for zero": (COSTS, COSTS.replace('s["cost"] for', '(s["cost"] or -0.0) for')),
    "a file written differently": (WRITES, WRITES.replace("handle)", "handle, indent=1)")),
    "a file more": (WRITES, WRITES + "\nopen('more.txt', 'w').close()\n"),
    "a file less": (WRITES, WRITES.replace("'out.json'", "'/dev/null'").replace('"out.json"', '"/dev/null"')),
    "a changed exception": (RAISES, RAISES.replace("ValueError", "RuntimeError")),
    "a changed message": (RAISES, RAISES.replace('session["session_id"])\n    p', 'session["period"])\n    p')),
    "an exception swallowed": (RAISES, RAISES.replace('raise ValueError(session["session_id"])', "continue")),
    "output before the exception lost": (RAISES, RAISES.replace("    print(", "    str(")),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_different_and_comes_with_a_small_input(
    changed: Changed, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    # How small an input gets must not depend on how busy the machine is.
    monkeypatch.setattr("loadstream.verify.passes.Search", partial(Search, shrink_seconds=60.0))
    result = changed(*FAULTS[fault]).result(max_cases=20)
    assert result.verdict is Verdict.DIFFERENT, result.explanation
    assert result.counterexample.differences
    assert len(result.counterexample.preview) < 900


CORRECT = {
    "a streamed filter": (MARATHONS, STREAMED),
    "a loop for a comprehension": (
        MARATHONS,
        MARATHONS.replace(
            'marathons = [s for s in load_sessions() if len(s.get("delegations", [])) > 20]',
            "marathons = []\nfor s in load_sessions():\n"
            '    if not len(s.get("delegations", [])) > 20:\n        continue\n'
            "    marathons.append(s)",
        ),
    ),
    "a generator for a list that is iterated": (
        COSTS,
        COSTS.replace(
            "for s in load_sessions()]", "for s in __import__('common').stream_sessions()]"
        ),
    ),
    "an exception from a stream": (
        RAISES,
        RAISES.replace("load_sessions", "stream_sessions"),
    ),
    "a file from a stream": (WRITES, WRITES.replace("load_sessions", "stream_sessions")),
    "other lines in the traceback": (RAISES, "# moved\n\n\n" + RAISES.replace("load", "stream")),
}


@pytest.mark.parametrize("migration", CORRECT)
def test_a_correct_migration_is_equal(changed: Changed, migration: str) -> None:
    result = changed(*CORRECT[migration]).result()
    assert result.verdict is Verdict.EQUAL, result.explanation
    assert sum(entry.count for entry in result.cases) == 12


def test_the_smallest_input_for_a_boundary_is_one_element_at_the_boundary(changed: Changed) -> None:
    repository = changed(MARATHONS, STREAMED.replace("> 20", ">= 20"))
    (stored,) = [repository.result(max_cases=20).counterexample]
    assert stored.data_files == ("data/sessions.json",)
    _, _, text = stored.preview.partition(": ")
    (session,) = json.loads(text)["sessions"]
    assert len(session["delegations"]) == 20


def test_a_stored_counterexample_can_be_replayed_and_agrees_once_the_fault_is_mended(
    changed: Changed,
) -> None:
    repository = changed(MARATHONS, STREAMED.replace("> 20", ">= 20"))
    found = repository.result(max_cases=20).counterexample
    folder = repository.root / ".loadstream_cache" / "counterexamples"
    (file,) = folder.iterdir()
    assert found.replay.endswith(file.name)
    again = replay(file)
    assert (again.verdict, again.exit_code) == (Verdict.DIFFERENT, 1)
    assert again.checks[0].counterexample.differences == found.differences
    repository.write(analyze_py=STREAMED)
    assert replay(file).exit_code == 0


UNSTABLE = "import uuid\nfrom common import load_sessions\nprint(uuid.uuid4())\nprint(len(load_sessions()))\n"


def test_what_old_does_not_repeat_is_not_comparable(changed: Changed) -> None:
    result = changed(UNSTABLE, UNSTABLE + "\npass\n").result(max_cases=4)
    assert result.verdict is Verdict.NOT_COMPARABLE
    assert "stdout line 1" in result.explanation


def test_a_difference_beside_an_unstable_line_is_still_found(changed: Changed) -> None:
    result = changed(UNSTABLE, UNSTABLE.replace("print(len(", "print(1 + len(")).result(max_cases=4)
    assert result.verdict is Verdict.DIFFERENT
    assert result.counterexample.differences[0].place == "stdout line 2"


CHANCE = """
import random
from common import load_sessions
for session in load_sessions()[:10]:
    print(random.random() < 0.5)
"""


def test_what_is_left_to_chance_is_never_different(changed: Changed) -> None:
    result = changed(CHANCE, CHANCE + "\npass\n").result(max_cases=2)
    assert result.verdict is Verdict.NOT_COMPARABLE, result.explanation


NEEDS = """
import argparse
from common import load_sessions
parser = argparse.ArgumentParser()
parser.add_argument("path")
parser.parse_args()
print(len(load_sessions()))
"""


def test_a_script_that_only_prints_its_usage_shows_nothing(changed: Changed) -> None:
    result = changed(NEEDS, NEEDS.replace("len(", "1 + len(")).result(max_cases=4)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "exit code 2" in result.explanation
    check = check_from_config({"run": "analyze.py x"})
    used = changed(NEEDS + "\n", NEEDS.replace("len(", "1 + len(")).result(checks=[check])
    assert used.verdict is Verdict.DIFFERENT


def test_a_module_that_is_not_there_shows_nothing(changed: Changed) -> None:
    check = check_from_config({"run": "-m nosuch"})
    result = changed(MARATHONS, STREAMED).result(checks=[check])
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "nosuch" in result.explanation


def test_leaving_at_once_is_no_agreement_about_results(changed: Changed) -> None:
    kept = "from common import load_sessions\nx = len(load_sessions())\n"
    result = changed(kept, kept + "import os\nos._exit(0)\n").result(max_cases=2)
    assert result.verdict is Verdict.DIFFERENT
    assert result.counterexample.differences[0].place == "end of the run"


def test_output_that_may_differ_is_ignored(changed: Changed) -> None:
    repository = changed(UNSTABLE, UNSTABLE + "\npass\n")
    check = check_from_config({"run": "analyze.py", "ignore": ["[0-9a-f]{8}-[0-9a-f-]+"]})
    assert repository.result(checks=[check]).verdict is Verdict.EQUAL


def test_an_endless_loop_is_inconclusive_within_its_timeout(changed: Changed) -> None:
    started = time.monotonic()
    result = changed(MARATHONS, STREAMED + "while True: pass\n").result(timeout=2, max_cases=4)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "new did not end within 2 s" in result.explanation
    assert time.monotonic() - started < 60


def test_an_early_exit_without_clean_up_is_compared(changed: Changed) -> None:
    end = "import os, sys\nsys.stdout.flush()\nos._exit({})\n"
    result = changed(MARATHONS + end.format(0), STREAMED + end.format(4)).result(max_cases=4)
    assert result.verdict is Verdict.DIFFERENT
    assert result.counterexample.differences[0].place == "exit code"
    same = changed(MARATHONS + end.format(5), STREAMED + end.format(5)).result(max_cases=4)
    assert same.verdict is Verdict.EQUAL


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_being_killed_by_a_signal_is_an_ending_like_others(changed: Changed) -> None:
    end = "import os, signal, sys\nsys.stdout.flush()\nos.kill(os.getpid(), signal.SIGSEGV)\n"
    result = changed(MARATHONS, STREAMED + end).result(max_cases=4)
    assert result.verdict is Verdict.DIFFERENT
    ending = next(d for d in result.counterexample.differences if d.place == "exit code")
    assert (ending.old, ending.new) == ("0", "killed by signal 11")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds processes in /proc")
def test_a_child_left_behind_is_killed(changed: Changed) -> None:
    mark = f"loadstream-left-behind-{os.getpid()}-{time.monotonic_ns()}"
    start = (
        "import subprocess, sys\n"
        f"subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)', '{mark}'],"
        " start_new_session=True)\n"
    )
    result = changed(MARATHONS + start, STREAMED + start).result(max_cases=3)
    assert result.verdict is Verdict.EQUAL
    alive = [
        entry
        for entry in Path("/proc").glob("[0-9]*/cmdline")
        if mark.encode() in _read(entry) and b"time.sleep" in _read(entry)
    ]
    assert not alive


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_a_result_without_equality_is_not_comparable(repository: Any) -> None:
    old = "import threading\ndef lock():\n    return [threading.Lock()]\n"
    repository.write(tool_py=old)
    repository.commit()
    repository.write(tool_py=old.replace("    return", "    pass\n    return"))
    result = repository.result()
    assert result.name == "tool.py:lock"
    assert result.verdict is Verdict.NOT_COMPARABLE
    assert "result[0]" in result.explanation


def test_changed_arguments_are_a_difference(repository: Any) -> None:
    old = "def keep(rows):\n    return sorted(rows)\n"
    repository.write(tool_py=old)
    repository.commit()
    repository.write(tool_py="def keep(rows):\n    rows.sort()\n    return list(rows)\n")
    check = check_from_config({"name": "keep", "call": "tool:keep", "args": [[3, 1, 2]]})
    result = repository.result(checks=[check])
    assert result.verdict is Verdict.DIFFERENT
    assert result.counterexample.differences[0].place.startswith("arguments after the call[0]")


def test_a_generator_is_drained_on_both_sides(repository: Any) -> None:
    old = "def numbers():\n    yield 1\n    yield 2\n"
    repository.write(tool_py=old)
    repository.commit()
    repository.write(tool_py=old.replace("yield 2", "yield 2.0"))
    (difference,) = repository.result().counterexample.differences
    assert (difference.place, difference.old, difference.new) == (
        "result[1]",
        "2 (int)",
        "2.0 (float)",
    )


def test_code_that_reads_nothing_of_its_data_is_inconclusive(changed: Changed) -> None:
    constant = "from common import DATA\nDATA.read_text()\nprint('done')\n"
    found = changed(constant, constant + "print(end='')\n").result(max_cases=4)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "nothing depended on the data" in found.explanation


@pytest.mark.parametrize(
    ("condition", "gap"),
    [("s is None", "kept none"), ("s is not None", "rejected none")],
)
def test_a_filter_that_decides_nothing_is_inconclusive(
    changed: Changed, condition: str, gap: str
) -> None:
    # What is printed depends on the data all the same.
    total = "print(sum(1 for _ in load_sessions()))\n"
    old = "from common import *\n" + total + f"print([s for s in load_sessions() if {condition}])\n"
    new = (
        "from common import *\n"
        + total
        + f"print(list(stream_sessions(filter_func=lambda s: {condition})))\n"
    )
    result = changed(old, new).result(max_cases=4)
    assert result.verdict is Verdict.INCONCLUSIVE, result.explanation
    assert f"the filters {gap} of" in result.explanation


def test_what_the_filters_kept_and_rejected_is_said(changed: Changed) -> None:
    result = changed(MARATHONS, STREAMED).result(max_cases=3)
    assert re.search(r"the filters kept \d+ and rejected \d+ elements", result.explanation)


def test_missing_data_is_inconclusive_and_named(changed: Changed) -> None:
    repository = changed(MARATHONS, STREAMED)
    (repository.root / "data" / "sessions.json").unlink()
    result = repository.result()
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "data is missing" in result.explanation
    assert "sessions.json" in result.explanation


def test_the_self_test_names_the_sabotage_that_it_recognised(changed: Changed) -> None:
    report = changed(MARATHONS, STREAMED).verify(max_cases=2)
    assert "one more line printed at the start of analyze.py" in report.self_test
    assert "in 1 of 1 check, as it must" in report.self_test


def test_measuring_yields_every_sample_of_both_sides(changed: Changed) -> None:
    report = changed(MARATHONS, STREAMED).verify(pairs=2, max_cases=2)
    (result,) = report.checks
    for side in (result.old, result.new):
        assert len(side.samples) == 2
        assert side.traced_peak_bytes > 0
        for sample in side.samples:
            assert sample.peak_memory_bytes >= sample.baseline_memory_bytes > 0
            assert sample.seconds > 0


def test_memory_over_its_budget_fails_and_time_advises(changed: Changed) -> None:
    repository = changed(MARATHONS, "waste = bytearray(30_000_000)\n" + STREAMED)
    check = check_from_config(
        {"run": "analyze.py", "budget": {"peak-memory": "0.9x", "time": "0.001x"}}
    )
    report = repository.verify(checks=[check], pairs=1, traced=False, max_cases=2)
    (result,) = report.checks
    assert result.verdict is Verdict.EQUAL
    assert "the budget is 0.9x" in result.over_budget[0]
    assert "the budget is 0.001x" in result.advice[0]
    assert report.exit_code == 1


def test_nothing_is_left_behind_and_the_working_tree_stays_as_it_was(changed: Changed) -> None:
    repository = changed(WRITES, WRITES.replace("load_", "stream_"))
    before = _listing(repository.root)
    repository.verify(max_cases=4)
    after = {name for name in _listing(repository.root) if ".loadstream_cache" not in name}
    assert after == before
    assert _listing(repository.root / ".loadstream_cache") == {".gitignore"}


def _listing(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if ".git/" not in f"{p}/"}


def test_the_users_own_files_cannot_be_written_by_their_full_path(changed: Changed) -> None:
    old = "from common import load_sessions\nprint(len(load_sessions()))\n"
    repository = changed(old, old)
    target = repository.root / "data" / "sessions.json"
    content = target.read_bytes()
    repository.write(analyze_py=old + f"open({str(target)!r}, 'w').close()\n")
    result = repository.result(max_cases=4)
    assert result.verdict is Verdict.DIFFERENT
    assert target.read_bytes() == content


def test_a_large_file_is_shared_and_still_safe_from_a_script_that_writes_it(
    changed: Changed,
) -> None:
    old = (
        "with open('data/big.json', 'r+') as handle:\n    handle.write('[9')\n"
        "print(open('data/big.json').read(4))\n"
    )
    repository = changed(old, "# same\n" + old + "pass\n")
    big = repository.root / "data" / "big.json"
    big.write_text("[1" + ", 1" * 500_000 + "]", encoding="utf-8")
    before = big.read_bytes()
    result = repository.result(max_cases=2, pairs=1, traced=False)
    assert result.verdict is Verdict.EQUAL
    assert big.read_bytes() == before


# bad input


def test_a_folder_without_git_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(VerifyError, match=r"not in a git repository.*compare"):
        verify_revisions(tmp_path)


def test_an_unknown_revision_is_one_clear_line(changed: Changed) -> None:
    with pytest.raises(VerifyError, match="unknown revision 'nowhere'"):
        changed(MARATHONS, STREAMED).verify(base="nowhere")


def test_a_repository_without_a_commit_is_one_clear_line(repository: Any) -> None:
    with pytest.raises(VerifyError, match="no commit yet"):
        repository.verify()


def test_no_change_is_one_clear_line(changed: Changed) -> None:
    with pytest.raises(VerifyError, match="nothing to verify"):
        changed(MARATHONS, MARATHONS).verify()


def test_a_change_of_comments_only_is_one_clear_line(changed: Changed) -> None:
    with pytest.raises(VerifyError, match="nothing to run: no Python code differs"):
        changed(MARATHONS, MARATHONS + "# more\n").verify()


def test_a_library_that_nothing_runs_is_named(repository: Any) -> None:
    repository.write(tool_py="def f(x):\n    return x\n")
    repository.commit()
    repository.write(tool_py="def f(x):\n    return x + 1\n")
    with pytest.raises(VerifyError, match=r"tool\.py is not run: no script uses it"):
        repository.verify()


def test_a_check_of_a_script_that_is_not_there_is_one_clear_line(changed: Changed) -> None:
    check = check_from_config({"run": "nowhere.py"})
    with pytest.raises(VerifyError, match=r"there is no script nowhere\.py"):
        changed(MARATHONS, STREAMED).verify(checks=[check])


def test_a_file_that_is_no_counterexample_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}", encoding="utf-8")
    with pytest.raises(VerifyError, match="not a counterexample"):
        replay(tmp_path / "x.json")
    with pytest.raises(VerifyError, match="cannot read"):
        replay(tmp_path / "y.json")


# two callables


def test_two_functions_are_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    body = "import json\ndef find():\n    return [r for r in json.load(open('rows.json')) if r['n'] > 3]\n"
    (tmp_path / "old.py").write_text(body, encoding="utf-8")
    (tmp_path / "new.py").write_text(
        body.replace("> 3", ">= 3").replace("find", "seek"), encoding="utf-8"
    )
    rows = [{"n": n, "name": f"r{n}"} for n in (0, 1, 8, 9)]
    (tmp_path / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
    same = compare_callables("old.py:find", "old.py:find", Settings(pairs=0))
    assert same.verdict is Verdict.EQUAL
    report = compare_callables("old.py:find", "new.py:seek", Settings(pairs=0))
    (check,) = report.checks
    assert check.verdict is Verdict.DIFFERENT
    assert json.loads(check.counterexample.preview.partition(": ")[2]) == [{"n": 3}]
    (file,) = (tmp_path / ".loadstream_cache" / "counterexamples").iterdir()
    assert replay(file).verdict is Verdict.DIFFERENT


@pytest.mark.parametrize(
    ("old", "message"),
    [
        ("none.py", "there is no file none.py"),
        ("a.py:none", "no function none"),
        ("a.py:takes", "takes in a.py needs arguments"),
        ("broken.py", "does not parse"),
        ("a.py", "one side is a function and the other a script"),
    ],
)
def test_what_cannot_be_compared_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    text = "def takes(x):\n    return x\ndef free():\n    return 1\n"
    (tmp_path / "a.py").write_text(text, encoding="utf-8")
    (tmp_path / "broken.py").write_text("def\n", encoding="utf-8")
    with pytest.raises(VerifyError, match=message):
        compare_callables(old, "a.py:free")
