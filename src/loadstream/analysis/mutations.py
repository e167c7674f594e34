"""Loaded values that are changed and used again: `for row in rows: row["x"] = 1`, then dumped.

Only the words of a refusal depend on this: who reads a value again keeps it anyway.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from loadstream.analysis.modules import Module
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.scopes import Reference
from loadstream.analysis.trees import walk

# Methods of lists, dicts and sets that change them; `.sort` and `.reverse` are refused by name.
_CHANGING = frozenset(
    "add append clear discard extend insert pop popitem remove setdefault update".split()
)


def mutated_reuse(
    variable: ast.Name, reads: Sequence[Reference], module: Module
) -> Iterator[Refusal]:
    """The first use of `variable` behind a change of its value in place, as a refusal."""
    changed: ast.AST | None = None
    for reference in reads:
        node = reference.node
        if not isinstance(node, ast.Name):
            continue
        if _changes(node, module):
            changed = changed or node
        elif changed is not None:
            span = module.source.lines.span(node)
            line = getattr(changed, "lineno", 0)
            fact = (
                f"`{variable.id}` is changed in place at line {line} and used again"
                f" at line {span.start.line}"
            )
            yield Refusal(Reason.MUTATED_REUSE, fact, span)
            return


def _changes(value: ast.expr, module: Module) -> bool:
    """Whether the value, a part of it or, in a loop over it, an element is changed."""
    node: ast.expr = value
    while True:
        match parent := module.scopes.parents[node]:
            case ast.Subscript(value=owner) if owner is node:
                if not isinstance(parent.ctx, ast.Load):
                    return True
                node = parent
            case ast.Attribute(attr=method):
                call = module.scopes.parents[parent]
                if not isinstance(call, ast.Call) or call.func is not parent:
                    return False
                if method in _CHANGING:
                    return True
                node = call
            case ast.For(iter=source) if source is node:
                return _changes_elements(parent)
            case ast.Call(func=ast.Name(id="enumerate" | "zip")):
                node = parent
            case _:
                return False


def _changes_elements(loop: ast.For) -> bool:
    targets = {node.id for node in walk(loop.target) if isinstance(node, ast.Name)}
    for node in (child for statement in loop.body for child in walk(statement)):
        match node:
            case ast.Call(func=ast.Attribute(attr=method, value=root)) if method in _CHANGING:
                pass
            case ast.Subscript(value=root, ctx=ast.Store() | ast.Del()):
                pass
            case _:
                continue
        while isinstance(root, ast.Subscript | ast.Attribute):
            root = root.value
        if isinstance(root, ast.Name) and root.id in targets:
            return True
    return False
