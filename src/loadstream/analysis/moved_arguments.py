"""Arguments that are evaluated at the pass instead of at the load must mean the same there."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loadstream.analysis.data_files import called, run_by
from loadstream.analysis.effects import changes
from loadstream.analysis.openings import Assigned, WithBlock
from loadstream.analysis.plans import MovedWith, NewWith
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.scopes import Access
from loadstream.analysis.trees import children, walk
from loadstream.analysis.uses import Use

# Calls that give the same for the same, or open what they are given.
_STABLE_CALLS = frozenset(
    "open read read_text read_bytes Path PurePath join joinpath str format dirname abspath resolve "
    "with_suffix with_name expanduser basename fspath".split()
)


def arguments_change(use: Use, between: list[ast.AST]) -> Iterator[Refusal]:
    """What the loader is given must mean the same at the place of the pass."""
    rebound = {
        reference.name
        for node in between
        for child in walk(node)
        if child in use.module.scopes.scope_of
        for reference in use.module.scopes.scope_of[child].references
        if reference.node is child and reference.access is not Access.READ
    } | {
        root.id
        for node in between
        for child in walk(node)
        if isinstance(child, ast.Attribute | ast.Subscript)
        and not isinstance(child.ctx, ast.Load)
        and isinstance(root := _root(child), ast.Name)
    }
    calls = [node for node in run_by(between) if isinstance(node, ast.Call)]
    for argument in _moved_expressions(use):
        looked_into = _looks_into(argument) and any(_may_change(c, argument, use) for c in calls)
        if looked_into or not _is_stable(argument, rebound):
            span = use.span(argument)
            fact = f"the argument `{ast.unparse(argument)}` may be another at the pass"
            yield Refusal(Reason.ARGUMENTS_CHANGE, fact, span)


def _root(node: ast.expr) -> ast.expr:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node


def _moved_expressions(use: Use) -> list[ast.expr]:
    """The expressions that are evaluated at the pass instead of where they stand."""
    match use.load.opening, use.placement:
        case ((WithBlock(opening=opening) | Assigned(opening=opening)), (MovedWith() | NewWith())):
            return [opening]
    call = use.load.call
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _may_change(call: ast.Call, argument: ast.expr, use: Use) -> bool:
    """Whether a call may change an object that `argument` is read from."""
    callee = call.func
    if isinstance(callee, ast.Name):
        return use.repository.definition(use.module, callee.id) is not None
    root = _root(callee)
    names = {node.id for node in walk(argument) if isinstance(node, ast.Name)}
    if not isinstance(root, ast.Name) or root.id in names:
        return True
    return changes(call) and not _is_made_here(root, use)


def _is_made_here(name: ast.Name, use: Use) -> bool:
    """Whether a name stands for a list, dict or set that was written down as such."""
    scopes = use.module.scopes
    bindings = scopes.bindings(scopes.scope_of[name].home(name.id), name.id)
    statements = [scopes.parents.get(binding.node) for binding in bindings]
    displays = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
    return bool(statements) and all(
        isinstance(s, ast.Assign) and isinstance(s.value, displays) for s in statements
    )


def _looks_into(argument: ast.expr) -> bool:
    """Whether an expression reads from an object that other code could change: `self.path`."""
    return any(isinstance(node, ast.Attribute | ast.Subscript) for node in _operands(argument))


def _operands(expression: ast.expr) -> Iterator[ast.AST]:
    """The parts of an expression without the names of the methods that it calls."""
    pending: list[ast.AST] = [expression]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            pending += [node.func.value, *node.args, *node.keywords]
        else:
            pending += children(node)


def _is_stable(argument: ast.expr, rebound: set[str]) -> bool:
    """Whether an expression gives the same again while only the names in `rebound` change."""
    for node in walk(argument):
        if isinstance(node, ast.Name) and node.id in rebound:
            return False
        if isinstance(node, ast.Call) and called(node) not in _STABLE_CALLS:
            return False
        if isinstance(node, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom | ast.Lambda):
            return False
    return True
