"""LS107 items: an object is streamed pair by pair.

What it does
    Turns one pass over `.items()`, `.values()` or `.keys()` of a loaded object into a pass over
    `stream_items` or `stream_values`. A loop over the keys that looks up each key's value,
    `for k in doc: … doc[k] …`, becomes a loop over the pairs.

Why
    An object of a million keys is as heavy as a list of a million elements, and as easily read
    one by one.

Before
    with open("users.json") as f:
        users = json.load(f)
    for name, user in users.items():
        print(name, user["age"])

After
    with open("users.json") as f:
        for name, user in stream_items(f):
            print(name, user["age"])

Safety
    A key that occurs twice in the object raises DuplicateKeyError instead of giving its last
    value. `for k in doc: doc[k]` without `.keys()` is unsafe (`maybe-list`): a list of integers
    could be walked through in the same way.
"""

from __future__ import annotations

import ast

from loadstream.analysis.cases import Case, Keep, Rewrite
from loadstream.analysis.loads import Kind
from loadstream.analysis.parts import View
from loadstream.analysis.passes import LoopPass, ReductionPass
from loadstream.analysis.plans import ItemsLoop, Plan, SinglePass
from loadstream.analysis.predicates import free_name, make_plan, singular
from loadstream.analysis.reasons import Refusal
from loadstream.analysis.uses import Use

CODE = "LS107"
NAME = "items"

CASES: tuple[Case, ...] = (
    Rewrite(
        "with open('d.json') as f:\n    doc = json.load(f)\nfor k, v in doc.items():\n"
        "    print(k, v)",
        "with open('d.json') as f:\n    for k, v in stream_items(f):\n        print(k, v)",
    ),
    Rewrite(
        "with open('d.json') as f:\n    print(sum(json.load(f)['n'].values()))",
        "with open('d.json') as f:\n    print(sum(stream_values(f, \"$.n\")))",
    ),
    Rewrite(
        "with open('d.json') as f:\n    ages = json.load(f)\n    for name in ages.keys():\n"
        "        print(name, ages[name])",
        "with open('d.json') as f:\n    for name, age in stream_items(f):\n"
        "        print(name, age)",
    ),
    Rewrite(
        "with open('d.json') as f:\n    ages = json.load(f)\n    for name in ages:\n"
        "        print(name, ages[name])",
        "with open('d.json') as f:\n    for name, age in stream_items(f):\n"
        "        print(name, age)",
        unsafe=True,
    ),
    Keep(
        "with open('d.json') as f:\n    ages = json.load(f)\n    for name in sorted(ages):\n"
        "        print(name, ages[name])",
        "random-access",
    ),
    Keep(
        "with open('d.json') as f:\n    ages = json.load(f)\n    for name in ages:\n"
        "        ages[name] = 1",
        "random-access",
    ),
)


def plan(use: Use) -> Plan | tuple[Refusal, ...] | None:
    """The plan for a pass over pairs, values or keys of a document's object."""
    if use.load.kind is not Kind.LOADED:
        return None
    how = use.how
    if isinstance(how, LoopPass) and how.items is not None:
        names = {n.id for n in ast.walk(how.node) if isinstance(n, ast.Name)}
        wish = singular(how.items.document) if how.items.reads else "_"
        if wish in names or wish == how.items.document:
            wish = "value" if how.items.reads else "_value"
        value = "_" if wish == "_" and not _is_known("_", use) else free_name(wish, use)
        reads = tuple(use.span(read) for read in how.items.reads)
        return make_plan(CODE, use, ItemsLoop(value, reads))
    if use.part.view is View.ELEMENTS or (isinstance(how, ReductionPass) and how.name == "len"):
        return None
    return make_plan(CODE, use, SinglePass())


def _is_known(name: str, use: Use) -> bool:
    return any(name == r.name for s in use.module.scopes.module.walk() for r in s.references)
