"""Filter parameters that are predicates on what a streamer gives out, and others."""

from __future__ import annotations

import pytest

from loadstream.analysis.filters import is_predicate
from loadstream.analysis.modules import Definition, Module
from loadstream.analysis.source import parse

PREDICATES = {
    "called on each element": "for r in rows():\n        if keep is None or keep(r):\n"
    "            yield r",
    "called in a generator": "return (r for r in rows() if not keep or keep(r))",
    "handed on": "return rows(filter_func=keep)",
    "handed on, element by element": "for r in rows(keep):\n        yield r",
    "handed on with yield from": "yield from rows(filter_func=keep)",
    "given a default": "keep = keep or bool\n    yield from filter(keep, rows())",
    "called on what is complete": "for r in rows():\n        r['n'] = 1\n"
    "        if keep is None or keep(r):\n            yield r",
}
OTHERS = {
    "not used": "return rows()",
    "compared": "for r in rows():\n        if keep is None or r['a'] == keep:\n            yield r",
    "taken apart": "for r in rows():\n        if r['a'] == keep['a']:\n            yield r",
    "asked for its items": "for k, v in keep.items():\n        yield k",
    "called on a part": "for r in rows():\n        if keep(r['a']):\n            yield r",
    "called on what is changed then": "for r in rows():\n        if keep(r):\n"
    "            r['n'] = 1\n            yield r",
    "called on what is computed on": "for r in rows():\n        if keep(r):\n"
    "            yield work(r)",
    "handed on before a change": "for r in rows(filter_func=keep):\n        r['n'] = 1\n"
    "        yield r",
    "handed on under map": "yield from map(work, rows(filter_func=keep))",
}


def _is_predicate(body: str, tmp_path) -> bool:
    module = Module(parse(f"def stream_x(keep=None):\n    {body}\n", tmp_path / "a.py"))
    return is_predicate(Definition(module, module.source.tree.body[0]), "keep")


@pytest.mark.parametrize("body", PREDICATES.values(), ids=PREDICATES)
def test_a_predicate_is_known(body, tmp_path):
    assert _is_predicate(body, tmp_path)


@pytest.mark.parametrize("body", OTHERS.values(), ids=OTHERS)
def test_another_parameter_is_not_taken_for_one(body, tmp_path):
    assert not _is_predicate(body, tmp_path)
