"""`len(rows)` behind a loop over rows: the loop can count what goes by.

The count is the length only where the loop has seen every element, so nothing may leave it early,
and where the length is asked for in statements that run after it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loadstream.analysis.data_files import called
from loadstream.analysis.modules import Module
from loadstream.analysis.passes import REDUCTIONS, LoopPass, builtin_name, is_bar
from loadstream.analysis.scopes import FUNCTIONS
from loadstream.analysis.trees import children


def can_count(how: LoopPass, source: ast.expr, module: Module) -> bool:
    """Whether a loop over `source` takes each of its elements, one by one, to the last."""
    if how.items is not None or any(_breaks(how.node.body)):
        return False
    inner: ast.AST = source
    while inner is not how.node:
        outer = module.scopes.parents[inner]
        if isinstance(outer, ast.Call):
            assert isinstance(inner, ast.expr)
            counts = builtin_name(outer, module) in ("enumerate", "iter")
            if outer.args[:1] != [inner] or not (counts or is_bar(outer, inner, module)):
                return False
        inner = outer
    return True


def is_behind(read: ast.AST, loop: ast.For, module: Module) -> bool:
    """Whether `read` stands in a statement that only runs when `loop` has come to its end.

    In the function of the loop, in its block, or in that of a with block around it that does no
    more than open files: any other could swallow an exception.
    """
    scopes = module.scopes
    if scopes.scope_of[read].function() is not scopes.scope_of[loop].function():
        return False
    around = {read, *scopes.ancestors(read)}
    if any(_runs_later(node, module) for node in around - set(scopes.ancestors(loop))):
        return False
    statement: ast.stmt = loop
    while True:
        block = scopes.block(statement)
        if any(later in around for later in block[block.index(statement) + 1 :]):
            return True
        outer = scopes.parents[statement]
        if not isinstance(outer, ast.With) or not all(map(_opens, outer.items)):
            return False
        statement = outer


def _runs_later(node: ast.AST, module: Module) -> bool:
    """Whether a node holds code that may run when the names in it mean something else."""
    if isinstance(node, ast.GeneratorExp):
        call = module.scopes.parents[node]
        name = builtin_name(call, module) if isinstance(call, ast.Call) else ""
        return name not in REDUCTIONS and name not in ("list", "tuple")
    return isinstance(node, (*FUNCTIONS, ast.Lambda))


def _opens(item: ast.withitem) -> bool:
    context = item.context_expr
    return isinstance(context, ast.Call) and called(context) == "open"


def _breaks(body: list[ast.stmt]) -> Iterator[ast.Break]:
    """The `break` statements that leave the loop whose body this is."""
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Break):
            yield node
        elif isinstance(node, ast.For | ast.AsyncFor | ast.While):
            pending += node.orelse
        elif not isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            pending += children(node)
