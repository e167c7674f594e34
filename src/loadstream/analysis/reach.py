"""Whether a name certainly has its value where a call stands, however the file is run.

A name that one statement binds may still be unbound there: the statement stands under a condition,
comes later, or the call's function is called before it has run.
"""

from __future__ import annotations

import ast

from loadstream.analysis.data_files import run_by
from loadstream.analysis.modules import Module
from loadstream.analysis.scopes import FUNCTIONS, Access, Scope


def is_bound_at(name: str, home: Scope, call: ast.AST, module: Module) -> bool:
    """Whether the one binding of `name` in `home` has run, and stays, wherever `call` runs."""
    scopes = module.scopes
    changes = scopes.changes(home, name)
    if len(changes) != 1 or changes[0].access is not Access.BIND:
        return False
    binder = changes[0].node
    if isinstance(binder, ast.arg):
        return True
    statement = scopes.statement(binder)
    around = [call, *scopes.ancestors(call)]
    parent = scopes.parents[statement]
    if parent not in around:
        return False
    inner = around[around.index(parent) - 1]
    block = scopes.block(statement)
    if inner not in block:
        return False
    index, place = block.index(statement), block.index(inner)
    if index < place:
        return True
    # A `def` that is called later may come first, where nothing calls it in between.
    is_later = isinstance(inner, (*FUNCTIONS, ast.ClassDef)) and inner is not statement
    if inner is statement or not (is_later and home.is_module):
        return inner is statement and isinstance(inner, FUNCTIONS)
    return not any(_uses_own_code(node, module) for node in run_by(block[place : index + 1]))


def _uses_own_code(node: ast.AST, module: Module) -> bool:
    """Whether a node names a function or class that this file defines."""
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
        return False
    bindings = module.scopes.bindings(module.scopes.module, node.id)
    return any(isinstance(b.node, (*FUNCTIONS, ast.ClassDef)) for b in bindings)
