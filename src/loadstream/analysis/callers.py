"""Handlers around the calls of a function: who goes on when the function has ended half-way.

Calls are followed upwards by name, a few functions high: of a function where its name certainly
means it, of a method wherever a method of that name is called, and from there only in its own file.
A function that is handed over runs where that is done; that somebody calls it later (a thread, a
framework) is not seen.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from loadstream.analysis.callees import resolve
from loadstream.analysis.data_files import called
from loadstream.analysis.handlers import every_handler
from loadstream.analysis.modules import Definition, Module
from loadstream.analysis.repository import Repository
from loadstream.analysis.scopes import FUNCTIONS, Function
from loadstream.analysis.trees import walk

_HIGHEST = 5  # functions that are followed upwards, one above the other
_MOST = 25  # functions that are followed in all


class HandledCall(NamedTuple):
    """A call of the function `name` that stands under `handler`, in the file `module`."""

    name: str
    handler: ast.stmt
    module: Module


def handled_call(node: ast.AST, module: Module, repository: Repository) -> HandledCall | None:
    """A call that runs `node`, directly or through others, and has a handler around it."""
    function = _function_around(node, module)
    if function is None:
        return None
    key = ("handled call", module.real_path, function.lineno, function.name)
    return repository.answer(
        key, lambda: _handled(function, module, repository, set[ast.AST](), _HIGHEST)
    )


def _handled(
    function: Function, module: Module, repository: Repository, seen: set[ast.AST], height: int
) -> HandledCall | None:
    if height == 0 or function in seen or len(seen) == _MOST:
        return None
    seen.add(function)
    calls = list(_calls(function, module, repository))
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in walk(function)):
        calls += [(read, where) for call, where in calls for read in _reads_of(call, where)]
    for call, where in calls:
        handler = next(every_handler(call, where, repository), None)
        if handler is not None:
            return HandledCall(function.name, handler, where)
    is_method = isinstance(module.scopes.parents[function], ast.ClassDef)
    for call, where in calls:
        if is_method and where is not module:
            continue
        above = _function_around(call, where)
        found = None if above is None else _handled(above, where, repository, seen, height - 1)
        if found is not None:
            return found
    return None


def _reads_of(call: ast.expr, module: Module) -> list[ast.expr]:
    """Where the variable is read that holds what a call gives: a generator runs there."""
    binder = module.scopes.parents[call]
    targets = binder.targets if isinstance(binder, ast.Assign) else []
    return [
        reference.node
        for target in targets
        if isinstance(target, ast.Name)
        for reference in module.scopes.references(module.scopes.scope_of[target], target.id)
        if isinstance(reference.node, ast.expr) and reference.node is not target
    ]


def _function_around(node: ast.AST, module: Module) -> Function | None:
    around = module.scopes.ancestors(node)
    return next((outer for outer in around if isinstance(outer, FUNCTIONS)), None)


def _calls(
    function: Function, module: Module, repository: Repository
) -> Iterator[tuple[ast.expr, Module]]:
    """What runs `function` in the repository, each with the file in which it stands."""
    parent = module.scopes.parents[function]
    own = set(walk(function))
    yield from ((node, module) for node in _running(function, module, module) if node not in own)
    if isinstance(parent, FUNCTIONS):
        return
    is_method = isinstance(parent, ast.ClassDef)
    name = _called(function, module).encode()
    is_called_of_objects = name == function.name.encode() and is_method
    wanted = re.compile(rb"\.%b\b" % re.escape(name)).search
    stem = module.path.parent.name if module.path.stem == "__init__" else module.path.stem
    mentions = repository.mentions
    holding = mentions.with_word(name.decode()) if is_method else mentions.importers(stem)
    for path, text in holding.items():
        if name not in text or (is_called_of_objects and not wanted(text)):
            continue
        other = repository.module(path)
        if other is None or other.real_path == module.real_path:
            continue
        definition = Definition(module, function)
        for node in _running(function, module, other):
            if is_method or _means(node, definition, other, repository):
                yield node, other


def _means(node: ast.expr, definition: Definition, module: Module, repository: Repository) -> bool:
    """Whether a call in another file is of `definition`, or is handed it."""
    parts = [node.func, *node.args] if isinstance(node, ast.Call) else []
    for part in parts:
        callee = resolve(part, module, repository)
        if callee is not None and callee.definition == definition:
            return True
        if isinstance(part, ast.Name) and callee is None and module.scopes.star_imports:
            home = module.scopes.scope_of[part].home(part.id)
            if part.id == definition.name and home.is_module:
                return True
    return False


def _called(function: Function, module: Module) -> str:
    """The name that runs a function: of a method that Python calls itself, its class's."""
    parent = module.scopes.parents[function]
    is_special = function.name.startswith("__") and function.name.endswith("__")
    return parent.name if is_special and isinstance(parent, ast.ClassDef) else function.name


def _running(function: Function, home: Module, module: Module) -> Iterator[ast.expr]:
    """What may run the function in a file, by its name: calls, and reads of a property.

    A call that is handed the function may call it: `map(rows_of, paths)`.
    """
    name = _called(function, home)
    names = _other_names(name, module)
    calls = [call for one in names for call in module.calls_with.get(one, ())]
    yield from dict.fromkeys(calls)
    if any("property" in ast.unparse(decorator) for decorator in function.decorator_list):
        yield from (node for node in module.every(ast.Attribute) if node.attr == name)


def _other_names(name: str, module: Module) -> set[str]:
    """The name with those that imports and assignments give it: `run = partial(main, 1)`."""
    names = {
        alias.asname for alias in module.every(ast.alias) if alias.asname and alias.name == name
    }
    for statement in module.every(ast.Assign):
        value = statement.value
        is_partial = isinstance(value, ast.Call) and called(value) == "partial"
        parts = value.args[:1] if isinstance(value, ast.Call) and is_partial else [value]
        if any(_name(part) == name for part in parts):
            names.update(filter(None, map(_name, statement.targets)))
    return {name, *names}


def _name(expression: ast.expr) -> str:
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""
