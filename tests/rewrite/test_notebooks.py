"""Notebooks in, notebooks out: only the sources of the cells concerned change."""

from __future__ import annotations

import json

import pytest

from loadstream.rewrite import Changed, Failed, Unchanged, rewrite, unified_diff
from tests.notebooks import cell, cells_of, notebook

LOOP = "for row in json.load(open('rows.json')):\n    print(row)"
STREAMED = "for row in stream_json(open('rows.json')):\n    print(row)"
IMPORTED = "import json\nfrom loadstream import stream_json"
NAMED = "rows = json.load(open('rows.json'))\nfor row in rows:\n    print(row)"


@pytest.fixture
def result(tmp_path):
    """What becomes of a notebook with these bytes."""

    def make(data, **options):
        path = tmp_path / "nb.ipynb"
        path.write_bytes(data)
        [found] = rewrite([path], root=tmp_path, **options)
        return found

    return make


@pytest.fixture
def becomes(result):
    """The cells that a notebook of these cells has afterwards."""

    def make(*cells, **options):
        data = notebook(*cells)
        found = result(data, **options)
        new = found.new if isinstance(found, Changed) else data
        again = result(new, **options)
        assert isinstance(again, Unchanged), cells_of(again.new)
        return cells_of(new)

    return make


def test_a_load_streams_and_everything_else_is_as_it_was(result):
    old = notebook("import json", cell("# ü json.load", "markdown"), LOOP, indent=2)
    found = result(old)
    expected = json.loads(old)
    expected["cells"][0]["source"] = IMPORTED.splitlines(keepends=True)
    expected["cells"][2]["source"] = STREAMED.splitlines(keepends=True)
    assert found.new == (json.dumps(expected, indent=2, ensure_ascii=False) + "\n").encode()
    assert [(site.cell, site.span.start.line) for site in found.applied] == [(3, 1)]


def test_a_second_run_changes_nothing(becomes):
    assert becomes("import json", LOOP) == [IMPORTED, STREAMED]


def test_each_cell_that_imports_json_gets_its_own_import(becomes):
    each = f"import json\n{LOOP}"
    assert becomes(each, each) == [f"{IMPORTED}\n{STREAMED}"] * 2


def test_the_old_import_stays_for_what_is_typed_later(becomes):
    assert becomes("from json import load\nprint([r for r in load(open('x')) if r])") == [
        "from json import load\nfrom loadstream import stream_json\n"
        "print(list(stream_json(open('x'), filter_func=lambda r: r)))"
    ]


def test_an_import_within_a_function_goes_with_its_use(becomes):
    function = "def f():\n    import json\n    return [r for r in json.load(open('x')) if r]"
    [new] = becomes(function)
    assert "import json" not in new


def test_magics_stay_where_they_are(becomes):
    cells = ["%matplotlib inline\nimport json\n!ls", f"!ls\n{LOOP}\n%time foo()\nx?", "%%bash\nls"]
    assert becomes(*cells) == [
        "%matplotlib inline\nimport json\nfrom loadstream import stream_json\n!ls",
        f"!ls\n{STREAMED}\n%time foo()\nx?",
        "%%bash\nls",
    ]


def test_a_global_variable_stays_unless_it_is_asked_for(becomes):
    assert becomes("import json", NAMED) == ["import json", NAMED]
    assert becomes("import json", NAMED, unsafe=True) == [IMPORTED, STREAMED]


def test_a_function_for_a_condition_stands_in_the_cell_of_its_use(becomes):
    long = " and ".join(f"row['{'k' * 20}{number}']" for number in range(6))
    cells = becomes(
        "import json", "x = 1", f"# c\n[row for row in json.load(open('x')) if {long}]", "y = 2"
    )
    assert cells[:2] == [IMPORTED, "x = 1"]
    assert cells[2].startswith("# c\ndef is_") or cells[2].startswith("def is_")
    assert cells[3] == "y = 2"


def test_a_display_without_output_keeps_its_semicolon(becomes):
    assert becomes("import json", "[r for r in json.load(open('x')) if r];")[1] == (
        "list(stream_json(open('x'), filter_func=lambda r: r));"
    )


def test_a_notebook_in_another_language_is_left_alone(result):
    other = notebook("import json\n" + LOOP, metadata={"language_info": {"name": "R"}})
    assert isinstance(result(other, named=()), Unchanged)


@pytest.mark.parametrize("data", [b"json.load", b'{"cells": 3, "x": "json.load"}'])
def test_a_bad_notebook_fails_with_a_line(result, data):
    found = result(data)
    assert isinstance(found, Failed)
    assert "not a notebook" in found.cause


def test_a_syntax_error_fails_the_notebook_with_its_cell(result):
    found = result(notebook("import json", LOOP, "a = 1\nprint 3"))
    assert (type(found), found.cell, found.line) == (Failed, 3, 2)


def test_the_diff_is_one_of_each_cell(result, tmp_path):
    old = notebook("import json", cell("# t", "markdown"), LOOP, "x = 1")
    assert unified_diff(result(old), tmp_path) == (
        "--- a/nb.ipynb:cell 1\n+++ b/nb.ipynb:cell 1\n@@ -1 +1,2 @@\n import json\n"
        "+from loadstream import stream_json\n"
        "--- a/nb.ipynb:cell 3\n+++ b/nb.ipynb:cell 3\n@@ -1,2 +1,2 @@\n"
        "-for row in json.load(open('rows.json')):\n"
        "+for row in stream_json(open('rows.json')):\n     print(row)\n"
    )


def test_a_loader_beside_gets_its_twin_and_the_notebook_calls_it(tmp_path):
    (tmp_path / "repo.py").write_text(
        "import json\n\n\ndef load_x():\n"
        "    with open('x.json', encoding='utf-8') as f:\n        return json.load(f)\n"
    )
    path = tmp_path / "nb.ipynb"
    path.write_bytes(notebook("from repo import load_x", "[x for x in load_x() if x['n'] > 3]"))
    repo, book = rewrite([tmp_path / "repo.py", path], root=tmp_path)
    assert isinstance(repo, Changed)
    [caller] = repo.applied[0].plan.shape.callers
    assert (caller.path.name, caller.place) == ("nb.ipynb", "cell 2:1")
    assert cells_of(book.new) == [
        "from repo import load_x, stream_x",
        "list(stream_x(filter_func=lambda x: x['n'] > 3))",
    ]
