"""LS103 accumulate-loop: a loop that only picks elements becomes a predicate and a list.

What it does
    A loop over a load that does nothing but append its element to an empty list, under
    conditions and after local steps, becomes a named function that says which elements are
    wanted, and `list(stream_x(filter_func=that))`.

Why
    Only the wanted elements stay in memory, and the criterion has a name and can be reused.

Before
    p3_marathons = []
    for session in load_sessions():
        delegations = session["delegations"]
        if len(delegations) > 20:
            if classify_period(delegations[0]["timestamp"]) == "P3":
                p3_marathons.append(session)

After
    def is_p3_marathon(session):
        delegations = session["delegations"]
        if len(delegations) > 20:
            return classify_period(delegations[0]["timestamp"]) == "P3"
        return False


    p3_marathons = list(stream_sessions(filter_func=is_p3_marathon))

Safety
    Refused where the list is read while it fills (`self-reference`), where a name that the loop
    sets is read after it (`target-live`), where a handler could see the list half filled
    (`inner-try`), and where the steps hold something that a function of its own cannot.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from loadstream.analysis.cases import Case, Keep, Rewrite
from loadstream.analysis.conditions import of_condition, of_loop_names
from loadstream.analysis.handlers import handlers
from loadstream.analysis.loads import Kind
from loadstream.analysis.passes import LoopPass
from loadstream.analysis.plans import AccumulateLoop, Plan
from loadstream.analysis.predicates import (
    can_filter,
    is_builtin,
    make_plan,
    make_predicate,
    name_from,
    noun_for,
    repeats,
)
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.scopes import Access
from loadstream.analysis.trees import walk
from loadstream.analysis.uses import Use

CODE = "LS103"
NAME = "accumulate-loop"

CASES: tuple[Case, ...] = (
    Rewrite(
        "big = []\nfor s in load_x():\n    size = s['a'] * 2\n    if size > 2:\n"
        "        big.append(s)\nprint(big)",
        "def is_big(s):\n    size = s['a'] * 2\n    return size > 2\n\n"
        "big = list(stream_x(filter_func=is_big))\nprint(big)",
    ),
    Keep(
        "out = []\nfor s in load_x():\n    if s['a'] and s not in out:\n        out.append(s)\n"
        "print(out)",
        "self-reference",
    ),
    Keep(
        "out = []\nlast = None\nfor s in load_x():\n    new = s['a'] != last\n    last = s['a']\n"
        "    if new:\n        out.append(s)\nprint(out)",
        "self-reference",
    ),
    Keep(
        "out = []\nfor s in load_x():\n    n = s['a']\n    if n:\n        out.append(s)\n"
        "print(out, n)",
        "target-live",
    ),
)


def plan(use: Use) -> Plan | tuple[Refusal, ...] | None:
    """The plan for a loop that picks elements; None where it does anything else."""
    if use.load.kind is not Kind.LOADED or not can_filter(use) or not is_builtin("list", use):
        return None
    if not isinstance(use.how, LoopPass) or use.how.wrapped:
        return None
    loop = use.how.node
    accumulator = _accumulator(loop.body, loop.target)
    if accumulator is None or not any(isinstance(step, ast.If) for step in loop.body):
        return None
    initial = _initial(accumulator, loop, use)
    if initial is None:
        return None
    refusals = (
        *of_condition([*loop.body], loop.target, use),
        *_carried_over(loop, use),
        *_half_filled(accumulator, initial, loop, use),
        *of_loop_names(_bound(loop, use), loop, use),
    )
    if loop.orelse:
        refusals += (Refusal(Reason.LOOP_ELSE, "the loop has an else", use.span(loop)),)
    if refusals:
        return tuple(dict.fromkeys(refusals))
    assert isinstance(loop.target, ast.Name)
    name = name_from(accumulator, noun_for(use, loop.target))
    predicate = make_predicate(loop.target, use, name)
    if predicate.name is None:
        return (Refusal(Reason.FRAME, "no def can stand before the loop", use.span(loop)),)
    return make_plan(CODE, use, AccumulateLoop(accumulator, use.span(initial), predicate))


def _accumulator(body: Sequence[ast.stmt], target: ast.expr) -> str | None:
    """The list that a body appends `target` to, if that and choosing is all that the body does."""
    *steps, last = body
    if not all(_is_step(step) for step in steps):
        return None
    if isinstance(last, ast.If):
        return None if last.orelse else _accumulator(last.body, target)
    call = last.value if isinstance(last, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return None
    owner = call.func.value
    plain = len(call.args) == 1 and not call.keywords and isinstance(owner, ast.Name)
    if not plain or call.func.attr != "append" or not repeats(call.args[0], target):
        return None
    assert isinstance(owner, ast.Name)
    return owner.id


def _is_step(statement: ast.stmt) -> bool:
    """Whether a statement is a local step: `name = …`, or a guard `if c: continue`."""
    if isinstance(statement, ast.Assign):
        return all(isinstance(target, ast.Name) for target in statement.targets)
    if isinstance(statement, ast.If):
        alone = len(statement.body) == 1 and not statement.orelse
        return alone and isinstance(statement.body[0], ast.Continue)
    return False


def _initial(accumulator: str, loop: ast.For, use: Use) -> ast.Assign | None:
    """The statement `accumulator = []` before the loop in its block, nothing touching it since."""
    block = use.module.scopes.block(loop)
    for statement in reversed(block[: block.index(loop)]):
        names = {n.id for n in walk(statement) if isinstance(n, ast.Name)}
        if accumulator not in names:
            continue
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            return None
        empty = isinstance(statement.value, ast.List) and not statement.value.elts
        return statement if empty and isinstance(statement.targets[0], ast.Name) else None
    return None


def _bound(loop: ast.For, use: Use) -> list[str]:
    """The names that the loop binds: its target and those of its local steps."""
    scopes = use.module.scopes
    return [
        node.id
        for node in walk(loop)
        if isinstance(node, ast.Name)
        and isinstance(node.ctx, ast.Store)
        and scopes.scope_of[node] is use.scope  # not a comprehension's own variable
    ]


def _carried_over(loop: ast.For, use: Use) -> tuple[Refusal, ...]:
    """Names of local steps that are read before they are set, as the last element left them."""
    own = set(_bound(loop, use))
    known = {n.id for n in walk(loop.target) if isinstance(n, ast.Name)}
    scopes, home = use.module.scopes, use.scope.function()
    for node in _in_order(loop.body):
        if isinstance(node.ctx, ast.Store):
            if scopes.scope_of[node] is use.scope:
                known.add(node.id)
        elif node.id in own - known and scopes.scope_of[node].home(node.id) is home:
            fact = f"`{node.id}` carries a value from one element to the next"
            return (Refusal(Reason.SELF_REFERENCE, fact, use.span(node)),)
    return ()


def _in_order(statements: Sequence[ast.stmt]) -> Iterator[ast.Name]:
    """The names of a body of steps in the order in which they are evaluated."""
    for statement in statements:
        if isinstance(statement, ast.If):
            yield from _names(statement.test)
            yield from _in_order(statement.body)
        elif isinstance(statement, ast.Assign):
            yield from _names(statement.value)
            for target in statement.targets:
                yield from _names(target)
        else:
            yield from _names(statement)


def _names(node: ast.AST) -> Iterator[ast.Name]:
    return (n for n in walk(node) if isinstance(n, ast.Name))


def _half_filled(
    accumulator: str, initial: ast.Assign, loop: ast.For, use: Use
) -> tuple[Refusal, ...]:
    """Whatever could look at the list before the loop has filled it."""
    scopes = use.module.scopes
    target = initial.targets[0]
    home = scopes.scope_of[target].home(accumulator)
    found = []
    if home is not use.scope.function():
        fact = f"`{accumulator}` is declared global or nonlocal"
        found.append(Refusal(Reason.SELF_REFERENCE, fact, use.span(initial)))
    for reference in scopes.references(home, accumulator):
        node = reference.node
        if not isinstance(node, ast.Name):
            continue
        inside = loop in scopes.ancestors(node) and not _is_appended_to(node, use)
        if reference.scope.function() is not home or inside:
            fact = f"`{accumulator}` is read while it fills, at line {node.lineno}"
            found.append(Refusal(Reason.SELF_REFERENCE, fact, use.span(node)))
        elif reference.access is Access.DELETE:
            fact = f"`{accumulator}` is deleted"
            found.append(Refusal(Reason.REBOUND, fact, use.span(node)))
    tries = [
        a for a in _ancestors_in_function(loop, use) if isinstance(a, ast.Try) or _is_try_star(a)
    ]
    if tries or next(handlers(loop, use.module, use.repository), None) is not None:
        fact = f"a handler around the loop could see `{accumulator}` half filled"
        found.append(Refusal(Reason.INNER_TRY, fact, use.span(loop)))
    return tuple(found)


def _is_appended_to(node: ast.Name, use: Use) -> bool:
    """Whether a name is the list in the statement `name.append(…)`."""
    parents = use.module.scopes.parents
    attribute = parents[node]
    is_append = isinstance(attribute, ast.Attribute) and attribute.attr == "append"
    return is_append and isinstance(parents[parents[attribute]], ast.Expr)


def _is_try_star(node: ast.AST) -> bool:
    return type(node).__name__ == "TryStar"


def _ancestors_in_function(node: ast.AST, use: Use) -> list[ast.AST]:
    home = use.scope.function().node
    around = []
    for ancestor in use.module.scopes.ancestors(node):
        if ancestor is home:
            break
        around.append(ancestor)
    return around
