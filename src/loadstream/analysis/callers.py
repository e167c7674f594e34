"""Handlers around the calls of a function: who goes on when the function has ended half-way.

Calls are followed upwards by name, a few functions high: of a function where its name certainly
means it, of a method wherever a method of that name is called. A function that is handed over and
called by somebody else (a thread, a framework) is not seen.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from loadstream.analysis.callees import resolve
from loadstream.analysis.handlers import every_handler
from loadstream.analysis.modules import Definition, Module, Repository
from loadstream.analysis.scopes import FUNCTIONS, Function

_HIGHEST = 5  # functions that are followed upwards


@dataclass(frozen=True, slots=True)
class HandledCall:
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
    if height == 0 or function in seen:
        return None
    seen.add(function)
    calls = list(_calls(function, module, repository))
    for call, where in calls:
        handler = next(every_handler(call, where, repository), None)
        if handler is not None:
            return HandledCall(function.name, handler, where)
    for call, where in calls:
        above = _function_around(call, where)
        found = None if above is None else _handled(above, where, repository, seen, height - 1)
        if found is not None:
            return found
    return None


def _function_around(node: ast.AST, module: Module) -> Function | None:
    around = module.scopes.ancestors(node)
    return next((outer for outer in around if isinstance(outer, FUNCTIONS)), None)


def _calls(
    function: Function, module: Module, repository: Repository
) -> Iterator[tuple[ast.Call, Module]]:
    """The calls of `function` in the repository, each with the file in which it stands."""
    parent = module.scopes.parents[function]
    own = set(ast.walk(function))
    yield from ((call, module) for call in _named(function, module) if call not in own)
    if isinstance(parent, FUNCTIONS):
        return
    is_method = isinstance(parent, ast.ClassDef)
    name = function.name.encode()
    wanted = re.compile((rb"\.%b\(" if is_method else rb"\b%b\b") % re.escape(name)).search
    stem = module.path.parent.name if module.path.stem == "__init__" else module.path.stem
    for path, text in repository.texts:
        if name not in text or not wanted(text) or path.resolve() == module.real_path:
            continue
        if not is_method and stem.encode() not in text:
            continue
        other = repository.module(path)
        if other is None:
            continue
        definition = Definition(module, function)
        for call in _named(function, other):
            if is_method:
                yield call, other
                continue
            callee = resolve(call.func, other, repository)
            if callee is not None and callee.definition == definition:
                yield call, other


def _named(function: Function, module: Module) -> Iterator[ast.Call]:
    """The calls in a file of anything that has the function's name."""
    yield from module.calls.get(function.name, ())
