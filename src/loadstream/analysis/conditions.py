"""Hazards of conditions and of names: what may not move into a predicate, or out of a loop.

`of_condition` looks at a condition that is to become a predicate; `of_loop_names` at names that a
loop leaves behind.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from loadstream.analysis.hazards import own_frame
from loadstream.analysis.passes import ComprehensionPass, LoopPass, outlives
from loadstream.analysis.possible_calls import functions_behind
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.scopes import Access
from loadstream.analysis.trees import walk
from loadstream.analysis.uses import Use

_OWN_FRAME = frozenset("locals globals vars dir eval exec".split())


def of_condition(
    conditions: Iterable[ast.expr | ast.stmt], target: ast.expr, use: Use
) -> tuple[Refusal, ...]:
    """What speaks against moving `conditions` on `target` into a predicate of one parameter.

    For a named predicate `conditions` are the statements that become its body; names that they
    bind are then the predicate's own.
    """
    if not isinstance(target, ast.Name):
        fact = f"the target `{ast.unparse(target)}` is not one name"
        return (Refusal(Reason.TARGET_SHAPE, fact, use.span(target)),)
    found: list[Refusal] = []
    if isinstance(use.how, LoopPass):
        found += own_frame(use.scope, use.module)
    conditions = list(conditions)
    own = {target.id} | {
        node.id
        for condition in conditions
        for node in walk(condition)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    for condition in conditions:
        for node in walk(condition):
            refusal = _node_hazard(node, use)
            if refusal is not None:
                found.append(refusal)
        found += _late_binding(condition, own, use)
        found += _stops(condition, use)
    return tuple(dict.fromkeys(found))


def _node_hazard(node: ast.AST, use: Use) -> Refusal | None:
    """A construct that means something else inside a function of its own."""
    if isinstance(node, ast.NamedExpr):
        return Refusal(Reason.WALRUS, "the condition assigns with :=", use.span(node))
    if isinstance(node, ast.Await):
        return Refusal(Reason.AWAIT, "the condition awaits", use.span(node))
    if isinstance(node, ast.Yield | ast.YieldFrom):
        return Refusal(Reason.YIELD, "the condition yields", use.span(node))
    if isinstance(node, ast.comprehension) and node.is_async:
        return Refusal(Reason.AWAIT, "the condition reads asynchronously", use.span(node.iter))
    if isinstance(node, ast.Name):
        if node.id in _OWN_FRAME | {"super", "__class__"}:
            return Refusal(Reason.FRAME, f"the condition uses {node.id}", use.span(node))
        if node.id in ("next", "StopIteration", "StopAsyncIteration"):
            return Refusal(Reason.STOP_ITERATION, f"the condition uses {node.id}", use.span(node))
    if isinstance(node, ast.Lambda | ast.GeneratorExp) and outlives(node, use.module):
        fact = "the condition makes a function or generator that may see the last element"
        return Refusal(Reason.CLOSURE, fact, use.span(node))
    if isinstance(node, ast.Attribute) and node.attr in ("_getframe", "currentframe", "__next__"):
        return Refusal(Reason.FRAME, f"the condition uses {node.attr}", use.span(node))
    return None


def _late_binding(condition: ast.AST, own: set[str], use: Use) -> Iterator[Refusal]:
    """Local names that a condition reads must be bound before the pass begins."""
    scopes = use.module.scopes
    names = [node for node in walk(condition) if isinstance(node, ast.Name)]
    for name in names if isinstance(use.how, ComprehensionPass) else ():
        if name.id not in own and scopes.scope_of[name].home(name.id).node is use.how.node:
            fact = f"`{name.id}` is bound by a later clause of the comprehension"
            yield Refusal(Reason.LATE_BINDING, fact, use.span(name))
    function = use.scope.function()
    if function.is_module:
        return
    first_line = use.span(use.anchor).start.line
    for node in walk(condition):
        if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
            continue
        scope = scopes.scope_of[node]
        home = scope.home(node.id)
        if node.id in own or home is not function:
            continue
        bindings = scopes.bindings(home, node.id)
        if not any(
            isinstance(b.node, ast.arg) or getattr(b.node, "lineno", 0) < first_line
            for b in bindings
        ):
            fact = f"`{node.id}` is bound only in or after the loop"
            yield Refusal(Reason.LATE_BINDING, fact, use.span(node))


def _stops(condition: ast.AST, use: Use) -> Iterator[Refusal]:
    """Functions of the repository that a condition calls and that may raise StopIteration."""
    for node in walk(condition):
        if not isinstance(node, ast.Call):
            continue
        for function in functions_behind(node.func, use.module, use.repository):
            if _may_stop(function.function):
                fact = f"{function.name}() calls next(), or names StopIteration"
                yield Refusal(Reason.STOP_ITERATION, fact, use.span(node))


def _may_stop(function: ast.AST) -> bool:
    """Whether a function asks for a next element that may not be there."""
    return any(
        (isinstance(node, ast.Name) and node.id == "StopIteration")
        or (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "next"
            and len(node.args) == 1
        )
        for node in walk(function)
    )


def of_loop_names(names: Iterable[str], loop: ast.For, use: Use) -> tuple[Refusal, ...]:
    """What reads `names`, which the loop binds, outside of the loop or from another scope."""
    scopes = use.module.scopes
    home_scope = use.scope
    found: list[Refusal] = []
    inside = set(walk(loop))
    for name in dict.fromkeys(names):
        home = home_scope.home(name)
        if home is not home_scope.function():
            fact = f"`{name}` is declared global or nonlocal"
            found.append(Refusal(Reason.TARGET_LIVE, fact, use.span(loop.target)))
            continue
        for reference in scopes.references(home, name):
            node = reference.node
            elsewhere = node not in inside or reference.scope.function() is not home
            if reference.access is not Access.BIND and elsewhere and isinstance(node, ast.expr):
                line = use.span(node).start.line
                if node in inside or not _bound_again_before(node, name, loop, use):
                    fact = f"`{name}` is read outside of the loop at line {line}"
                    found.append(Refusal(Reason.TARGET_LIVE, fact, use.span(node)))
        if home.is_module and use.repository.importers_mention(use.module.path, name):
            fact = f"another file may import `{name}`"
            found.append(Refusal(Reason.TARGET_LIVE, fact, use.span(loop.target)))
    return tuple(found)


def _bound_again_before(read: ast.expr, name: str, loop: ast.For, use: Use) -> bool:
    """Whether `read` stands in another for statement or comprehension that binds `name` first."""
    inner: ast.AST = read
    for outer in use.module.scopes.ancestors(read):
        if isinstance(outer, ast.For) and outer is not loop:
            targets = {n.id for n in walk(outer.target) if isinstance(n, ast.Name)}
            if name in targets and inner in outer.body:
                return True
        inner = outer
    return False
