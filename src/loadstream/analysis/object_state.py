"""What a method reads of its object, and what it keeps there.

A method is looked at together with the methods of the same object that it uses. Reading matters
because a stream reads while its consumer works; keeping, because a loader that keeps what it
loaded gives the same list again.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from loadstream.analysis.attributes import MUTATORS, own_object
from loadstream.analysis.classes import lineage, own_member
from loadstream.analysis.effects import markers
from loadstream.analysis.modules import ClassDefinition, Definition
from loadstream.analysis.repository import Repository
from loadstream.analysis.scopes import FUNCTIONS
from loadstream.analysis.trees import walk

_LATER = (*FUNCTIONS, ast.Lambda, ast.GeneratorExp)


@dataclass(frozen=True, slots=True)
class Reads:
    """The attributes that a method reads of its object.

    `names` are all of them, `late` those that may be read after the first element was given out.
    `whole` and `whole_late` tell the same of the object itself, passed on to other code.
    """

    names: frozenset[str] = frozenset()
    late: frozenset[str] = frozenset()
    whole: bool = False
    whole_late: bool = False

    def __or__(self, other: Reads) -> Reads:
        """What two methods read together."""
        return Reads(
            self.names | other.names,
            self.late | other.late,
            self.whole or other.whole,
            self.whole_late or other.whole_late,
        )

    def all_late(self) -> Reads:
        """The same, read late."""
        return Reads(self.names, self.names, self.whole, self.whole)


def signs(
    definition: Definition, repository: Repository, owner: ClassDefinition | None = None
) -> frozenset[str]:
    """The markers of a function, or of a method with the methods of its object that it uses.

    `owner` is the object's class, by default that of the method. A method that sets an attribute
    of its object keeps state.
    """
    if definition.owner is None:
        return markers(definition, repository)
    found = set(markers(definition, repository))
    if _returns_kept(definition):
        found.add("keeps state")
    for method in with_helpers(definition, owner or definition.owner, repository):
        found |= markers(method, repository) - {"keeps state"}
        if _sets_own(method):
            found.add("keeps state")
    return frozenset(found)


def with_helpers(
    method: Definition, owner: ClassDefinition, repository: Repository
) -> list[Definition]:
    """The method, and the methods of an object of `owner` that it uses, and so on."""
    found, pending = [method], [method]
    while pending:
        for _, helper in _helpers(pending.pop(), owner, repository):
            if helper not in found:
                found.append(helper)
                pending.append(helper)
    return found


def names_used(
    method: Definition, owner: ClassDefinition, repository: Repository
) -> frozenset[str]:
    """Every attribute, methods included, that the method and its helpers name on their object."""
    return frozenset(
        node.attr
        for one in with_helpers(method, owner, repository)
        for node in walk(one.function)
        if isinstance(node, ast.Attribute) and _is_own(node.value, one)
    )


def _helpers(
    method: Definition, owner: ClassDefinition, repository: Repository
) -> Iterator[tuple[ast.Attribute, Definition]]:
    """Every `self.m` and `super().m` in the method's text, with each method that it may be."""
    line = lineage(owner, repository) or [owner]
    for node in walk(method.function):
        if isinstance(node, ast.Attribute) and _is_own(node.value, method):
            for one in line:
                helper = own_member(one, node.attr)
                if isinstance(helper, Definition):
                    yield node, helper


def _is_own(expression: ast.expr, method: Definition) -> bool:
    """Whether an expression is the method's own object, or `super()`."""
    if isinstance(expression, ast.Call):
        return isinstance(expression.func, ast.Name) and expression.func.id == "super"
    own = own_object(expression, method.module)
    return own is not None and own[1] is method.function


def _sets_own(method: Definition) -> bool:
    """Whether the method sets an attribute of its object or its class, or changes what it holds."""
    for node in walk(method.function):
        if isinstance(node, ast.Name) and node.id == "setattr":
            return True
        if not isinstance(node, ast.Attribute) or not _is_state(node, method):
            continue
        parent = method.module.scopes.parents[node]
        if not isinstance(node.ctx, ast.Load):
            return True
        if isinstance(parent, ast.Subscript) and not isinstance(parent.ctx, ast.Load):
            return True
        if isinstance(parent, ast.Attribute) and parent.attr in MUTATORS:
            return True
    return False


