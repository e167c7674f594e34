"""The JSON of a notebook: its code cells, and edits that leave everything else as it is."""

from __future__ import annotations

import json

import pytest

from loadstream.analysis.notebook_text import could_hold, read_notebook
from loadstream.analysis.source import SourceError
from tests.notebooks import PYTHON, cell, cells_of, notebook

R_LANGUAGE = {"kernelspec": {"language": "R", "name": "ir"}}


def fault(data: bytes) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read_notebook(data)
    assert "\n" not in caught.value.cause
    return caught.value


def test_the_code_cells_come_with_their_numbers_among_all_cells():
    data = notebook(cell("# title", "markdown"), "a = 1\nb = 2", cell("raw", "raw"), "c = 3\n")
    found = [(one.number, one.text) for one in read_notebook(data).cells]
    assert found == [(2, "a = 1\nb = 2"), (4, "c = 3\n")]


def test_a_source_may_be_one_string_or_pieces_that_are_no_lines():
    one, two = {**cell(""), "source": "a = 1\nb = 2"}, cell(["x =", " 1\ny = 2"])
    assert cells_of(notebook(one, two)) == ["a = 1\nb = 2", "x = 1\ny = 2"]


@pytest.mark.parametrize(
    "settings",
    [
        {"indent": 1},
        {"indent": 4, "ensure_ascii": True},
        {"indent": None, "separators": (",", ":")},
        {"indent": "\t", "sort_keys": True},
    ],
)
@pytest.mark.parametrize("as_string", [False, True])
def test_only_the_source_of_a_changed_cell_changes(settings, as_string):
    first, second = cell("a = 'é'\nb = 2\nc = 3"), cell("d = 4")
    if as_string:
        first, second = ({**one, "source": "".join(one["source"])} for one in (first, second))
    old = notebook(first, cell("# é", "markdown"), second, **settings)
    file = read_notebook(old)
    new = file.with_cells({1: "a = 'é'\nbb = 2\nbbb = 'ß'\nc = 3", 3: "d = 4"}).encode()
    expected = json.loads(old)
    lines = ["a = 'é'\n", "bb = 2\n", "bbb = 'ß'\n", "c = 3"]
    expected["cells"][0]["source"] = "".join(lines) if as_string else lines
    dumped = {"indent": 1, "ensure_ascii": False, **settings}
    assert new == (json.dumps(expected, **dumped) + "\n").encode()


def test_a_line_that_stays_keeps_its_spelling():
    raw = notebook("a = '/'\nb = 1").replace(b"\"a = '/'\\n\"", b"\"a = '\\/'\\u000a\"")
    assert b"\\/" in raw
    new = read_notebook(raw).with_cells({1: "a = '/'\nb = 2"})
    assert new.encode() == raw.replace(b"b = 1", b"b = 2")


def test_a_file_without_a_line_feed_at_its_end_gets_none():
    data = notebook("a = 1").rstrip(b"\n")
    assert read_notebook(data).with_cells({1: "a = 2"}).encode() == data.replace(b"a = 1", b"a = 2")


def test_a_cell_of_one_line_may_grow_and_shrink():
    data = notebook("a = 1")
    grown = read_notebook(data).with_cells({1: "a = 1\nb = 2"}).encode()
    assert grown == notebook("a = 1\nb = 2")
    assert read_notebook(grown).with_cells({1: "a = 1"}).encode() == data


def test_an_empty_source_can_be_filled():
    assert cells_of(read_notebook(notebook("")).with_cells({1: "a\nb"}).encode()) == ["a\nb"]


def test_of_a_key_that_occurs_twice_the_last_one_counts():
    data = notebook("a = 1").replace(b'"source"', b'"source": ["b = 2"],\n   "source"')
    assert cells_of(data) == ["a = 1"]


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"", "the file is empty"),
        (b" \n", "the file is empty"),
        (b"import json\n", "not JSON"),
        (b"[1]", "not an object"),
        (b'{"nbformat": 4}', "no list of cells"),
        (b'{"nbformat": 4, "cells": {}}', "no list of cells"),
        (b'{"nbformat": 4, "cells": [3]}', "not an object"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code"}]}', "no source"),
        (b'{"cells": [{"cell_type": "code", "source": 3}]}', "not text"),
        (b'{"cells": [{"cell_type": "code", "source": [3]}]}', "not text"),
        (b'{"nbformat": 3, "worksheets": [{"cells": []}]}', "this is 3: open and save it"),
        (b'{"nbformat": 4, "cells": []} x', "not JSON: Extra data"),
        (b'{"nbformat": 4, "cells": [}', "not JSON"),
        (b'{"nbformat": 4, "cells": []', "not JSON"),
        (b'{"cells": [' + b"[" * 100_000, "nested too deeply"),
        (b"\xef\xbb\xbf" + notebook("a"), "byte order mark"),
        ("é".encode("latin-1") + notebook("a"), "not UTF-8"),
        (notebook("a").decode().encode("utf-16"), "not UTF-8"),
    ],
)
def test_what_is_no_notebook_is_told_in_one_line(data, cause):
    assert cause in fault(data).cause


def test_the_place_of_broken_json_is_told():
    error = fault(b'{\n "cells": [\n  nope]}')
    assert (error.line, error.column, error.cell) == (3, 3, None)


@pytest.mark.parametrize(
    "metadata",
    [
        R_LANGUAGE,
        {"language_info": {"name": "julia"}},
        {**R_LANGUAGE, "language_info": {"name": "R"}},
    ],
)
def test_a_notebook_in_another_language_has_no_cells(metadata):
    assert cells_of(notebook("import json", metadata=metadata)) == []


@pytest.mark.parametrize("metadata", [{}, PYTHON, {"language_info": {"name": "ipython"}}, []])
def test_a_notebook_that_names_no_other_language_is_python(metadata):
    assert cells_of(notebook("import json", metadata=metadata)) == ["import json"]


def test_a_cell_that_an_editor_has_noted_as_another_language_is_left_out():
    other = cell("select 1", metadata={"vscode": {"languageId": "sql"}})
    assert cells_of(notebook(other, "a = 1")) == ["a = 1"]


@pytest.mark.parametrize(
    "source", ["x = 1\nload_rows()", "\tload_rows()", "load_rows()", "\nload_rows()"]
)
@pytest.mark.parametrize("escape", [False, True])
def test_the_bytes_are_searched_without_missing_a_name(source, escape):
    data = notebook({**cell(""), "source": source})
    if escape:
        data = data.replace(b"load_rows", b"\\u006coad_row\\u0073")
    found = could_hold(data)
    assert b"load_rows" in found
    assert not found[found.index(b"load_rows") - 1 :][:1].isalnum()
