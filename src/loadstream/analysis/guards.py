"""Guards that a stream makes needless: `if "k" in doc:` around nothing but `for r in doc["k"]:`.

A missing key, or an empty list, then gives no element, which is what the guard saw to.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import NamedTuple

from loadstream.analysis.modules import Module
from loadstream.analysis.parts import Part, View
from loadstream.analysis.scopes import Reference
from loadstream.analysis.trees import walk


class Guard(NamedTuple):
    """An `if` whose whole body is `loop`. `test` is the read of the variable in its condition.

    `key` is the one of `"key" in doc`; None where the variable is tested for being there at all.
    """

    statement: ast.If
    loop: ast.For
    test: ast.Name
    key: str | None


def find_guard(reads: Sequence[Reference], module: Module) -> Guard | None:
    """The guard that tests a variable and holds the loop with its one other read."""
    nodes = [reference.node for reference in reads]
    if len(nodes) != 2 or not all(isinstance(node, ast.Name) for node in nodes):
        return None
    test, other = nodes
    assert isinstance(test, ast.Name)
    condition, key = _condition(test, module)
    statement = module.scopes.parents[condition]
    if (
        not isinstance(statement, ast.If)
        or statement.test is not condition
        or statement.orelse
        or len(statement.body) != 1
        or _may_be_elif(statement, module)
    ):
        return None
    loop = statement.body[0]
    if not isinstance(loop, ast.For) or other not in walk(loop.iter):
        return None
    return Guard(statement, loop, test, key)


def _condition(test: ast.Name, module: Module) -> tuple[ast.expr, str | None]:
    """The condition that `test` makes, with its key: itself, `len(test) > 0`, `"k" in test`."""
    parents = module.scopes.parents
    node: ast.expr = test
    call = parents[node]
    if isinstance(call, ast.Call) and ast.unparse(call) == f"len({test.id})":
        node = call
    compare = parents[node]
    if not isinstance(compare, ast.Compare) or len(compare.ops) != 1:
        return node, None
    match compare.left, compare.ops[0], compare.comparators[0]:
        case ast.Constant(value=str(key)), ast.In(), held if held is test:
            return compare, key
        case held, ast.Gt() | ast.NotEq(), ast.Constant(value=0) if held is call:
            return compare, None
        case held, ast.IsNot(), ast.Constant(value=None) if held is test:
            return compare, None
    return node, None


def _may_be_elif(statement: ast.If, module: Module) -> bool:
    outer = module.scopes.parents[statement]
    return isinstance(outer, ast.If) and outer.orelse == [statement]


def folded(guard: Guard, before: Part, read: Part) -> Part | None:
    """The part that the loop streams without its guard; None where the guard is of another part.

    `before` is the part that the variable holds, `read` the one that the loop reads.
    """
    wanted = before.keys if guard.key is None else (*before.keys, guard.key)
    if read.keys != wanted or read.view is View.KEYS:
        return None
    if guard.key is None and read.default is None:
        return read
    if guard.key is not None and read.default is not None:
        return None
    nothing = ast.List([], ast.Load()) if read.view is View.ELEMENTS else ast.Dict([], [])
    return read._replace(default=nothing)
