"""Plain loads: which calls are json.load, and how the runtime's function comes to be known."""

from __future__ import annotations

import pytest

BODY = "for s in {}:\n    use(s)\n"
OPEN = "open('d.json')"
# An import of json, and the call of it.
LOADS = {
    "import json": "json.load({})",
    "import json as js": "js.load({})",
    "from json import load": "load({})",
    "from json import load as read": "read({})",
    "from json import loads": "loads({}.read())",
    "import json, os": "json.load({})",
}
OTHERS = {
    "import simplejson as json": "json.load({})",
    "import orjson": "orjson.loads({}.read())",
    "import yaml": "yaml.load({})",
    "from mine import json": "json.load({})",
    "from .json import load": "load({})",
    "from json import *": "load({})",
    "json = given": "json.load({})",
    "import json\nimport ujson as json": "json.load({})",
    "try:\n    import ujson as json\nexcept ImportError:\n    import json": "json.load({})",
    "import pickle": "pickle.load({})",
    "import json\ndef load(f): pass": "load({})",
}
HOOKED = [
    "json.load(open('d.json'), object_hook=f)",
    "json.load(open('d.json'), object_pairs_hook=OrderedDict)",
    "json.load(open('d.json'), parse_float=Decimal)",
    "json.load(open('d.json'), cls=Decoder)",
    "json.load(open('d.json'), strict=False)",
    "json.load(open('d.json'), **given)",
    "json.load(fp=open('d.json'))",
    "json.loads(open('d.json').read(), parse_int=str)",
]


@pytest.mark.parametrize(("imported", "call"), LOADS.items())
def test_a_load_by_any_name(imported, call, analyse):
    program = f"{imported}\n{BODY.format(call.format(OPEN))}"
    [site] = analyse(program, prelude="")
    assert site.plan.code == "LS104"
    assert site.stream == "loadstream.stream_json"


@pytest.mark.parametrize(("imported", "call"), OTHERS.items())
def test_what_is_not_the_standard_librarys_json_is_no_load(imported, call, analyse):
    assert analyse(f"{imported}\n{BODY.format(call.format(OPEN))}", prelude="") == ()


def test_a_module_of_the_repository_named_json_is_no_standard_library(analyse, tmp_path):
    (tmp_path / "json.py").write_text("def load(file):\n    return []\n")
    assert analyse(f"import json\n{BODY.format(f'json.load({OPEN})')}", prelude="") == ()


@pytest.mark.parametrize("call", HOOKED)
def test_a_load_with_more_than_the_file_is_kept(call, verdict):
    assert "json-hooks" in verdict(BODY.format(call)).split(", ")


def test_the_runtimes_name_must_be_free(verdict):
    program = f"stream_json = None\n{BODY.format(f'json.load({OPEN})')}"
    assert verdict(program) == "unresolved"


def test_the_runtimes_function_may_be_imported_already(analyse):
    program = (
        f"import json\nfrom loadstream import stream_json\n{BODY.format(f'json.load({OPEN})')}"
    )
    [site] = analyse(program, prelude="")
    assert site.plan.code == "LS104"
    assert site.plan.imports.add is None


@pytest.mark.parametrize("name", ["json", "json.load", "open"])
def test_a_test_that_replaces_what_loads_keeps_the_load(name, verdict, tmp_path):
    patch = f"from unittest import mock\nmock.patch('script.{name}')\n"
    (tmp_path / "test_script.py").write_text(patch)
    assert verdict(BODY.format(f"json.load({OPEN})")) == "patched"


@pytest.mark.parametrize(
    "other",
    [
        "from script import json\n",
        "from script import *\njson.dumps(1)\n",
        "import script as s\ns.json.dumps(1)\n",
        "s = importlib.import_module('script')\ns.json.dumps(1)\n",
    ],
)
def test_a_json_import_that_others_take_from_here_stays(analyse, tmp_path, other):
    (tmp_path / "other.py").write_text(other)
    [site] = analyse(f"import json\n{BODY.format(f'json.load({OPEN})')}", prelude="")
    assert site.plan.imports.remove is None


def test_a_load_behind_an_import_of_everything_is_told_and_kept(verdict):
    program = "from helpers import *\nwith open('d.json') as f:\n    print(sum(json.load(f)))\n"
    assert verdict(program) == "unresolved"
