"""LS106 count: elements are counted while they stream by.

What it does
    Turns `len(load_x())` and `len([… for s in load_x() if c])` into `sum(1 for _ in stream_x(…))`.

Why
    A count needs no element to stay. The load keeps all of them for it.

Before
    print(len([s for s in load_sessions() if s["period"] == "P4"]))

After
    print(sum(1 for _ in stream_sessions(filter_func=lambda s: s["period"] == "P4")))

Safety
    Only where each counted element is the loop's own variable or a constant, so that nothing
    that was computed for it is lost, and where every condition can become a predicate.
"""

from __future__ import annotations

import ast

from loadstream.analysis.cases import Case, Keep, Rewrite
from loadstream.analysis.loads import Kind
from loadstream.analysis.passes import ComprehensionPass, ReductionPass
from loadstream.analysis.plans import Count, Plan
from loadstream.analysis.predicates import (
    can_filter,
    is_builtin,
    make_plan,
    make_predicate,
    movable,
    name_for,
    repeats,
)
from loadstream.analysis.reasons import Refusal
from loadstream.analysis.uses import Use

CODE = "LS106"
NAME = "count"

CASES: tuple[Case, ...] = (
    Rewrite("print(len(load_x()))", "print(sum(1 for _ in stream_x()))"),
    Rewrite(
        "rows = load_x()\nprint(len([s for s in rows if s['a'] > 1]))",
        "print(sum(1 for _ in stream_x(filter_func=lambda s: s['a'] > 1)))",
    ),
    Keep("print(len([s for s in load_x() if (n := s['a'])]))", "walrus"),
    Keep("rows = load_x()\nprint(len(rows))\nfor s in rows:\n    print(s)", "needs-list"),
)


def plan(use: Use) -> Plan | tuple[Refusal, ...] | None:
    """The plan for a count; None where the use is not just counted."""
    if use.load.kind is not Kind.LOADED or not is_builtin("sum", use):
        return None
    if isinstance(use.how, ReductionPass):
        return make_plan(CODE, use, Count(0, None)) if use.how.name == "len" else None
    call = counted(use)
    if call is None:
        return None
    assert isinstance(use.how, ComprehensionPass)
    clause = use.how.node.generators[0]
    if clause.ifs and not can_filter(use):
        return None
    moved, refusals = movable(clause.ifs, clause.target, use)
    if refusals:
        return refusals
    predicate = make_predicate(clause.target, use, name_for(use, clause.target)) if moved else None
    return make_plan(CODE, use, Count(moved, predicate), call)


def counted(use: Use) -> ast.Call | None:
    """The `len(…)` around a list comprehension whose elements are not computed."""
    if not isinstance(use.how, ComprehensionPass) or use.how.wrapped:
        return None
    node, call = use.how.node, use.how.around
    if not isinstance(node, ast.ListComp) or call is None or len(node.generators) > 1:
        return None
    if not isinstance(call.func, ast.Name) or call.func.id != "len":
        return None
    simple = isinstance(node.elt, ast.Constant) or repeats(node.elt, node.generators[0].target)
    return call if simple else None
