"""Classes of the repository: which function a method's name means, and who inherits from whom.

A member is known only where Python could not find another one: where an ancestor, a metaclass or
a class decorator is unknown, so is every member.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from enum import Enum

from loadstream.analysis.callees import module_of
from loadstream.analysis.class_factories import is_given_to_factory
from loadstream.analysis.modules import ClassDefinition, Definition, Module
from loadstream.analysis.repository import Repository
from loadstream.analysis.scopes import FUNCTIONS, Access, Scope
from loadstream.analysis.trees import walk

# Bases from outside of the repository that neither look members up nor bring loaders.
_PLAIN_BASES = {
    ("abc", "ABC"),
    ("typing", "Generic"),
    ("typing", "Protocol"),
    ("typing_extensions", "Protocol"),
    ("unittest", "TestCase"),
    ("threading", "Thread"),
    ("django.core.management.base", "BaseCommand"),
    ("pydantic", "BaseModel"),
    ("torch.utils.data", "Dataset"),
}
_PLAIN_DECORATORS = {
    ("dataclasses", "dataclass"),
    ("attrs", "define"),
    ("attrs", "frozen"),
    ("attr", "s"),
    ("attr", "define"),
    ("typing", "final"),
    ("typing", "runtime_checkable"),
}
# Members that change what the others mean, or what a call of the class gives.
_MEDDLERS = frozenset(("__getattribute__", "__new__", "__init_subclass__"))
_DEEPEST = 12


class Lookup(Enum):
    """Why a member is no function that is known."""

    ABSENT = "absent"
    UNCERTAIN = "uncertain"


class Outside(Enum):
    """A base that is no class of the repository."""

    PLAIN = "plain"
    UNKNOWN = "unknown"


def class_of(
    expression: ast.expr, module: Module, repository: Repository
) -> ClassDefinition | None:
    """The class of the repository that `expression` certainly is."""
    if isinstance(expression, ast.Attribute):
        origin = module_of(expression.value, module, repository)
        return None if origin is None else repository.class_definition(origin, expression.attr)
    if not isinstance(expression, ast.Name):
        return None
    scopes = module.scopes
    home = scopes.scope_of[expression].home(expression.id)
    references = scopes.changes(home, expression.id)
    if len(references) != 1 or scopes.star_imports:
        return None
    node = references[0].node
    if home.is_module:
        return repository.class_definition(module, expression.id)
    if not isinstance(node, ast.alias):
        return None
    statement = scopes.parents[node]
    if not isinstance(statement, ast.ImportFrom):
        return None
    origin = repository.imported_module(statement, module.path)
    return None if origin is None else repository.class_definition(origin, node.name)


def own_member(owner: ClassDefinition, name: str) -> Definition | Lookup:
    """The function that the class body binds to `name`."""
    bindings = [
        reference
        for reference in _scope(owner).references
        if reference.name == name and reference.access is not Access.READ
    ]
    if not bindings:
        return Lookup.ABSENT
    node = bindings[0].node
    plain = (
        len(bindings) == 1
        and isinstance(node, FUNCTIONS)
        and owner.module.scopes.parents[node] is owner.node
    )
    if not plain:
        return Lookup.UNCERTAIN
    assert isinstance(node, FUNCTIONS)
    return Definition(owner.module, node, owner)


def _scope(owner: ClassDefinition) -> Scope:
    return owner.module.scopes.made_by[owner.node]


def member(owner: ClassDefinition, name: str, repository: Repository) -> Definition | Lookup:
    """The function that `name` means on an object whose class is exactly `owner`."""
    line = lineage(owner, repository)
    if line is None or any(_is_opaque(one) for one in line):
        return Lookup.UNCERTAIN
    for one in line:
        found = own_member(one, name)
        if found is not Lookup.ABSENT:
            return found
    return Lookup.ABSENT


def lineage(owner: ClassDefinition, repository: Repository) -> list[ClassDefinition] | None:
    """The class and its ancestors in the order of lookup; None where one of them is unknown."""
    return _linearized(owner, repository, _DEEPEST)


def _linearized(
    owner: ClassDefinition, repository: Repository, depth: int
) -> list[ClassDefinition] | None:
    found: list[ClassDefinition] = []
    for base in bases(owner, repository):
        if base is Outside.UNKNOWN or depth == 0:
            return None
        if isinstance(base, ClassDefinition):
            found.append(base)
    lines = []
    for base in found:
        line = _linearized(base, repository, depth - 1)
        if line is None:
            return None
        lines.append(line)
    merged = _merged([*lines, found])
    return None if merged is None else [owner, *merged]


def _merged(lines: list[list[ClassDefinition]]) -> list[ClassDefinition] | None:
    """Python's own merge of the bases' orders; None where it would refuse the class."""
    lines = [list(line) for line in lines if line]
    merged: list[ClassDefinition] = []
    while lines:
        head = next(
            (line[0] for line in lines if not any(line[0] in other[1:] for other in lines)), None
        )
        if head is None:
            return None
        merged.append(head)
        lines = [rest for line in lines if (rest := [one for one in line if one is not head])]
    return merged


def bases(owner: ClassDefinition, repository: Repository) -> list[ClassDefinition | Outside]:
    """What the class statement names as bases, in order; a metaclass counts as an unknown one."""
    found: list[ClassDefinition | Outside] = []
    for base in owner.node.bases:
        expression = base.value if isinstance(base, ast.Subscript) else base
        known = class_of(expression, owner.module, repository)
        if known is not None:
            found.append(known)
        elif _is_plain(expression, owner.module, _PLAIN_BASES):
            found.append(Outside.PLAIN)
        else:
            found.append(Outside.UNKNOWN)
    plain_keywords = all(
        keyword.arg == "metaclass" and _is_plain(keyword.value, owner.module, {("abc", "ABCMeta")})
        for keyword in owner.node.keywords
    )
    return found if plain_keywords else [*found, Outside.UNKNOWN]


def _is_opaque(owner: ClassDefinition) -> bool:
    """Whether the members of the class's body may not be what its objects have."""
    if any(own_member(owner, name) is not Lookup.ABSENT for name in _MEDDLERS):
        return True
    return not all(
        _is_plain(d.func if isinstance(d, ast.Call) else d, owner.module, _PLAIN_DECORATORS)
        for d in owner.node.decorator_list
    )


