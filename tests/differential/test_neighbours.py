"""Programs that came out wrong because of what stands in the file beside them, smallest form.

Each has a `data.py` of its own. Old and new must agree, be it that the program is kept.
"""

from __future__ import annotations

import json

import pytest

from loadstream.analysis.repository import Repository
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
    "a_streamer_that_prints_and_a_loader_that_does_not": (
        _ONCE,
        _LOADS + "def stream_x(path='rows.json'):\n    print('streaming')\n"
        "    return stream_json(path)\n",
    ),
    "a_streamer_that_sorts_and_a_loader_that_does_not": (
        _ONCE,
        _LOADS + "def stream_x(path='rows.json'):\n    with open(path) as f:\n"
        "        yield from sorted(json.load(f), key=str)\n",
    ),
    "a_loader_that_prints_before_something_else_is_printed": (
        "from data import load_x\nrows = load_x()\nprint('ready')\nfor s in rows:\n    print(s)\n",
        "def load_x(path='rows.json'):\n    print('reading')\n    with open(path) as f:\n"
        "        return json.load(f)\n"
        "def stream_x(path='rows.json'):\n    print('reading')\n    return stream_json(path)\n",
    ),
    "a_filter_parameter_that_is_a_value": (
        "from data import load_x\nprint([s for s in load_x() if s['a'] > 0])\n",
        _LOADS + "def stream_x(where=None, path='rows.json'):\n    for s in stream_json(path):\n"
        "        if where is None or s['a'] == where:\n            yield s\n",
    ),
    "a_filter_that_sees_elements_before_they_are_complete": (
        "from data import load_x\nprint([s for s in load_x() if s['twice'] > 0])\n",
        "def load_x(path='rows.json'):\n    with open(path) as f:\n        rows = json.load(f)\n"
        "    for s in rows:\n        s['twice'] = 2 * s['a']\n    return rows\n"
        "def stream_x(filter_func=None, path='rows.json'):\n"
        "    for s in stream_json(path, filter_func=filter_func):\n"
        "        s['twice'] = 2 * s['a']\n        yield s\n",
    ),
    "a_filter_that_is_not_used": (
        "from data import load_x\nprint([s for s in load_x() if s['a'] > 0])\n",
        _LOADS + "def stream_x(filter_func=None, path='rows.json'):\n"
        "    return stream_json(path)\n",
    ),
    "the_environment_that_the_loader_reads_is_changed": (
        "import os\nfrom data import load_x\nos.environ['ROWS'] = 'rows.json'\nrows = load_x()\n"
        "os.environ.update(ROWS='other.json')\nfor s in rows:\n    print(s)\n",
        "def load_x():\n    with open(os.environ['ROWS']) as f:\n        return json.load(f)\n"
        "def stream_x():\n    return stream_json(os.environ['ROWS'])\n",
    ),
    "a_class_that_the_loader_reads_is_changed": (
        "from data import Settings, load_x\nrows = load_x()\nSettings.PATH = 'other.json'\n"
        "for s in rows:\n    print(s)\nSettings.PATH = 'rows.json'\n",
        "class Settings:\n    PATH = 'rows.json'\n"
        "def load_x():\n    with open(Settings.PATH) as f:\n        return json.load(f)\n"
        "def stream_x():\n    return stream_json(Settings.PATH)\n",
    ),
    "the_pass_changes_what_the_streamer_reads": (
        "import data\nfrom data import load_x\nfor s in load_x():\n    data.LEAST = 4\n"
        "    print(s)\ndata.LEAST = -1\n",
        "LEAST = -1\n"
        "def load_x():\n    with open('rows.json') as f:\n"
        "        return [s for s in json.load(f) if s['a'] > LEAST]\n"
        "def stream_x():\n    for s in stream_json('rows.json'):\n"
        "        if s['a'] > LEAST:\n            yield s\n",
    ),
    "a_function_beside_the_loader_that_writes_its_data": (
        "from data import load_x, put\nfor s in load_x():\n    put([])\n    print(s)\n",
        "PATH = 'rows.json'\n"
        "def load_x():\n    with open(PATH) as f:\n        return json.load(f)\n"
        "def stream_x():\n    return stream_json(PATH)\n"
        "def put(rows):\n    with open(PATH, 'w') as f:\n        json.dump(rows, f)\n",
    ),
    "a_default_that_is_another_at_the_second_definition": (
        _ONCE,
        "PATH = 'rows.json'\n"
        "def load_x(path=PATH):\n    with open(path) as f:\n        return json.load(f)\n"
        "PATH = 'other.json'\ndef stream_x(path=PATH):\n    return stream_json(path)\n",
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
