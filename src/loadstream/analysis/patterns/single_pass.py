"""LS104 single-pass: what reads the data once reads a stream instead.

What it does
    Swaps the load for the stream in any one pass: a loop with any body, a comprehension whose
    condition must stay, a reduction such as sum, min, max, any, all or set, with enumerate, zip
    or map between; a call of a function of the repository that reads that argument once. Nothing
    else changes. Where each branch of an `if` or `match` makes one pass, each gets a stream of its
    own, in the form that suits it; if one of them cannot, the load is kept. Where len() of the
    data is taken behind a loop that nothing leaves early, the loop counts:

        row_count = 0
        for row_count, row in enumerate(stream_rows(), start=1):
            work(row)
        print(row_count)

    The block that opened the file comes around the pass, or the pass moves to its end. An
    `if "rows" in doc:` with nothing but the loop in it goes, with --unsafe (`folded-guard`).

Why
    One pass needs one element at a time. The load holds all of them from before the first
    until after the last.

Before
    delegations = load_delegations()
    for d in delegations:
        totals[d["agent_type"]] += d["input_tokens"]

After
    for d in stream_delegations():
        totals[d["agent_type"]] += d["input_tokens"]

Safety
    The body sees the same elements in the same order. A file that is broken in the middle is
    noticed when the stream gets there; where a handler around the loop would then see half of
    its effects, the rewrite is unsafe (`partial-effects`).
"""

from __future__ import annotations

import ast

from loadstream.analysis.cases import Case, Keep, Rewrite
from loadstream.analysis.loads import Kind
from loadstream.analysis.passes import ComprehensionPass, LoopPass, ReductionPass
from loadstream.analysis.patterns.filter_collect import keeps_everything
from loadstream.analysis.plans import CountedLoop, Plan, SinglePass
from loadstream.analysis.predicates import free_name, is_builtin, make_plan, repeats, singular
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.trees import walk
from loadstream.analysis.uses import Use

CODE = "LS104"
NAME = "single-pass"

CASES: tuple[Case, ...] = (
    Rewrite(
        "total = 0\nfor s in load_x():\n    total += s['a']\nprint(total)",
        "total = 0\nfor s in stream_x():\n    total += s['a']\nprint(total)",
    ),
    Rewrite(
        "rows = load_x()\nfor i, s in enumerate(rows):\n    print(i, s)",
        "for i, s in enumerate(stream_x()):\n    print(i, s)",
    ),
    Rewrite(
        "print([s for s in load_x() if (n := s['a'])])",
        "print([s for s in stream_x() if (n := s['a'])])",
    ),
    Rewrite(
        "def total(rows):\n    return sum(s['a'] for s in rows)\n\n\nprint(total(load_x()))",
        "def total(rows):\n    return sum(s['a'] for s in rows)\n\n\nprint(total(stream_x()))",
    ),
    Rewrite(
        "import sys\nrows = load_x()\nif sys.argv:\n    for s in rows:\n        print(s)\n"
        "else:\n    print(max(rows, key=str))",
        "import sys\nif sys.argv:\n    for s in stream_x():\n        print(s)\n"
        "else:\n    print(max(stream_x(), key=str))",
    ),
    Rewrite(
        "rows = load_x()\nfor s in rows:\n    print(s)\nprint(len(rows))",
        "row_count = 0\nfor row_count, s in enumerate(stream_x(), start=1):\n    print(s)\n"
        "print(row_count)",
    ),
    Rewrite(
        "rows = load_x()\nif rows:\n    for s in rows:\n        print(s)",
        "for s in stream_x():\n    print(s)",
        unsafe=True,
    ),
    Keep(
        "rows = load_x()\nfor s in rows:\n    if s['b']:\n        break\nprint(len(rows))",
        "needs-list",
    ),
    Rewrite(
        "try:\n    for s in load_x():\n        print(s['a'])\nexcept Exception:\n    print('x')",
        "try:\n    for s in stream_x():\n        print(s['a'])\nexcept Exception:\n    print('x')",
        unsafe=True,
    ),
    Keep(
        "try:\n    rows = load_x()\nexcept ValueError:\n    raise\nfor s in rows:\n    print(s)",
        "handler-scope",
    ),
    Keep(
        "def mean(rows):\n    return sum(s['a'] for s in rows) / len(rows)\n\n\n"
        "print(mean(load_x()))",
        "escapes",
    ),
    Keep("rows = load_x()\nrows.sort(key=str)\nfor s in rows:\n    print(s)", "needs-list"),
    Keep("rows = load_x()\nfor k in range(2):\n    for s in rows:\n        print(s)", "in-loop"),
    Keep(
        "rows = load_x()\nif any(rows):\n    for s in rows:\n        print(s)",
        "multi-pass",
    ),
    Keep(
        "import sys\nrows = load_x()\nout = []\nif sys.argv:\n    print(sum(1 for s in rows))\n"
        "else:\n    for s in rows:\n        out.append(s)",
        "keeps-everything",
    ),
    Keep("out = []\nfor s in load_x():\n    out.append(s)\nprint(out)", "keeps-everything"),
)


def plan(use: Use) -> Plan | tuple[Refusal, ...] | None:
    """The plan for any one pass over a load."""
    if use.load.kind is not Kind.LOADED:
        return None
    return decide(CODE, use)


def decide(code: str, use: Use) -> Plan | tuple[Refusal, ...] | None:
    """The plan for any one pass that is not only a copy, whatever the value is."""
    how = use.how
    if isinstance(how, ReductionPass) and how.name == "len":
        return None
    if isinstance(how, ComprehensionPass) and not how.wrapped and keeps_everything(how.node):
        return None
    if isinstance(how, LoopPass) and not how.wrapped and _copies(how.node):
        fact = "the loop appends every element to a list"
        return (Refusal(Reason.KEEPS_EVERYTHING, fact, use.span(how.node)),)
    if use.lengths:
        if not isinstance(how, LoopPass) or not is_builtin("enumerate", use):
            fact = "len() is taken, and the name enumerate means something else"
            return (Refusal(Reason.NEEDS_LIST, fact, use.span(use.lengths[0])),)
        counter = free_name(_counter(use, how), use)
        return make_plan(code, use, CountedLoop(counter, tuple(map(use.span, use.lengths))))
    return make_plan(code, use, SinglePass())


def _counter(use: Use, loop: LoopPass) -> str:
    """A name for the count: `session_count`, after the variable, the key or the loop's target."""
    names = [ast.unparse(use.source), *reversed(use.part.keys)]
    for name in names:
        if isinstance(name, str) and name.isidentifier() and singular(name) != name.lower():
            return f"{singular(name)}_count"
    targets = [n.id for n in walk(loop.node.target) if isinstance(n, ast.Name)]
    long = [name for name in targets if len(name) > 2 and name.islower()]
    return f"{long[-1]}_count" if long else "count"


def _copies(loop: ast.For) -> bool:
    """Whether the loop's only statement is `list.append(element)`."""
    body = loop.body
    call = body[0].value if len(body) == 1 and isinstance(body[0], ast.Expr) else None
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "append"
        and len(call.args) == 1
        and repeats(call.args[0], loop.target)
    )
