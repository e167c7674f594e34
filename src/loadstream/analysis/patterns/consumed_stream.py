"""LS203 consumed-stream: a stream in a variable is traversed twice.

What it does
    Reports the second pass over a variable that holds a stream. There is no automatic edit.

Why
    A stream can be read once. The second pass finds nothing (a plain generator) or raises
    StreamConsumedError (loadstream's own), so its results are wrong or missing.

Before
    sessions = stream_sessions()
    for session in sessions:
        count(session)
    for session in sessions:  # finds nothing
        analyze(session)

After
    for session in stream_sessions():
        count(session)
    for session in stream_sessions():
        analyze(session)

Safety
    Either call the streamer again, as above, or collect it once with list() if it fits into
    memory. Both change what the program does today, so the choice is yours.
"""

from __future__ import annotations

from loadstream.analysis.cases import Case, Keep, Report
from loadstream.analysis.loads import Load
from loadstream.analysis.modules import Module
from loadstream.analysis.plans import Plan, ReportOnly, Safety
from loadstream.analysis.reasons import Refusal
from loadstream.analysis.reuse import consumed_twice
from loadstream.analysis.uses import Use

CODE = "LS203"
NAME = "consumed-stream"

CASES: tuple[Case, ...] = (
    Report("rows = stream_x()\nprint(sum(s['a'] for s in rows))\nprint([s['b'] for s in rows])"),
    Report("rows = stream_x()\nprint(list(rows))\nprint(list(rows))"),
    Keep("rows = stream_x()\nfor s in rows:\n    break\nprint([s for s in rows])", ""),
)


def plan(use: Use) -> Plan | tuple[Refusal, ...] | None:
    """None: a stream that is read twice is no single use; see `report`."""
    del use
    return None


def report(load: Load, module: Module) -> Plan | None:
    """The finding for a stream whose variable is read to the end twice."""
    second = consumed_twice(load, module)
    if second is None or load.stream is None:
        return None
    lines = module.source.lines
    source, anchor = lines.span(load.call), lines.span(second)
    return Plan(CODE, Safety.UNSAFE, load.stream, source, anchor, (), None, ReportOnly())
