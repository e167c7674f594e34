"""What the code compares its data with: keys, texts, numbers and lengths, read from the source.

variants.py puts these values, and those just beside them, into generated data, so that a filter
keeps some elements and rejects some. Nothing depends on an answer being complete.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from loadstream.verify.conditions import Condition, find_conditions

Number: TypeAlias = "int | float"


@dataclass(frozen=True, slots=True)
class Constants:
    """`keys` in the order in which they are met; the others by the key they are compared with.

    What cannot be assigned to a key stands under the empty string. `conditions` are comparisons
    that must hold together (conditions.py), `required` keys that are read without a default.
    """

    keys: tuple[str, ...] = ()
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    numbers: Mapping[str, tuple[Number, ...]] = field(default_factory=dict)
    lengths: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()
    required: tuple[str, ...] = ()


_PER_KEY = 24


def find_constants(trees: Iterable[ast.Module], extra_texts: Iterable[str] = ()) -> Constants:
    """The constants of all `trees`; `extra_texts` (a script's arguments) count as compared with."""
    finder = _Finder()
    for text in extra_texts:
        finder.note("", text)
        if text.lstrip("-").isdigit():
            finder.note("", int(text))
    trees = list(trees)
    for tree in trees:
        finder.read(tree)
    return Constants(
        keys=tuple(finder.keys),
        texts={key: tuple(found)[:_PER_KEY] for key, found in finder.texts.items()},
        numbers={key: tuple(found)[:_PER_KEY] for key, found in finder.numbers.items()},
        lengths={key: tuple(found)[:_PER_KEY] for key, found in finder.lengths.items()},
        conditions=find_conditions(trees),
        required=tuple(finder.required),
    )


class _Finder(ast.NodeVisitor):
    """Dicts stand for ordered sets: what is met first is used first."""

    def __init__(self) -> None:
        self.keys: dict[str, None] = {}
        self.required: dict[str, None] = {}
        self.texts: dict[str, dict[str, None]] = {}
        self.numbers: dict[str, dict[Number, None]] = {}
        self.lengths: dict[str, dict[int, None]] = {}
        self._names: dict[str, list[object]] = {}
        self._aliases: dict[str, ast.expr] = {}

    def read(self, tree: ast.Module) -> None:
        self._names, self._aliases = {}, {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                target = node.targets[0]
                if isinstance(target, ast.Name):
                    values = _constants(node.value)
                    if values:
                        self._names[target.id] = values
                    else:
                        self._aliases.setdefault(target.id, node.value)
        self.visit(tree)

    def note(self, key: str, value: object, length: bool = False) -> None:
        if isinstance(value, str):
            if len(value) <= 200:
                self.texts.setdefault(key, {})[value] = None
        elif isinstance(value, bool) or not isinstance(value, (int, float)):
            return
        elif length:
            if isinstance(value, int) and 0 <= value <= 10_000:
                self.lengths.setdefault(key, {})[value] = None
        else:
            self.numbers.setdefault(key, {})[value] = None

    def visit_Compare(self, node: ast.Compare) -> None:
        if isinstance(node.left, ast.Name) and node.left.id == "__name__":
            return
        operands = [node.left, *node.comparators]
        for index, operand in enumerate(operands):
            others = operands[:index] + operands[index + 1 :]
            for value in self._values(operand):
                for other in others:
                    key, length = self._measure_of(other)
                    self.note(key, value, length)
                    if not key and not length and isinstance(value, int):
                        # A plain name may be a count of something.
                        self.note("", value, length=True)
            if isinstance(operand, ast.Constant) and isinstance(operand.value, str):
                operators = node.ops[index : index + 1]
                if operators and isinstance(operators[0], (ast.In, ast.NotIn)):
                    self.keys[operand.value] = None
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        index = node.slice
        if isinstance(index, ast.Constant) and isinstance(index.value, str):
            self.keys[index.value] = None
            if isinstance(node.ctx, ast.Load):
                self.required[index.value] = None
        bounds = [index.lower, index.upper] if isinstance(index, ast.Slice) else [index]
        for bound in bounds:
            if bound is not None:
                key, _ = self._measure_of(node.value)
                for value in self._values(bound):
                    if isinstance(value, int):
                        self.note(key, abs(value), length=True)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute):
            name = node.func.attr
            constants = [v for argument in node.args for v in self._values(argument)]
            if name in ("get", "pop", "setdefault") and constants and isinstance(constants[0], str):
                self.keys[constants[0]] = None
            elif name in ("startswith", "endswith", "find", "count", "index", "removeprefix"):
                key, _ = self._measure_of(node.func.value)
                for value in constants:
                    self.note(key, value)
            elif name in ("match", "search", "fullmatch", "isin"):
                for value in constants:
                    self.note("", value)
        self.generic_visit(node)

    def visit_Dict(self, node: ast.Dict) -> None:
        # A table of lookups: its keys are what the data is compared with.
        for key in node.keys:
            if isinstance(key, ast.Constant):
                self.note("", key.value)
        self.generic_visit(node)

    def visit_MatchValue(self, node: ast.MatchValue) -> None:
        for value in self._values(node.value):
            self.note("", value)

    def visit_arguments(self, node: ast.arguments) -> None:
        for default in (*node.defaults, *node.kw_defaults):
            for value in _constants(default) if default is not None else ():
                self.note("", value)
                self.note("", value, length=True)
        self.generic_visit(node)

    def _values(self, node: ast.expr) -> list[object]:
        if isinstance(node, ast.Name):
            return self._names.get(node.id, [])
        return _constants(node)

    def _measure_of(self, node: ast.expr, depth: int = 0) -> tuple[str, bool]:
        """The key that an expression reads, and whether it is the length of what is there."""
        if depth > 4:
            return "", False
        if isinstance(node, ast.Name) and node.id in self._aliases:
            return self._measure_of(self._aliases[node.id], depth + 1)
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id == "len" and node.args:
                return self._measure_of(node.args[0], depth + 1)[0], True
            if isinstance(node.func, ast.Attribute):
                if node.func.attr in ("get", "pop") and node.args:
                    return _first_text(node.args[0]), False
                if node.func.attr in ("lower", "upper", "strip", "casefold", "lstrip", "rstrip"):
                    return self._measure_of(node.func.value, depth + 1)
        if isinstance(node, ast.Subscript):
            return _first_text(node.slice), False
        if isinstance(node, ast.BoolOp):
            # `x.get("k") or []`
            return self._measure_of(node.values[0], depth + 1)
        return "", False


def _first_text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ""


def _constants(node: ast.expr | None) -> list[object]:
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, (str, int, float)) else []
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return [-value for value in _constants(node.operand) if isinstance(value, (int, float))]
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return [value for item in node.elts for value in _constants(item)]
    if isinstance(node, ast.Dict):
        return [value for key in node.keys for value in _constants(key)]
    if isinstance(node, ast.Call) and len(node.args) == 1:
        return _constants(node.args[0]) if isinstance(node.args[0], (ast.Set, ast.List)) else []
    return []
