"""A streamer that is itself built on its loader: a rewrite must not make it call itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from loadstream.analysis.callees import resolve
from loadstream.analysis.classes import own_member
from loadstream.analysis.modules import ClassDefinition, Definition, Module
from loadstream.analysis.pairs import Pair
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.repository import Repository
from loadstream.analysis.scopes import FUNCTIONS
from loadstream.analysis.trees import walk


def recursion(
    call: ast.Call,
    pair: Pair,
    module: Module,
    repository: Repository,
    classes: tuple[ClassDefinition, ...] = (),
) -> Iterator[Refusal]:
    """Why a load that stands in what its own streamer runs stays.

    `classes` are those that methods are looked for in, for a pair of methods; between functions of
    two files that import each other the way is not followed, and refused.
    """
    span = module.source.lines.span(call)
    home = pair.streamer.module
    if classes or module.real_path == home.real_path:
        reached = _reached_from(pair.streamer, repository, classes)
        around = {
            (module.real_path, node.lineno)
            for node in module.scopes.ancestors(call)
            if isinstance(node, FUNCTIONS)
        }
        if around & reached:
            yield Refusal(
                Reason.SELF_REFERENCE, f"{pair.streamer.name} is built on this load", span
            )
    elif module.path in _imports_of(home, repository):
        yield Refusal(Reason.SELF_REFERENCE, f"{home.path.name} imports this file", span)


def _reached_from(
    definition: Definition, repository: Repository, classes: tuple[ClassDefinition, ...]
) -> set[tuple[Path, int]]:
    """The places of the functions that `definition` names, itself and theirs included."""
    reached: set[tuple[Path, int]] = set()
    pending = [definition]
    while pending:
        current = pending.pop()
        place = (current.module.real_path, current.function.lineno)
        if place in reached:
            continue
        reached.add(place)
        for node in walk(current.function):
            if isinstance(node, ast.Name):
                callee = repository.definition(current.module, node.id)
                if callee is not None:
                    pending.append(callee)
            elif isinstance(node, ast.Attribute):
                found = resolve(node, current.module, repository)
                methods = [own_member(one, node.attr) for one in classes]
                pending += [] if found is None else [found.definition]
                pending += [one for one in methods if isinstance(one, Definition)]
    return reached


def _imports_of(module: Module, repository: Repository) -> set[Path]:
    """The files of the repository that `module` imports, directly."""
    paths: set[Path | None] = set()
    for node in walk(module.source.tree):
        if isinstance(node, ast.ImportFrom):
            paths.add(repository.find(node.module or "", node.level, module.path))
            for alias in node.names:
                dotted = f"{node.module}.{alias.name}" if node.module else alias.name
                paths.add(repository.find(dotted, node.level, module.path))
        elif isinstance(node, ast.Import):
            for alias in node.names:
                paths.add(repository.find(alias.name, 0, module.path))
    return {path for path in paths if path is not None}
