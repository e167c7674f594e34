"""LS105 find-first: a search stops reading at the first match.

What it does
    Hands `next(…)` over a generator, or a loop that leaves with `return` or `break`, a stream.
    The conditions of the generator move into the filter; a loop keeps its own text.

Why
    The load reads and builds the whole file even if the first element is the one. The stream
    reads as far as the match and closes the file.

Before
    def find_first_marathon():
        for session in load_sessions():
            if len(session["delegations"]) > 20:
                return session

After
    def find_first_marathon():
        for session in stream_sessions():
            if len(session["delegations"]) > 20:
                return session

Safety
    What stands behind the match in the file is no longer read, so a file that is broken there
    goes unnoticed. Conditions that cannot become a predicate stay in the generator. `[…][0]` is
    unsafe (`early-stop`): later conditions are no longer evaluated, and where there is no match
    StopIteration is raised instead of IndexError.
"""

from __future__ import annotations

import ast

from loadstream.analysis.cases import Case, Keep, Rewrite
from loadstream.analysis.caveats import takes_first
from loadstream.analysis.loads import Kind
from loadstream.analysis.passes import ComprehensionPass, LoopPass
from loadstream.analysis.plans import FindFirst, FirstOf, Plan, SinglePass
from loadstream.analysis.predicates import (
    can_filter,
    make_plan,
    make_predicate,
    movable,
    name_for,
    repeats,
)
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.scopes import FUNCTIONS
from loadstream.analysis.trees import children
from loadstream.analysis.uses import Use

CODE = "LS105"
NAME = "find-first"

CASES: tuple[Case, ...] = (
    Rewrite(
        "print(next((s for s in load_x() if s['a'] > 1), None))",
        "print(next(stream_x(filter_func=lambda s: s['a'] > 1), None))",
    ),
    Rewrite(
        "print(next(s['b'] for s in load_x() if s['a'] > 1))",
        "print(next(s['b'] for s in stream_x(filter_func=lambda s: s['a'] > 1)))",
    ),
    Rewrite(
        "def first():\n    for s in load_x():\n        if s['a'] > 1:\n            return s\n"
        "    return None\nprint(first())",
        "def first():\n    for s in stream_x():\n        if s['a'] > 1:\n            return s\n"
        "    return None\nprint(first())",
    ),
    Rewrite(
        "for s in load_x():\n    if s['a'] > 1:\n        break\nelse:\n    s = None\nprint(s)",
        "for s in stream_x():\n    if s['a'] > 1:\n        break\nelse:\n    s = None\nprint(s)",
    ),
    Rewrite(
        "print([s['b'] for s in load_x() if s['a'] > 1][0])",
        "print(next(s['b'] for s in stream_x(filter_func=lambda s: s['a'] > 1)))",
        unsafe=True,
    ),
    Keep("print([s for s in load_x() if s['a']][1], load_x()[0])", "random-access"),
)


def plan(use: Use) -> Plan | tuple[Refusal, ...] | None:
    """The plan for a search; None where the use goes on to the end."""
    if use.load.kind is not Kind.LOADED:
        return None
    if isinstance(use.how, LoopPass):
        return make_plan(CODE, use, SinglePass()) if leaves_early(use.how.node) else None
    if not isinstance(use.how, ComprehensionPass):
        return None
    first_of = takes_first(use)
    if first_of is None and not _is_next(use.how):
        return None
    clause = use.how.node.generators[0]
    if use.how.wrapped:
        if not clause.ifs and first_of is None:
            return make_plan(CODE, use, SinglePass())
        fact = "the elements are numbered or paired before they are filtered"
        return (Refusal(Reason.POSITIONAL, fact, use.span(clause.iter)),)
    moved, refusals = movable(clause.ifs, clause.target, use) if can_filter(use) else (0, ())
    if clause.ifs and not moved and refusals:
        return refusals
    predicate = make_predicate(clause.target, use, name_for(use, clause.target)) if moved else None
    assert isinstance(use.how.node, ast.GeneratorExp | ast.ListComp)
    bare = (
        moved == len(clause.ifs)
        and len(use.how.node.generators) == 1
        and repeats(use.how.node.elt, clause.target)
    )
    if first_of is not None:
        shape = FirstOf(moved, predicate, bare, use.load.iterator)
        return make_plan(CODE, use, shape, first_of)
    return make_plan(
        CODE, use, FindFirst(moved, predicate, bare and use.load.iterator), use.how.around
    )


def _is_next(how: ComprehensionPass) -> bool:
    callee = None if how.around is None else how.around.func
    return (
        isinstance(how.node, ast.GeneratorExp)
        and isinstance(callee, ast.Name)
        and callee.id == "next"
    )


def leaves_early(loop: ast.For) -> bool:
    """Whether a `return` or a `break` of this loop can end it before its last element."""
    pending: list[tuple[ast.AST, bool]] = [(child, True) for child in loop.body]
    while pending:
        node, own = pending.pop()
        if isinstance(node, ast.Return) or (own and isinstance(node, ast.Break)):
            return True
        if isinstance(node, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            continue
        if isinstance(node, ast.For | ast.AsyncFor | ast.While):
            pending += [(child, False) for child in node.body]
            pending += [(child, own) for child in node.orelse]
            continue
        pending += [(child, own) for child in children(node)]
    return False
