"""LS101 filter-collect: a comprehension over a load filters in the stream instead.

What it does
    Moves the conditions of a comprehension into the streamer's filter and iterates the stream.
    A list comprehension that then only repeats its elements becomes `list(stream_x(…))`; one
    that computes something stays and iterates the stream. Set, dict and generator forms likewise.

Why
    The load builds every element before the first one is tested. The stream builds one at a
    time and keeps those that pass, so memory follows the result, not the file.

Before
    sessions = load_sessions()
    marathons = [s for s in sessions if len(s["delegations"]) > 20]

After
    marathons = list(stream_sessions(filter_func=lambda s: len(s["delegations"]) > 20))

Safety
    Conditions move from the left until one that cannot (`walrus`, `await`, `frame`,
    `stop-iteration`, `late-binding`); that one and the rest stay where they are. Under enumerate
    or zip nothing moves (`positional`). A generator is rewritten only where it is consumed at
    once.
"""

from __future__ import annotations

import ast

from loadstream.analysis.cases import Case, Keep, Rewrite
from loadstream.analysis.loads import Kind
from loadstream.analysis.passes import ComprehensionPass
from loadstream.analysis.plans import FilterCollect, Plan
from loadstream.analysis.predicates import (
    can_filter,
    is_builtin,
    make_plan,
    make_predicate,
    movable,
    name_for,
    repeats,
)
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.uses import Use

CODE = "LS101"
NAME = "filter-collect"

CASES: tuple[Case, ...] = (
    Rewrite(
        "print([s for s in load_x() if s['a'] > 1])",
        "print(list(stream_x(filter_func=lambda s: s['a'] > 1)))",
    ),
    Rewrite(
        "rows = load_x()\nkept = [s for s in rows if s['a'] > 1 if s['b']]\nprint(kept)",
        "kept = list(stream_x(filter_func=lambda s: s['a'] > 1 and s['b']))\nprint(kept)",
    ),
    Rewrite(
        "print([s['b'] for s in load_x() if s['a'] > 1])",
        "print([s['b'] for s in stream_x(filter_func=lambda s: s['a'] > 1)])",
    ),
    Rewrite(
        "print({s['a']: s for s in load_x() if s['b']})",
        "print({s['a']: s for s in stream_x(filter_func=lambda s: s['b'])})",
    ),
    Rewrite(
        "print(sum(s['a'] for s in load_x() if s['b']))",
        "print(sum(s['a'] for s in stream_x(filter_func=lambda s: s['b'])))",
    ),
    Rewrite(
        "print([s['a'] for s in load_x()])",
        "print([s['a'] for s in stream_x()])",
    ),
    Keep("print([s for s in load_x() if (n := s['a'])])", "walrus"),
    Keep("print([a for a, b in load_x() if a])", "target-shape"),
    Keep("print([s for i, s in enumerate(load_x()) if i])", "positional"),
    Keep("print([s for s in load_x() if next(iter(s['a']))])", "stop-iteration"),
    Keep("print([s for s in load_x()])", "keeps-everything"),
)


def plan(use: Use) -> Plan | tuple[Refusal, ...] | None:
    """The plan for a comprehension over a load; None where the use is no comprehension."""
    if use.load.kind is not Kind.LOADED or not isinstance(use.how, ComprehensionPass):
        return None
    clause = use.how.node.generators[0]
    if use.how.wrapped:
        fact = "the elements are numbered or paired before they are filtered"
        return (Refusal(Reason.POSITIONAL, fact, use.span(clause.iter)),) if clause.ifs else None
    if keeps_everything(use.how.node):
        fact = "the comprehension keeps every element"
        return (Refusal(Reason.KEEPS_EVERYTHING, fact, use.span(use.how.node)),)
    return decide(CODE, use, use.how)


def decide(code: str, use: Use, how: ComprehensionPass) -> Plan | tuple[Refusal, ...]:
    """The plan for a comprehension whose first clause iterates the value itself."""
    clause = how.node.generators[0]
    moved, refusals = movable(clause.ifs, clause.target, use) if can_filter(use) else (0, ())
    if clause.ifs and not moved and refusals:
        return refusals
    predicate = make_predicate(clause.target, use, name_for(use, clause.target)) if moved else None
    return make_plan(code, use, FilterCollect(moved, predicate, _wrap(how, moved, use)))


def _wrap(how: ComprehensionPass, moved: int, use: Use) -> str | None:
    """What the comprehension becomes where it only repeats what the stream gives."""
    node = how.node
    clause = node.generators[0]
    if isinstance(node, ast.DictComp) or len(node.generators) > 1 or moved < len(clause.ifs):
        return None
    if not repeats(node.elt, clause.target):
        return None
    if isinstance(node, ast.GeneratorExp):
        # A loop straight over the stream would have its own condition moved by the next run.
        looped = not moved and isinstance(use.module.scopes.parents[node], ast.For)
        return None if looped or (_is_stepped(how) and not use.load.iterator) else ""
    name = "list" if isinstance(node, ast.ListComp) else "set"
    return name if is_builtin(name, use) else None


def _is_stepped(how: ComprehensionPass) -> bool:
    """Whether next() is asked of the comprehension itself, so that it must be an iterator."""
    callee = None if how.around is None else how.around.func
    return isinstance(callee, ast.Name) and callee.id == "next"


def keeps_everything(node: ast.expr) -> bool:
    """Whether a list comprehension only copies what it iterates."""
    return (
        isinstance(node, ast.ListComp)
        and len(node.generators) == 1
        and not node.generators[0].ifs
        and repeats(node.elt, node.generators[0].target)
    )
