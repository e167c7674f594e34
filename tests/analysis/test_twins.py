"""Which loaders can have a twin, and what its text is; each twin runs beside its loader."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from loadstream.analysis.modules import Module
from loadstream.analysis.reasons import Refusal
from loadstream.analysis.repository import Repository
from loadstream.analysis.source import parse
from loadstream.analysis.twins import Twin, find_twin, without_streamer

PRELUDE = "import gzip, io, json, os, sys\nfrom pathlib import Path\n\n"
ROWS = '{"rows": [{"n": 1}, {"n": 2}], "deep": {"x": [1, 2.5, null]}}'


@pytest.fixture
def find(tmp_path: Path, monkeypatch):
    """The twin of the loader in a text, which stands in a file beside its data."""
    (tmp_path / "rows.json").write_text(ROWS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def run(text: str, name: str = "load_rows", prelude: str = PRELUDE, **others: str):
        for other, content in others.items():
            (tmp_path / f"{other}.py").write_text(content, encoding="utf-8")
        path = tmp_path / "store.py"
        text = prelude + dedent(text)
        path.write_text(text, encoding="utf-8")
        repository, module = Repository(tmp_path), Module(parse(text, path))
        loader = repository.definition(module, name)
        assert loader is not None
        return find_twin(loader, repository)

    return run


def both(text: str, twin: Twin, *arguments: object) -> tuple[list[object], list[object]]:
    names: dict[str, object] = {"__name__": "store", "__file__": "store.py"}
    text = PRELUDE + "from loadstream import stream_json\n" + dedent(text) + "\n\n" + twin.text
    exec(compile(text, "store.py", "exec"), names)  # our own text
    loader, streamer = names[twin.loader.name], names[twin.name]
    assert callable(loader)
    assert callable(streamer)
    return list(loader(*arguments)), list(streamer(*arguments))


FORMS = {
    "returned in the block": """
        def load_rows(path="rows.json"):
            with open(path) as f:
                return json.load(f)["rows"]
        """,
    "returned behind the block": """
        def load_rows(path="rows.json"):
            with open(path, encoding="utf-8") as f:
                data = json.load(f)
            return data["rows"]
        """,
    "the whole document": """
        def load_rows(path="rows.json"):
            '''All of it.'''
            with open(path) as f:
                return json.load(f)
        """,
    "several names": """
        def load_rows(path="rows.json"):
            with open(path) as f:
                data: dict = json.load(f)
                rows = data["deep"]
            found = rows["x"]
            return found
        """,
    "get with a default": """
        def load_rows(path="rows.json"):
            with open(path) as f:
                return json.load(f).get("missing", [])
        """,
    "opened in place": """
        def load_rows(path="rows.json"):
            return json.load(open(path))["rows"]
        """,
    "the text of a path": """
        def load_rows(path="rows.json"):
            return json.loads(Path(path).read_text(encoding="utf-8"))["rows"]
        """,
    "the text of a file": """
        def load_rows(path="rows.json"):
            with open(path) as f:
                return json.loads(f.read())["rows"]
        """,
    "the bytes of a path": """
        def load_rows(path="rows.json"):
            return json.loads(Path(path).read_bytes())["rows"]
        """,
    "opened and closed by hand": """
        def load_rows(path="rows.json"):
            f = open(path)
            data = json.load(f)
            f.close()
            return data["rows"]
        """,
    "a path that is put together": """
        FOLDER = "."

        def load_rows(name="rows"):
            path = os.path.join(FOLDER, name + ".json")
            with open(path) as f:
                return json.load(f)["rows"]
        """,
    "a path that is set where none is given": """
        def load_rows(path=None):
            '''All rows.'''
            # Where they are.
            if path is None:
                path = "rows.json"  # here
            elif path == "there":
                folder, name = os.path.split(path)
                path = os.path.join(folder,
                                    name)
            with open(path) as f:
                return json.load(f)["rows"]
        """,
    "an indentation of two": """
        def load_rows(path=None):
          if not path:
            path, mode = "rows.json", "r"
          return json.load(open(path))["rows"]
        """,
    "no parameter": """
        def load_rows():
            with open("rows.json") as f:
                return json.load(f)["rows"]
        """,
    "on one line": """
        def load_rows(path="rows.json"): return json.load(open(path))["rows"]
        """,
    "a parameter that is called as the handle": """
        def load_rows(f="rows.json", file=1):
            return json.load(open(f))["rows"]
        """,
}


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # of the loaders that do not close
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_a_plain_loader_has_a_twin_that_gives_the_same(find, text):
    twin = find(text)
    assert isinstance(twin, Twin)
    assert twin.name == "stream_rows"
    loaded, streamed = both(text, twin)
    assert streamed == loaded != ["nothing"]


@pytest.mark.parametrize(
    ("parameters", "twins"),
    [
        ("", "*, filter_func=None"),
        ("path, /", "path, /, *, filter_func=None"),
        ("path, *, deep=False", "path, *, deep=False, filter_func=None"),
        ("*path", "*path, filter_func=None"),
        ("path, **options", "path, *, filter_func=None, **options"),
        ("path: str = 'x', n: int=2", "path: str = 'x', n: int = 2, *, filter_func=None"),
    ],
)
def test_the_twin_has_the_loaders_parameters_and_a_predicate(find, parameters, twins):
    twin = find(f"def load_rows({parameters}):\n    return json.load(open('rows.json'))\n")
    assert twin.text.startswith(f"def stream_rows({twins}):\n")


@pytest.mark.parametrize(
    ("annotation", "prelude", "twins"),
    [
        ("list[dict]", "", ""),
        ("list[dict]", "from typing import Iterator\n", " -> Iterator[dict]"),
        ("List[Row]", "from collections.abc import Iterator\n", " -> Iterator[Row]"),
        ("typing.List[int]", "import typing\n", " -> typing.Iterator[int]"),
        ("dict", "from typing import Iterator\n", ""),
        ("'list[dict]'", "from typing import Iterator\n", ""),
        ("list[dict]", "class Iterator: ...\n", ""),
    ],
)
def test_the_twin_says_what_it_yields_where_that_needs_no_import(find, annotation, prelude, twins):
    text = f"def load_rows(path) -> {annotation}:\n    return json.load(open(path))\n"
    twin = find(text, prelude=PRELUDE + prelude)
    assert twin.text.startswith(f"def stream_rows(path, *, filter_func=None){twins}:\n")


def test_a_header_that_is_too_long_has_one_parameter_a_line(find):
    twin = find(
        "def load_rows(first_of_all='aaaaaaaaaaaaaaa', second='bbbbbbbbbbbbbbbbbb', third=3):\n"
        "    return json.load(open('rows.json'))\n"
    )
    assert twin.text.startswith("def stream_rows(\n    first_of_all='aaaaaaaaaaaaaaa',\n")
    assert "\n    *,\n    filter_func=None,\n):\n" in twin.text


def test_the_indentation_is_the_loaders(find):
    twin = find("def load_rows(path):\n\twith open(path) as f:\n\t\treturn json.load(f)\n")
    assert "\n\twith open(path) as f:\n\t\tyield from" in twin.text
    assert "    " not in twin.text


@pytest.mark.parametrize("name", ["json", "items", "values", "lines"])
def test_a_twin_is_never_called_as_a_function_of_the_runtime(find, name):
    text = f"def load_{name}(path):\n    return json.load(open(path))\n"
    assert find(text, f"load_{name}").name == f"iter_{name}"


NONE = {
    "prints": "    print(path)\n    return json.load(open(path))",
    "logs": "    import logging\n    logging.info(path)\n    return json.load(open(path))",
    "handles errors": "    try:\n        return json.load(open(path))\n    except OSError:\n"
    "        return []",
    "checks for the file": "    if not os.path.exists(path):\n        return []\n"
    "    return json.load(open(path))",
    "checks what it is given": "    assert path\n    return json.load(open(path))",
    "checks by hand": "    if not path:\n        raise ValueError\n"
    "    return json.load(open(path))",
    "changes what it is given": "    path += ['x']\n    return json.load(open('x'))",
    "takes from what it is given": "    a, b = path\n    return json.load(open(a))",
    "sets an attribute": "    if path:\n        path.x = 1\n    return json.load(open(path))",
    "prints at times": "    if path:\n        print(path)\n    return json.load(open(path))",
    "loads at times": "    data = []\n    if path:\n        data = json.load(open(path))\n"
    "    return data",
    "goes on behind the load": "    data = json.load(open(path))\n    if not path:\n"
    "        data = []\n    return data",
    "validates": "    data = json.load(open(path))\n    assert data\n    return data",
    "sorts": "    return sorted(json.load(open(path)))",
    "filters": "    return [r for r in json.load(open(path)) if r]",
    "changes": "    data = json.load(open(path))\n    data['x'] = 1\n    return data",
    "returns two": "    data = json.load(open(path))\n    return data, len(data)",
    "loads two": "    a = json.load(open(path))\n    b = json.load(open(path))\n    return a",
    "hooks": "    return json.load(open(path), object_hook=dict)",
    "a view": "    return json.load(open(path)).items()",
    "an index": "    return json.load(open(path))[0]",
    "a slice": "    return json.load(open(path))[:5]",
    "yields": "    yield json.load(open(path))",
    "a computed key": "    return json.load(open(path))[path]",
    "keeps it": "    global DATA\n    DATA = json.load(open(path))\n    return DATA",
    "an unknown opener": "    with fetch(path) as f:\n        return json.load(f)",
    "two files": "    with open(path) as f, open(path) as g:\n        return json.load(f)",
    "reads a line first": "    with open(path) as f:\n        f.readline()\n"
    "        return json.load(f)",
    "unknown work before": "    path = fetch(path)\n    return json.load(open(path))",
    "nothing returned": "    data = json.load(open(path))\n    return",
    "a string": "    return json.loads(path)",
    "a walrus": "    return json.load(open(p := path))['rows'] if p else []",
}


@pytest.mark.parametrize("body", NONE.values(), ids=NONE)
def test_a_loader_that_does_more_has_no_twin(find, body):
    assert find(f"def load_rows(path):\n{body}\n") is None


def test_a_default_that_does_something_would_do_it_twice(find):
    text = "def load_rows(path, n=next(numbers)):\n    return json.load(open(path))\n"
    assert find(text) is None
    assert isinstance(find(text.replace("next(numbers)", "len('abc')")), Twin)


def test_a_loader_that_has_another_filter_func_has_no_twin(find):
    text = "def load_rows(path):\n    filter_func = path\n    return json.load(open(filter_func))\n"
    refusal = find(text)
    assert isinstance(refusal, Refusal)
    assert "it has another filter_func" in refusal.fact


@pytest.mark.parametrize(
    "head",
    [
        "@cache\ndef load_rows(path):",
        "async def load_rows(path):",
    ],
)
def test_a_loader_that_is_no_plain_function_has_no_twin(find, head):
    assert find(f"{head}\n    return json.load(open(path))\n") is None


@pytest.mark.parametrize(
    ("name", "twins"),
    [
        ("get_rows", "stream_rows"),
        ("_read_rows", "_stream_rows"),
        ("load", "stream"),
        ("_load", "_stream"),
        ("rows", "stream_rows"),
        ("load_rows_eager", "stream_rows"),
        ("readRows", "streamRows"),
        ("read_json", "iter_json"),
    ],
)
def test_a_plain_loader_has_a_twin_whatever_it_is_called(find, name, twins):
    text = f"def {name}():\n    with open('rows.json') as f:\n        return json.load(f)['rows']\n"
    twin = find(text, name)
    assert isinstance(twin, Twin)
    assert twin.name == twins
    loaded, streamed = both(text, twin)
    assert streamed == loaded


@pytest.mark.parametrize("name", ["stream_rows", "iter_rows", "stream", "iterRows", "__call__"])
def test_what_is_called_as_a_streamer_or_by_python_has_no_twin(find, name):
    assert find(f"def {name}(path):\n    return json.load(open(path))\n", name) is None


@pytest.mark.parametrize(
    ("text", "name", "cause"),
    [
        ("def load_rows(p):\n    return [1]\n", "get_rows", "the streamer of load_rows"),
        ("def load_rows(p):\n    return [1]\n", "load_rows_eager", "the streamer of load_rows"),
        ("def load_json(p):\n    return [1]\n", "get_json", "the streamer of load_json"),
        (
            "def read_rows(p):\n    return json.load(open(p))\n",
            "get_rows",
            "the streamer of read_rows",
        ),
        ("def iter_rows(p):\n    yield 1\n", "get_rows", None),
        ("def read_rows(p):\n    return [1]\n", "get_rows", None),
        ("def get_rows(p):\n    return json.load(open(p))\n", "load_rows", None),
        ("def stream_rows(p):\n    yield 1\n", "get_rows", "stream_rows is already used"),
    ],
)
def test_a_twin_that_would_be_taken_for_anothers_is_refused(find, text, name, cause):
    found = find(f"def {name}(path):\n    return json.load(open(path))\n\n\n{text}", name)
    if cause is None:
        assert isinstance(found, Twin)
    else:
        assert isinstance(found, Refusal)
        assert cause in found.fact


def test_a_loader_that_has_a_streamer_needs_none(find):
    body = "(path):\n    return json.load(open(path))\n"
    assert find(f"def load_rows{body}\n\ndef iter_rows{body}") is None


PLAIN = "def load_rows(path):\n    return json.load(open(path))\n"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (PLAIN + "\nstream_rows = None\n", "the name stream_rows is already used"),
        (PLAIN + "\ndef other():\n    stream_rows = 1\n    return stream_rows\n", "already used"),
        (PLAIN.replace("path)", "path, filter_func=None)", 1), "its parameter filter_func"),
        (PLAIN.replace("path)", "path, where=None)", 1), "its parameter where"),
        (PLAIN + "\nstream_json = None\n", "the name stream_json is already used"),
        (PLAIN.replace("path", "stream_json"), "the name stream_json is already used"),
    ],
)
def test_a_twin_that_would_collide_is_refused_with_the_fact(find, text, cause):
    refusal = find(text)
    assert isinstance(refusal, Refusal)
    assert cause in refusal.fact
    assert refusal.reason.value == "no-stream"


def test_a_star_import_that_would_hide_another_function_is_refused(find):
    refusal = find(PLAIN, other="def stream_rows(): ...\n\n\nfrom store import *\n")
    assert isinstance(refusal, Refusal)
    assert "imports *" in refusal.fact


def test_a_module_whose_json_is_replaced_by_tests_is_left_alone(find):
    refusal = find(PLAIN, test_it="def test(mocker):\n    mocker.patch('store.json.load')\n")
    assert isinstance(refusal, Refusal)


def test_a_json_that_is_imported_in_the_function_gives_no_twin(find):
    text = "def load_rows(path):\n    import json\n    return json.load(open(path))\n"
    assert not isinstance(find(text, prelude=""), Twin)


def test_what_is_said_of_a_loader_without_a_streamer(tmp_path):
    (tmp_path / "pack").mkdir()
    path = tmp_path / "pack" / "store.py"
    for text, said in [
        (PLAIN, "pack/store.py has no stream_rows, which LS108 can add, for the load_rows()"),
        (
            PLAIN.replace("return", "return list(").replace("))\n", ")))\n"),
            "load_rows has no stream_rows beside it",
        ),
        (
            PLAIN + "\nstream_rows = 1\n",
            "load_rows has no streaming twin: the name stream_rows is already used in its file",
        ),
    ]:
        path.write_text(PRELUDE + text, encoding="utf-8")
        repository = Repository(tmp_path)
        module = repository.module(path)
        loader = repository.definition(module, "load_rows")
        assert without_streamer(loader, repository) == said
