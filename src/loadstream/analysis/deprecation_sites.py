"""Loaders that are to be marked deprecated, because a streamer stands beside them (LS108).

Nobody is told of these unless it is asked for. Which mark it is depends on what the file has at
hand, and on the oldest Python that it must run on.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from typing import NamedTuple

from loadstream.analysis.deprecation import decorators, imported, is_marked
from loadstream.analysis.methods import dotted_name
from loadstream.analysis.modules import Definition, Module
from loadstream.analysis.pairs import (
    Pair,
    doubts,
    find_pair,
    gives_iterator,
    is_decorated,
    is_loader,
)
from loadstream.analysis.patterns import stream_twin
from loadstream.analysis.plans import (
    Deprecation,
    ImportChange,
    NewImport,
    Plan,
    Safety,
    StreamCall,
)
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import Site
from loadstream.analysis.source import SourceFile, failures_of_one_file
from loadstream.analysis.spans import Span
from loadstream.analysis.trees import walk
from loadstream.analysis.twin_names import star_taken
from loadstream.analysis.twins import functions_of

_WITH_DECORATOR = (3, 13)  # the first Python whose warnings module has it
_DECORATORS = ("warnings.deprecated", "typing_extensions.deprecated")
_CATEGORY = "DeprecationWarning"


def find_deprecations(source: SourceFile, repository: Repository) -> tuple[Site, ...]:
    """A site for each loader of `source` with a streamer beside it that is not marked yet.

    The plans are carried out before all others of the file; its comments are not asked. Raises
    SourceError where the analysis fails.
    """
    if source.notebook is not None:  # nobody imports from one
        return ()
    with failures_of_one_file():
        module = repository.module_of(source)
        return tuple(_found(module, repository))


def _found(module: Module, repository: Repository) -> Iterator[Site]:
    for loader in functions_of(module, repository):
        if is_marked(loader) or not is_loader(loader, repository):
            continue
        pair = find_pair(loader, repository)
        if pair is None or gives_iterator(loader, repository):
            continue
        place = stream_twin.name_of(loader)
        site = Site(
            place, dotted_name(loader, repository), dotted_name(pair.streamer, repository), None
        )
        refusals = [refusal._replace(span=place) for refusal in _against(pair, repository)]
        mark = None if refusals else _mark_of(pair, module, repository)
        if mark is None:
            refusals = refusals or [_refused(loader, "there is no free name for what marks it")]
            yield site._replace(refusals=tuple(refusals))
        else:
            yield site._replace(plan=_plan(pair, mark, place, module, repository))


def _against(pair: Pair, repository: Repository) -> Iterator[Refusal]:
    """What speaks against telling everybody to use the streamer."""
    loader, streamer = pair.loader, pair.streamer
    found = doubts(pair, repository)
    yield from found
    if found:
        return
    if is_decorated(loader, decorators(loader)):
        yield _refused(loader, "it is decorated")
    elif any(
        loader.name in (getattr(node, "id", ""), getattr(node, "attr", ""))
        for node in walk(streamer.function)
    ):
        yield _refused(loader, f"{streamer.name} uses it")


def _refused(loader: Definition, cause: str) -> Refusal:
    fact = f"{loader.name} cannot be marked deprecated: {cause}"
    return Refusal(Reason.NOT_EDITABLE, fact, stream_twin.name_of(loader))


class _Mark(NamedTuple):
    """What marks a loader: a call of `callee`, and the import that this needs."""

    callee: str
    in_body: bool
    imports: ImportChange | NewImport | None = None


def _plan(pair: Pair, mark: _Mark, place: Span, module: Module, repository: Repository) -> Plan:
    loader, streamer = pair.loader, pair.streamer
    beside = streamer.module.real_path == module.real_path and streamer.owner == loader.owner
    instead = f"{streamer.name if beside else dotted_name(streamer, repository)}()"
    message = f"{loader.name}() is deprecated: use {instead}" if mark.in_body else f"use {instead}"
    return Plan(
        stream_twin.CODE,
        Safety.SAFE,
        StreamCall(place, streamer.name, (), pair.filter_parameter),
        place,
        module.source.lines.span(loader.function),
        (),
        mark.imports,
        Deprecation(mark.callee, json.dumps(message, ensure_ascii=False), mark.in_body),
    )


def _mark_of(pair: Pair, module: Module, repository: Repository) -> _Mark | None:
    """The best mark that the loader can have; None where names stand in the way."""
    loader = pair.loader
    if repository.find("warnings", 0, module.path) is not None:  # a file of its own
        return None
    if decorator := _at_hand(_DECORATORS, loader):
        return _Mark(decorator, in_body=False)
    warnings = _at_hand(("warnings",), loader)
    new = _NewNames(loader, repository)
    if (repository.settings.python or (0, 0)) >= _WITH_DECORATOR:
        if warnings:
            return _Mark(f"{warnings}.deprecated", in_body=False)
        if imports := new.member("deprecated"):
            return _Mark("deprecated", in_body=False, imports=imports)
    if _is_bound(_CATEGORY, module):
        return None
    if warn := _at_hand(("warnings.warn",), loader):
        return _Mark(warn, in_body=True)
    if warnings:
        return _Mark(f"{warnings}.warn", in_body=True)
    module_import = new.module()
    return None if module_import is None else _Mark("warnings.warn", True, module_import)


def _at_hand(meanings: tuple[str, ...], loader: Definition) -> str:
    """A name that certainly means one of `meanings` where the loader is defined; empty if none.

    It is imported above the loader, at the top level or in both branches of one `if` there, and
    nothing else in the file has that name.
    """
    module = loader.module
    scopes = module.scopes
    names = dict.fromkeys(
        reference.name
        for reference in scopes.module.references
        if imported(reference.node, module) in meanings
    )
    for name in names:
        inner = [scope for scope in scopes.module.walk() if not scope.is_module]
        changes = scopes.changes(scopes.module, name)
        if (
            not any(name in scope.bound or name in scope.global_names for scope in inner)
            and not scopes.star_imports
            and all(imported(one.node, module) in meanings for one in changes)
            and _certainly_imported([scopes.parents[one.node] for one in changes], loader)
        ):
            return name
    return ""


def _certainly_imported(statements: list[ast.AST], loader: Definition) -> bool:
    """Whether one of the imports has run once the loader is defined, whatever is true."""
    function, tree = loader.function, loader.module.source.tree
    top = function if loader.owner is None else loader.owner.node
    first = min(node.lineno for node in (function, top, *function.decorator_list))
    if not all(isinstance(one, ast.stmt) and one.lineno < first for one in statements):
        return False
    if any(one in tree.body for one in statements):
        return True
    return any(
        isinstance(branch, ast.If)
        and "TYPE_CHECKING" not in ast.unparse(branch.test)
        and any(one in branch.body for one in statements)
        and any(one in branch.orelse for one in statements)
        for branch in tree.body
    )


def _is_bound(name: str, module: Module) -> bool:
    scopes = module.scopes
    return scopes.star_imports or any(
        name in scope.bound or name in scope.global_names for scope in scopes.module.walk()
    )


class _NewNames(NamedTuple):
    """Imports of the warnings module that the loader's file can be given."""

    loader: Definition
    repository: Repository

    def member(self, name: str) -> ImportChange | NewImport | None:
        """`from warnings import {name}`, in a statement that is there already if there is one."""
        place = self._place(name)
        if place is None:
            return None
        lines = self.loader.module.source.lines
        for statement in self._statements():
            if isinstance(statement, ast.ImportFrom) and statement.module == "warnings":
                return ImportChange(lines.span(statement), name, None)
        return NewImport(place, f"from warnings import {name}")

    def module(self) -> NewImport | None:
        """`import warnings`."""
        place = self._place("warnings")
        return None if place is None else NewImport(place, "import warnings")

    def _place(self, name: str) -> Span | None:
        """The import beside which the new one goes; None where that cannot be, or not safely."""
        module = self.loader.module
        if self._is_used(name) or star_taken(name, module, self.repository):
            return None
        statements = self._statements()
        standard = [one for one in statements if _is_standard(one)]
        chosen = next(iter([*standard, *statements]), None)
        return None if chosen is None else module.source.lines.span(chosen)

    def _is_used(self, name: str) -> bool:
        """Whether the file has that name for anything, were it only read."""
        module = self.loader.module
        return _is_bound(name, module) or any(
            reference.name == name
            for scope in module.scopes.module.walk()
            for reference in scope.references
        )

    def _statements(self) -> list[ast.Import | ast.ImportFrom]:
        """The imports at the top level, above the first function or class."""
        found: list[ast.Import | ast.ImportFrom] = []
        for statement in self.loader.module.source.tree.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                break
            is_import = isinstance(statement, ast.Import | ast.ImportFrom)
            if is_import and getattr(statement, "module", "") != "__future__":
                found.append(statement)  # type: ignore[arg-type]
        return found


def _is_standard(statement: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(statement, ast.ImportFrom):
        name = "" if statement.level else statement.module or ""
    else:
        name = statement.names[0].name
    return name.partition(".")[0] in sys.stdlib_module_names
