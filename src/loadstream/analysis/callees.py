"""What a call calls: a function of the repository, followed through imports and aliases."""

from __future__ import annotations

import ast
from typing import NamedTuple

from loadstream.analysis.modules import Definition, Module
from loadstream.analysis.repository import Repository
from loadstream.analysis.scopes import FUNCTIONS, Scope


class Callee(NamedTuple):
    """What a call's callee was found to be. `statement` is the `from … import` that named it."""

    definition: Definition
    statement: ast.ImportFrom | None
    alias: ast.alias | None
    origin: Module | None


def resolve(callee: ast.expr, module: Module, repository: Repository) -> Callee | None:
    """The function that `callee` certainly is, None where that cannot be told."""
    scopes = module.scopes
    if isinstance(callee, ast.Name):
        home = scopes.scope_of[callee].home(callee.id)
        references = [r for r in scopes.references(home, callee.id) if r.access.value != "read"]
        if len(references) != 1:
            return None
        node = references[0].node
        if isinstance(node, FUNCTIONS):
            definition = repository.definition(module, callee.id) if home.is_module else None
            return None if definition is None else Callee(definition, None, None, None)
        if not isinstance(node, ast.alias):
            return None
        statement = scopes.parents[node]
        if not isinstance(statement, ast.ImportFrom):
            return None
        origin = repository.imported_module(statement, module.path)
        definition = None if origin is None else repository.definition(origin, node.name)
        return None if definition is None else Callee(definition, statement, node, origin)
    if isinstance(callee, ast.Attribute):
        origin = module_of(callee.value, module, repository)
        definition = None if origin is None else repository.definition(origin, callee.attr)
        return None if definition is None else Callee(definition, None, None, origin)
    return None


def module_of(value: ast.expr, module: Module, repository: Repository) -> Module | None:
    """The module that `m` or `a.b` certainly stands for, bound by an import."""
    parts = []
    while isinstance(value, ast.Attribute):
        parts.append(value.attr)
        value = value.value
    if not isinstance(value, ast.Name):
        return None
    scopes = module.scopes
    home = scopes.scope_of[value].home(value.id)
    references = [r for r in scopes.references(home, value.id) if r.access.value != "read"]
    if not references or not all(isinstance(r.node, ast.alias) for r in references):
        return None
    wanted = ".".join([value.id, *reversed(parts)])
    for reference in references:
        alias, statement = reference.node, scopes.parents[reference.node]
        assert isinstance(alias, ast.alias)
        if isinstance(statement, ast.ImportFrom):
            dotted = f"{statement.module}.{alias.name}" if statement.module else alias.name
            level = statement.level
        else:
            dotted, level = alias.name, 0
        spelled = alias.asname or alias.name
        if spelled == wanted and (len(references) == 1 or isinstance(statement, ast.Import)):
            path = repository.find(dotted, level, module.path)
            return None if path is None else repository.module(path)
    return None


def bindings_seen(name: str, scope: Scope) -> list[Scope]:
    """The scopes from here outwards that bind `name`."""
    found = []
    current: Scope | None = scope
    while current is not None:
        if name in current.bound:
            found.append(current)
        current = current.parent
    return found
