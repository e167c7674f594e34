"""Imports in a notebook, which is full of the same ones: each cell wants to run by itself."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from loadstream.analysis.modules import Module


def import_for(name: ast.Name, aliases: Sequence[ast.alias], module: Module) -> ast.alias | None:
    """Of several imports of one thing, that of the cell in which `name` stands, or the first.

    None outside of notebooks, where they are not all the same, and where one is conditional.
    """
    notebook, parents = module.source.notebook, module.scopes.parents
    statements = [parents[alias] for alias in aliases]
    if notebook is None or not all(
        isinstance(statement, ast.Import | ast.ImportFrom) and statement in module.source.tree.body
        for statement in statements
    ):
        return None
    if len({_imported(alias, parents[alias]) for alias in aliases}) != 1:
        return None
    lines = module.source.lines
    in_order = sorted(aliases, key=lambda alias: alias.lineno)
    own = [
        alias
        for alias in in_order
        if notebook.same_cell([lines.span(alias), lines.span(name)]) and alias.lineno < name.lineno
    ]
    return (own or in_order)[-1 if own else 0]


def _imported(alias: ast.alias, statement: ast.AST) -> str:
    origin = (statement.module, statement.level) if isinstance(statement, ast.ImportFrom) else None
    return f"{origin} {ast.dump(alias)}"
