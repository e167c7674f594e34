"""Which functions of the repository a call may run, where that need not be certain.

The other files that resolve calls ask for the one function that is certainly meant. Here a method
is any of its name in the classes of this file and of the files that it imports, and a function
that is handed to another one may be called by it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from loadstream.analysis.callees import resolve
from loadstream.analysis.classes import Lookup, class_of, own_member
from loadstream.analysis.modules import ClassDefinition, Definition, Module
from loadstream.analysis.repository import Repository
from loadstream.analysis.scopes import FUNCTIONS

_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.Constant)
_BUILTINS = frozenset("Counter OrderedDict defaultdict deque dict list set sorted str".split())


def functions_behind(
    callee: ast.expr, module: Module, repository: Repository
) -> Iterator[Definition]:
    """The functions that calling `callee` may run: itself, a constructor, or a method."""
    found = resolve(callee, module, repository)
    if found is not None:
        yield found.definition
        return
    if isinstance(callee, ast.Name):
        yield from _bound_here(callee, module, repository)
    owner = class_of(callee, module, repository)
    if owner is not None:
        made = own_member(owner, "__init__")
        if isinstance(made, Definition):
            yield made
    elif isinstance(callee, ast.Attribute) and not _is_builtin(callee.value, module):
        for one in classes_in_reach(callee.attr, module, repository):
            method = own_member(one, callee.attr)
            if not isinstance(method, Lookup):
                yield method


def _bound_here(name: ast.Name, module: Module, repository: Repository) -> Iterator[Definition]:
    """Nested functions of that name, and those that a call such as `partial(f, …)` gave it."""
    scopes = module.scopes
    for binding in scopes.bindings(scopes.scope_of[name].home(name.id), name.id):
        node, binder = binding.node, scopes.parents.get(binding.node)
        if isinstance(node, FUNCTIONS):
            yield Definition(module, node)
        elif isinstance(binder, ast.Assign) and isinstance(binder.value, ast.Call):
            for argument in binder.value.args:
                found = resolve(argument, module, repository)
                if found is not None:
                    yield found.definition


def functions_given(call: ast.Call, module: Module, repository: Repository) -> Iterator[Definition]:
    """The functions that a call is handed: `map(save, rows)`, `sorted(rows, key=rank)`."""
    for argument in [*call.args, *(keyword.value for keyword in call.keywords)]:
        if isinstance(argument, ast.Name | ast.Attribute):
            yield from functions_behind(argument, module, repository)


def _is_builtin(receiver: ast.expr, module: Module) -> bool:
    """Whether a receiver is written down as a list, dict, set or string, or bound to one."""
    if isinstance(receiver, ast.JoinedStr | ast.Constant):
        return True
    if not isinstance(receiver, ast.Name):
        return False
    scopes = module.scopes
    bindings = scopes.bindings(scopes.scope_of[receiver].home(receiver.id), receiver.id)
    binders = [scopes.parents.get(binding.node) for binding in bindings]
    return bool(binders) and all(
        isinstance(b, ast.Assign | ast.AnnAssign) and _makes_builtin(b.value) for b in binders
    )


def _makes_builtin(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return value.func.id in _BUILTINS
    return isinstance(value, _DISPLAYS)


def classes_in_reach(method: str, module: Module, repository: Repository) -> list[ClassDefinition]:
    """The classes of this file, and of those that it imports, that define `method`."""
    question = ("classes in reach", method, module.path)
    return repository.answer(question, lambda: [*_with_method(method, module, repository)])


def _with_method(method: str, module: Module, repository: Repository) -> Iterator[ClassDefinition]:
    pattern = re.compile(rf"\bdef\s+{re.escape(method)}\b")
    for one in [module, *_imported(module, repository)]:
        if pattern.search(one.source.text) is None:
            continue
        for node in one.source.tree.body:
            if isinstance(node, ast.ClassDef):
                yield ClassDefinition(one, node)


def _imported(module: Module, repository: Repository) -> list[Module]:
    """The files of the repository that a file imports."""
    return repository.answer(("imports", module.path), lambda: [*_imports(module, repository)])


def _imports(module: Module, repository: Repository) -> Iterator[Module]:
    paths = [
        repository.find(node.module or "", node.level, module.path)
        for node in module.every(ast.ImportFrom)
    ]
    for statement in module.every(ast.Import):
        paths += [repository.find(alias.name, 0, module.path) for alias in statement.names]
    for path in dict.fromkeys(paths):
        found = None if path is None else repository.module(path)
        if found is not None:
            yield found
