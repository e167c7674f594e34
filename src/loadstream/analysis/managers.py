"""Context managers that swallow exceptions: with blocks that are handlers."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loadstream.analysis.modules import Module
from loadstream.analysis.repository import Repository
from loadstream.analysis.scopes import FUNCTIONS
from loadstream.analysis.trees import children, walk

_SUPPRESSING = frozenset("suppress raises ExitStack assertRaises assertRaisesRegex subTest".split())
_EXITS = ("__exit__", "__aexit__")


def swallows(context: ast.expr, module: Module, repository: Repository | None) -> bool:
    """Whether a context manager may swallow exceptions, by its name or by its text.

    Without the `repository` only managers of this file are looked into.
    """
    if isinstance(context, ast.Name):
        home = module.scopes.scope_of[context].home(context.id)
        binders = [
            module.scopes.parents.get(b.node) for b in module.scopes.bindings(home, context.id)
        ]
        return any(
            swallows(binder.value, module, repository)
            for binder in binders
            if isinstance(binder, ast.Assign) and isinstance(binder.value, ast.Call)
        )
    if not isinstance(context, ast.Call):
        return False
    callee = context.func
    name = callee.attr if isinstance(callee, ast.Attribute) else getattr(callee, "id", "")
    if name in _SUPPRESSING:
        return True
    return any(_may_swallow(node) for node in _definitions(name, callee, module, repository))


def _definitions(
    name: str, callee: ast.expr, module: Module, repository: Repository | None
) -> Iterator[ast.AST]:
    """The functions and classes that may be meant: any of that name here, or the imported one."""
    yield from (node for node in module.every(ast.FunctionDef) if node.name == name)
    yield from (node for node in module.every(ast.AsyncFunctionDef) if node.name == name)
    yield from (node for node in module.every(ast.ClassDef) if node.name == name)
    if repository is not None and isinstance(callee, ast.Name):
        found = repository.binding(module, name)
        if found is not None:
            yield found[1].node


def _may_swallow(node: ast.AST) -> bool:
    if isinstance(node, ast.ClassDef):
        exits = [n for n in node.body if isinstance(n, FUNCTIONS) and n.name in _EXITS]
        return any(_gives_truth(n) for exit_ in exits for n in walk(exit_))
    if not isinstance(node, FUNCTIONS):
        return False
    nodes = list(walk(node))
    return any(isinstance(n, ast.Yield) for n in nodes) and any(_catches(n) for n in nodes)


def _gives_truth(node: ast.AST) -> bool:
    if not isinstance(node, ast.Return) or node.value is None:
        return False
    return not (isinstance(node.value, ast.Constant) and not node.value.value)


def _catches(node: ast.AST) -> bool:
    """A handler that does not end by raising, `suppress`, or a `finally` that leaves."""
    if isinstance(node, ast.ExceptHandler):
        return not isinstance(node.body[-1], ast.Raise)
    if isinstance(node, ast.Call):
        callee = node.func
        name = callee.attr if isinstance(callee, ast.Attribute) else getattr(callee, "id", "")
        return name in _SUPPRESSING
    return isinstance(node, ast.Try) and leaves_finally(node)


def leaves_finally(statement: ast.stmt) -> bool:
    """Whether the `finally` of a try returns, or goes on with a loop around it: nothing passes."""
    pending: list[tuple[ast.AST, bool]] = [
        (node, True) for node in getattr(statement, "finalbody", ())
    ]
    while pending:
        node, own = pending.pop()
        if isinstance(node, ast.Return) or (own and isinstance(node, ast.Break | ast.Continue)):
            return True
        if isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Lambda)):
            continue
        own = own and not isinstance(node, ast.For | ast.AsyncFor | ast.While)
        pending += [(child, own) for child in children(node)]
    return False
