"""Conditions that do nothing but look at an element of a JSON document, and where they may raise.

What is not certainly such a condition counts as one that does more.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from loadstream.analysis.modules import Module
from loadstream.analysis.reach import is_bound_at
from loadstream.analysis.scopes import Access
from loadstream.analysis.trees import children

# Methods of strings and dicts that change nothing and call nothing.
_METHODS = frozenset(
    "casefold count endswith find get isalnum isalpha isascii isdecimal isdigit isidentifier "
    "islower isnumeric isspace istitle isupper items keys lower lstrip partition removeprefix "
    "removesuffix rfind rpartition rsplit rstrip split splitlines startswith strip title upper "
    "values".split()
)
_FUNCTIONS = frozenset("abs bool float int len".split())
_TYPES = frozenset("bool dict float int list str".split())
_NEVER_RAISE = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot)
_SURE = (ast.Constant, ast.Name, ast.BoolOp, ast.IfExp, ast.Tuple, ast.List)


class Conditions(NamedTuple):
    """The `if`s of one clause on the element `target`."""

    target: str
    tests: Sequence[ast.expr]


def are_pure(conditions: Conditions, at: ast.expr, module: Module) -> bool:
    """Whether conditions on JSON have no effect, and ask nothing that could have another value.

    They read the element, and literals, or names that stand for literals where `at` stands.
    """
    nodes = (node for test in conditions.tests for node in _parts(test))
    return all(_is_pure(node, conditions.target, at, module) for node in nodes)


def raises_only_with(later: Conditions, earlier: Conditions) -> bool:
    """Whether `later` raises for no element for which `earlier` does not; both are pure."""
    firm = {_key(node, earlier.target) for node in _firm(earlier.tests[0])}
    return all(_is_covered(test, later.target, firm) for test in later.tests)


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    """An expression and all of it that is evaluated by itself: no names of methods or functions."""
    yield node
    for child in _operands(node):
        yield from _parts(child)


def _operands(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.Call):
        owner = [node.func.value] if isinstance(node.func, ast.Attribute) else []
        types = _is_isinstance(node)
        return [*owner, *(node.args[:1] if types else node.args)]
    return [child for child in children(node) if isinstance(child, ast.expr)]


def _is_pure(node: ast.expr, target: str, at: ast.expr, module: Module) -> bool:
    match node:
        case ast.Constant(value=bytes()):
            return False  # whose comparison may raise, if Python is told so
        case ast.Constant() | ast.BoolOp() | ast.IfExp() | ast.Compare() | ast.UnaryOp():
            return True
        case ast.BinOp() | ast.Slice():
            return True
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            return not any(isinstance(item, ast.Starred) for item in items)
        case ast.Name(id=name):
            return name == target or _is_literal(node, at, module)
        case ast.Subscript(ctx=ast.Load()):
            return True
        case ast.Call(func=ast.Attribute(attr=name), keywords=[]):
            return name in _METHODS and not any(isinstance(a, ast.Starred) for a in node.args)
        case ast.Call(func=ast.Name(id=name) as callee, args=[_, *_], keywords=[]):
            if not _is_builtin(callee, module):
                return False
            if _is_isinstance(node):
                return all(_is_builtin(type_, module) for type_ in _types(node.args[1]))
            is_alone = len(node.args) == 1 and not isinstance(node.args[0], ast.Starred)
            return name in _FUNCTIONS and is_alone
    return False


def _is_isinstance(call: ast.Call) -> bool:
    """Whether this is `isinstance(x, str)` or `isinstance(x, (int, float))`."""
    if not isinstance(call.func, ast.Name) or call.func.id != "isinstance" or len(call.args) != 2:
        return False
    types = _types(call.args[1])
    known = [isinstance(type_, ast.Name) and type_.id in _TYPES for type_ in types]
    return bool(known) and all(known) and not isinstance(call.args[0], ast.Starred)


def _types(types: ast.expr) -> list[ast.expr]:
    return types.elts if isinstance(types, ast.Tuple) else [types]


def _is_builtin(name: ast.expr, module: Module) -> bool:
    if not isinstance(name, ast.Name) or module.scopes.star_imports:
        return False
    return not module.scopes.changes(module.scopes.scope_of[name].home(name.id), name.id)


def _is_literal(name: ast.Name, at: ast.expr, module: Module) -> bool:
    """Whether a name certainly stands for a literal: `LIMIT = 20`, `WANTED = {"a", "b"}`."""
    scopes = module.scopes
    home = scopes.scope_of[name].home(name.id)
    changes = scopes.changes(home, name.id)
    if len(changes) != 1 or changes[0].access is not Access.BIND or scopes.star_imports:
        return False
    statement = scopes.parents.get(changes[0].node)
    value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
    named = statement is not None and changes[0].node in (
        statement.targets if isinstance(statement, ast.Assign) else children(statement)[:1]
    )
    if value is None or not named or not _is_constant(value):
        return False
    return is_bound_at(name.id, home, at, module)


def _is_constant(value: ast.expr) -> bool:
    match value:
        case ast.Constant():
            return True
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float())):
            return True
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            return all(_is_constant(item) for item in items)
    return False


def _firm(node: ast.expr) -> Iterator[ast.expr]:
    """The parts of an expression that are evaluated whenever it is, unless one before raises."""
    yield node
    match node:
        case ast.BoolOp(values=[first, *_]) | ast.IfExp(test=first):
            yield from _firm(first)
        case ast.Compare(left=left, comparators=[first, *_]):
            yield from _firm(left)
            yield from _firm(first)
        case _:
            for operand in _operands(node):
                yield from _firm(operand)


def _key(node: ast.expr, target: str) -> str:
    """What two expressions have in common that give the same, whatever each calls the element."""
    renamed = copy.deepcopy(node)
    for name in ast.walk(renamed):
        if isinstance(name, ast.Name) and name.id == target:
            name.id = ""
    return ast.dump(renamed)


def _is_covered(node: ast.expr, target: str, firm: Collection[str]) -> bool:
    """Whether `node` raises only where one of the `firm` expressions does."""
    if _key(node, target) in firm:
        return True
    if _may_raise(node, target):
        return False
    return all(_is_covered(operand, target, firm) for operand in _operands(node))


def _may_raise(node: ast.expr, target: str) -> bool:
    """Whether an expression may raise by itself, whatever its parts give."""
    match node:
        case ast.Compare(left=left, ops=ops, comparators=others):
            deep = [operand for operand in (left, *others) if not _is_shallow(operand, target)]
            equal = all(isinstance(op, _NEVER_RAISE) for op in ops)
            return not equal or len(deep) > 1  # two deep values may be too deep to be compared
        case ast.UnaryOp(op=op):
            return not isinstance(op, ast.Not)
        case ast.Call(func=ast.Name(id=name)):
            return name not in ("bool", "isinstance")
    return not isinstance(node, _SURE)


def _is_shallow(node: ast.expr, target: str) -> bool:
    """Whether an operand is a literal, or a name for one."""
    return _is_constant(node) or (isinstance(node, ast.Name) and node.id != target)
