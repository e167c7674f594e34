"""LS102 filter-loop: the condition at the head of a loop moves into the stream.

What it does
    Where the whole body of a loop over a load stands under one `if`, or begins with
    `if …: continue`, those conditions become the streamer's filter.

Why
    The loop says what it does to an element, the filter says to which; rejected elements are
    dropped where they are read.

Before
    for session in load_sessions():
        if session["period"] == "P4":
            analyze(session)

After
    for session in stream_sessions(filter_func=lambda session: session["period"] == "P4"):
        analyze(session)

Safety
    The condition is still evaluated once for each element, just before the body. It stays in
    the loop (LS104) where the loop's variable is read after the loop (`target-live`), where the
    body changes what the condition reads (`self-reference`), and where a function cannot hold
    it (`walrus`, `await`, `yield`, `frame`, `stop-iteration`, `late-binding`). A guard
    `if a: continue` becomes `not a`; comparisons are never turned around.
"""

from __future__ import annotations

import ast

from loadstream.analysis.cases import Case, Keep, Rewrite
from loadstream.analysis.conditions import of_condition, of_loop_names
from loadstream.analysis.loads import Kind
from loadstream.analysis.passes import LoopPass
from loadstream.analysis.patterns.find_first import leaves_early
from loadstream.analysis.plans import FilterLoop, Plan
from loadstream.analysis.predicates import can_filter, make_plan, make_predicate, name_for
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.trees import walk
from loadstream.analysis.uses import Use

CODE = "LS102"
NAME = "filter-loop"

CASES: tuple[Case, ...] = (
    Rewrite(
        "for s in load_x():\n    if s['a'] > 1:\n        print(s['b'])",
        "for s in stream_x(filter_func=lambda s: s['a'] > 1):\n    print(s['b'])",
    ),
    Rewrite(
        "for s in load_x():\n    if not s['b']:\n        continue\n    print(s['a'])",
        "for s in stream_x(filter_func=lambda s: s['b']):\n    print(s['a'])",
    ),
    Rewrite(
        "for s in load_x():\n    if s['a'] <= 1:\n        continue\n    if s['b']:\n"
        "        print(s['a'])",
        "for s in stream_x(filter_func=lambda s: not s['a'] <= 1 and s['b']):\n    print(s['a'])",
    ),
    Keep("for s in load_x():\n    if s['a']:\n        print(s)\nprint(s)", "target-live"),
    Keep(
        "seen = set()\nfor s in load_x():\n    if s['a'] in seen:\n        continue\n"
        "    seen.add(s['a'])\n    print(s)",
        "self-reference",
    ),
    Keep("for s in load_x():\n    if (n := s['a']):\n        print(n)", "walrus"),
    Keep("for a, b in load_x():\n    if a:\n        print(b)", "target-shape"),
)


def plan(use: Use) -> Plan | tuple[Refusal, ...] | None:
    """The plan for a loop whose body is guarded; None where it is not."""
    if use.load.kind is not Kind.LOADED:
        return None
    return decide(CODE, use)


def decide(code: str, use: Use) -> Plan | tuple[Refusal, ...] | None:
    """The plan for a guarded loop over the value itself, whatever the value is."""
    if not isinstance(use.how, LoopPass) or not can_filter(use) or leaves_early(use.how.node):
        return None
    loop = use.how.node
    guards = _guards(loop.body)
    rest = loop.body[len(guards) :]
    unwrap = len(rest) == 1 and isinstance(rest[0], ast.If) and not rest[0].orelse
    if not rest or not (guards or unwrap):
        return None
    if use.how.wrapped:
        fact = "the elements are numbered or paired before they are filtered"
        return (Refusal(Reason.POSITIONAL, fact, use.span(loop.iter)),)
    conditions = [guard.test for guard in guards]
    if unwrap:
        assert isinstance(rest[0], ast.If)
        conditions.append(rest[0].test)
    refusals = of_condition(conditions, loop.target, use)
    if isinstance(loop.target, ast.Name):
        refusals += of_loop_names([loop.target.id], loop, use)
        refusals += changed_by_body(conditions, loop, use)
    if refusals:
        return refusals
    predicate = make_predicate(loop.target, use, name_for(use, loop.target))
    return make_plan(code, use, FilterLoop(len(guards), unwrap, predicate))


def _guards(body: list[ast.stmt]) -> list[ast.If]:
    """The statements at the head of a body that are `if c: continue`."""
    guards = []
    for statement in body:
        if not isinstance(statement, ast.If) or statement.orelse:
            break
        if len(statement.body) != 1 or not isinstance(statement.body[0], ast.Continue):
            break
        guards.append(statement)
    return guards


def changed_by_body(conditions: list[ast.expr], loop: ast.For, use: Use) -> tuple[Refusal, ...]:
    """Names that the conditions read and the body binds or changes in place."""
    target = loop.target.id if isinstance(loop.target, ast.Name) else ""
    read = {
        node.id
        for condition in conditions
        for node in walk(condition)
        if isinstance(node, ast.Name) and node.id != target
    }
    inside_conditions = {node for condition in conditions for node in walk(condition)}
    for node in walk(loop):
        if node in inside_conditions:
            continue
        name = _changed_name(node)
        if name is not None and name in read:
            assert isinstance(node, ast.expr)
            fact = f"the loop changes `{name}`, which the condition reads"
            return (Refusal(Reason.SELF_REFERENCE, fact, use.span(node)),)
    return ()


def _changed_name(node: ast.AST) -> str | None:
    """The name that an expression binds, deletes or may change in place."""
    if isinstance(node, ast.Name):
        return None if isinstance(node.ctx, ast.Load) else node.id
    in_place = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    stored = isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load)
    if not in_place and not stored:
        return None
    root: ast.expr = node.func if isinstance(node, ast.Call) else node  # type: ignore[assignment]
    while isinstance(root, ast.Attribute | ast.Subscript):
        root = root.value
    return root.id if isinstance(root, ast.Name) else None
