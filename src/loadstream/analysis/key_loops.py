"""Loops over the keys of an object that look each key's value up: `for k in doc: … doc[k] …`."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import NamedTuple

from loadstream.analysis.modules import Module
from loadstream.analysis.scopes import Access, Reference
from loadstream.analysis.trees import walk


class KeyLoop(NamedTuple):
    """The loop `for {key} in {source}:`; `reads` are the places `doc[key]` in its body.

    `of_keys`: it is written `doc.keys()`, which only an object has.
    """

    node: ast.For
    source: ast.expr
    document: str
    reads: tuple[ast.Subscript, ...]
    of_keys: bool


def items_loop(variable: ast.Name, reads: Sequence[Reference], module: Module) -> KeyLoop | None:
    """The key loop that holds every read of `variable`, None where there is no such loop."""
    if not reads or not isinstance(reads[0].node, ast.Name):
        return None
    first, *others = [reference.node for reference in reads]
    assert isinstance(first, ast.Name)
    found = key_loop(first, module)
    if found is None or not (others or found.of_keys):
        return None
    places = []
    for node in others:
        place = _lookup(node, found.node, module)
        if place is None:
            return None
        places.append(place)
    if _is_bound_again(found.node, module):
        return None
    return KeyLoop(found.node, found.source, variable.id, tuple(places), found.of_keys)


def key_loop(value: ast.expr, module: Module) -> KeyLoop | None:
    """`for k in value:` or `for k in value.keys():`, k one name."""
    parents = module.scopes.parents
    source: ast.expr = value
    of_keys = False
    parent = parents[value]
    if isinstance(parent, ast.Attribute) and parent.attr == "keys":
        call = parents[parent]
        if isinstance(call, ast.Call) and call.func is parent and not call.args:
            source, of_keys = call, True
    loop = parents[source]
    if not isinstance(loop, ast.For) or loop.iter is not source:
        return None
    if not isinstance(loop.target, ast.Name):
        return None
    return KeyLoop(loop, source, "", (), of_keys)


def _lookup(node: ast.AST, loop: ast.For, module: Module) -> ast.Subscript | None:
    """`doc[k]`, read in the body of the loop, where k is the loop's own."""
    scopes = module.scopes
    place = scopes.parents[node]
    if not isinstance(place, ast.Subscript) or place.value is not node:
        return None
    target = loop.target
    assert isinstance(target, ast.Name)
    key = place.slice
    if not isinstance(place.ctx, ast.Load) or not isinstance(key, ast.Name) or key.id != target.id:
        return None
    home = scopes.scope_of[target].home(target.id)
    if scopes.scope_of[key].home(key.id) is not home:
        return None
    if scopes.scope_of[place].function() is not scopes.scope_of[target].function():
        return None
    inner: ast.AST = place
    for outer in scopes.ancestors(place):
        if outer is loop:
            return place if inner in loop.body else None
        inner = outer
    return None


def _is_bound_again(loop: ast.For, module: Module) -> bool:
    """Whether anything but the loop's head binds its key in its body."""
    scopes, target = module.scopes, loop.target
    assert isinstance(target, ast.Name)
    home = scopes.scope_of[target].home(target.id)
    inside = {node for statement in loop.body for node in walk(statement)}
    return any(
        reference.node in inside and reference.access is not Access.READ
        for reference in scopes.references(home, target.id)
    )
