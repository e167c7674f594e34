"""One parsed file, and the classes and functions at its top: read but never run."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from loadstream.analysis.scopes import Function, Reference, Scopes
from loadstream.analysis.source import SourceFile
from loadstream.analysis.trees import walk

Node = TypeVar("Node", bound=ast.AST)


@dataclass(frozen=True, eq=False)
class Module:
    """One parsed file with its scopes."""

    source: SourceFile

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self.source.path

    @cached_property
    def real_path(self) -> Path:
        """The same without links: what tells whether two modules are one."""
        return self.path.resolve()

    @cached_property
    def scopes(self) -> Scopes:
        """Who binds and reads which name."""
        scopes = Scopes(self.source.tree)
        if self.source.notebook is not None and self.source.notebook.uncertain:
            scopes.hidden_names = True  # by a magic
        return scopes

    @cached_property
    def _kinds(self) -> dict[type[ast.AST], list[Any]]:
        kinds: dict[type[ast.AST], list[Any]] = {}
        for node in walk(self.source.tree):
            kinds.setdefault(type(node), []).append(node)
        return kinds

    def every(self, kind: type[Node]) -> list[Node]:
        """Every node of exactly that kind in the file: it is walked through once for all."""
        return self._kinds.get(kind, [])

    @cached_property
    def calls(self) -> dict[str, list[ast.Call]]:
        """The calls in the file by the last part of what is called."""
        calls: dict[str, list[ast.Call]] = {}
        for call in self.every(ast.Call):
            calls.setdefault(_last_name(call.func), []).append(call)
        return calls

    @cached_property
    def calls_with(self) -> dict[str, list[ast.Call]]:
        """The calls in the file by the last part of what is called, or handed to what is called."""
        calls: dict[str, list[ast.Call]] = {}
        for call in self.every(ast.Call):
            keywords = (keyword.value for keyword in call.keywords)
            for name in dict.fromkeys(map(_last_name, (call.func, *call.args, *keywords))):
                if name:
                    calls.setdefault(name, []).append(call)
        return calls

    @cached_property
    def json_names(self) -> set[str]:
        """The names that any import in the file gives to the stdlib's json or to what is in it."""
        names = {
            alias.asname or alias.name
            for node in self.every(ast.Import)
            for alias in node.names
            if alias.name == "json"
        }
        return names.union(
            alias.asname or alias.name
            for node in self.every(ast.ImportFrom)
            if node.module == "json"
            for alias in node.names
        )

    def only_binding(self, name: str) -> Reference | None:
        """The one reference that binds `name` at module level, None if there is not just one."""
        bindings = self.scopes.changes(self.scopes.module, name)
        return bindings[0] if len(bindings) == 1 else None


@dataclass(frozen=True, eq=False)
class ClassDefinition:
    """A class at the top level of a module of the repository.

    Equal to another of the same name in the same file, which may have been parsed twice: as the
    file that is analysed, and as one that others import.
    """

    module: Module
    node: ast.ClassDef

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ClassDefinition) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[Path, str]:
        return (self.module.real_path, self.node.name)

    @property
    def name(self) -> str:
        """The class's own name."""
        return self.node.name


@dataclass(frozen=True, eq=False)
class Definition:
    """A function at the top level of a module of the repository, or a method of a class there.

    Equal to another of the same name in the same place, as classes are.
    """

    module: Module
    function: Function
    owner: ClassDefinition | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Definition) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[Path, str]:
        return (self.module.real_path, self.qualified_name)

    @property
    def name(self) -> str:
        """The function's own name."""
        return self.function.name

    @property
    def qualified_name(self) -> str:
        """Its name within the module: `load_x`, `DataRepository.load_x`."""
        return self.name if self.owner is None else f"{self.owner.name}.{self.name}"


def _last_name(expression: ast.expr) -> str:
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""
