"""Global names that a loader reads, and code that changes one of them.

`rows = load_rows()` reads `DATA_FILE` now; `stream_rows()` in the place of the pass reads it then.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from loadstream.analysis.attributes import MUTATORS
from loadstream.analysis.callees import resolve
from loadstream.analysis.data_files import run_by
from loadstream.analysis.modules import Definition, Module
from loadstream.analysis.pairs import find_pair
from loadstream.analysis.repository import Repository
from loadstream.analysis.scopes import Access, Reference
from loadstream.analysis.trees import walk

_DEEPEST = 3  # calls of repository functions that are followed


def state_change(
    loader: Definition, nodes: Iterable[ast.AST], module: Module, repository: Repository
) -> ast.AST | None:
    """What among `nodes`, which run in `module`, changes a global that `loader` reads, if any."""
    names = _globals_read(loader, repository, _DEEPEST)
    if not names:
        return None
    is_home = module.real_path == loader.module.real_path
    return next(
        (
            node
            for node in run_by(nodes)
            if _changes(node, names, module, is_home=is_home)
            or (isinstance(node, ast.Call) and _sets(node, names, module, repository, _DEEPEST))
        ),
        None,
    )


def change_in_pass(
    loader: Definition, anchor: ast.AST, load: ast.Call, module: Module, repository: Repository
) -> ast.AST | None:
    """What in a pass, beside the `load`, changes a global that the loader's streamer may read."""
    pair = find_pair(loader, repository)
    if pair is None:
        return None
    names = _globals_read(pair.streamer, repository, _DEEPEST)
    is_home = module.real_path == loader.module.real_path
    for node in run_by([anchor]) if names else ():
        if node is load:
            continue
        if isinstance(node, ast.Call):
            changing = isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS
            changed = (changing and _changes(node, names, module, is_home=is_home)) or _sets(
                node, names, module, repository, _DEEPEST
            )
        else:
            changed = _changes(node, names, module, is_home=is_home)
        if changed:
            return node
    return None


def _globals_read(function: Definition, repository: Repository, depth: int) -> frozenset[str]:
    """The module's variables that a function reads, and what it reads of modules and classes.

    Imported modules and functions are none: of `os.environ["DATA"]` it is `environ`.
    """
    scopes, found = function.module.scopes, set()
    for node in walk(function.function):
        if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
            continue
        if not scopes.scope_of[node].home(node.id).is_module:
            continue
        binders = scopes.bindings(scopes.module, node.id)
        if any(
            isinstance(binder.node, ast.Name)
            or isinstance(scopes.parents[binder.node], ast.ImportFrom)
            for binder in binders
        ):
            found.add(node.id)
        read = _attributes_read(node, function.module)
        found.update(
            {"environ"}.intersection(read)
            if _is_outside(binders, function.module, repository)
            else read
        )
        helper = repository.definition(function.module, node.id) if depth else None
        if helper is not None and helper != function:
            found |= _globals_read(helper, repository, depth - 1)
    return frozenset(found)


def _is_outside(binders: Iterable[Reference], module: Module, repository: Repository) -> bool:
    """Whether a name stands for a module that is not of the repository, such as `os`."""
    return any(
        isinstance(binder.node, ast.alias)
        and isinstance(module.scopes.parents[binder.node], ast.Import)
        and repository.find(binder.node.name, 0, module.path) is None
        for binder in binders
    )


def _attributes_read(name: ast.Name, module: Module) -> Iterator[str]:
    """`PATH` of `settings.PATH`, and `environ` of what reads the environment; no methods."""
    parents = module.scopes.parents
    node = parents[name]
    while isinstance(node, ast.Attribute):
        call = parents[node]
        if isinstance(call, ast.Call) and call.func is node:
            if node.attr == "getenv":
                yield "environ"
            return
        yield node.attr
        node = parents[node]


def _changes(node: ast.AST, names: frozenset[str], module: Module, *, is_home: bool) -> bool:
    """Whether a node binds one of the names, or something in what it stands for."""
    if isinstance(node, ast.Name):
        scopes = module.scopes
        binds = any(
            reference.node is node and reference.access is not Access.READ
            for reference in scopes.references(scopes.module, node.id)
        )
        return is_home and binds and node.id in names
    if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
        return bool(_names_in(node) & names)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return bool(_names_in(node.func.value) & names)
    return False


def _names_in(node: ast.AST) -> set[str]:
    """The names and attributes on the way to what a node stands for: `m`, `DATA` of `m.DATA[0]`."""
    found = set()
    while isinstance(node, ast.Attribute | ast.Subscript):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        node = node.value
    return found | ({node.id} if isinstance(node, ast.Name) else set())


def _sets(
    call: ast.Call, names: frozenset[str], module: Module, repository: Repository, depth: int
) -> bool:
    """Whether a function of the repository that is called sets one of the names."""
    callee = resolve(call.func, module, repository)
    if callee is None or depth == 0:
        return False
    definition = callee.definition
    inner = definition.module
    return any(
        (isinstance(node, ast.Global) and set(node.names) & names)
        or (not isinstance(node, ast.Name) and _changes(node, names, inner, is_home=True))
        or (isinstance(node, ast.Call) and _sets(node, names, inner, repository, depth - 1))
        for node in run_by(definition.function.body)
    )
