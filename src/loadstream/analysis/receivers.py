"""What stands before the dot of a method call: an object of a class that is exactly known.

Known are a class itself, `DataRepository(…)`, a name or an attribute of `self` that is bound once,
to such a call, and `self` and `cls`, whose class may also be one that inherits.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from loadstream.analysis.attributes import changes_of, is_in_body, is_of_class, own_object
from loadstream.analysis.callees import module_of
from loadstream.analysis.classes import class_of, heirs
from loadstream.analysis.modules import ClassDefinition, Module
from loadstream.analysis.repository import Repository


class Nature(Enum):
    """Whether the receiver is an object or the class itself."""

    OBJECT = "object"
    CLASS = "class"


@dataclass(frozen=True, eq=False, slots=True)
class Receiver:
    """An object whose class is one of `classes`, the one that the text names first.

    `built` is the call of the class where that stands before the dot itself, `bound` the statement
    that binds the receiver's name. `names` are those under which another file may replace it: each
    with the file in which it is bound.
    """

    classes: tuple[ClassDefinition, ...]
    nature: Nature
    names: tuple[tuple[Path, str], ...] = ()
    built: ast.Call | None = None
    bound: ast.stmt | None = None


class Unclear(NamedTuple):
    """The class is known, but not that it is the object's. `fact` says why."""

    owner: ClassDefinition
    fact: str


def receiver_of(
    expression: ast.expr, module: Module, repository: Repository
) -> Receiver | Unclear | None:
    """What `expression` is, None where not even a class of the repository can be named."""
    owner = class_of(expression, module, repository)
    if owner is not None:
        return Receiver((owner,), Nature.CLASS, _names_of(owner, expression, module))
    if isinstance(expression, ast.Call):
        return _built(expression, module, repository)
    if isinstance(expression, ast.Name):
        own = own_object(expression, module)
        if own is not None:
            nature = Nature.CLASS if is_of_class(own[1]) else Nature.OBJECT
            return _of_own(own[0], nature, module, repository)
        return _named(expression, module, repository)
    if isinstance(expression, ast.Attribute):
        if own_object(expression.value, module) is not None:
            return _own_attribute(expression, module, repository)
        origin = module_of(expression.value, module, repository)
        return None if origin is None else _global(origin, expression.attr, repository)
    return None


def _names_of(
    owner: ClassDefinition, expression: ast.expr, module: Module
) -> tuple[tuple[Path, str], ...]:
    """Where a class that is called `expression` here can be replaced."""
    at_home = (owner.module.path, owner.name)
    return (
        ((module.path, expression.id), at_home) if isinstance(expression, ast.Name) else (at_home,)
    )


def _built(call: ast.Call, module: Module, repository: Repository) -> Receiver | None:
    owner = class_of(call.func, module, repository)
    if owner is None:
        return None
    return Receiver((owner,), Nature.OBJECT, _names_of(owner, call.func, module), built=call)


def _of_own(
    node: ast.ClassDef, nature: Nature, module: Module, repository: Repository
) -> Receiver | Unclear | None:
    """`self` or `cls` in a method of the class `node`: of that class or of one that inherits."""
    owner = repository.class_definition(module, node.name)
    if owner is None or owner.node is not node:
        return None
    below = heirs(owner, repository)
    if below is None:
        return Unclear(owner, f"which classes inherit from {owner.name} cannot be told")
    return Receiver((owner, *below), nature)


def _named(
    expression: ast.Name, module: Module, repository: Repository
) -> Receiver | Unclear | None:
    """A name that one statement binds to an object, here or in the module it is imported from."""
    scopes = module.scopes
    home = scopes.scope_of[expression].home(expression.id)
    if home.is_module:
        return _global(module, expression.id, repository)
    bindings = scopes.changes(home, expression.id)
    if len(bindings) != 1 or home.is_class or scopes.star_imports:
        return None
    node = bindings[0].node
    if isinstance(node, ast.arg):
        return _annotated(node, module, repository)
    if isinstance(node, ast.alias):
        statement = scopes.parents[node]
        if not isinstance(statement, ast.ImportFrom):
            return None
        origin = repository.imported_module(statement, module.path)
        return None if origin is None else _global(origin, node.name, repository)
    return _assigned(node, module, repository)


def _annotated(node: ast.arg, module: Module, repository: Repository) -> Unclear | None:
    annotation = node.annotation
    owner = None if annotation is None else class_of(annotation, module, repository)
    if owner is None:
        return None
    return Unclear(owner, f"`{node.arg}` is a parameter, which may be given another object")


def _global(module: Module, name: str, repository: Repository) -> Receiver | None:
    """What the module-level `name` of `module` is bound to, once."""
    found = repository.binding(module, name)
    if found is None:
        return None
    home, reference = found
    receiver = _assigned(reference.node, home, repository)
    if receiver is None:
        return None
    names = ((module.path, name), (home.path, reference.name), *receiver.names)
    bound = receiver.bound if home is module else None
    return Receiver(receiver.classes, receiver.nature, names, bound=bound)


def _assigned(node: ast.AST, module: Module, repository: Repository) -> Receiver | None:
    """The object that the statement binding `node` makes: `node = DataRepository(…)`."""
    parent = module.scopes.parents.get(node)
    direct = (isinstance(parent, ast.Assign) and node in parent.targets) or (
        isinstance(parent, ast.AnnAssign) and parent.target is node
    )
    if not direct:
        return None
    assert isinstance(parent, ast.Assign | ast.AnnAssign)
    if not isinstance(parent.value, ast.Call):
        return None
    receiver = _built(parent.value, module, repository)
    if receiver is None:
        return None
    return Receiver(receiver.classes, receiver.nature, receiver.names, bound=parent)


def _own_attribute(
    expression: ast.Attribute, module: Module, repository: Repository
) -> Receiver | Unclear | None:
    """`self.repo`, where one statement of the whole repository sets it, to a new object."""
    own = own_object(expression.value, module)
    assert own is not None
    around = repository.class_definition(module, own[0].name)
    if around is None or around.node is not own[0]:
        return None
    name = expression.attr
    found = changes_of(name, (around,), repository)
    plain = [change for change in found or () if change.plain]
    if not plain:
        return None
    first = plain[0]
    receiver = _assigned(first.attribute, first.module, repository)
    if receiver is None:
        return None
    if (
        found is None
        or len(plain) > 1
        or first.method is None
        or is_in_body(name, (around,), repository)
    ):
        return Unclear(receiver.classes[0], f"`.{name}` is set in more than one place")
    return Receiver(receiver.classes, receiver.nature, receiver.names)
