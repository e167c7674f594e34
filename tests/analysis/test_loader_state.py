"""What a loader reads of its module must not change between a load and its pass."""

from __future__ import annotations

import pytest

DATA = """\
import json
import settings
from settings import FOLDER

FILE = "rows.json"
OPTIONS = {"file": "rows.json"}


def path():
    return FOLDER + FILE


def load_x():
    with open(path()) as f:
        return json.load(f)[OPTIONS["file"]]


def stream_x(filter_func=None):
    yield from load_x()


def use(name):
    global FILE
    FILE = name


def also_use(name):
    use(name)


def choose(name):
    OPTIONS["file"] = name


def harmless(name):
    FILE = name
    return FILE
"""


@pytest.mark.parametrize(
    "between",
    [
        "data.FILE = 'other.json'",
        "data.use('other.json')",
        "data.also_use('other.json')",
        "data.choose('other.json')",
        "data.OPTIONS['file'] = 'other.json'",
        "data.OPTIONS.update(file='other.json')",
        "OPTIONS['file'] = 'other.json'",
        "del data.FILE",
    ],
)
def test_a_change_of_what_the_loader_reads_keeps_the_load(analyse, between):
    program = f"rows = load_x()\n{between}\nfor r in rows:\n    print(r)\n"
    prelude = "import data\nfrom data import load_x, OPTIONS\n"
    sites = analyse(program, data=DATA, prelude=prelude)
    loads = [site for site in sites if site.loader == "data.load_x"]
    assert [site.plan for site in loads] == [None]
    reasons = {refusal.reason.value for site in loads for refusal in site.refusals}
    assert reasons & {"arguments-change", "effects-between"}


@pytest.mark.parametrize(
    "between",
    [
        "FILE = 'mine'",
        "total = 0",
        "data.harmless('x')",
        "print(data.FILE)",
        "settings = {'FOLDER': 1}",
        "other = {}\nother['file'] = 1",
    ],
)
def test_what_only_looks_alike_does_not(analyse, between):
    program = f"rows = load_x()\n{between}\nfor r in rows:\n    print(r)\n"
    sites = analyse(program, data=DATA, prelude="import data\nfrom data import load_x, OPTIONS\n")
    [load] = [site for site in sites if site.loader == "data.load_x"]
    refused = {refusal.reason.value for refusal in load.refusals}
    assert "arguments-change" not in refused


def test_a_global_of_the_same_file_that_is_set_again_keeps_the_load(analyse):
    program = (
        "FILE = 'a.json'\n\n\ndef load_rows():\n    with open(FILE) as f:\n"
        "        return json.load(f)\n\n\ndef stream_rows():\n    yield from load_rows()\n\n\n"
        "rows = load_rows()\nFILE = 'b.json'\nfor r in rows:\n    print(r)\n"
    )
    sites = analyse(program, prelude="import json\n")
    load = max((s for s in sites if s.loader == "script.load_rows"), key=lambda s: s.span)
    assert load.plan is None
