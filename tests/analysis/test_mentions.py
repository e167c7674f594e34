"""What the texts of other files say of a name."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadstream.analysis import mentions
from loadstream.analysis.candidates import words_of
from loadstream.analysis.mentions import Mentions as _Mentions

A, B = Path("a.py"), Path("b.py")


@pytest.fixture(autouse=True, params=[0, mentions._FEW], ids=["indexed", "searched"])
def _(request, monkeypatch):
    """A tree is searched for its first words, and has an index for all others."""
    monkeypatch.setattr(mentions, "_FEW", request.param)


def Mentions(texts, base=None):  # noqa: N802
    texts = list(texts)
    return _Mentions(texts, {path: words_of(text) for path, text in texts}, base)


REPLACING = [
    "mock.patch('tools.load')",
    'mock.patch( "pkg.tools.load" , new=fake)',
    "monkeypatch.setattr('pkg.tools.load', fake)",
    "monkeypatch.setattr(tools, 'load', fake)",
    'mock.patch.object(pkg.tools, "load", fake)',
    "setattr(\n    tools,\n    'load',\n    fake,\n)",
    "tools.load = fake",
    "import tools as t\nt.load = fake",
    "import pkg.tools as t\nmock.patch.object(t, 'load', fake)",
    "t = importlib.import_module('pkg.tools')\nt.load = fake",
    "mock.patch.object(\n    tools,\n    # why\n    'load',\n)",
    "mock.patch.object(target=tools, attribute='load', new=fake)",
    "mock.patch.multiple(tools, x=lambda: [], load=fake)",
    "mock.patch.multiple('pkg.tools', load=fake)",
    "mock.patch.dict(tools.__dict__, {'load': fake})",
    "mock.patch.dict('pkg.tools.__dict__', load=fake)",
    "tools.__dict__['load'] = fake",
    "vars(tools)['load'] = fake",
    "vars(tools).update(load=fake)",
    "tools.__dict__.update({'load': fake})",
    "monkeypatch.setitem(tools.__dict__, 'load', fake)",
    "sys.modules['pkg.tools'].load = fake",
    "def test(module):\n    # of tools\n    monkeypatch.setattr(module, 'load', fake)",
    "PKG = 'pkg.tools'\nmock.patch(f'{PKG}.load')",
    "mock.patch('pkg.tools' '.load')",
    "mock.patch(tools.__name__ + '.load')",
]
OTHERS = [
    "mock.patch('other.load')",
    "mock.patch('tools.loads')",
    "tools.load == fake",
    "x.tools.load = fake",
    "print(tools.load)",
    "'load'",
    "tools.reload = fake",
    "vars(tools)['load']",
    "tools.__dict__.get('load')",
    "import tools, other\nmock.patch.object(other, 'load', fake)",
    "import tools\nself.load = fake",
    "import tools\nmonkeypatch.setattr(self, 'load', fake)",
    "import tools\nclient.patch('/rows', load=1)",
    "mock.patch.multiple('other', load=fake)",
]


@pytest.mark.parametrize("text", REPLACING)
def test_a_file_that_replaces_a_name_is_found(text):
    mentions = Mentions([(A, text.encode()), (B, b"import tools\n")])
    assert mentions.replacing("tools", "load") == {A}
    assert mentions.replacing("other", "load") == set()


@pytest.mark.parametrize("text", OTHERS)
def test_other_texts_replace_nothing_of_that_module(text):
    assert Mentions([(A, text.encode())]).replacing("tools", "load") == set()


def test_the_name_of_a_data_file_replaces_nothing():
    texts = [(A, b"open('rows.json')"), (B, b"mock.patch('rows.json')")]
    assert Mentions(texts).replacing("rows", "json") == {B}


@pytest.mark.parametrize(
    "text", ["x.load = fake", "self.load: object = fake", "setattr(thing, 'load', fake)"]
)
def test_a_file_that_sets_an_attribute_of_anything_is_found(text):
    assert Mentions([(A, text.encode())]).replacing_member("load") == {A}
    assert Mentions([(A, b"x.load(1) == 2")]).replacing_member("load") == set()


@pytest.mark.parametrize(
    "text",
    [
        "tools.json.dumps(1)",
        "from tools import json",
        "from pkg.tools import other, json as j",
        "from .tools import (\n    other,\n    json,\n)",
        "import tools as t\nt.json.dumps(1)",
        "t = importlib.import_module('pkg.tools')\nt.json.dumps(1)",
        "from tools import *\njson.dumps(1)",
        "from pkg.tools import *\nprint(json)",
    ],
)
def test_a_file_that_takes_a_name_from_a_module_is_found(text):
    assert Mentions([(A, text.encode())]).taking("tools", "json") == {A}
    assert Mentions([(A, text.encode())]).taking("tools", "os") == set()


def test_names_are_taken_through_the_stars_of_other_files():
    texts = [(A, b"from b import *\njson.dumps(1)\n"), (B, b"from tools import *\n")]
    assert Mentions(texts).taking("tools", "json") == {A}


@pytest.mark.parametrize(
    "text",
    [
        "from pkg import (\n    tools,\n)",
        "from pkg import (  # (\n    other,\n    tools,\n)",
        "from pkg import \\\n  other, \\\n  tools",
        "import_module('pkg.tools')",
        "import a; import tools",
        "from tools import (a,\n  b)",
    ],
)
def test_modules_that_are_imported_over_lines_or_by_name_are_found(text):
    assert list(Mentions([(A, text.encode())]).importers("tools")) == [A]


@pytest.mark.parametrize(
    "text", ["setattr(x, 'load', f)", "globals()['load'] = f", "patch(\n    '__main__.load'\n)"]
)
def test_what_is_replaced_by_a_call_is_told_from_what_is_set(text):
    assert Mentions([(A, text.encode())]).replacing_anywhere("load")
    assert not Mentions([(A, b"x.load = f; y['load'] = f")]).replacing_anywhere("load")


def test_files_that_import_a_module_are_found():
    mentions = Mentions([(A, b"import pkg.tools as t\n"), (B, b"tools = 1\n")])
    assert list(mentions.importers("tools")) == [A]


def test_functions_and_methods_that_are_defined_are_known():
    mentions = Mentions([(A, b"class A:\n    def load_x(self): pass\n")])
    assert mentions.defines("load_x")
    assert not mentions.defines("load_y")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"import m\nm.load = f\n", b"import m\n"),
        (b"x = 1\n", b"import m as q\nq.load = f\n"),
        (b"from m import *\nload\n", b"from m import load\n"),
        (b"def load(): pass\n", b"patch('m.load')\n"),
    ],
)
def test_a_text_in_place_of_another_says_what_it_would_say_alone(old, new):
    other = (B, b"import m\nsetattr(m, 'load', f)\nm.load()\n")
    over, alone = Mentions([(A, new)], Mentions([(A, old), other])), Mentions([(A, new), other])
    for asked in (
        lambda m: m.replacing("m", "load"),
        lambda m: m.replacing_member("load"),
        lambda m: m.taking("m", "load"),
        lambda m: m.replacing_anywhere("load"),
        lambda m: m.defines("load"),
        lambda m: dict(m.with_word("load")),
        lambda m: m.importers("m"),
        lambda m: m.match("m", rb"m as q"),
    ):
        assert asked(over) == asked(alone)


def test_of_a_module_without_a_name_nothing_is_said():
    mentions = Mentions([(A, b"from . import load_x\nimport tools\n")])
    assert not mentions.importers("")
    assert not mentions.with_word("")
    assert not mentions.replacing("", "load_x")
