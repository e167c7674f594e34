"""The conditions under which code keeps an element, read from its source.

A condition is a list of terms that must hold together: `s["period"] == "P4"` and
`len(s["delegations"]) > 20`. satisfying.py makes elements that meet all of a condition's terms
and others that stand just beside one of them. Nothing depends on an answer being complete.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Measure:
    """What of an element is looked at: the values of `keys` in a way that `kind` says.

    `value`, `length`, `sum` (of several keys), `total` (of `keys` over the records of the list
    `within`), `items` (the sum of a list of numbers), `lengths` (of a list of texts, together).
    """

    keys: tuple[str, ...]
    kind: str = "value"
    within: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """A measure and what it is compared with.

    `operator` is that of the source, or `true`, `false`, `has` and `lacks` (a key).
    """

    measure: Measure
    operator: str
    values: tuple[object, ...] = ()


Condition: TypeAlias = "tuple[Term, ...]"
_ALTERNATIVES = 4
_TERMS = 6
_DEPTH = 5


def find_conditions(trees: Iterable[ast.Module]) -> tuple[Condition, ...]:
    """The conditions of all functions, filters and comprehensions, none twice."""
    reader = _Reader(list(trees))
    found: dict[Condition, None] = {}
    for condition in reader.conditions():
        if condition:
            found[condition] = None
    return tuple(found)


_Scope: TypeAlias = "Mapping[str, ast.expr]"
_INVERSE = {
    ">": "<=", "<=": ">", "<": ">=", ">=": "<", "==": "!=", "!=": "==",
    "in": "not in", "not in": "in", "true": "false", "false": "true",
    "has": "lacks", "lacks": "has",
}  # fmt: skip
_MIRRORED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}
_OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<=", ast.Eq: "==", ast.NotEq: "!=",
    ast.In: "in", ast.NotIn: "not in", ast.Is: "==", ast.IsNot: "!=",
}  # fmt: skip
_THROUGH = ("lower", "upper", "strip", "casefold", "int", "float", "str", "abs", "round", "bool")


@dataclass(slots=True)
class _Reader:
    trees: list[ast.Module]
    _names: dict[str, ast.expr] = field(default_factory=dict)
    _returns: dict[str, ast.expr] = field(default_factory=dict)

    def conditions(self) -> Iterator[Condition]:
        for tree in self.trees:
            self._names.update(_assigned(tree.body))
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef) and len(node.body) <= 2:
                    last = node.body[-1]
                    if isinstance(last, ast.Return) and last.value is not None:
                        self._returns.setdefault(node.name, last.value)
        for tree in self.trees:
            yield from self._in(tree.body, {})

    def _in(self, body: list[ast.stmt], outer: _Scope) -> Iterator[Condition]:
        """The conditions of one function's body (or a file's), and of what is inside of it."""
        scope = {**outer, **_assigned(body)}
        together: list[list[Condition]] = []
        for statement in _own(body):
            for node in _expressions(statement):
                tests: list[ast.expr] = []
                if isinstance(node, ast.comprehension):
                    tests = node.ifs
                elif isinstance(node, ast.keyword) and isinstance(node.value, ast.Lambda):
                    tests = [node.value.body]
                if tests:
                    yield from _product([self.terms(test, True, scope) for test in tests])
            if isinstance(statement, ast.If):
                together.append(self.terms(statement.test, not _skips(statement.body), scope))
            elif isinstance(statement, ast.Return) and isinstance(
                statement.value, (ast.BoolOp, ast.Compare, ast.UnaryOp)
            ):
                together.append(self.terms(statement.value, True, scope))
            elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                yield from self._in(statement.body, scope)
        yield from _product([choice for choice in together if any(choice)])

    def terms(
        self, test: ast.expr, positive: bool, scope: _Scope, depth: int = 0
    ) -> list[Condition]:
        """The ways in which `test` is true (or, not `positive`, false); an unread part is empty."""
        if depth > _DEPTH:
            return [()]
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return self.terms(test.operand, not positive, scope, depth + 1)
        if isinstance(test, ast.BoolOp):
            parts = [self.terms(value, positive, scope, depth + 1) for value in test.values]
            if isinstance(test.op, ast.And) is positive:
                return _product(parts)
            return [choice for part in parts for choice in part][:_ALTERNATIVES]
        if isinstance(test, ast.Compare):
            return [self._compared(test, positive, scope)]
        if isinstance(test, ast.Call) and isinstance(test.func, ast.Name):
            known = self._returns.get(test.func.id)
            if known is not None and isinstance(known, (ast.BoolOp, ast.Compare)):
                return self.terms(known, positive, scope, depth + 1)
        measure = self.measure(test, scope)
        return [(Term(measure, "true" if positive else "false"),)] if measure else [()]

    def _compared(self, test: ast.Compare, positive: bool, scope: _Scope) -> Condition:
        found: list[Term] = []
        left = test.left
        for kind, right in zip(test.ops, test.comparators, strict=True):
            operator = _OPERATORS[type(kind)]
            term = self._term(left, operator, right, scope)
            if term is not None:
                word = term.operator if positive else _INVERSE[term.operator]
                found.append(Term(term.measure, word, term.values))
            left = right
        return tuple(found)

    def _term(self, left: ast.expr, operator: str, right: ast.expr, scope: _Scope) -> Term | None:
        if operator in ("in", "not in") and _text(left):
            return Term(Measure((_text(left),)), "has" if operator == "in" else "lacks")
        for one, word, other in ((left, operator, right), (right, _MIRRORED.get(operator), left)):
            values, measure = self._values(other), self.measure(one, scope)
            if word and values and measure:
                return Term(measure, word, tuple(values))
        return None

    def _values(self, node: ast.expr) -> list[object]:
        if isinstance(node, ast.Name) and node.id in self._names:
            node = self._names[node.id]
        if isinstance(node, ast.Call) and len(node.args) == 1:
            node = node.args[0]  # frozenset((…))
        try:
            value = ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return []
        return list(value) if isinstance(value, (list, tuple, set, dict)) else [value]

    def measure(self, node: ast.expr, scope: _Scope, depth: int = 0) -> Measure | None:
        """What of an element the expression looks at; None where that cannot be told."""
        if depth > _DEPTH:
            return None
        deeper = depth + 1
        if isinstance(node, ast.Name):
            return self.measure(scope[node.id], scope, deeper) if node.id in scope else None
        if isinstance(node, ast.Subscript) and _text(node.slice):
            return Measure((_text(node.slice),))
        if isinstance(node, ast.BoolOp):
            return self.measure(node.values[0], scope, deeper)
        if isinstance(node, ast.IfExp):
            return self.measure(node.body, scope, deeper)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            sides = [self.measure(side, scope, deeper) for side in (node.left, node.right)]
            found = [side for side in sides if side is not None and side.kind in ("value", "sum")]
            keys = tuple(key for side in found for key in side.keys)
            return Measure(keys, "sum") if len(found) == 2 else None
        return self._of_call(node, scope, deeper) if isinstance(node, ast.Call) else None

    def _of_call(self, node: ast.Call, scope: _Scope, depth: int) -> Measure | None:
        function, first = node.func, node.args[0] if node.args else None
        if isinstance(function, ast.Attribute):
            if function.attr in ("get", "pop") and first is not None and _text(first):
                return Measure((_text(first),))
            through = function.attr in _THROUGH
            return self.measure(function.value, scope, depth) if through else None
        if not isinstance(function, ast.Name) or first is None:
            return None
        if function.id == "len":
            inner = self.measure(first, scope, depth)
            known = inner is not None and inner.kind == "value"
            return Measure(inner.keys, "length") if inner and known else None
        if function.id == "sum":
            return self._total(first, scope, depth)
        if function.id in _THROUGH:
            return self.measure(first, scope, depth)
        known_return = self._returns.get(function.id)
        return self.measure(known_return, {}, depth) if known_return is not None else None

    def _total(self, summed: ast.expr, scope: _Scope, depth: int) -> Measure | None:
        if not isinstance(summed, (ast.GeneratorExp, ast.ListComp)):
            whole = self.measure(summed, scope, depth)
            return Measure(whole.keys, "items") if whole and whole.kind == "value" else None
        over = self.measure(summed.generators[0].iter, scope, depth)
        if over is None or over.kind != "value" or len(summed.generators) > 1:
            return None
        element = summed.elt
        if isinstance(element, ast.Name):
            return Measure(over.keys, "items")
        if isinstance(element, ast.Call) and ast.unparse(element.func) == "len":
            return Measure(over.keys, "lengths")
        inner = self.measure(element, scope, depth)
        if inner is not None and inner.kind in ("value", "sum"):
            return Measure(inner.keys, "total", over.keys[0])
        return None


def _product(parts: list[list[Condition]]) -> list[Condition]:
    """All parts together, in every combination of their alternatives, as far as there is room."""
    combined: list[Condition] = [()]
    for part in parts:
        combined = [(*done, *more)[:_TERMS] for done in combined for more in part or [()]]
        combined = combined[:_ALTERNATIVES]
    return combined if parts else []


def _own(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body and of what is nested in it, definitions not entered."""
    for statement in body:
        yield statement
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        for part in ("body", "orelse", "finalbody"):
            yield from _own(getattr(statement, part, []))
        for handler in getattr(statement, "handlers", ()):
            yield from _own(handler.body)


def _expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement that are not in a statement below it."""
    pending: list[ast.AST] = [
        child for child in ast.iter_child_nodes(statement) if not isinstance(child, ast.stmt)
    ]
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return
    for node in pending:
        yield node
        pending.extend(c for c in ast.iter_child_nodes(node) if not isinstance(c, ast.stmt))


def _assigned(body: list[ast.stmt]) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    for statement in _own(body):
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            if isinstance(target, ast.Name):
                found.setdefault(target.id, statement.value)
    return found


def _skips(body: list[ast.stmt]) -> bool:
    """Whether an `if` with this body passes an element over."""
    last = body[-1]
    if isinstance(last, ast.Return):
        return last.value is None or (isinstance(last.value, ast.Constant) and not last.value.value)
    return isinstance(last, ast.Continue)


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ""
