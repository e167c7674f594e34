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
_SURE = (ast.Constant, ast.Name, ast.BoolOp, ast.IfExp, ast.Tuple, ast.List, ast.Dict)


class Conditions(NamedTuple):
    """The `if`s of one clause on the element `target`."""

    target: str
    tests: Sequence[ast.expr]
    module: Module


def are_pure(conditions: Conditions) -> bool:
    """Whether conditions on JSON have no effect, and ask nothing that could have another value.

    They read the element, and literals, or names that certainly stand for literals.
    """
    nodes = (node for test in conditions.tests for node in _parts(test))
    return all(_is_pure(node, conditions) for node in nodes)


def raises_only_with(later: Conditions, earlier: Conditions) -> bool:
    """Whether `later` raises for no element for which `earlier` does not; both are pure.

    Where they begin alike (`"a" in s and s["a"] == 1`, then `"a" in s and s["a"] == 2`), the later
    one goes on only for elements for which the earlier one did, too.
    """
    mine, theirs = _asked_in_turn(later), _asked_in_turn(earlier)
    pairs = zip(mine, theirs, strict=False)
    alike = [_same(one, later) == _same(other, earlier) for one, other in pairs]
    shared = [*alike, False].index(False)
    asked = theirs[: shared + 1]
    firm = {fact for test in asked for node in _firm(test) for fact in _proves(node, earlier)}
    return all(_is_covered(test, later, firm) for test in mine[shared:])


def _asked_in_turn(conditions: Conditions) -> list[ast.expr]:
    """The parts of conditions each of which is evaluated if all before it are true."""
    return [part for test in conditions.tests for part in _joined_by_and(test)]


def _joined_by_and(test: ast.expr) -> Iterator[ast.expr]:
    match test:
        case ast.BoolOp(op=ast.And(), values=values):
            for value in values:
                yield from _joined_by_and(value)
        case _:
            yield test


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


def _is_pure(node: ast.expr, own: Conditions) -> bool:
    """Whether `node` by itself, its operands left aside, is of the kind that is known."""
    match node:
        case ast.Constant(value=bytes()):
            return False  # whose comparison may raise, if Python is told so
        case ast.Constant() | ast.BoolOp() | ast.IfExp() | ast.Compare() | ast.UnaryOp():
            return True
        case ast.BinOp() | ast.Slice():
            return True
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            return not any(isinstance(item, ast.Starred) for item in items)
        case ast.Dict(keys=[]):
            return True
        case ast.Name(id=name):
            return name == own.target or _literal(node, own) is not None
        case ast.Subscript(ctx=ast.Load()):
            return True
        case ast.Call(func=ast.Attribute(attr=name), keywords=[]):
            return name in _METHODS and not any(isinstance(a, ast.Starred) for a in node.args)
        case ast.Call(func=ast.Name(id=name) as callee, args=[_, *_], keywords=[]):
            if not is_builtin(callee, own.module):
                return False
            if _is_isinstance(node):
                return all(is_builtin(type_, own.module) for type_ in _types(node.args[1]))
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


def is_builtin(name: ast.expr, module: Module) -> bool:
    """Whether a name certainly means the builtin of that name."""
    if not isinstance(name, ast.Name) or module.scopes.star_imports:
        return False
    return not module.scopes.changes(module.scopes.scope_of[name].home(name.id), name.id)


def _literal(name: ast.Name, own: Conditions) -> ast.expr | None:
    """The same, of a name that is not the element."""
    return None if name.id == own.target else literal(name, own.module)


def literal(name: ast.Name, module: Module) -> ast.expr | None:
    """The literal that a name certainly stands for: `LIMIT = 20`, `WANTED = {"a", "b"}`."""
    scopes = module.scopes
    home = scopes.scope_of[name].home(name.id)
    changes = scopes.changes(home, name.id)
    if len(changes) != 1 or scopes.star_imports:
        return None
    match scopes.parents.get(changes[0].node):
        case ast.Assign(targets=[target], value=value) | ast.AnnAssign(target=target, value=value):
            if target is not changes[0].node or value is None or not _is_constant(value):
                return None
        case _:
            return None
    if isinstance(value, ast.List | ast.Set):  # nothing may be put into it
        reads = [r.node for r in scopes.references(home, name.id) if r is not changes[0]]
        if not all(isinstance(scopes.parents[read], ast.Compare) for read in reads):
            return None
    return value if is_bound_at(name.id, home, name, module) else None


