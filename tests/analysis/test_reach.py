"""Names that may not be bound yet, or no longer, where a load stands."""

from __future__ import annotations

import pytest

from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import find_sites
from loadstream.analysis.source import parse

HEAD = (
    "import json\n\n\ndef load_x():\n    with open('x.json') as f:\n        return json.load(f)\n"
)
STREAM = "\n\ndef stream_x():\n    with open('x.json') as f:\n        yield from json.load(f)\n"
MAIN = "\n\ndef main():\n    for s in load_x():\n        print(s)\n"

BOUND = {
    "defined before": HEAD + STREAM + MAIN + "\n\nmain()\n",
    "defined after, and called behind": HEAD + MAIN + STREAM + "\n\nmain()\n",
    "defined behind a class": HEAD
    + "\n\nclass A:\n    def main(self):\n        for s in load_x():\n            print(s)\n"
    + STREAM,
}
UNBOUND = {
    "called before": HEAD + MAIN + "\n\nmain()\n" + STREAM,
    "handed on before": HEAD + MAIN + "\n\nimport atexit\natexit.register(main)\n" + STREAM,
    "defined under a condition": HEAD
    + "\n\nif load_x:\n    def stream_x():\n        yield 1\n"
    + MAIN,
    "deleted": HEAD + STREAM + MAIN + "\n\ndel stream_x\n",
}


def _plans(text: str, tmp_path) -> list[bool]:
    sites = find_sites(parse(text, tmp_path / "a.py"), Repository(tmp_path))
    return [site.plan is not None for site in sites if site.loader == "a.load_x"]


@pytest.mark.parametrize("text", BOUND.values(), ids=BOUND)
def test_a_streamer_that_is_bound_is_called(text, tmp_path):
    assert _plans(text, tmp_path) == [True]


@pytest.mark.parametrize("text", UNBOUND.values(), ids=UNBOUND)
def test_a_streamer_that_may_not_be_bound_is_not_called(text, tmp_path):
    assert _plans(text, tmp_path) == [False]
