"""What runs between a load and its pass, in the order of evaluation."""

from __future__ import annotations

import ast
import itertools

from loadstream.analysis.branches import without_other_branches
from loadstream.analysis.openings import Assigned, WithBlock
from loadstream.analysis.plans import MovedWith, NewWith
from loadstream.analysis.trees import children
from loadstream.analysis.uses import Use


def opened_at(use: Use) -> ast.stmt | None:
    """The statement that reads the data now, None where that does not move."""
    match use.load.opening, use.placement:
        case (
            (WithBlock(statement=statement) | Assigned(statement=statement)),
            (MovedWith() | NewWith()),
        ):
            return statement
        case _, NewWith() if use.binding is None:
            return use.module.scopes.statement(use.source)
    return use.binding


def code_between(start: ast.stmt, use: Use) -> list[ast.AST]:
    """Everything that may run after the statement `start` and before the pass begins.

    Where the pass stands in `start` itself, what that evaluates before it. The statements that
    the rewrite takes away are no part of it.
    """
    scopes = use.module.scopes
    between: list[ast.AST] = []
    inner: ast.AST = use.source
    while inner is not use.anchor:  # what is evaluated before the value, in enumerate() or zip()
        outer = scopes.parents[inner]
        if isinstance(outer, ast.Call) and outer is not use.anchor:
            between += _children_between(outer, None, inner)
        inner = outer
    to_pass = [use.anchor, *scopes.ancestors(use.anchor)]
    to_load = [start, *scopes.ancestors(start)]
    common = next(node for node in to_load if node in to_pass)
    after_load, before_pass = to_load.index(common), to_pass.index(common)
    for inner, outer in itertools.pairwise(to_load[:after_load]):
        between += _children_between(outer, inner, None)
    if after_load:
        between += _children_between(common, to_load[after_load - 1], to_pass[before_pass - 1])
    elif before_pass:
        between += _children_between(common, None, to_pass[before_pass - 1])
    for inner, outer in itertools.pairwise(to_pass[:before_pass]):
        between += _children_between(outer, None, inner)
    gone = {*use.bindings, *_closing(use)}
    return [node for node in between if node not in gone]


def _children_between(
    outer: ast.AST, after: ast.AST | None, before: ast.AST | None
) -> list[ast.AST]:
    """The children of `outer` behind `after`, if given, and before `before`, if given.

    What stands in another branch than the one that is given does not run.
    """
    nodes = children(outer)
    begin = 0 if after is None else nodes.index(after) + 1
    end = len(nodes) if before is None else nodes.index(before)
    return without_other_branches(outer, nodes[begin:end], after or before)


def _closing(use: Use) -> tuple[ast.stmt, ...]:
    opening = use.load.opening
    is_moved = isinstance(opening, Assigned) and isinstance(use.placement, NewWith)
    return (opening.close,) if is_moved and isinstance(opening, Assigned) and opening.close else ()


def evaluated_after(use: Use) -> list[ast.AST]:
    """What is evaluated after the load and before the first element: `zip(load_x(), change())`."""
    after: list[ast.AST] = []
    inner: ast.AST = use.source
    while inner is not use.anchor:
        outer = use.module.scopes.parents[inner]
        if isinstance(outer, ast.Call):
            after += _children_between(outer, inner, None)
        inner = outer
    values = [node.value if isinstance(node, ast.keyword) else node for node in after]
    return [value for value in values if not isinstance(value, ast.Lambda)]
