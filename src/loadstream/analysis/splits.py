"""Filters in a row: comprehensions that follow each other and each keep some of the same value.

    marathons = [s for s in sessions if s["kind"] == "marathon"]
    errors = [s for s in sessions if s["kind"] == "error"]

Their reads can be one pass together (LS109), if taking_turns.py has nothing against it. Nothing
stands between them, or what between_filters.py allows.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from loadstream.analysis.between_filters import are_harmless, between
from loadstream.analysis.loads import Kind, Load
from loadstream.analysis.modules import Module
from loadstream.analysis.parts import View
from loadstream.analysis.passes import ComprehensionPass
from loadstream.analysis.reads import Read

_VIEWS = (View.ELEMENTS, View.VALUES)


def are_filters_in_a_row(reads: Sequence[Read], load: Load, module: Module) -> bool:
    """Whether `reads`, in the order of the text, are all filters and nothing keeps them apart."""
    if load.kind is not Kind.LOADED or len(reads) < 2 or not all(map(_is_filter, reads)):
        return False
    first = reads[0]
    if not all(read.bindings == first.bindings and read.part.is_same(first.part) for read in reads):
        return False
    statements = [statement for read in reads if (statement := assigned(read.how, module))]
    if len(statements) < len(reads):
        return False
    names = [target_of(statement).id for statement in statements]
    names += [name.id for binding in first.bindings for name in _targets(binding)]
    if len(set(names)) < len(names) or (apart := between(statements, module)) is None:
        return False
    return not apart or are_harmless(statements, first.bindings, module)


def assigned(how: object, module: Module) -> ast.Assign | None:
    """The statement `name = […]` that is all around the comprehension of a pass."""
    statement = module.scopes.parents[how.node] if isinstance(how, ComprehensionPass) else None
    match statement:
        case ast.Assign(targets=[ast.Name()], value=value) if value is getattr(how, "node", None):
            return statement
    return None


def target_of(statement: ast.Assign) -> ast.Name:
    """The name that is assigned to."""
    target = statement.targets[0]
    assert isinstance(target, ast.Name)
    return target


def _is_filter(read: Read) -> bool:
    """Whether a read is `[x for x in value if …]`, of an array or of the values of an object."""
    how = read.how
    if not isinstance(how, ComprehensionPass) or how.wrapped or how.around is not None:
        return False
    if read.guard is not None or read.lengths or read.part.view not in _VIEWS:
        return False
    match how.node:
        case ast.ListComp(
            elt=ast.Name(id=element),
            generators=[ast.comprehension(target=ast.Name(id=target), ifs=[_, *_])],
        ):
            return element == target
    return False


def _targets(binding: ast.Assign | ast.AnnAssign) -> list[ast.Name]:
    targets = binding.targets if isinstance(binding, ast.Assign) else [binding.target]
    return [target for target in targets if isinstance(target, ast.Name)]
