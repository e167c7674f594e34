"""What `rewrite` does to be trusted with files: warnings before, backups, and one clear line."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadstream.cli import uncommitted


@pytest.fixture
def committed(project, git):
    """A committed repository with two files to rewrite and one to leave."""
    project("filter", "plain")
    Path("other.py").write_bytes(Path("filter.py").read_bytes())
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")


def test_files_that_are_all_committed_are_rewritten_without_a_word(run, committed):
    outcome = run("rewrite")
    assert (outcome.status, outcome.err) == (0, "")


def test_files_with_changes_of_the_users_are_counted_in_a_warning(run, committed):
    Path("filter.py").write_text(Path("filter.py").read_text() + "\n\nprint(1)\n")
    outcome = run("rewrite")
    assert outcome.status == 0
    assert outcome.err == (
        "warning: 1 of the 2 files to be rewritten is not committed, so git cannot undo this "
        "alone\n"
    )
    assert "stream_rows" in Path("filter.py").read_text()


def test_a_new_file_is_not_committed_either(run, committed):
    Path("ü.py").write_bytes(Path("filter.py").read_bytes())
    assert run("rewrite", "ü.py").err.startswith("warning: the file to be rewritten is not comm")


def test_changes_elsewhere_in_the_tree_are_warned_about(run, committed):
    Path("plain.py").write_text("print('mine')\n")
    assert run("rewrite").err == (
        "warning: the git tree has uncommitted changes, which the rewrites will be mixed with\n"
    )


@pytest.mark.parametrize("option", ["--diff", "--check"])
def test_what_is_not_written_needs_no_warning(run, committed, option):
    Path("plain.py").write_text("print('mine')\n")
    assert "warning" not in run("rewrite", option).err


def test_nothing_to_write_needs_no_warning(run, project, git):
    project("plain")
    git("init", "-q")
    assert run("rewrite").err == ""


def test_without_git_there_is_no_warning(run, project, monkeypatch):
    project("filter")
    assert run("rewrite").err == ""
    project("filter")
    Path(".git").mkdir()  # a repository that git cannot open
    assert run("rewrite").err == ""
    assert uncommitted.uncommitted([], Path()) == ""


def test_old_contents_are_kept_on_request(run, project):
    project("filter", "kept")
    old = Path("filter.py").read_bytes()
    outcome = run("rewrite", "--backup", "before/today")
    assert (outcome.status, outcome.err) == (0, "")
    assert Path("before", "today", "filter.py").read_bytes() == old
    assert [path.name for path in Path("before").rglob("*.py")] == ["filter.py"]
    again = run("lint", "--show-kept")
    assert "before" not in again.out


def test_a_backup_that_is_another_stops_the_run_before_anything_is_written(run, project):
    project("filter")
    old = Path("filter.py").read_bytes()
    assert run("rewrite", "--backup", "before").status == 0
    Path("filter.py").write_bytes(old + b"\nprint(1)\n")
    outcome = run("rewrite", "--backup", "before")
    assert outcome.status == 2
    assert outcome.out == ""
    assert outcome.err == (
        "error: --backup before: it holds another filter.py already: name a new folder; "
        "nothing was rewritten\n"
    )
    assert Path("filter.py").read_bytes() == old + b"\nprint(1)\n"


@pytest.mark.parametrize("option", ["--diff", "--check"])
def test_backups_of_what_is_not_written_are_refused(run, project, option):
    project("filter")
    outcome = run("rewrite", option, "--backup", "before")
    assert outcome.status == 2
    assert "leave out --diff and --check" in outcome.err
    assert not Path("before").exists()


def test_the_number_of_jobs_changes_nothing(run, project):
    project("filter", "kept", **{f"more_{n}": Path("data.py").read_text() for n in range(30)})
    assert run("rewrite", "--diff", "--jobs", "3") == run("rewrite", "--diff", "--jobs", "1")
    assert run("rewrite", "--jobs", "0").status == 2
