"""A notebook as one module: places in cells, and which loads in it may stream."""

from __future__ import annotations

import pytest

from loadstream.analysis.candidates import words_of
from loadstream.analysis.notebooks import code_of, source_of
from loadstream.analysis.plans import Safety
from loadstream.analysis.reasons import Reason
from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import find_sites, in_cells
from loadstream.analysis.source import SourceError
from loadstream.analysis.spans import Position
from loadstream.analysis.twin_sites import find_twin_sites
from loadstream.lint.messages import finding_of_site
from tests.notebooks import cell, notebook

JSON = "import json"
PAIR = """\
import json

from loadstream import stream_json


def load_x():
    with open("x.json", encoding="utf-8") as f:
        return json.load(f)


def stream_x(filter_func=None):
    return stream_json("x.json", filter_func=filter_func)
"""
LOOP = "for row in json.load(open('x.json')):\n    print(row)"


@pytest.fixture
def sites(tmp_path):
    """The sites of a notebook with these cells, at their places in the cells."""

    def find(*cells):
        source = source_of(notebook(*cells), tmp_path / "nb.ipynb")
        return in_cells(find_sites(source, Repository(tmp_path)), source)

    return find


@pytest.fixture
def only(sites):
    """Of such a notebook the only site: its safety (None: kept), and its reasons."""

    def find(*cells):
        [site] = sites(*cells)
        safety = None if site.plan is None else site.plan.safety
        return safety, {refusal.reason for refusal in site.refusals}

    return find


def test_a_place_is_a_cell_and_a_line_in_it(tmp_path):
    cells = ["a = 1\nb = 2", cell("# text", "markdown"), "", "c = 3\r\nd = '''\n%x\n'''", "!ls\ne"]
    source = source_of(notebook(*cells), tmp_path / "nb.ipynb")
    lines = source.text.replace("\r", "").split("\n")
    found = {
        line: source.notebook.place(Position(number, 0)) for number, line in enumerate(lines, 1)
    }
    places = {line: (found[line].cell, found[line].position.line) for line in ("b = 2", "%x", "e")}
    assert places == {"b = 2": (1, 2), "%x": (4, 3), "e": (5, 2)}


def test_cells_come_back_as_they_were(tmp_path):
    cells = ["%matplotlib inline\nimport json", "", "%%time\nx = 1\n", "!ls \\\n  -l", "y = 2;\n\n"]
    source = source_of(notebook(*cells), tmp_path / "nb.ipynb")
    assert list(source.notebook.text_of_cells(source.text).values()) == cells


def test_a_cell_that_lost_its_mark_is_not_written(tmp_path):
    source = source_of(notebook("a", "b"), tmp_path / "nb.ipynb")
    with pytest.raises(SourceError, match="cells could not be told apart"):
        source.notebook.text_of_cells("a\nb")


def test_a_magic_that_lost_its_place_is_not_written(tmp_path):
    source = source_of(notebook("!ls\nb"), tmp_path / "nb.ipynb")
    with pytest.raises(SourceError, match="a magic lost its place"):
        source.notebook.text_of_cells("b")


def test_the_names_between_cells_are_no_names_of_the_notebook(tmp_path):
    source = source_of(notebook("_loadstream_cell = 1", "b"), tmp_path / "nb.ipynb")
    assert source.text == "_loadstream_cell = 1\n_loadstream_cell_\nb"


def test_a_syntax_error_has_its_cell_and_line(tmp_path):
    with pytest.raises(SourceError) as caught:
        source_of(notebook("a", cell("x", "raw"), "b\nprint 3"), tmp_path / "nb.ipynb")
    assert (caught.value.cell, caught.value.line) == (3, 2)


def test_an_empty_notebook_has_no_sites(sites):
    assert sites() == sites("") == sites("", "\n") == ()


@pytest.mark.parametrize(
    "cells",
    [
        (JSON, LOOP),
        (f"{JSON}\n{LOOP}",),
        (
            JSON,
            "def f(p):\n    rows = json.load(open(p))\n    return [r for r in rows if r]",
            "f(1)",
        ),
        (JSON, "total = sum(r['n'] for r in json.load(open('x.json')))\ntotal"),
        (JSON, "[r for r in json.load(open('x.json')) if r];"),
        ("%matplotlib inline\nimport json\n!ls", f"!ls\n{LOOP}\n%time foo()"),
        (JSON, "%%bash\ncat json rows", LOOP),
        (JSON, "x?", "y = !ls", LOOP),
        (JSON, "await prepare()", LOOP),
        (JSON, f"{JSON}\n{LOOP}", JSON),
        (LOOP, JSON),
    ],
)
def test_what_gets_no_global_name_streams_safely(only, cells):
    assert only(*cells) == (Safety.SAFE, set())


def test_a_global_variable_goes_only_when_it_is_asked_for(only):
    cells = (JSON, "rows = json.load(open('x.json'))\nfor row in rows:\n    print(row)")
    assert only(*cells) == (Safety.UNSAFE, {Reason.NOTEBOOK_GLOBAL})


