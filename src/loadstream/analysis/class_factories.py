"""Classes that are made while the program runs: `type("B", (A,), {})`, or a function's own class.

Which members such a class overrides is not known.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from typing import TypeGuard

from loadstream.analysis.modules import Module
from loadstream.analysis.repository import Repository
from loadstream.analysis.scopes import FUNCTIONS, Function
from loadstream.analysis.trees import walk

_NESTED_CLASS = re.compile(rb"^[ \t]+class\s+\w+[\s\\]*\(", re.MULTILINE)
_DEF = re.compile(rb"\bdef\s+\w+")
_WORD = re.compile(rb"\w+")
_BRACKET = re.compile(rb"[()\[\]{}]")


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
            for path, text in repository.texts.items()
            if _may_have_factories(text)
            for name in repository.answer_of_file(path, "class factories", names_in)
        )

    return repository.answer(("class factories",), find)


def _may_have_factories(text: bytes) -> bool:
    """Whether a class that is not at the top level may have a function's parameter as a base."""
    bases: set[bytes] = set()
    for nested in _NESTED_CLASS.finditer(text):
        bases.update(_WORD.findall(text, nested.end() - 1, _end_of_head(text, nested.end() - 1)))
    return bool(bases) and any(
        not bases.isdisjoint(_WORD.findall(text, found.end(), _end_of_head(text, found.end())))
        for found in _DEF.finditer(text)
    )


def _end_of_head(text: bytes, start: int) -> int:
    """A place behind the head of a `def` or `class` whose brackets begin at `start`.

    Where a bracket stands in a string it may be far behind.
    """
    depth = 0
    closed = len(text)
    for bracket in _BRACKET.finditer(text, start):
        depth += 1 if bracket[0] in (b"(", b"[", b"{") else -1
        if depth <= 0:
            closed = bracket.end()
            break
    colon = text.find(b":\n", start)
    return max(closed, len(text) if colon < 0 else colon)


def _parameters(function: Function) -> list[ast.arg]:
    arguments = function.args
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]


def _last_name(expression: ast.AST) -> str:
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""
