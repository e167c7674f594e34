"""Checks that a cluster runs show what they show here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from loadstream.verify import Settings, Verdict, VerifyError, verify_revisions
from loadstream.verify import elsewhere as module
from loadstream.verify.counterexamples import read
from tests.machine.by_value import ByValue

OLD = """from common import load_sessions

print([s['cost'] for s in load_sessions() if s['cost'] > 1])
"""
NEW = OLD.replace("load_sessions", "stream_sessions")
WRONG = NEW.replace("> 1", "> 1.1")
SAME = "from common import load_sessions\n\nprint(sum(1 for s in load_sessions()))\n"


@pytest.fixture
def changed(repository, monkeypatch):
    """Three scripts that stream, one of them wrongly."""
    repository.write(right=OLD, wrong=OLD, count=SAME)
    repository.commit()
    repository.write(right=NEW, wrong=WRONG, count=SAME.replace("load_s", "stream_s"))
    monkeypatch.chdir(repository.root)
    return repository


def plain(report):
    """What does not depend on the run: no times, no texts with figures."""
    return [
        replace(one, old=None, new=None, control=None, lines=(), counterexample=None)
        for one in report.checks
    ]


def test_the_verdicts_are_the_same_and_in_the_same_order(changed):
    cluster = ByValue()
    here, there = changed.verify(), changed.verify(cluster=cluster)
    assert [one.name for one in there.checks] == ["count.py", "right.py", "wrong.py"]
    assert [one.verdict for one in there.checks] == [
        Verdict.EQUAL,
        Verdict.EQUAL,
        Verdict.DIFFERENT,
    ]
    assert plain(here) == plain(there)
    assert [one.lines for one in here.checks] == [one.lines for one in there.checks]
    assert (here.self_test, here.lines) == (there.self_test, there.lines)
    assert cluster.sent > 1


def test_a_counterexample_is_stored_here_and_can_be_run_again(changed):
    wrong = changed.verify(cluster=ByValue()).checks[-1]
    assert wrong.counterexample is not None
    command, _, file = wrong.counterexample.replay.rpartition(" ")
    assert command == "loadstream verify --replay"
    assert Path(file).is_file()
    assert not Path(file).is_absolute()
    assert read(Path(file)).check.name == "wrong.py"


def test_what_is_measured_comes_back(changed):
    report = verify_revisions(changed.root, Settings(pairs=1, cluster=ByValue()))
    right = next(one for one in report.checks if one.name == "right.py")
    assert right.old is not None
    assert right.new is not None
    assert len(right.old.samples) == len(right.new.samples) > 0


def test_the_users_own_tree_is_as_it_was(changed):
    before = {p: p.read_bytes() for p in changed.root.rglob("*.py")}
    changed.verify(cluster=ByValue())
    assert {p: p.read_bytes() for p in changed.root.rglob("*.py")} == before


def test_another_interpreter_does_not_go_with_a_cluster(changed):
    with pytest.raises(VerifyError, match="no --python"):
        changed.verify(cluster=ByValue(), interpreter="/usr/bin/python3")


def test_sides_that_are_too_large_to_travel_are_one_line(changed, monkeypatch):
    monkeypatch.setattr(module, "_MOST", 100)
    with pytest.raises(VerifyError, match="too much to send to a cluster"):
        changed.verify(cluster=ByValue())


def test_modes_times_and_links_arrive_as_they_are(tmp_path):
    from loadstream.verify.workspace import Workspace

    tree = tmp_path / "tree"
    (tree / "sub").mkdir(parents=True)
    (tree / "empty").mkdir()
    (tree / "a.sh").write_text("x")
    (tree / "a.sh").chmod(0o750)
    (tree / "sub/link").symlink_to("../a.sh")
    with Workspace(tmp_path / "one") as one, Workspace(tmp_path / "two") as two:
        for side in one.masters:
            one.add(side, tree, ["a.sh", "sub/link"])
        one.add_folders(tree)
        module.Sides.of(one).lay_out(two)
        for side, master in two.masters.items():
            assert (master / "sub/link").readlink() == (one.masters[side] / "sub/link").readlink()
            assert (master / "empty").is_dir()
            first, second = (one.masters[side] / "a.sh").stat(), (master / "a.sh").stat()
            assert (first.st_mode, first.st_mtime_ns) == (second.st_mode, second.st_mtime_ns)
