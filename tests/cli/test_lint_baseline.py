"""`lint --baseline`: old findings are not reported, new ones are, and gone ones are told."""

import json
from pathlib import Path

import pytest

BASELINE = ("--baseline", "old.jsonl")
NEW = "print(len(load_rows()))\n"


@pytest.fixture
def recorded(project, run):
    """A project whose findings are in `old.jsonl`."""
    project("filter", "unsafe")
    assert run("lint", *BASELINE, "--write-baseline").status == 0
    return Path()


def entries():
    _, *lines = Path("old.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_what_is_recorded_is_not_reported(recorded, run):
    outcome = run("lint", *BASELINE)
    assert (outcome.status, outcome.err) == (0, "")
    assert "filter.py" not in outcome.out
    assert outcome.out.startswith("Found 1 site in 3 files beside 2 in the baseline: 1 kept")
    assert run("lint").status == 1


def test_writing_says_what_was_written(project, run):
    project("filter", "unsafe")
    outcome = run("lint", *BASELINE, "--write-baseline")
    assert outcome.err == "wrote old.jsonl: 2 findings, 2 of them new; 0 were gone\n"
    assert [(entry["path"], entry["code"], entry["count"]) for entry in entries()] == [
        ("filter.py", "LS101", 1),
        ("unsafe.py", "LS104", 1),
    ]


def test_moved_and_indented_lines_are_still_known(recorded, run):
    lines = Path("filter.py").read_text().splitlines()
    Path("filter.py").write_text("\n".join([lines[0], "", "if True:", "", f"    {lines[2]}", ""]))
    assert run("lint", *BASELINE).status == 0


def test_a_changed_line_and_a_second_one_like_it_are_new(recorded, run):
    text = Path("filter.py").read_text()
    Path("filter.py").write_text(text + text.splitlines()[2] + "\n")
    outcome = run("lint", *BASELINE, "--format", "concise")
    assert outcome.status == 1
    assert outcome.out.startswith("filter.py:4:23: LS101")
    Path("filter.py").write_text(text.replace("> 3", "> 4"))
    assert run("lint", *BASELINE).status == 1


def test_the_same_line_in_another_file_is_new(recorded, run):
    Path("other.py").write_text(Path("filter.py").read_text())
    outcome = run("lint", *BASELINE, "--format", "concise")
    assert outcome.out.startswith("other.py:3:23: LS101")


@pytest.mark.parametrize("output_format", ["json", "github", "sarif", "junit", "concise"])
def test_every_format_leaves_out_what_is_known(recorded, run, output_format):
    Path("new.py").write_text(f"from data import load_rows\n{NEW}")
    outcome = run("lint", *BASELINE, "--format", output_format)
    assert outcome.status == 1
    assert "new.py" in outcome.out
    assert "filter.py" not in outcome.out


def test_gone_entries_are_told_and_dropped_when_it_is_written(recorded, run):
    Path("filter.py").write_text("")
    Path("unsafe.py").unlink()
    outcome = run("lint", *BASELINE)
    assert outcome.status == 0
    assert outcome.err == (
        "warning: old.jsonl: 2 of its findings are gone: --write-baseline takes them out\n"
    )
    assert run("lint", *BASELINE, "-q").err == ""
    assert "2 were gone" in run("lint", *BASELINE, "--write-baseline").err
    assert entries() == []


def test_what_a_run_did_not_look_at_is_not_gone(recorded, run):
    before = Path("old.jsonl").read_bytes()
    Path("filter.py").write_text("")
    for arguments in (["unsafe.py"], ["--select", "LS106"], ["--ignore", "LS101"]):
        assert run("lint", *BASELINE, *arguments).err == ""
        run("lint", *BASELINE, "--write-baseline", *arguments)
        assert Path("old.jsonl").read_bytes() == before


def test_only_changed_files_can_be_compared_with_it(recorded, run, git):
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "all")
    text = Path("filter.py").read_text()
    Path("filter.py").write_text(f"{text}{NEW}")
    outcome = run("lint", *BASELINE, "--changed", "--format", "concise")
    assert (outcome.status, outcome.err) == (1, "")
    assert outcome.out.splitlines()[0].startswith("filter.py:4:11: LS106")


def test_a_text_on_stdin_is_compared_as_the_file_that_it_counts_as(recorded, run):
    text = Path("filter.py").read_text()
    stdin = ("-", "--stdin-filename", "filter.py", "--format", "concise")
    assert run("lint", *BASELINE, *stdin, stdin=f"\n{text}").status == 0
    outcome = run("lint", *BASELINE, *stdin, stdin=f"{text}{NEW}")
    assert outcome.status == 1
    assert outcome.out.startswith("filter.py:4:11: LS106")


def test_paths_are_those_from_the_baseline_whereever_the_run_is(recorded, run, monkeypatch):
    Path("sub").mkdir()
    monkeypatch.chdir("sub")
    outcome = run("lint", "--baseline", "../old.jsonl", "..")
    assert (outcome.status, outcome.err) == (0, "")


def test_kept_loads_are_listed_and_never_recorded(project, run):
    project("kept")
    run("lint", *BASELINE, "--write-baseline", "--show-kept")
    assert entries() == []
    assert "LS300" in run("lint", *BASELINE, "--show-kept").out


def test_a_file_that_cannot_be_parsed_can_be_recorded(project, run):
    project("broken")
    assert run("lint", *BASELINE, "--write-baseline").status == 0
    assert run("lint", *BASELINE).status == 0
    assert run("lint").status == 1


def test_a_second_writing_changes_nothing(recorded, run):
    before = Path("old.jsonl").read_bytes()
    assert "0 of them new; 0 were gone" in run("lint", *BASELINE, "--write-baseline").err
    assert Path("old.jsonl").read_bytes() == before


def test_a_baseline_that_is_not_there_is_one_line(project, run):
    project("filter")
    outcome = run("lint", *BASELINE)
    assert outcome.status == 2
    assert outcome.error.startswith("old.jsonl: no such baseline: --write-baseline")


@pytest.mark.parametrize("also", [[], ["--write-baseline"]])
def test_what_is_no_baseline_is_one_line_and_is_left_alone(project, run, also):
    project("filter")
    text = Path("filter.py").read_bytes()
    outcome = run("lint", "--baseline", "filter.py", *also)
    assert outcome.status == 2
    assert outcome.error.startswith("filter.py:1: not a line of a baseline")
    assert Path("filter.py").read_bytes() == text


def test_writing_needs_a_file_to_write_to(project, run):
    project()
    assert "--baseline FILE" in run("lint", "--write-baseline").error
