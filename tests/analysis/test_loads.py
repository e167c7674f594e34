"""Which calls are found to load, and how the streamer is reached from them."""

from __future__ import annotations

import pytest

from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import find_sites
from loadstream.analysis.source import parse

PAIR = """\
import json

def load_x(path="rows.json", strict=True):
    with open(path) as f:
        return json.load(f)

def stream_x(filter_func=None, path="rows.json", strict=True):
    with open(path) as f:
        for row in json.load(f):
            if filter_func is None or filter_func(row):
                yield row
"""


@pytest.fixture
def sites(tmp_path):
    def run(files: dict[str, str], script: str = "script.py"):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        path = tmp_path / script
        return find_sites(parse(path.read_text(), path), Repository(tmp_path))

    return run


def reasons(found) -> list[list[str]]:
    return [[refusal.reason.value for refusal in site.refusals] for site in found]


@pytest.mark.parametrize(
    ("text", "callee"),
    [
        ("from data import load_x\nprint(sum(load_x()))\n", "stream_x"),
        ("from data import load_x as get\nprint(sum(get()))\n", "stream_x"),
        ("import data\nprint(sum(data.load_x()))\n", "data.stream_x"),
        ("import data as d\nprint(sum(d.load_x()))\n", "d.stream_x"),
        ("import pkg.store\nprint(sum(pkg.store.load_x()))\n", "pkg.store.stream_x"),
        ("from pkg import store\nprint(sum(store.load_x()))\n", "store.stream_x"),
        ("from pkg import load_x\nprint(sum(load_x()))\n", "stream_x"),
        ("def f():\n    from data import load_x\n    return sum(load_x())\n", "stream_x"),
        ("from data import load_x, stream_x\nprint(sum(load_x()))\n", "stream_x"),
        ("from data import load_x, stream_x as s\nprint(sum(load_x()))\n", "stream_x"),
    ],
)
def test_a_loader_is_followed_to_its_pair(sites, text, callee):
    package = {"pkg/__init__.py": "from pkg.store import load_x, stream_x\n", "pkg/store.py": PAIR}
    (site,) = sites({"data.py": PAIR, **package, "script.py": text})
    assert site.plan is not None
    assert site.plan.stream.callee == callee


@pytest.mark.parametrize(
    "text",
    [
        "from elsewhere import load_x\nprint(sum(load_x()))\n",
        "def load_x():\n    return []\ndef load_x():\n    return [1]\nprint(sum(load_x()))\n",
        "from data import load_x\nload_x = list\nprint(sum(load_x()))\n",
        "from data import load_x\nfrom other import *\nprint(sum(load_x()))\n",
        "try:\n    from data import load_x\nexcept ImportError:\n    load_x = 1\nsum(load_x())\n",
        "def f(load_x):\n    return sum(load_x())\n",
        "import data\ndata = 1\nprint(sum(data.load_x()))\n",
    ],
)
def test_a_name_that_could_mean_something_else_is_no_load(sites, text):
    assert sites({"data.py": PAIR, "other.py": "load_x = 1\n", "script.py": text}) == ()


@pytest.mark.parametrize(
    ("call", "slug"),
    [
        ("load_x(*args)", "keyword-unpacking"),
        ("load_x(**options)", "keyword-unpacking"),
        ("load_x(limit=3)", "signature-mismatch"),
    ],
)
def test_arguments_that_do_not_map_keep_the_load(sites, call, slug):
    pair = PAIR.replace(
        "strict=True):\n    with open(path) as f:\n        return",
        "strict=True, limit=None):\n    with open(path) as f:\n        return",
    )
    text = f"from data import load_x\nargs, options = [], {{}}\nprint(sum({call}))\n"
    assert reasons(sites({"data.py": pair, "script.py": text})) == [[slug]]


def test_positional_arguments_become_keywords(sites):
    text = "from data import load_x\nprint(sum(load_x('a.json', strict=False)))\n"
    (site,) = sites({"data.py": PAIR, "script.py": text})
    assert site.plan.stream.keywords == ("path", None)


def test_a_default_that_differs_is_a_mismatch(sites):
    pair = PAIR.replace('filter_func=None, path="rows.json"', 'filter_func=None, path="other.json"')
    text = "from data import load_x\nprint(sum(load_x()))\n"
    assert reasons(sites({"data.py": pair, "script.py": text})) == [["signature-mismatch"]]


@pytest.mark.parametrize(
    ("old", "new", "slug"),
    [
        ("def load_x", "@cache\ndef load_x", "cached-loader"),
        ("        return json.load(f)", "        print('x')\n        return json.load(f)", None),
        ("        return json.load(f)", "        return sorted(json.load(f), key=str)", None),
        (
            "    with open(path) as f:\n        return json.load(f)\n",
            "    try:\n        return json.load(path)\n    except OSError:\n        return []\n",
            None,
        ),
        (
            "        return json.load(f)",
            "        global LAST\n        LAST = json.load(f)\n        return LAST",
            "cached-loader",
        ),
    ],
)
def test_a_loader_that_does_more_than_load_is_kept(sites, old, new, slug):
    text = "from data import load_x\nprint(sum(load_x()))\n"
    found = sites({"data.py": PAIR.replace(old, new, 1), "script.py": text})
    assert reasons(found) == [[slug or "loader-effects"]]


