"""LS107 items: an object is streamed pair by pair.

What it does
    Turns one pass over `.items()`, `.values()` or `.keys()` of a loaded object into a pass over
    `stream_items` or `stream_values`. A loop over the keys that looks up each key's value,
    `for k in doc: … doc[k] …`, becomes a loop over the pairs. Keys alone are taken from the
    pairs: `sorted(doc.keys())` becomes `sorted(key for key, _ in stream_items(f))`.

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
from loadstream.analysis.key_loops import KeyLoop
from loadstream.analysis.loads import Kind
from loadstream.analysis.parts import View
from loadstream.analysis.passes import ComprehensionPass, LoopPass, ReductionPass
from loadstream.analysis.plans import ItemsLoop, Keys, KeysComprehension, Plan, SinglePass
from loadstream.analysis.predicates import free_name, make_plan, singular
from loadstream.analysis.reasons import Refusal
from loadstream.analysis.scopes import Access
from loadstream.analysis.spans import Span
from loadstream.analysis.trees import walk
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
    Rewrite(
        "with open('d.json') as f:\n    print(sorted(json.load(f).keys()))",
        "with open('d.json') as f:\n    print(sorted(key for key, _ in stream_items(f)))",
    ),
    Rewrite(
        "with open('d.json') as f:\n    d = json.load(f)\nprint([k for k in d.keys() if k > 'a'])",
        "with open('d.json') as f:\n    print([k for k, _ in stream_items(f) if k > 'a'])",
    ),
    Rewrite(
        "with open('d.json') as f:\n    d = json.load(f)\nprint(sorted(d['n'].keys(), key=len))",
        "with open('d.json') as f:\n"
        '    print(sorted((key for key, _ in stream_items(f, "$.n")), key=len))',
    ),
    Keep(
        "with open('d.json') as f:\n    ages = json.load(f)\n    for name in sorted(ages):\n"
        "        print(name, ages[name])",
        "sorted-keys",
    ),
    Keep(
        "with open('d.json') as f:\n    ages = json.load(f)\n    for name in ages:\n"
        "        ages[name] = 1",
        "needs-list",
    ),
)


def plan(use: Use) -> Plan | tuple[Refusal, ...] | None:
    """The plan for a pass over pairs, values or keys of a document's object."""
    if use.load.kind is not Kind.LOADED:
        return None
    how = use.how
    if isinstance(how, LoopPass) and how.items is not None:
        return make_plan(CODE, use, _pairs(how.node, how.items, use))
    if use.part.view is View.ELEMENTS or (isinstance(how, ReductionPass) and how.name == "len"):
        return None
    if use.part.view is View.KEYS:
        return _plan_for_keys(use)
    return make_plan(CODE, use, SinglePass())


def _pairs(loop: ast.For, keys: KeyLoop, use: Use) -> ItemsLoop:
    """The loop over the keys and what it looks up."""
    if not keys.reads:
        return ItemsLoop(_unread(use), ())
    names = {n.id for n in walk(loop) if isinstance(n, ast.Name)}
    wish = singular(keys.document)
    if wish in names or wish == keys.document:
        wish = "value"
    return ItemsLoop(free_name(wish, use), tuple(use.span(read) for read in keys.reads))


def _plan_for_keys(use: Use) -> Plan:
    """The plan for a pass over keys alone: the values of the pairs are dropped."""
    how, value = use.how, _unread(use)
    if isinstance(how, LoopPass) and not how.wrapped and isinstance(how.node.target, ast.Name):
        return make_plan(CODE, use, ItemsLoop(value, ()))
    if isinstance(how, ComprehensionPass) and not how.wrapped:
        target = how.node.generators[0].target
        if isinstance(target, ast.Name):
            return make_plan(CODE, use, KeysComprehension(value))
    return make_plan(CODE, use, Keys(value, _is_sole_argument(use)), use.source)


def _is_sole_argument(use: Use) -> bool:
    """Whether the source is all that stands between a call's parentheses."""
    call = use.module.scopes.parents[use.source]
    if not isinstance(call, ast.Call) or call.args != [use.source] or call.keywords:
        return False
    behind = Span(use.span(use.source).end, use.span(call).end)
    return use.module.source.lines.text(behind).strip() == ")"  # a comma would need parentheses


def _unread(use: Use) -> str:
    """A name for what is not read: `_`, unless it means something in this file."""
    scopes = use.module.scopes.module.walk()
    is_known = any(
        reference.name == "_"
        and (reference.access is Access.READ or not isinstance(reference.node, ast.Name))
        for scope in scopes
        for reference in scope.references
    )
    return free_name("_value", use) if is_known else "_"
