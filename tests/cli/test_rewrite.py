import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

MOVED = """\
from data import stream_rows

print(list(stream_rows(filter_func=lambda row: row["n"] > 3)))
"""


def test_what_is_safe_is_rewritten_and_what_is_kept_is_said(run, project):
    project("filter", "kept")
    outcome = run("rewrite")
    assert outcome.status == 0
    assert Path("filter.py").read_text() == MOVED
    assert outcome.out.splitlines()[0] == "rewrote filter.py: LS101 at line 3"
    assert "kept.py:3:8: LS300 kept `load_rows()`" in outcome.out
    assert outcome.out.endswith(
        "Rewrote 1 site in 1 file; kept 2 sites: escapes 1, random-access 1.\n"
    )


def test_a_second_run_finds_nothing_to_do(run, project):
    project("filter", "kept")
    run("rewrite")
    before = {path: path.read_bytes() for path in Path().glob("*.py")}
    outcome = run("rewrite")
    assert outcome.status == 0
    assert "Nothing to rewrite in 3 files" in outcome.out
    assert before == {path: path.read_bytes() for path in Path().glob("*.py")}


def test_a_diff_is_printed_and_nothing_is_written(run, project):
    project("filter", "kept")
    before = Path("filter.py").read_text()
    outcome = run("rewrite", "--diff")
    assert outcome.status == 1
    assert Path("filter.py").read_text() == before
    assert outcome.out.startswith("--- a/filter.py\n+++ b/filter.py\n@@ ")
    assert outcome.out.endswith('+print(list(stream_rows(filter_func=lambda row: row["n"] > 3)))\n')
    counts = "Would rewrite 1 site in 1 file; kept 2 sites: escapes 1, random-access 1."
    assert counts in outcome.err


def test_the_diff_can_be_applied_by_git(run, project, git):
    project("filter")
    git("init", "-q")
    Path("moved.patch").write_text(run("rewrite", "--diff").out)
    git("apply", "moved.patch")
    assert Path("filter.py").read_text() == MOVED


def test_check_says_what_would_change_and_writes_nothing(run, project):
    project("filter")
    before = Path("filter.py").read_text()
    outcome = run("rewrite", "--check")
    assert outcome.status == 1
    assert outcome.out.startswith("would rewrite filter.py: LS101 at line 3\n")
    assert Path("filter.py").read_text() == before


@pytest.mark.parametrize("option", ["--diff", "--check"])
def test_nothing_to_change_exits_with_0(run, project, option):
    project("kept")
    assert run("rewrite", option).status == 0


def test_unsafe_rewrites_wait_for_consent(run, project):
    project("unsafe")
    outcome = run("rewrite")
    assert outcome.status == 0
    assert "load_rows" in Path("unsafe.py").read_text()
    assert "partial-effects" in outcome.out
    assert "can move with --unsafe" in outcome.out
    assert run("rewrite", "--unsafe").status == 0
    assert "stream_rows" in Path("unsafe.py").read_text()


def test_a_syntax_error_exits_with_2_and_the_others_are_written(run, project):
    project("broken", "filter")
    outcome = run("rewrite")
    assert outcome.status == 2
    assert outcome.error.startswith("broken.py:3:7: ")
    assert Path("filter.py").read_text() == MOVED


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_a_read_only_file_is_not_replaced_and_the_others_are_written(run, project):
    project("filter", other="from data import load_rows\nprint(len(load_rows()))\n")
    Path("filter.py").chmod(0o444)
    before = Path("filter.py").read_bytes()
    outcome = run("rewrite")
    assert outcome.status == 2
    assert outcome.error.startswith("filter.py: not written: ")
    assert Path("filter.py").read_bytes() == before
    assert "stream_rows" in Path("other.py").read_text()
    assert "rewrote filter.py" not in outcome.out


def test_codes_can_be_selected(run, project):
    project("filter", count="from data import load_rows\nprint(len(load_rows()))\n")
    run("rewrite", "--select", "LS106")
    assert "load_rows" in Path("filter.py").read_text()
    assert "stream_rows" in Path("count.py").read_text()


def test_json_lists_what_was_done_kept_and_broken(run, project):
    project("filter", "kept", "broken", "unsafe")
    outcome = run("rewrite", "--format", "json")
    assert outcome.status == 2
    document = json.loads(outcome.out)
    assert list(document) == ["version", "files", "findings"]
    assert [(f["path"], f["code"], f["fix"]) for f in document["findings"]] == [
        ("broken.py", "LS000", None),
        ("data.py", "LS300", None),  # the loader's own json.load
        ("filter.py", "LS101", "safe"),
        ("kept.py", "LS300", None),
        ("unsafe.py", "LS300", "unsafe"),
    ]


def test_a_diff_has_no_json(run, project):
    project("filter")
    assert "--diff" in run("rewrite", "--diff", "--format", "json").error


def test_a_folder_without_python_is_one_warning(run, project):
    folder = project() / "docs"
    folder.mkdir()
    outcome = run("rewrite", "docs")
    assert outcome.status == 0
    assert outcome.err == "warning: no Python files under docs\n"


def test_without_libcst_it_says_what_to_install(spawn, project, tmp_path):
    project("filter")
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text("import sys\nsys.modules['libcst'] = None\n")
    outcome = spawn("rewrite", "filter.py", PYTHONPATH=str(hidden))
    assert outcome.status == 2
    assert outcome.error == 'rewrite needs libcst: pip install "loadstream[rewrite]"'
    assert "load_rows" in Path("filter.py").read_text()


def test_nothing_is_left_beside_the_sources(run, project):
    root = project("filter")
    run("rewrite")
    assert {path.name for path in root.iterdir()} <= {"data.py", "filter.py", ".loadstream_cache"}
    assert not os.path.exists("filter.py.tmp")  # noqa: PTH110


def test_a_file_that_cannot_be_processed_is_not_called_finished(tmp_path, monkeypatch):
    from click.testing import CliRunner

    from loadstream.cli.rewrite import command

    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.py").write_text("def f(:\n")
    outcome = CliRunner().invoke(command, ["broken.py"], standalone_mode=False)
    assert "Nothing was rewritten: 1 file could not be processed." in outcome.output
    assert "othing to rewrite" not in outcome.output


def test_progress_says_how_many_files_are_done(run, project, monkeypatch):
    steps = []

    @contextmanager
    def progress():
        yield steps.append

    monkeypatch.setattr("loadstream.cli.progress.progress", progress)
    project("filter", "kept")
    run("rewrite", "--check")
    assert steps[-1] == f"rewrite: {len(steps)} of {len(steps)} files"
    assert len(steps) == 3
