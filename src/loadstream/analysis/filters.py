"""Whether a streamer's filter parameter is a predicate on what it gives out.

A name such as `where` says so only by convention. The streamer's text may say otherwise: that it
is compared with a value, that it is not used, or that elements are changed after they are tested.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loadstream.analysis.attributes import MUTATORS
from loadstream.analysis.modules import Definition
from loadstream.analysis.scopes import Access
from loadstream.analysis.trees import walk


def is_predicate(streamer: Definition, parameter: str) -> bool:
    """Whether nothing in the streamer's text speaks against a predicate of that name."""
    scopes = streamer.module.scopes
    home = scopes.made_by[streamer.function]
    reads = [
        reference.node
        for reference in scopes.references(home, parameter)
        if reference.access is Access.READ and isinstance(reference.node, ast.expr)
    ]
    return bool(reads) and all(_is_read_as_one(read, streamer) for read in reads)


def _is_read_as_one(read: ast.expr, streamer: Definition) -> bool:
    parents = streamer.module.scopes.parents
    parent = parents[read]
    match parent:
        case ast.Call(func=callee, args=[element], keywords=[]) if callee is read:
            return all(
                ast.dump(given) == ast.dump(element) and not _is_changed(given, parent, streamer)
                for given in _given_out(streamer)
            )
        case ast.Call(func=callee) if callee is read:
            return False
        case ast.keyword():
            return _hands_on(parents[parent], streamer)
        case ast.Call():
            return _hands_on(parent, streamer)
        case ast.Compare(comparators=[ast.Constant(value=None)]):
            return True
    return not isinstance(parent, ast.Compare | ast.Attribute | ast.Subscript | ast.For)


def _given_out(streamer: Definition) -> Iterator[ast.expr]:
    """What the streamer yields, one by one, or its generator expressions give."""
    for node in walk(streamer.function):
        if isinstance(node, ast.Yield) and node.value is not None:
            yield node.value
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.GeneratorExp):
            yield node.value.elt


def _hands_on(call: ast.AST, streamer: Definition) -> bool:
    """Whether the elements of a call, which tests them, are given out as they are."""
    around = streamer.module.scopes.parents[call]
    if isinstance(around, ast.Call) and getattr(around.func, "id", "") == "map":
        return False
    return all(
        isinstance(given, ast.Name) and not _is_changed(given, None, streamer)
        for given in _given_out(streamer)
    )


def _is_changed(element: ast.expr, test: ast.expr | None, streamer: Definition) -> bool:
    """Whether the element is bound again or changed in place, behind the `test` if there is one."""
    root = element
    while isinstance(root, ast.Attribute | ast.Subscript):
        root = root.value
    if not isinstance(root, ast.Name):
        return not isinstance(root, ast.Constant)
    parents = streamer.module.scopes.parents
    for node in walk(streamer.function):
        if not isinstance(node, ast.Name) or node.id != root.id:
            continue
        if test is not None and node.lineno <= test.lineno:
            continue
        parent = parents[node]
        if isinstance(node.ctx, ast.Load):
            while isinstance(parent, ast.Attribute | ast.Subscript):
                if not isinstance(parent.ctx, ast.Load):
                    return True
                if isinstance(parent, ast.Attribute) and parent.attr in MUTATORS:
                    return True
                parent = parents[parent]
        elif not isinstance(parent, (ast.For, ast.comprehension)):
            return True
    return False
