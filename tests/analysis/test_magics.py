"""What is not Python in a cell: what stands for it, and what it may do to names."""

from __future__ import annotations

import ast

import pytest

from loadstream.analysis.magics import readable
from loadstream.analysis.source import SourceError


def names(text: str) -> tuple[set[str], set[str]]:
    """The names that the Python of a cell reads and binds, without what stands for magics."""
    nodes = [n for n in ast.walk(ast.parse(readable(text, "_m").text)) if isinstance(n, ast.Name)]
    nodes = [node for node in nodes if not node.id.startswith("_m")]
    reads = {node.id for node in nodes if isinstance(node.ctx, ast.Load)}
    return reads, {node.id for node in nodes} - reads | {
        node.id for node in nodes if isinstance(node.ctx, ast.Store)
    }


@pytest.mark.parametrize(
    "text", ["a = 1", "", "x = '''\n%matplotlib\n!ls\n'''", "a = b %c", "\n\n"]
)
def test_python_is_left_as_it_is(text):
    found = readable(text, "_m")
    assert (found.text, found.masks, found.uncertain) == (text, (), False)


@pytest.mark.parametrize(
    "line",
    [
        "%matplotlib inline",
        "!pip install ijson",
        "?help",
        "rows?",
        "rows.append??",
        "%time?",
        "x = !ls {folder}",
        "x, y = %timeit -o foo()",
        "%time rows = load()",
        "!!ls",
    ],
)
def test_a_line_that_is_not_python_is_one_line_of_python(line):
    found = readable(f"import json\n{line}\nb = 2", "_m")
    assert found.text.split("\n")[::2] == ["import json", "b = 2"]
    assert [mask.original for mask in found.masks] == [line]
    ast.parse(found.text)
    assert not found.uncertain


def test_lines_in_a_block_and_lines_that_go_on_are_left_out_one_by_one():
    text = "if a:\n    !ls \\\n      -l\n    b = 1"
    found = readable(text, "_m")
    assert [mask.original for mask in found.masks] == ["    !ls \\", "      -l"]
    assert not found.uncertain
    [statement] = ast.parse(found.text).body
    assert len(statement.body) == 3


@pytest.mark.parametrize(
    ("text", "reads", "binds"),
    [
        ("!cat {path} $rows", {"cat", "path", "rows"}, set()),
        ("files = !ls", {"files", "ls"}, {"files"}),
        ("%time rows = load(f)", {"rows", "load", "f"}, {"rows"}),
        ("%%time\nrows = load(f)\nimport json", {"rows", "load", "f", "json"}, {"rows", "json"}),
        ("%%capture out\nx = 1", {"out", "x"}, {"out", "x"}),
        ("%%bash\ncat rows json", {"cat", "rows", "json"}, set()),
        ("%%bash --out rows\ncat x", {"out", "rows", "cat", "x"}, {"out", "rows"}),
        ("%%time\ndef f(): pass\nfor x in y: pass", {"f", "x", "y"}, {"f", "x"}),
    ],
)
def test_what_is_hidden_reads_and_binds_the_names_in_it(text, reads, binds):
    assert names(text) == (reads, binds)
    assert not readable(text, "_m").uncertain


@pytest.mark.parametrize(
    "text",
    [
        "%run other.py",
        "%pylab inline",
        "%store -r",
        "%unheard_of",
        "%%unheard_of\nx = 1",
        "%%time\nfrom os import *",
        "%%time\nexec(text)",
        "%%time\n!ls",
        "x = %unheard_of",
        "get_ipython().run_line_magic('run', 'x.py')",
        "get_ipython().run_cell('x = 1')",
        "shell = get_ipython()",
        "get_ipython().magic('pylab inline')",
        "!ls\nx = '''\n%time\n'''",
    ],
)
def test_what_may_bind_any_name_makes_all_names_uncertain(text):
    assert readable(text, "_m").uncertain


@pytest.mark.parametrize(
    "text",
    [
        "get_ipython().run_line_magic('matplotlib', 'inline')",
        "get_ipython().magic('%autoreload 2')",
        "get_ipython().system('ls')",
        "colab = 'google.colab' in str(get_ipython())",
    ],
)
def test_what_is_asked_of_the_shell_may_be_harmless(text):
    assert not readable(text, "_m").uncertain


@pytest.mark.parametrize(("text", "line"), [("x = (", 1), ("a = 1\nprint 3", 2), ("  a = 1", 1)])
def test_a_syntax_error_has_its_line(text, line):
    with pytest.raises(SourceError) as caught:
        readable(text, "_m")
    assert caught.value.line == line


def test_words_that_are_no_names_do_not_make_a_cell_unreadable():
    found = readable("!echo é ² for None 3x _\nx = 1", "_m")
    assert ast.parse(found.text)
