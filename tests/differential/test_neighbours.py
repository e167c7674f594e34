"""Programs that came out wrong because of what stands in the file beside them, smallest form.

Each has a `data.py` of its own. Old and new must agree, be it that the program is kept.
"""

from __future__ import annotations

import json

import pytest

from loadstream.analysis.modules import Repository
from tests.differential.harness import Workshop
from tests.differential.model import Document, Program

_HEAD = "import json\nimport os\n\nfrom loadstream import stream_json\n\n\n"
_LOADS = "def load_x(path='rows.json'):\n    with open(path) as f:\n        return json.load(f)\n"
_STREAMS = "def stream_x(path='rows.json'):\n    return stream_json(path)\n"
_TWICE = """\
from data import load_x
for s in load_x():
    s['seen'] = True
for s in load_x():
    print(s)
"""
_ONCE = "from data import load_x\nfor s in load_x():\n    print(s)\n"

CASES = {
    "a_cache_that_a_local_name_is_taken_from": (
        _TWICE,
        "KEPT = {}\ndef load_x(path='rows.json'):\n    rows = KEPT.get(path)\n"
        "    if rows is None:\n        with open(path) as f:\n"
        "            rows = KEPT[path] = json.load(f)\n    return rows\n" + _STREAMS,
    ),
    "a_cache_in_a_default": (
        _TWICE,
        "def load_x(path='rows.json', kept={}):\n    if path not in kept:\n"
        "        with open(path) as f:\n            kept[path] = json.load(f)\n"
        "    return kept[path]\n"
        "def stream_x(path='rows.json', kept={}):\n    return stream_json(path)\n",
    ),
    "a_list_of_the_module_that_is_filled_once": (
        _TWICE,
        "ALL = []\ndef load_x(path='rows.json'):\n    if not ALL:\n        with open(path) as f:\n"
        "            ALL.extend(json.load(f))\n    rows = ALL\n    return rows\n" + _STREAMS,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_old_and_new_agree_on(name, tmp_path):
    program, data = CASES[name]
    workshop = Workshop(tmp_path)
    (workshop.folder / "data.py").write_text(_HEAD + data)
    workshop.repository = Repository(workshop.folder)
    rows = [{"a": 1, "b": True, "c": [1, 2]}, {"a": 0, "b": False, "c": []}]
    documents = (Document(json.dumps(rows).encode()), Document(b"[]"))
    divergence = workshop.divergence(Program(program, documents))
    assert divergence is None, str(divergence)
