"""Functions of the repository that run although nothing calls them by their names.

A property is read, a with block enters and leaves its manager, a generator goes on.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loadstream.analysis.callees import resolve
from loadstream.analysis.classes import Lookup, class_of, own_member
from loadstream.analysis.data_files import called
from loadstream.analysis.modules import Definition, Module
from loadstream.analysis.possible_calls import classes_in_reach
from loadstream.analysis.repository import Repository
from loadstream.analysis.scopes import FUNCTIONS
from loadstream.analysis.trees import walk

_RESUMES = frozenset("next send throw".split())


def run_implicitly(node: ast.AST, module: Module, repository: Repository) -> Iterator[Definition]:
    """The functions that `node` itself may run, but for those that it calls."""
    match node:
        case ast.Attribute(attr=name):
            for one in classes_in_reach(name, module, repository):
                method = own_member(one, name)
                if isinstance(method, Definition) and method.function.decorator_list:
                    yield method
        case ast.With() | ast.AsyncWith():
            for item in node.items:
                yield from _of_manager(item.context_expr, module, repository)
        case ast.Call() if called(node) in _RESUMES:
            for function in walk(module.source.tree):
                if isinstance(function, FUNCTIONS) and _is_generator(function):
                    yield Definition(module, function)
        case ast.Call():
            found = resolve(node.func, module, repository)
            if found is not None:
                yield from _wrappers(found.definition, repository)


def _of_manager(context: ast.expr, module: Module, repository: Repository) -> Iterator[Definition]:
    owner = class_of(context.func, module, repository) if isinstance(context, ast.Call) else None
    for name in ("__enter__", "__exit__", "__aenter__", "__aexit__"):
        known = [owner] if owner is not None else []
        if not known and isinstance(context, ast.Name | ast.Attribute):
            known = classes_in_reach(name, module, repository)
        for one in known:
            method = own_member(one, name)
            if not isinstance(method, Lookup):
                yield method


def _wrappers(definition: Definition, repository: Repository) -> Iterator[Definition]:
    """The functions that the decorators of a function put around it."""
    for decorator in definition.function.decorator_list:
        callee = decorator.func if isinstance(decorator, ast.Call) else decorator
        found = resolve(callee, definition.module, repository)
        if found is not None:
            for node in walk(found.definition.function):
                if isinstance(node, FUNCTIONS):
                    yield Definition(found.definition.module, node)


def _is_generator(function: ast.AST) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in walk(function))