def _is_constant(value: ast.expr) -> bool:
    match value:
        case ast.Constant(value=str() | int() | float() | None):
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


def _proves(node: ast.expr, own: Conditions) -> Iterator[str]:
    """What is known not to raise for an element once `node` has been evaluated."""
    yield _same(node, own)
    yield from _alike(node, own)
    match node:
        case ast.Subscript(value=owner, slice=ast.Constant(value=str())):
            yield f"get of {_same(owner, own)}"  # which is an object
            yield f"text in {_same(owner, own)}"


def _same(node: ast.expr, own: Conditions) -> str:
    """What two expressions have in common that give the same, whatever each calls the element."""
    renamed = copy.deepcopy(node)
    for name in ast.walk(renamed):
        if isinstance(name, ast.Name) and name.id == own.target:
            name.id = ""
    return ast.dump(renamed)


def _alike(node: ast.expr, own: Conditions) -> Iterator[str]:
    """What two expressions have in common that raise for the same elements."""
    match node:
        case ast.Compare(left=left, ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()]):
            kind = _kind(node.comparators[0], own)
            if kind in ("number", "text"):
                yield f"order of {kind} and {_same(left, own)}"
        case ast.Compare(left=left, ops=[ast.In() | ast.NotIn()], comparators=[right]):
            if _kind(right, own) == "set":
                yield f"hash of {_same(left, own)}"
            elif _kind(left, own) == "text":
                yield f"text in {_same(right, own)}"
        case ast.Call(func=ast.Attribute(value=owner, attr="get"), args=args):
            if 0 < len(args) < 3 and all(isinstance(one, ast.Constant) for one in args):
                yield f"get of {_same(owner, own)}"


def _kind(node: ast.expr, own: Conditions) -> str:
    """What a literal, or a name for one, is; empty for anything else."""
    value = _literal(node, own) if isinstance(node, ast.Name) else node
    match value:
        case ast.Constant(value=str()):
            return "text"
        case (
            ast.Constant(value=int() | float()) | ast.UnaryOp(op=ast.USub(), operand=ast.Constant())
        ):
            return "number"
        case ast.Set():
            return "set" if _is_constant(value) else ""
        case ast.Tuple() | ast.List():
            return "sequence" if _is_constant(value) else ""
    return ""


def _is_covered(node: ast.expr, own: Conditions, firm: Collection[str]) -> bool:
    """Whether `node` raises only for elements for which an expression of `firm` does."""
    if _same(node, own) in firm or any(fact in firm for fact in _alike(node, own)):
        return True
    if _may_raise(node, own):
        return False
    return all(_is_covered(operand, own, firm) for operand in _operands(node))


def _may_raise(node: ast.expr, own: Conditions) -> bool:
    """Whether an expression may raise by itself, whatever its parts give."""
    match node:
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[right]):
            return _kind(right, own) != "sequence"
        case ast.Compare(left=left, ops=ops, comparators=others):
            deep = [one for one in (left, *others) if not _is_shallow(one, own)]
            equal = all(isinstance(op, _NEVER_RAISE) for op in ops)
            return not equal or len(deep) > 1  # two deep values may be too deep to be compared
        case ast.UnaryOp(op=op):
            return not isinstance(op, ast.Not)
        case ast.Call(func=ast.Name(id=name)):
            return name not in ("bool", "isinstance")
    return not isinstance(node, _SURE)


def _is_shallow(node: ast.expr, own: Conditions) -> bool:
    """Whether an operand is a literal, or a name for one."""
    return _is_constant(node) or (isinstance(node, ast.Name) and node.id != own.target)
