"""Who sets an attribute: every place of the repository that may change what `object.name` is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from loadstream.analysis.classes import Lookup, heirs, lineage, own_member
from loadstream.analysis.modules import ClassDefinition, Module
from loadstream.analysis.repository import Repository
from loadstream.analysis.scopes import FUNCTIONS, Function
from loadstream.analysis.trees import walk

MUTATORS = frozenset(
    "add append appendleft clear discard extend insert pop popitem popleft remove reverse "
    "setdefault sort update".split()
)


@dataclass(frozen=True, eq=False, slots=True)
class Change:
    """One place that sets the attribute (`plain`), or changes the value that it has."""

    module: Module
    attribute: ast.Attribute
    plain: bool

    @property
    def method(self) -> Function | None:
        """The method whose own object this is an attribute of, None for other objects."""
        found = own_object(self.attribute.value, self.module)
        return None if found is None else found[1]


def family(
    classes: Iterable[ClassDefinition], repository: Repository
) -> set[ClassDefinition] | None:
    """The classes with all that they inherit from and all that inherit from them.

    None where one of them is unknown.
    """
    found: set[ClassDefinition] = set()
    for one in classes:
        below = heirs(one, repository)
        if below is None:
            return None
        for member in (one, *below):
            line = lineage(member, repository)
            if line is None:
                return None
            found.update(line)
    return found


def own_object(expression: ast.expr, module: Module) -> tuple[ast.ClassDef, Function] | None:
    """The class and method whose first parameter (`self`, `cls`) `expression` certainly is."""
    if not isinstance(expression, ast.Name):
        return None
    scopes = module.scopes
    home = scopes.scope_of[expression].home(expression.id)
    method = home.node
    if not isinstance(method, FUNCTIONS):
        return None
    owner = scopes.parents[method]
    positional = [*method.args.posonlyargs, *method.args.args]
    if not isinstance(owner, ast.ClassDef) or not positional:
        return None
    first = positional[0]
    bindings = [r for r in scopes.references(home, expression.id) if r.access.value != "read"]
    if first.arg != expression.id or len(bindings) != 1 or is_static(method):
        return None
    return owner, method


def is_static(method: Function) -> bool:
    """Whether a function in a class body is not given the object or class it is called on."""
    return method.name == "__new__" or _is_marked(method, "staticmethod")


def is_of_class(method: Function) -> bool:
    """Whether a method is given the class, not an object."""
    return method.name in ("__init_subclass__", "__class_getitem__") or _is_marked(
        method, "classmethod"
    )


def _is_marked(method: Function, name: str) -> bool:
    return any(isinstance(d, ast.Name) and d.id == name for d in method.decorator_list)


def changes(name: str, repository: Repository) -> list[Change] | None:
    """Every place that sets an attribute `name`, of whatever object, or changes what it holds.

    None where that cannot be told: a file that mentions it cannot be parsed, or it is set by name.
    """
    return repository.answer(("changes", name), lambda: _changes(name, repository))


def _changes(name: str, repository: Repository) -> list[Change] | None:
    mentioned = re.compile(rb"\.\s*%b\b" % name.encode())
    by_name = re.compile(
        rb"""(?:setattr|patch\.object)\(\s*[^,]{1,80},\s*['"]%b['"]"""
        rb"""|(?:vars\([^()]*\)|__dict__)\s*\[\s*['"]%b['"]""" % ((name.encode(),) * 2)
    )
    found: list[Change] = []
    for path, text in repository.mentions.with_word(name).items():
        if by_name.search(text):
            return None
        if not mentioned.search(text):
            continue
        module = repository.module(path)
        if module is None:
            return None
        found += _changes_in(module, name)
    return found


def _changes_in(module: Module, name: str) -> Iterator[Change]:
    for node in module.every(ast.Attribute):
        if node.attr == name:
            if is_set(node):
                yield Change(module, node, plain=True)
            elif is_changed(node, module):
                yield Change(module, node, plain=False)


def is_set(attribute: ast.Attribute) -> bool:
    """Whether this place sets or deletes the attribute."""
    return not isinstance(attribute.ctx, ast.Load)


def is_changed(attribute: ast.Attribute, module: Module) -> bool:
    """Whether this place changes the list or dict that the attribute holds."""
    parent = module.scopes.parents[attribute]
    if isinstance(parent, ast.Subscript) and parent.value is attribute:
        return not isinstance(parent.ctx, ast.Load)
    return (
        isinstance(parent, ast.Attribute) and parent.value is attribute and parent.attr in MUTATORS
    )


def changes_of(
    name: str, classes: Iterable[ClassDefinition], repository: Repository
) -> list[Change] | None:
    """Those changes that may be of an object of one of `classes`; None where it cannot be told."""
    related = family(classes, repository)
    found = changes(name, repository)
    if related is None or found is None:
        return None
    return [change for change in found if _may_be_of(change, related, repository)]


def _may_be_of(change: Change, related: set[ClassDefinition], repository: Repository) -> bool:
    own = own_object(change.attribute.value, change.module)
    if own is None:
        return True
    owner = repository.class_definition(change.module, own[0].name)
    return owner is None or owner.node is not own[0] or owner in related


def is_in_body(name: str, classes: Iterable[ClassDefinition], repository: Repository) -> bool:
    """Whether a class body of the family binds `name`, or sets attributes that are not named."""
    related = family(classes, repository)
    return related is None or any(
        own_member(one, name) is not Lookup.ABSENT or _sets_any(one) for one in related
    )


def _sets_any(owner: ClassDefinition) -> bool:
    """Whether a class sets attributes whose names are computed: `setattr(self, key, …)`."""
    for node in walk(owner.node):
        if isinstance(node, ast.Attribute) and node.attr == "__dict__":
            return True
        if isinstance(node, ast.FunctionDef) and node.name in ("__setattr__", "__getattr__"):
            return True
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.args[1] if len(node.args) > 1 else None
            if node.func.id == "vars" or (
                node.func.id == "setattr" and not isinstance(name, ast.Constant)
            ):
                return True
    return False
