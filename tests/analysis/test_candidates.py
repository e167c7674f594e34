"""What the bytes of a file tell without parsing it."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadstream.analysis.candidates import Known, words_of
from loadstream.analysis.repository import Repository
from loadstream.analysis.worth_parsing import is_worth_parsing

PAIR = b"import json\ndef load_x(): return json.load(f)\ndef stream_x(): yield from json.load(f)\n"


@pytest.mark.parametrize(
    ("text", "called", "defined"),
    [
        ("x = load_rows()", {"load_rows"}, set()),
        ("x = self._load_rows (a)", {"_load_rows"}, set()),
        ("x = (load_rows)(a)", {"load_rows"}, set()),
        ("x = load_rows \\\n(a)", {"load_rows"}, set()),
        ("from m import load_rows as rows", {"load_rows"}, set()),
        ("for x in stream_rows():", {"stream_rows"}, set()),
        ("def load_rows(path):", set(), {"load_rows"}),
        ("async def  __load_rows(path):", set(), {"__load_rows"}),
        ("def \\\n  load_rows(path):", set(), {"load_rows"}),
        ("undef load_rows()", {"load_rows"}, set()),
        ("download_x(); preload_x()", set(), set()),
        ("load_rows = 1", set(), set()),
        ("load_a(load_b(iter_c()))", {"load_a", "load_b", "iter_c"}, set()),
        ("é_load_x()", set(), set()),
        ("load_été()", {"load_été"}, set()),
    ],
)
def test_names_by_convention_are_told_by_what_is_done_with_them(text, called, defined):
    words = words_of(text.encode())
    assert (words.called, words.defined) == (called, defined)


@pytest.mark.parametrize(
    ("text", "loads"),
    [
        ("json.load(f)", True),
        ("from json import load", True),
        ("import json as j", True),
        ("json.loads(f.read())", True),
        ("json.loads(path.read_text())", True),
        ("json.loads(line)", False),
        ("json.dump(x, f)", False),
        ("my_json.load(f)", False),
    ],
)
def test_json_may_load_a_file_where_its_function_is_named(text, loads):
    assert words_of(text.encode()).loads is loads


@pytest.mark.parametrize(
    ("text", "returns"),
    [
        ("def load_x():\n    return json.load(f)\n", True),
        ("def load_x():\n    with open(p) as f:\n        x = json.load(f)\n    return x\n", True),
        ("class A:\n  def load_x(self):\n    x = json.load(f)\n    return x\n", True),
        ("def a():\n    return 1\n\ndef test_x():\n    x = json.load(f)\n    assert x\n", False),
        ("def test_x():\n    x = json.load(f)\n\ndef a():\n    return 1\n", False),
        ("x = json.load(f)\n\n@cache\ndef a():\n    return 1\n", False),
        ("x = json.load(f)\ny = json.loads(f.read())\n", False),
        ("def a(x=json.load(f)): return 1\n", True),
        ("def f():\n x = json.load(f)\ndef load_x():\n return json.load(f)\n", True),
        ("from json import load\n", True),
        ("import json as j\n", True),
    ],
)
def test_a_function_may_return_what_it_loads_where_there_is_a_return_with_it(text, returns):
    assert words_of(text.encode()).returns is returns


_PIECES = st.sampled_from(
    ["def ", "async def ", "load_x", "_load_x", "stream_x", "(", ")", " ", ".", "\n", "a", "iter_x"]
)


@given(st.lists(_PIECES, max_size=12).map("".join))
def test_every_call_and_definition_in_a_text_that_parses_is_told(text):
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return
    words = words_of(text.encode())
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            assert name in words.called or not name.strip("_").startswith(("load_", "stream_"))
        elif isinstance(node, ast.FunctionDef):
            assert node.name in words.defined or "x" not in node.name


@pytest.mark.parametrize(
    ("repository", "text", "expected"),
    [
        ({"data.py": PAIR}, b"for x in load_x(): pass", True),
        ({"data.py": PAIR}, b"for x in stream_x(): pass", True),
        ({"data.py": PAIR}, b"for x in load_y(): pass", False),
        ({"data.py": b"def load_x(): return 1"}, b"load_x()", False),
        ({"data.py": b"import json\ndef load_x(): return 1"}, b"load_x()", True),
        ({"data.py": b"def stream_x(): yield 1"}, b"stream_x()", False),
        ({}, b"import json\ndef load_x(): return 1\nload_x()", True),
        ({"data.py": PAIR}, b"def load_x(): pass", False),
    ],
)
def test_a_call_matters_where_the_repository_has_such_a_loader(
    tmp_path, repository, text, expected
):
    for name, data in repository.items():
        (tmp_path / name).write_bytes(data)
    assert is_worth_parsing(text, Repository(tmp_path)) is expected


def test_streamers_of_plain_loaders_matter_whatever_these_are_called():
    calls = words_of(b"for row in stream_rows(): pass")
    assert Known([], {"get_rows"}).may_call(calls)
    assert not Known([], {"get_columns"}).may_call(calls)
