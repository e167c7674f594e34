"""Branches: which parts of a statement never run in the same go through it.

An `if` with its `elif` and `else`, the cases of a `match`, the two sides of a conditional
expression. The clauses of a `try` are none: its body has run, up to some point, before a handler.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from loadstream.analysis.modules import Module


def exclusive(first: ast.AST, second: ast.AST, module: Module) -> bool:
    """Whether two nodes stand in different branches of one statement or expression."""
    one = [first, *module.scopes.ancestors(first)]
    two = [second, *module.scopes.ancestors(second)]
    known = set(one)
    common = next((node for node in two if node in known), None)
    if common is None:
        return False
    branches = [_branch(common, path[: path.index(common)]) for path in (one, two)]
    return None not in branches and branches[0] != branches[1]


def without_other_branches(
    outer: ast.AST, children: Sequence[ast.AST], taken: ast.AST | None
) -> list[ast.AST]:
    """Those of the `children` of `outer` that may run in one go with its child `taken`.

    Of a case that is passed over, the pattern and the guard are left.
    """
    if isinstance(outer, ast.Match) and isinstance(taken, ast.match_case):
        left: list[ast.AST] = []
        for child in children:
            if not isinstance(child, ast.match_case):
                left.append(child)
            elif outer.cases.index(child) < outer.cases.index(taken):
                left += [child.pattern, *([child.guard] if child.guard is not None else [])]
        return left
    branch = None if taken is None else _side(outer, taken)
    if branch is None:
        return list(children)
    return [child for child in children if _side(outer, child) in (None, branch)]


def _branch(common: ast.AST, path: Sequence[ast.AST]) -> int | None:
    """The number of the branch of `common` that a path up to it ends in, None for its head."""
    if isinstance(common, ast.Match):
        if len(path) < 2 or not isinstance(case := path[-1], ast.match_case):
            return None
        return common.cases.index(case) if path[-2] in case.body else None
    return _side(common, path[-1]) if path else None


def _side(outer: ast.AST, child: ast.AST) -> int | None:
    """Which side of an `if` a child of it is on, None for what is no side, such as the test."""
    match outer:
        case ast.If(body=body, orelse=orelse):
            return 0 if child in body else 1 if child in orelse else None
        case ast.IfExp(body=body, orelse=orelse):
            return 0 if child is body else 1 if child is orelse else None
    return None