def _is_state(expression: ast.expr, method: Definition) -> bool:
    """Whether an expression is taken out of the method's object, or of a class or module."""
    while isinstance(expression, ast.Attribute | ast.Subscript):
        expression = expression.value
    if isinstance(expression, ast.Call):
        callee = expression.func
        return (
            isinstance(callee, ast.Attribute)
            and callee.attr in ("get", "setdefault")
            and _is_state(callee.value, method)
        )
    if not isinstance(expression, ast.Name):
        return False
    return _is_own(expression, method) or (
        method.owner is not None and expression.id == method.owner.name
    )


def _returns_kept(method: Definition) -> bool:
    """Whether the method returns something that it takes out of its object, by a variable too."""
    scopes = method.module.scopes
    for node in walk(method.function):
        if not isinstance(node, ast.Return) or node.value is None:
            continue
        values = [node.value]
        if isinstance(node.value, ast.Name):
            home = scopes.scope_of[node.value].home(node.value.id)
            for binding in scopes.bindings(home, node.value.id):
                parent = scopes.parents.get(binding.node)
                if isinstance(parent, ast.Assign | ast.AnnAssign | ast.NamedExpr) and parent.value:
                    values.append(parent.value)
        if any(_holds_state(value, method) for value in values):
            return True
    return False


def _holds_state(value: ast.expr, method: Definition) -> bool:
    if isinstance(value, ast.BoolOp):
        return any(_holds_state(one, method) for one in value.values)
    if isinstance(value, ast.IfExp):
        return _holds_state(value.body, method) or _holds_state(value.orelse, method)
    return _is_state(value, method)


def reads(method: Definition, owner: ClassDefinition, repository: Repository) -> Reads:
    """What `method`, called on an object of exactly `owner`, reads of that object."""
    return _reads(method, owner, repository, frozenset())


def _reads(
    method: Definition,
    owner: ClassDefinition,
    repository: Repository,
    above: frozenset[Definition],
) -> Reads:
    if method in above:
        return Reads()
    above |= {method}
    found = Reads()
    helpers: dict[ast.AST, list[Definition]] = {}
    for attribute, helper in _helpers(method, owner, repository):
        helpers.setdefault(attribute, []).append(helper)
    parents = method.module.scopes.parents
    for node in walk(method.function):
        if not isinstance(node, ast.Name) or not _is_own(node, method):
            continue
        parent = parents[node]
        if not isinstance(parent, ast.Attribute):
            read = Reads(whole=True)
        elif parent in helpers:
            read = Reads()
            for helper in helpers[parent]:
                read |= _reads(helper, owner, repository, above)
        elif isinstance(parent.ctx, ast.Load):
            read = Reads(frozenset(_chain(parent, method)))
        else:
            continue
        found |= read.all_late() if _is_late(node, method) else read
    return found


def _chain(attribute: ast.Attribute, method: Definition) -> Iterator[str]:
    """`a` and `b` of `self.a.b`."""
    node: ast.AST = attribute
    while isinstance(node, ast.Attribute):
        yield node.attr
        node = method.module.scopes.parents[node]


def _is_late(node: ast.AST, method: Definition) -> bool:
    """Whether a node may run after the method has given out its first element."""
    scopes, function = method.module.scopes, method.function
    yields = [
        one
        for one in walk(function)
        if isinstance(one, ast.Yield | ast.YieldFrom)
        and scopes.scope_of[one].function().node is function
    ]
    line = getattr(node, "lineno", 0)
    if yields and line > min(one.lineno for one in yields):
        return True
    inner = node
    for outer in scopes.ancestors(node):
        if outer is function:
            return False
        if isinstance(outer, _LATER):
            return True
        if yields and isinstance(outer, ast.While):
            return True
        if yields and isinstance(outer, ast.For | ast.AsyncFor) and inner is not outer.iter:
            return True
        inner = outer
    return False