def _is_plain(expression: ast.expr, module: Module, known: set[tuple[str, str]]) -> bool:
    """Whether an expression is `object` or one of the `known` (module, name)s, as imported."""
    scopes = module.scopes
    root = expression.value if isinstance(expression, ast.Attribute) else expression
    if not isinstance(root, ast.Name):
        return False
    home = scopes.scope_of[root].home(root.id)
    bindings = scopes.changes(home, root.id)
    if not bindings:
        return root is expression and root.id == "object"
    node = bindings[0].node
    if len(bindings) != 1 or not isinstance(node, ast.alias):
        return False
    statement = scopes.parents[node]
    if isinstance(expression, ast.Attribute):
        return isinstance(statement, ast.Import) and (node.name, expression.attr) in known
    return isinstance(statement, ast.ImportFrom) and (statement.module, node.name) in known


def heirs(owner: ClassDefinition, repository: Repository) -> list[ClassDefinition] | None:
    """Every class of the repository that inherits from `owner`; None where that cannot be told.

    Classes are looked for by name, under the names too that imports and assignments give them.
    """
    return repository.answer(("heirs", owner), lambda: _heirs(owner, repository))


def _heirs(owner: ClassDefinition, repository: Repository) -> list[ClassDefinition] | None:
    found: list[ClassDefinition] = []
    names, searched = {owner.name}, set[str]()
    while names - searched:
        wanted = names - searched
        searched |= wanted
        holding = {
            path: text
            for name in sorted(wanted)
            for path, text in repository.mentions.with_word(name).items()
        }
        for path, text in sorted(holding.items()):
            module = repository.module(path)
            if module is None:
                if re.search(rb"\bclass\b", text):
                    return None
                continue
            names.update(_other_names(module, wanted))
            if is_given_to_factory(module, wanted, repository):
                return None
            for node in _named_bases(module, wanted):
                if not _may_inherit(node, module, [owner, *found], searched, repository):
                    continue
                heir = repository.class_definition(module, node.name)
                if heir is None or heir.node is not node:
                    return None  # a class inside a function or a branch
                if heir not in found:
                    found.append(heir)
                    names.add(heir.name)
    return found


def _other_names(module: Module, names: Iterable[str]) -> Iterator[str]:
    for node in walk(module.source.tree):
        if isinstance(node, ast.alias) and node.asname and node.name in names:
            yield node.asname
        elif (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Name | ast.Attribute)
            and _last_name(node.value) in names
        ):
            yield from (t.id for t in node.targets if isinstance(t, ast.Name))


def _named_bases(module: Module, names: Iterable[str]) -> list[ast.ClassDef]:
    return [
        node
        for node in walk(module.source.tree)
        if isinstance(node, ast.ClassDef) and any(_last_name(base) in names for base in node.bases)
    ]


def _may_inherit(
    node: ast.ClassDef,
    module: Module,
    family: list[ClassDefinition],
    names: set[str],
    repository: Repository,
) -> bool:
    """Whether a base of `node` is in `family`, or has one of its `names` and cannot be told."""
    for base in node.bases:
        if _last_name(base) not in names:
            continue
        expression = base.value if isinstance(base, ast.Subscript) else base
        known = class_of(expression, module, repository)
        if known is None:
            if not _is_foreign(expression, module, repository):
                return True
        elif known in family:
            return True
    return False


def _is_foreign(expression: ast.expr, module: Module, repository: Repository) -> bool:
    """Whether a base is imported, by name, from a module that is not in the repository."""
    if not isinstance(expression, ast.Name):
        return False
    home = module.scopes.scope_of[expression].home(expression.id)
    bindings = module.scopes.changes(home, expression.id)
    if not bindings:
        return True  # a builtin
    if len(bindings) != 1 or not isinstance(bindings[0].node, ast.alias):
        return False
    statement = module.scopes.parents[bindings[0].node]
    if not isinstance(statement, ast.ImportFrom):
        return True
    return repository.find(statement.module or "", statement.level, module.path) is None


def _last_name(expression: ast.expr) -> str:
    if isinstance(expression, ast.Subscript):
        expression = expression.value
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""
