"""Which files a call of a loader reads, as far as the texts of the call and the loader tell."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loadstream.analysis.data_files import PlainFile, called, mode_position
from loadstream.analysis.loads import Load
from loadstream.analysis.modules import Definition, Module
from loadstream.analysis.signatures import positional_names
from loadstream.analysis.trees import walk
from loadstream.analysis.writes import stands_for

_READS = frozenset({"open", "read_text", "read_bytes"})


def given_files(load: Load) -> Iterator[PlainFile]:
    """The arguments of the call that the loader opens, in the words of the caller."""
    if not isinstance(load.data, Definition):
        return
    names = positional_names(load.data)
    opened = _names_behind(load.data)
    for name, argument in zip(names, load.call.args, strict=False):
        if name in opened:
            yield PlainFile(argument)
    for keyword in load.call.keywords:
        if keyword.arg in opened:
            yield PlainFile(keyword.value)


def own_files(load: Load) -> Iterator[PlainFile]:
    """The paths that the loader opens, in its own words."""
    if isinstance(load.data, Definition):
        for path in _opened_paths(load.data):
            yield PlainFile(stands_for(path, load.data.module))


def object_files(load: Load, module: Module) -> Iterator[PlainFile]:
    """What may stand in the attributes that a method opens: all that its class, or whoever makes
    its objects in `module`, puts there.
    """
    if not isinstance(load.data, Definition) or load.data.owner is None:
        return
    owner = load.data.owner
    attributes = {
        node.attr
        for path in _behind(load.data)
        for node in walk(path)
        if isinstance(node, ast.Attribute)
    }
    if not attributes:
        return
    for node in walk(owner.node):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(_name(target) in attributes for target in targets):
                yield PlainFile(node.value)
        elif isinstance(node, ast.FunctionDef) and node.name == "__init__":
            yield from map(PlainFile, node.args.defaults)
    for call in module.calls.get(owner.name, ()):
        yield from map(PlainFile, [*call.args, *(k.value for k in call.keywords)])
    for statement in module.every(ast.Assign):
        if any(isinstance(t, ast.Attribute) and t.attr in attributes for t in statement.targets):
            yield PlainFile(statement.value)


def _name(target: ast.expr) -> str:
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")


def _names_behind(loader: Definition) -> set[str]:
    """The names that the opened paths are made of, through the loader's own variables."""
    return {
        node.id for path in _behind(loader) for node in walk(path) if isinstance(node, ast.Name)
    }


def _behind(loader: Definition) -> list[ast.expr]:
    """The opened paths, and what is assigned to the names in them."""
    found, seen = list(_opened_paths(loader)), set[str]()
    for path in found:
        for node in walk(path):
            if isinstance(node, ast.Name) and node.id not in seen:
                seen.add(node.id)
                found += _values(node.id, loader)
    return found


def _values(name: str, loader: Definition) -> list[ast.expr]:
    """What the loader assigns to a name, alone or among others."""
    found = []
    for node in walk(loader.function):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = (part for target in targets for part in walk(target))
            if node.value is not None and any(getattr(n, "id", "") == name for n in names):
                found.append(node.value)
    return found


def _opened_paths(loader: Definition) -> Iterator[ast.expr]:
    """What the loader opens; behind a name, also what it assigns to that."""
    for path in _opened(loader):
        yield path
        if isinstance(path, ast.Name):
            yield from _values(path.id, loader)


def _opened(loader: Definition) -> Iterator[ast.expr]:
    for node in walk(loader.function):
        if not isinstance(node, ast.Call) or called(node) not in _READS:
            continue
        is_method = isinstance(node.func, ast.Attribute)
        if isinstance(node.func, ast.Attribute) and (
            called(node) != "open" or mode_position(node) == 0
        ):
            yield node.func.value
        elif node.args and (called(node) == "open" or not is_method):
            yield node.args[0]