def test_a_loader_without_a_twin_is_kept_for_that(sites):
    text = "from data import load_y\nprint(sum(load_y()))\n"
    data = PAIR + "\ndef load_y():\n    return [1]\n"
    assert reasons(sites({"data.py": data, "script.py": text})) == [["no-stream"]]


def test_a_generator_named_load_is_no_loader(sites):
    text = "from data import load_y\nprint(sum(load_y()))\n"
    data = PAIR + "\ndef load_y():\n    yield 1\n"
    assert sites({"data.py": data, "script.py": text}) == ()


def test_a_streamer_built_on_its_loader_is_not_made_to_call_itself(sites):
    data = (
        "def load_x():\n    return [1]\n"
        "def stream_x(filter_func=None):\n    for row in load_x():\n        yield row\n"
    )
    assert reasons(sites({"data.py": data}, "data.py")) == [["self-reference"]]


@pytest.mark.parametrize(
    "test",
    [
        "from unittest import mock\nmock.patch('script.load_x')\n",
        "from unittest import mock\nmock.patch('data.load_x')\n",
        "import script\ndef test(monkeypatch):\n    monkeypatch.setattr(script, 'load_x', 1)\n",
        "import data\nmock.patch.object(data, 'load_x')\n",
    ],
)
def test_a_loader_that_another_file_replaces_is_kept(sites, test):
    text = "from data import load_x\nprint(sum(load_x()))\n"
    files = {"data.py": PAIR, "script.py": text, "test_script.py": test}
    assert reasons(sites(files)) == [["patched"]]


def test_a_streamer_that_a_package_does_not_export_is_out_of_reach(sites):
    package = {"pkg/__init__.py": "from pkg.store import load_x\n", "pkg/store.py": PAIR}
    text = "from pkg import load_x\nprint(sum(load_x()))\n"
    assert reasons(sites({**package, "script.py": text})) == [["unresolved"]]


def test_a_streamer_that_handles_errors_gets_no_predicate(sites):
    pair = PAIR.replace(
        "        for row in json.load(f):\n            if",
        "        for row in json.load(f):\n          try:\n            if",
    ).replace(
        "                yield row\n",
        "                yield row\n          except KeyError: pass\n",
    )
    text = "from data import load_x\nprint([s for s in load_x() if s])\n"
    (site,) = sites({"data.py": pair, "script.py": text})
    assert site.plan.stream.filter_parameter is None
    assert site.plan.shape.moved == 0


def test_a_variable_that_was_a_parameter_before_is_followed(sites):
    text = "import data\ndef f(rows):\n    rows = data.load_x()\n    return sum(rows)\n"
    assert reasons(sites({"data.py": PAIR, "script.py": text})) == [[]]


@pytest.mark.parametrize(
    "text",
    [
        "from data import load_x\nif limit:\n    rows = load_x()\nfor s in rows:\n    print(s)\n",
        "from data import load_x\nfor n in range(3):\n    rows = load_x()\nprint(sum(rows))\n",
        "from data import load_x\nwhile n:\n    print(sum(rows))\n    rows = load_x()\n",
    ],
)
def test_a_load_that_may_not_have_run_before_the_pass_is_kept(sites, text):
    assert reasons(sites({"data.py": PAIR, "script.py": text})) == [["rebound"]]


@pytest.mark.parametrize(
    ("body", "bare"),
    [
        ("    yield 1\n", True),
        ("    return (r for r in [])\n", True),
        ("    return iter([])\n", True),
        ("    return stream_json(path)\n", True),
        ("    return _rows(path)\n", True),
        ("    return []\n", False),
        ("    return Rows(path)\n", False),
    ],
)
def test_next_is_asked_only_of_what_is_known_to_be_an_iterator(sites, body, bare):
    data = (
        "from loadstream import stream_json\nfrom elsewhere import Rows\n"
        "def _rows(path):\n    yield path\n"
        "def load_x(path='a'):\n    return []\n"
        f"def stream_x(filter_func=None, path='a'):\n    test = filter_func or bool\n{body}"
    )
    text = "from data import load_x\nprint(next((s for s in load_x() if s), None))\n"
    (site,) = sites({"data.py": data, "script.py": text})
    assert site.plan.shape.bare is bare


def test_a_load_whose_place_is_unknown_is_kept(sites):
    text = 'from data import load_x\nprint(f"""\n\n{sum(load_x())}\n""")\n'
    (site,) = sites({"data.py": PAIR, "script.py": text})
    if site.plan is None:  # Python 3.11 and older misplace what stands in such a string
        assert [refusal.reason.value for refusal in site.refusals] == ["not-editable"]
    else:
        assert site.span.start.line == 4
