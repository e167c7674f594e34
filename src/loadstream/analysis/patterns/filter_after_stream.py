"""LS202 filter-after-stream: a loop over a stream filters in its body.

What it does
    Moves the condition at the head of the loop into the streamer's `filter_func`.

Why
    The streamer can drop what is rejected where it reads it, and the loop's body says only what
    happens to what is kept.

Before
    for session in stream_sessions():
        if len(session["delegations"]) > 20:
            process(session)

After
    for session in stream_sessions(
        filter_func=lambda session: len(session["delegations"]) > 20
    ):
        process(session)

Safety
    As for LS102. A loop that leaves at its first match is left alone: it reads well as it is.
"""

from __future__ import annotations

from loadstream.analysis.cases import Case, Keep, Rewrite
from loadstream.analysis.loads import Kind
from loadstream.analysis.patterns import filter_loop
from loadstream.analysis.plans import Plan
from loadstream.analysis.reasons import Refusal
from loadstream.analysis.uses import Use

CODE = "LS202"
NAME = "filter-after-stream"

CASES: tuple[Case, ...] = (
    Rewrite(
        "for s in stream_x():\n    if s['a'] > 1:\n        print(s)",
        "for s in stream_x(filter_func=lambda s: s['a'] > 1):\n    print(s)",
    ),
    Keep("for s in stream_x():\n    if s['a'] > 1:\n        print(s)\nprint(s)", "target-live"),
)


def plan(use: Use) -> Plan | tuple[Refusal, ...] | None:
    """The plan for a guarded loop that iterates an unfiltered stream call in place."""
    if use.load.kind is not Kind.STREAMED or use.binding is not None:
        return None
    return filter_loop.decide(CODE, use)
