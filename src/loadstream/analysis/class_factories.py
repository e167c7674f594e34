"""Classes that are made while the program runs: `type("B", (A,), {})`, or a function's own class.

Which members such a class overrides is not known.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from typing import TypeGuard

from loadstream.analysis.modules import Module, Repository
from loadstream.analysis.scopes import FUNCTIONS, Function
from loadstream.analysis.trees import walk

_NESTED_CLASS = re.compile(rb"^[ \t]+class\s+\w+\s*\(", re.MULTILINE)


def is_given_to_factory(module: Module, names: Iterable[str], repository: Repository) -> bool:
    """Whether a class of that name is handed to what may inherit from it: `type("B", (A,), {})`."""
    factories = {"new_class", "make_dataclass", *_factories(repository)}
    for node in walk(module.source.tree):
        if not isinstance(node, ast.Call):
            continue
        if _last_name(node.func) not in factories and not (
            len(node.args) == 3 and _last_name(node.func) == "type"
        ):
            continue
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if any(_last_name(n) in names for one in given for n in walk(one) if _is_name(n)):
            return True
    return False


def _is_name(node: ast.AST) -> TypeGuard[ast.Name | ast.Attribute]:
    return isinstance(node, ast.Name | ast.Attribute)


def _factories(repository: Repository) -> frozenset[str]:
    """The functions of the repository that make a class of one that they are given."""

    def names_in(module: Module | None) -> tuple[str, ...]:
        if module is None:
            return ()
        return tuple(
            function.name
            for function in walk(module.source.tree)
            if isinstance(function, FUNCTIONS)
            for node in walk(function)
            if isinstance(node, ast.ClassDef)
            for base in node.bases
            if _last_name(base) in {argument.arg for argument in _parameters(function)}
        )

    def find() -> frozenset[str]:
        return frozenset(
            name
            for path, text in repository.texts
            if _NESTED_CLASS.search(text)
            for name in repository.answer_of_file(path, "class factories", names_in)
        )

    return repository.answer(("class factories",), find)


def _parameters(function: Function) -> list[ast.arg]:
    arguments = function.args
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]


def _last_name(expression: ast.AST) -> str:
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""
