"""Passes whose effects stay in their function: when it ends by an exception, they are gone.

def by_id(path):
    found = {}
    for row in json.load(open(path)):
        found[row["id"]] = row
    return found
"""

from __future__ import annotations

import ast

from loadstream.analysis.data_files import called, run_by
from loadstream.analysis.effects import changes, is_seen, unknowns
from loadstream.analysis.passes import CallPass, builtin_name
from loadstream.analysis.scopes import Access, Scope
from loadstream.analysis.uses import Use

_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.Constant)
_MAKERS = frozenset("dict frozenset list set".split())
_IMPORTED_MAKERS = frozenset("Counter OrderedDict defaultdict deque".split())


def keeps_inside(use: Use) -> bool:
    """Whether the pass changes nothing but objects that its function has made itself."""
    function = use.scope.function()
    if isinstance(use.how, CallPass) or function.is_module or function.is_class:
        return False
    load = set(ast.walk(use.load.call))
    unknown = unknowns([use.anchor], use.module, use.repository, use.load.data)
    if any(node not in load for node in unknown):
        return False
    for node in run_by([use.anchor]):
        if node in load:
            continue
        changed: ast.expr | None = None
        match node:
            case ast.Yield() | ast.YieldFrom() | ast.Await():
                return False
            case ast.Call():
                if called(node) == "open" or is_seen(node, use.module, use.repository):
                    return False
                changed = node.func if changes(node) else None
            case ast.Subscript() | ast.Attribute() if not isinstance(node.ctx, ast.Load):
                changed = node
            case ast.Name() if not isinstance(node.ctx, ast.Load):
                changed = node
        if changed is not None and not _is_own(changed, use, set()):
            return False
    return True


def _is_own(changed: ast.expr, use: Use, seen: set[str]) -> bool:
    """Whether what is changed belongs to an object that was made in this function, or loaded."""
    scopes, function = use.module.scopes, use.scope.function()
    root = changed
    while isinstance(root, ast.Attribute | ast.Subscript):
        root = root.value
    if not isinstance(root, ast.Name):
        return False
    home = scopes.scope_of[root].home(root.id)
    if home.function() is not function:
        return False
    if root is changed:  # a name that is bound again
        return True
    return _holds_own(root.id, home, use, seen)


def _holds_own(name: str, home: Scope, use: Use, seen: set[str]) -> bool:
    """Whether every binding of `name` gives it a new object, or a part of one."""
    if name in seen:
        return True
    seen.add(name)
    scopes = use.module.scopes
    for reference in scopes.references(home, name):
        if reference.access is Access.READ:
            continue
        if not isinstance(reference.node, ast.Name):
            return False
        binder = scopes.parents[reference.node]
        while isinstance(binder, ast.Tuple | ast.List | ast.Starred):
            binder = scopes.parents[binder]
        match binder:
            case ast.For(iter=source) | ast.comprehension(iter=source):
                is_pass = source is use.source or _within(use.source, source, use)
                if not is_pass and not _is_new(source, home, use, seen):
                    return False
            case ast.Assign(value=value) | ast.AnnAssign(value=value) if value is not None:
                if not _is_new(value, home, use, seen):
                    return False
            case ast.AugAssign():
                continue
            case _:
                return False
    return True


def _within(inner: ast.AST, outer: ast.AST, use: Use) -> bool:
    return inner is outer or any(node is outer for node in use.module.scopes.ancestors(inner))


def _is_new(value: ast.expr, home: Scope, use: Use, seen: set[str]) -> bool:
    """Whether `value` makes an object, or takes a part of one that was made here or loaded."""
    while isinstance(value, ast.Subscript):
        value = value.value
    if isinstance(value, _DISPLAYS) or value is use.load.call:
        return True
    if isinstance(value, ast.Name):
        scope = use.module.scopes.scope_of[value].home(value.id)
        return scope.function() is home.function() and _holds_own(value.id, scope, use, seen)
    if not isinstance(value, ast.Call):
        return False
    callee = value.func
    if isinstance(callee, ast.Attribute):
        is_part = callee.attr in ("get", "items", "values", "setdefault", "keys")
        return is_part and _is_new(callee.value, home, use, seen)
    if builtin_name(value, use.module) in _MAKERS:
        return True
    return isinstance(callee, ast.Name) and callee.id in _IMPORTED_MAKERS
