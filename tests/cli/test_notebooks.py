"""Notebooks on the command line: what is found, how it is shown, what is written."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.notebooks import cell, cells_of, notebook

LOOP = "for row in json.load(open('rows.json')):\n    print(row)"
GOOD = notebook("import json", cell("# text", "markdown"), f"x = 1\n{LOOP}")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working directory with a notebook that has a site, and its checkpoint."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nb.ipynb").write_bytes(GOOD)
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / ".ipynb_checkpoints" / "nb-checkpoint.ipynb").write_bytes(GOOD)
    return tmp_path


@pytest.mark.parametrize("paths", [["."], ["nb.ipynb"]])
def test_a_finding_has_its_cell(folder, run, paths):
    done = run("lint", *paths)
    assert done.status == 1
    assert done.out.startswith("nb.ipynb:cell 3:2:12: LS104 [*] `json.load()` is loaded whole")
    assert "1 site in 1 file:" in done.out


def test_the_excerpt_is_that_of_the_cell(folder, run):
    _, _, _, line, mark, after, *_ = run("lint").out.splitlines()
    assert line == "  2 | for row in json.load(open('rows.json')):"
    assert mark == "    |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^"
    assert after == "  3 |     print(row)"


def test_a_fix_in_several_cells_says_which(folder, run):
    lines = run("lint", "--show-fixes").out.splitlines()
    assert "  fix in cell 1:" in lines
    assert "    + from loadstream import stream_json" in lines
    assert "  fix:" in lines


def test_checkpoints_that_git_knows_are_left_out(folder, run):
    for arguments in (["init", "-q"], ["add", "-f", "."]):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    assert "1 site in 1 file:" in run("lint").out


def test_json_has_the_cell_of_a_notebook_only(folder, run):
    (folder / "script.py").write_text(f"import json\n{LOOP}\n")
    book, script = json.loads(run("lint", "--format", "json").out)["findings"]
    assert (book["path"], book["cell"], book["line"]) == ("nb.ipynb", 3, 2)
    assert set(book) - set(script) == {"cell"}


def test_an_annotation_marks_the_file_and_says_the_cell(folder, run):
    out = run("lint", "--format", "github").out
    head, _, message = out.partition("::nb.ipynb")
    assert head == "::warning file=nb.ipynb,title=loadstream (LS104)"
    assert message.startswith(":cell 3:2:12: LS104 ")


def test_sarif_names_the_cell_as_a_logical_place(folder, run):
    [result] = json.loads(run("lint", "--format", "sarif").out)["runs"][0]["results"]
    [location] = result["locations"]
    assert location["logicalLocations"] == [{"name": "cell 3"}]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "nb.ipynb", "uriBaseId": "%SRCROOT%"}
    }
    assert result["message"]["text"].startswith("cell 3, line 2: ")


def test_stdin_counts_as_a_notebook_by_its_name(folder, run):
    done = run("lint", "-", "--stdin-filename", "other.ipynb", stdin=GOOD)
    assert done.out.startswith("other.ipynb:cell 3:2:12: LS104")


def test_rewrite_writes_the_notebook_and_says_the_cell(folder, run):
    done = run("rewrite")
    assert (done.status, done.out.splitlines()[0]) == (
        0,
        "rewrote nb.ipynb: LS104 at line 2 of cell 3",
    )
    new = (folder / "nb.ipynb").read_bytes()
    assert cells_of(new)[0] == "import json\nfrom loadstream import stream_json"
    assert (folder / ".ipynb_checkpoints" / "nb-checkpoint.ipynb").read_bytes() == GOOD
    again = run("rewrite")
    assert (again.status, (folder / "nb.ipynb").read_bytes()) == (0, new)
    assert run("lint").status == 0


def test_rewrite_as_json_has_the_cell(folder, run):
    [finding] = json.loads(run("rewrite", "--check", "--format", "json").out)["findings"]
    assert (finding["cell"], finding["line"]) == (3, 2)


def test_a_diff_writes_nothing(folder, run):
    done = run("rewrite", "--diff")
    assert done.status == 1
    assert "+++ b/nb.ipynb:cell 3\n" in done.out
    assert (folder / "nb.ipynb").read_bytes() == GOOD


def test_a_read_only_notebook_is_not_replaced(folder, run):
    (folder / "nb.ipynb").chmod(0o444)
    done = run("rewrite")
    assert done.status == 2
    assert "error: nb.ipynb: not written: read-only" in done.err
    assert (folder / "nb.ipynb").read_bytes() == GOOD


def test_a_docstring_that_still_speaks_of_loading_is_pointed_at(folder, run):
    loader = f'def show():\n    """Load the rows."""\n    {LOOP.replace(chr(10), chr(10) + "    ")}'
    (folder / "nb.ipynb").write_bytes(notebook("import json", loader))
    assert "nb.ipynb:cell 2:2: note: the docstring of show" in run("rewrite").out


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "nb.ipynb:1:1: LS000 cannot be analysed: not a notebook: the file is empty"),
        (b'{"cells": 3}', "nb.ipynb:1:1: LS000 cannot be analysed: not a notebook: it has no list"),
        (b"{\n nope", "nb.ipynb:2:2: LS000 cannot be analysed: not a notebook: not JSON"),
        (
            b'{"nbformat": 3, "worksheets": []}',
            "nb.ipynb:1:1: LS000 cannot be analysed: only version 4",
        ),
        (notebook("a", "b\nprint 3"), "nb.ipynb:cell 2:2:1: LS000 cannot be analysed: Missing"),
        (b"\xff" + GOOD, "nb.ipynb:1:1: LS000 cannot be analysed: not a notebook: not UTF-8"),
    ],
)
def test_a_notebook_that_cannot_be_read_is_one_finding(folder, run, data, said):
    (folder / "nb.ipynb").write_bytes(data)
    done = run("lint", "nb.ipynb")
    assert (done.status, done.out.splitlines()[0][: len(said)]) == (1, said)
    failed = run("rewrite", "nb.ipynb")
    assert failed.status == 2
    assert failed.err.startswith("error: nb.ipynb:")


def test_a_walked_notebook_without_a_load_is_not_parsed(folder, run):
    (folder / "nb.ipynb").write_bytes(notebook("print 3", cell("json.load", "markdown")))
    assert run("lint").status == 0


def test_an_empty_notebook_has_nothing(folder, run):
    (folder / "nb.ipynb").write_bytes(notebook())
    assert run("lint", "nb.ipynb").status == 0
    assert run("rewrite", "nb.ipynb").status == 0
