"""Twins: the streamer that could stand beside a loader whose body is nothing but a plain load.

    def load_rows(path):                      def stream_rows(path, *, filter_func=None):
        with open(path) as f:                     with open(path) as f:
            return json.load(f)["rows"]               yield from stream_json(f, "$.rows", …)

The twin of a method is a method of the same class. A function that does more than plain_loaders
reads has no twin.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from loadstream.analysis.loader_names import twin_names
from loadstream.analysis.modules import Definition, Module
from loadstream.analysis.pairs import find_pair, is_loader
from loadstream.analysis.plain_loaders import around_loads, body_of, is_simple, no_twin
from loadstream.analysis.plans import RuntimeImport
from loadstream.analysis.reasons import Refusal
from loadstream.analysis.repository import Repository
from loadstream.analysis.suppressions import Comment, Suppression
from loadstream.analysis.twin_names import free_name
from loadstream.analysis.twin_text import filter_clash, twin_text


class Twin(NamedTuple):
    """A streamer that is not there yet: its name, its `def` as text, the import that it needs."""

    loader: Definition
    name: str
    text: str
    imports: RuntimeImport

    @property
    def qualified_name(self) -> str:
        """Its name within the module, as it will be: `stream_x`, `DataRepository.stream_x`."""
        owner = self.loader.owner
        return self.name if owner is None else f"{owner.name}.{self.name}"


def find_twin(loader: Definition, repository: Repository) -> Twin | Refusal | None:
    """The twin of `loader`; why it cannot stand there; None where the question does not arise."""
    if loader.function not in around_loads(loader.module, repository):
        return None
    if not is_simple(loader, repository) or find_pair(loader, repository) is not None:
        return None
    body = body_of(loader, repository)
    if body is None:
        return None
    if isinstance(body, Refusal):
        return body
    name = free_name(loader, repository)
    if isinstance(name, Refusal):
        return name
    if clash := filter_clash(loader):
        return no_twin(loader, clash)
    imports = body.load.imports
    if not isinstance(imports, RuntimeImport) or not _imported_at_top(imports, loader.module):
        return no_twin(loader, "json is imported inside a function")
    text = twin_text(name, loader, body, repository.settings.line_width)
    return Twin(loader, name, text, imports._replace(remove=None))


def without_streamer(loader: Definition, repository: Repository) -> str:
    """In words: that `loader` has no streamer, and whether it can be given one."""
    twin = find_twin(loader, repository)
    if isinstance(twin, Refusal):
        return twin.fact
    names = twin_names(loader.name)
    fact = f"{loader.qualified_name} has no {names[0] if names else 'streamer'} beside it"
    if twin is None:
        return fact
    try:
        place = loader.module.real_path.relative_to(repository.root).as_posix()
    except ValueError:
        place = loader.module.path.name
    return f"{place} has no {twin.name}, which LS108 can add, for the {loader.name}()"


def twins_of(module: Module, repository: Repository) -> Iterator[Twin]:
    """The twins that the loaders of a file could have."""
    if not around_loads(module, repository) or module.scopes.star_imports:
        return
    for loader in functions_of(module, repository):
        twin = find_twin(loader, repository)
        if isinstance(twin, Twin):
            yield twin


def functions_of(module: Module, repository: Repository) -> Iterator[Definition]:
    """The functions of a file, and the methods of its classes, that may be loaders."""
    for node in module.source.tree.body:
        if isinstance(node, ast.FunctionDef):
            function = repository.definition(module, node.name)
            if function is not None and function.function is node:
                yield function
        elif isinstance(node, ast.ClassDef):
            owner = repository.class_definition(module, node.name)
            if owner is None or owner.node is not node:
                continue
            for method in node.body:
                if isinstance(method, ast.FunctionDef):
                    yield Definition(module, method, owner)


def on_loaders(comments: Sequence[Comment], module: Module, repository: Repository) -> set[Comment]:
    """The comments that keep a loader of the file from getting a twin, or from being deprecated.

    That is said of a loader with a streamer by the code: `# loadstream: keep[LS108]`.
    """
    if not comments:
        return set()
    lines = [twin.loader.function.lineno for twin in twins_of(module, repository)]
    paired = [
        loader.function.lineno
        for loader in functions_of(module, repository)
        if any("LS108" in getattr(comment, "codes", ()) for comment in comments)
        and is_loader(loader, repository)
        and find_pair(loader, repository) is not None
    ]
    return {
        comment
        for comment in comments
        if isinstance(comment, Suppression)
        and (
            any(comment.covers(line, "LS108") for line in lines)
            or ("LS108" in comment.codes and any(comment.covers(line, "LS108") for line in paired))
        )
    }


def _imported_at_top(imports: RuntimeImport, module: Module) -> bool:
    """Whether the import of json is the module's, so that the runtime's can be beside it."""
    return any(
        module.source.lines.span(node) == imports.statement
        and module.scopes.scope_of[node].is_module
        for node in (*module.every(ast.Import), *module.every(ast.ImportFrom))
    )
