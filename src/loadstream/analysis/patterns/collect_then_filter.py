"""LS201 collect-then-filter: a stream is collected whole and filtered afterwards.

What it does
    Moves the conditions of a comprehension over `list(stream_x())`, or those at the head of a
    loop over it, into the stream and drops the list in between.

Why
    The list holds every element, so the stream has saved nothing.

Before
    everything = list(stream_sessions())
    wanted = [s for s in everything if s["period"] == "P4"]

After
    wanted = list(stream_sessions(filter_func=lambda s: s["period"] == "P4"))

Safety
    As for LS101 and LS102: the conditions are evaluated for the same elements in the same order.
"""

from __future__ import annotations

from loadstream.analysis.cases import Case, Keep, Rewrite
from loadstream.analysis.loads import Kind
from loadstream.analysis.passes import ComprehensionPass, LoopPass
from loadstream.analysis.patterns import filter_collect, filter_loop, needless_collect
from loadstream.analysis.plans import Plan
from loadstream.analysis.predicates import can_filter
from loadstream.analysis.reasons import Refusal
from loadstream.analysis.uses import Use

CODE = "LS201"
NAME = "collect-then-filter"

CASES: tuple[Case, ...] = (
    Rewrite(
        "rows = list(stream_x())\nprint([s for s in rows if s['a'] > 1])",
        "print(list(stream_x(filter_func=lambda s: s['a'] > 1)))",
    ),
    Rewrite(
        "print([s['b'] for s in list(stream_x()) if s['a'] > 1])",
        "print([s['b'] for s in stream_x(filter_func=lambda s: s['a'] > 1)])",
    ),
    Rewrite(
        "rows = list(stream_x())\nfor s in rows:\n    if s['a'] > 1:\n        print(s)",
        "for s in stream_x(filter_func=lambda s: s['a'] > 1):\n    print(s)",
    ),
    Keep("rows = list(stream_x())\nprint([s for s in rows if s['a']], rows[0])", "random-access"),
)


def plan(use: Use) -> Plan | tuple[Refusal, ...] | None:
    """The plan for a comprehension or loop that filters a collected stream."""
    if use.load.kind is not Kind.COLLECTED or not can_filter(use):
        return None
    if isinstance(use.how, LoopPass):
        outcome = filter_loop.decide(CODE, use)
    elif isinstance(use.how, ComprehensionPass):
        if use.how.wrapped or not use.how.node.generators[0].ifs:
            return None
        outcome = filter_collect.decide(CODE, use, use.how)
    else:
        return None
    refusal = needless_collect.streamer_effects(use) if isinstance(outcome, Plan) else None
    return (refusal,) if refusal is not None else outcome
