"""Loaders that are marked deprecated: their callers can move as before, and what is no mark."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from loadstream.analysis.deprecation import is_marked
from loadstream.analysis.modules import Definition, Module
from loadstream.analysis.plans import StreamTwin
from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import find_sites
from loadstream.analysis.source import parse
from loadstream.analysis.twin_sites import find_twin_sites

BODY = """\
    with open(path, encoding="utf-8") as f:
        return json.load(f)
"""
STREAMER = '''

def stream_rows(path, *, filter_func=None):
    """Stream the rows."""
    with open(path, encoding="utf-8") as f:
        yield from stream_json(f, filter_func=filter_func)
'''
IMPORTS = "import json\nfrom loadstream import stream_json\n"
CALLER = "from store import load_rows\n\nfor row in load_rows('rows.json'):\n    print(row)\n"

# What comes in front of the `def`, and at the head of its body.
MARKS = {
    "decorator": ("from warnings import deprecated\n@deprecated('use stream_rows()')\n", ""),
    "decorator of a module": ("import warnings as w\n@w.deprecated('use stream_rows()')\n", ""),
    "decorator of typing_extensions": (
        "from typing_extensions import deprecated as old\n@old('gone soon', category=None)\n",
        "",
    ),
    "decorator of either": (
        "import sys\nif sys.version_info >= (3, 13):\n    from warnings import deprecated\n"
        "else:\n    from typing_extensions import deprecated\n@deprecated('gone soon')\n",
        "",
    ),
    "statement": (
        "import warnings\n",
        "    warnings.warn('gone', DeprecationWarning, stacklevel=2)\n",
    ),
    "statement with keywords": (
        "from warnings import warn\n",
        "    '''The rows.'''\n    warn('gone', stacklevel=2, category=FutureWarning)\n",
    ),
}
NO_MARKS = {
    "another decorator": ("from functools import cache\n@cache\n", ""),
    "another deprecated": ("def deprecated(_):\n    return print\n@deprecated('gone')\n", ""),
    "another package's": ("from legacy import deprecated\n@deprecated('gone')\n", ""),
    "a name that may be another's": (
        "try:\n    from warnings import deprecated\nexcept ImportError:\n"
        "    deprecated = list\n@deprecated('gone')\n",
        "",
    ),
    "a text that is computed": ("from warnings import deprecated\n@deprecated(input())\n", ""),
    "a warning of another kind": ("import warnings\n", "    warnings.warn('big', UserWarning)\n"),
    "a warning of no kind": ("import warnings\n", "    warnings.warn('big')\n"),
    "a text with a value": (
        "import warnings\n",
        "    warnings.warn(f'{path} is old', DeprecationWarning)\n",
    ),
    "a warning that is not at the head": (
        "import warnings\n",
        "    name = path\n    warnings.warn('gone', DeprecationWarning)\n",
    ),
    "another module of that name": (
        "from shouts import warnings\n",
        "    warnings.warn('gone', DeprecationWarning)\n",
    ),
    "a category of its own": (
        "import warnings\nDeprecationWarning = UserWarning\n",
        "    warnings.warn('gone', DeprecationWarning)\n",
    ),
}


def store(before: str, head: str, streamer: str = STREAMER) -> str:
    return f"{IMPORTS}{before}def load_rows(path):\n{head}{BODY}{streamer}"


@pytest.fixture
def judge(tmp_path: Path):
    """The sites of a caller beside a store."""

    def run(text: str, caller: str = CALLER):
        (tmp_path / "store.py").write_text(text, encoding="utf-8")
        script = tmp_path / "script.py"
        script.write_text(caller, encoding="utf-8")
        return find_sites(parse(caller, script), Repository(tmp_path))

    return run


def loader_of(text: str) -> Definition:
    module = Module(parse(text, Path("store.py")))
    [function] = [
        node
        for node in ast.walk(module.source.tree)
        if isinstance(node, ast.FunctionDef) and node.name == "load_rows"
    ]
    return Definition(module, function)


@pytest.mark.parametrize("mark", MARKS)
def test_callers_of_a_marked_loader_move_as_those_of_any_other(judge, mark):
    text = store(*MARKS[mark])
    assert is_marked(loader_of(text))
    [site] = judge(text)
    assert site.plan is not None


@pytest.mark.parametrize("kind", NO_MARKS)
def test_what_only_looks_like_a_mark_is_none(kind):
    assert not is_marked(loader_of(store(*NO_MARKS[kind])))


@pytest.mark.parametrize(
    "kind", [kind for kind in NO_MARKS if "text" not in kind and kind != "a category of its own"]
)
def test_callers_of_a_loader_with_another_decorator_or_warning_stay(judge, kind):
    [site] = judge(store(*NO_MARKS[kind]))
    assert {refusal.reason.value for refusal in site.refusals} & {
        "cached-loader",
        "loader-effects",
    }


@pytest.mark.parametrize("mark", MARKS)
def test_a_marked_loader_gets_a_twin_that_is_not_marked(tmp_path, mark):
    text = store(*MARKS[mark], streamer="")
    (tmp_path / "script.py").write_text(CALLER, encoding="utf-8")
    (tmp_path / "store.py").write_text(text, encoding="utf-8")
    [site] = find_twin_sites(parse(text, tmp_path / "store.py"), Repository(tmp_path))
    assert isinstance(site.plan.shape, StreamTwin)
    assert site.plan.shape.text.startswith("def stream_rows(path, *, filter_func=None):\n")
    assert "warn" not in site.plan.shape.text
    assert "gone" not in site.plan.shape.text


@pytest.mark.parametrize("mark", MARKS)
def test_a_marked_loader_known_by_its_body_keeps_its_pair(judge, mark):
    text = store(*MARKS[mark]).replace("load_rows", "get_rows")
    [site] = judge(text, CALLER.replace("load_rows", "get_rows"))
    assert site.stream == "store.stream_rows"
    assert site.plan is not None


@pytest.mark.parametrize("method", ["staticmethod", "classmethod"])
def test_a_marked_method_keeps_its_pair(judge, method):
    first = "cls, " if method == "classmethod" else ""
    body = BODY.replace("    ", "        ", 1).replace("\n    ", "\n        ")
    text = (
        f"{IMPORTS}from warnings import deprecated\n\n\nclass Store:\n"
        f"    @{method}\n    @deprecated('gone')\n    def load_rows({first}path):\n{body}\n"
        f"    @{method}\n    def stream_rows({first}path, *, filter_func=None):\n"
        "        with open(path, encoding='utf-8') as f:\n"
        "            yield from stream_json(f, filter_func=filter_func)\n"
    )
    caller = "from store import Store\n\nfor row in Store.load_rows('d.json'):\n    print(row)\n"
    [site] = judge(text, caller)
    assert site.plan is not None


@pytest.mark.parametrize(
    ("before", "head"), [MARKS["decorator"], MARKS["statement"]], ids=["decorator", "statement"]
)
def test_no_caller_moves_to_a_streamer_that_is_marked_itself(judge, before, head):
    decorator = "".join(line for line in before.splitlines(True) if line.startswith("@"))
    streamer = STREAMER.replace("def stream", f"{decorator}def stream")
    streamer = streamer.replace('rows."""\n', f'rows."""\n{head}')
    text = store(before.replace(decorator, "") if decorator else before, "", streamer)
    [site] = judge(text)
    assert site.plan is None


@pytest.mark.parametrize(
    "around",
    [
        "with pytest.warns(DeprecationWarning):\n",
        "with warnings.catch_warnings(record=True) as seen:\n",
        "def test_it(recwarn):\n",
    ],
)
def test_callers_stay_where_the_warning_is_looked_for(judge, around):
    caller = (
        "import pytest\nimport warnings\nfrom store import load_rows\n\n"
        f"{around}    for row in load_rows('rows.json'):\n        print(row)\n"
    )
    [site] = judge(store(*MARKS["statement"]), caller)
    assert site.plan is None
    assert "looks for warnings" in site.refusals[0].fact
    [site] = judge(store("", ""), caller)
    assert site.plan is not None


def test_a_marked_helper_of_the_loader_still_counts_as_what_the_loader_does(judge):
    text = (
        f"{IMPORTS}import warnings\n\n\ndef read(path):\n"
        "    warnings.warn('gone', DeprecationWarning)\n"
        f"{BODY}\n\ndef load_rows(path):\n    return read(path)\n{STREAMER}"
    )
    [site] = judge(text)
    assert {refusal.reason.value for refusal in site.refusals} == {"loader-effects"}