def test_a_global_variable_that_a_function_sets_is_kept(only):
    body = "    global rows\n    rows = json.load(open('x'))\n    return [r for r in rows if r]"
    assert only(JSON, f"def f():\n{body}") == (None, {Reason.ESCAPES})


def test_a_pass_in_another_cell_keeps_the_load(only):
    cells = (JSON, "rows = json.load(open('x.json'))", "for row in rows:\n    print(row)")
    assert only(*cells) == (None, {Reason.NOTEBOOK_GLOBAL})


def test_a_file_that_was_opened_in_another_cell_keeps_the_load(only):
    loop = "for r in json.load(f):\n    print(r)\nf.close()"
    assert only(JSON, "f = open('x.json')", loop) == (None, {Reason.NOTEBOOK_GLOBAL})
    assert only(JSON, f"f = open('x.json')\n{loop}") == (Safety.SAFE, set())


def test_a_name_that_a_magic_reads_is_not_taken_away(only):
    rows = "rows = json.load(open('x.json'))\nfor row in rows:\n    print(row)"
    for magic in ("%%time\nprint(rows)", "!echo {rows}", "rows?", "%%bash\necho $rows"):
        assert only(JSON, rows, magic)[0] is None


@pytest.mark.parametrize("magic", ["%run other.py", "%pylab inline", "get_ipython().run_cell('x')"])
def test_a_magic_that_may_bind_anything_keeps_every_load(only, magic):
    assert only(JSON, LOOP, magic) == (None, {Reason.UNRESOLVED})


@pytest.mark.parametrize("magic", ["%%time\njson = 3", "json = !ls", "%time json = 3"])
def test_what_a_magic_may_bind_is_no_module(sites, magic):
    assert sites(JSON, LOOP, magic) == ()


def test_a_loop_that_leaves_a_name_keeps_its_conditions(sites):
    loop = "out = []\nfor r in json.load(open('x')):\n    if r['n']:\n        out.append(r)"
    [site] = sites(JSON, loop)
    assert site.plan.code == "LS104"
    inside = "def f():\n    " + loop.replace("\n", "\n    ") + "\n    return out"
    [site] = sites(JSON, inside)
    assert site.plan.code == "LS103"


def test_imports_that_are_not_the_same_are_no_import(sites):
    assert sites("import json", "import ujson as json", LOOP) == ()
    assert sites("import json", "if x:\n    import json", LOOP) == ()


def test_messages_name_the_cell_where_it_is_another(sites):
    [site] = sites(
        JSON, cell("# a", "markdown"), "rows = json.load(open('x'))\n", "\nprint(rows[0])"
    )
    message = finding_of_site("nb.ipynb", site).message
    assert "line 2 of cell 4" in message
    [site] = sites(JSON, cell("# a", "markdown"), "rows = json.load(open('x'))\nprint(rows[0])")
    assert "at line 2 (" in finding_of_site("nb.ipynb", site).message


def test_a_loader_in_a_notebook_gets_no_twin(tmp_path):
    loader = "def load_rows():\n    with open('x') as f:\n        return json.load(f)"
    source = source_of(
        notebook(JSON, "\n" + loader, "[r for r in load_rows() if r]"), tmp_path / "n.ipynb"
    )
    assert find_twin_sites(source, Repository(tmp_path)) == ()


def test_a_notebook_imports_from_the_repository(tmp_path):
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "repo.py").write_text(PAIR)
    cells = ["from common.repo import load_x", "[x for x in load_x() if x['n'] > 3]"]
    source = source_of(notebook(*cells), tmp_path / "notebooks" / "nb.ipynb")
    [site] = find_sites(source, Repository(tmp_path))
    assert (site.plan.code, site.plan.safety, site.plan.imports.remove) == (
        "LS101",
        Safety.SAFE,
        None,
    )


def test_a_notebook_that_replaces_a_loader_keeps_it(tmp_path):
    (tmp_path / "repo.py").write_text(
        "import json\n\ndef use():\n    return [r for r in json.load(open('x')) if r]\n"
    )
    source = source_of((tmp_path / "repo.py").read_bytes(), tmp_path / "repo.py")
    [site] = find_sites(source, Repository(tmp_path))
    assert site.plan is not None
    (tmp_path / "nb.ipynb").write_bytes(notebook("import repo", "repo.json = fake"))
    [site] = find_sites(source, Repository(tmp_path))
    assert {refusal.reason for refusal in site.refusals} == {Reason.PATCHED}


def test_only_the_code_of_a_notebook_counts_as_code(tmp_path):
    path = tmp_path / "nb.ipynb"
    told = notebook(cell("use json.load", "markdown"), "x = 1")
    assert not words_of(code_of(told, path)).loads
    assert words_of(code_of(notebook("x = 1\njson.load(f)"), path)).loads
    assert words_of(code_of(b"no notebook: json.load", path)).loads
