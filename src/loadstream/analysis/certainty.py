"""Whether a pass certainly comes after its load, whichever way the code takes.

A load that takes a part misses its key at once; a stream misses it in the pass. Where the pass may
be gone by, a document without the key would go unnoticed.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from enum import Enum, auto

from loadstream.analysis.data_files import run_by
from loadstream.analysis.modules import Module
from loadstream.analysis.scopes import COMPREHENSIONS
from loadstream.analysis.trees import children, walk


class _Way(Enum):
    """What a statement does on every way through it."""

    MEETS = auto()  # evaluates a pass
    GOES_ON = auto()  # has none, and ends at its end
    MAY_MISS = auto()


def is_certain(binding: ast.stmt, passes: Collection[ast.AST], module: Module) -> bool:
    """Whether one of `passes` is evaluated whenever `binding` has been, if nothing raises."""
    scopes = module.scopes
    statement: ast.AST = binding
    while isinstance(statement, ast.stmt):
        block = scopes.block(statement)
        way = _through(block[block.index(statement) + 1 :], passes)
        if way is not _Way.GOES_ON:
            return way is _Way.MEETS
        statement = scopes.parents[statement]
        if not isinstance(statement, ast.With | ast.If | ast.Try | ast.match_case):
            return False
        if isinstance(statement, ast.match_case):
            statement = scopes.parents[statement]
    return False


def comes_to(body: Sequence[ast.stmt], passes: Collection[ast.AST]) -> bool:
    """Whether one of `passes` is evaluated whenever `body` runs, if nothing raises."""
    return _through(body, passes) is _Way.MEETS


def _through(block: Sequence[ast.stmt], passes: Collection[ast.AST]) -> _Way:
    for statement in block:
        way = _way(statement, passes)
        if way is not _Way.GOES_ON:
            return way
    return _Way.GOES_ON


def _way(statement: ast.stmt, passes: Collection[ast.AST]) -> _Way:
    if not any(node in passes for node in walk(statement)):
        leaves = ast.Return | ast.Raise | ast.Break | ast.Continue
        nodes = run_by(_head_of_loop(statement))
        return _Way.MAY_MISS if any(isinstance(n, leaves) for n in nodes) else _Way.GOES_ON
    if statement in passes:
        return _Way.MEETS
    heads: list[ast.AST] = []
    blocks: list[Sequence[ast.stmt]] = []
    match statement:
        case ast.If():
            heads, blocks = [statement.test], [statement.body, statement.orelse]
        case ast.With():
            heads, blocks = [item.context_expr for item in statement.items], [statement.body]
        case ast.Try(handlers=[]):
            blocks = [statement.body]
        case ast.Match():
            heads, blocks = [statement.subject], [case.body for case in statement.cases]
            if not _takes_all(statement.cases[-1]):
                blocks.append([])
        case ast.For():
            heads = [statement.iter]
        case _ if not hasattr(statement, "body"):
            heads = [statement]
    if any(_evaluates(head, passes) for head in heads):
        return _Way.MEETS
    met = blocks and all(_through(block, passes) is _Way.MEETS for block in blocks)
    return _Way.MEETS if met else _Way.MAY_MISS


def _takes_all(case: ast.match_case) -> bool:
    pattern = case.pattern
    return case.guard is None and isinstance(pattern, ast.MatchAs) and pattern.pattern is None


def _head_of_loop(statement: ast.stmt) -> list[ast.AST]:
    """A statement, without the `break` and `continue` that only concern itself as a loop."""
    if not isinstance(statement, ast.For | ast.AsyncFor | ast.While):
        return [statement]
    return [n for n in walk(statement) if isinstance(n, ast.Return | ast.Raise)]


def _evaluates(node: ast.AST, passes: Collection[ast.AST]) -> bool:
    """Whether evaluating `node` certainly evaluates one of `passes`."""
    if node in passes:
        return True
    match node:
        case ast.Lambda():
            return False
        case ast.BoolOp(values=[first, *_]):
            return _evaluates(first, passes)
        case ast.Compare(left=left, comparators=[second, *_]):
            return _evaluates(left, passes) or _evaluates(second, passes)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            both = _evaluates(body, passes) and _evaluates(orelse, passes)
            return both or _evaluates(test, passes)
    if isinstance(node, COMPREHENSIONS):
        return _evaluates(node.generators[0].iter, passes)
    return any(_evaluates(child, passes) for child in children(node))
