"""Streams that are read twice: the second pass finds nothing."""

from __future__ import annotations

import ast

from loadstream.analysis.loads import Kind, Load
from loadstream.analysis.modules import Module
from loadstream.analysis.passes import (
    builtin_name,
    consumer_of,
    may_stop_early,
)
from loadstream.analysis.reads import place_of, reads_of, variable_of
from loadstream.analysis.reasons import Refusal
from loadstream.analysis.scopes import Access


def consumed_twice(load: Load, module: Module) -> ast.Name | None:
    """For a stream kept in a variable: the second read that would find it empty (LS203)."""
    if load.kind is not Kind.STREAMED:
        return None
    variable = variable_of(load.expression, module.scopes.parents[load.expression])
    if variable is None:
        return None
    home = module.scopes.scope_of[variable].home(variable.id)
    references = module.scopes.references(home, variable.id)
    if any(r.access is not Access.READ and r.node is not variable for r in references):
        return None
    passes = []
    for reference in sorted(reads_of(references), key=place_of):
        node = reference.node
        assert isinstance(node, ast.Name)
        consumer = consumer_of(node, module)
        if not isinstance(consumer, Refusal):
            passes.append((node, not may_stop_early(consumer)))
        elif _is_collected(node, module):
            passes.append((node, True))
    if len(passes) < 2 or not passes[0][1]:
        return None
    first, second = passes[0][0], passes[1][0]
    return None if _exclusive(first, second, module) else second


def _is_collected(node: ast.Name, module: Module) -> bool:
    """Whether a stream is read to its end by list() or tuple()."""
    parent = module.scopes.parents[node]
    collects = isinstance(parent, ast.Call) and builtin_name(parent, module) in ("list", "tuple")
    return collects and isinstance(parent, ast.Call) and parent.args == [node]


def _exclusive(first: ast.AST, second: ast.AST, module: Module) -> bool:
    """Whether two nodes stand in different branches of one statement."""
    around = {first, *module.scopes.ancestors(first)}
    inner: ast.AST = second
    for outer in module.scopes.ancestors(second):
        if outer in around:
            return isinstance(outer, ast.If | ast.Try | ast.Match | ast.IfExp)
        inner = outer
    return inner is second
