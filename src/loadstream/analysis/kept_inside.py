"""Passes whose effects stay in their function: when it ends by an exception, they are gone.

def by_id(path):
    found = {}
    for row in json.load(open(path)):
        found[row["id"]] = row
    return found
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TypeGuard

from loadstream.analysis.data_files import called, run_by
from loadstream.analysis.effects import changes, is_seen, unknowns
from loadstream.analysis.passes import CallPass, builtin_name
from loadstream.analysis.scopes import Access, Scope
from loadstream.analysis.trees import walk
from loadstream.analysis.uses import Use

_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.Tuple, ast.ListComp, ast.DictComp, ast.SetComp)
_MAKERS = frozenset("dict frozenset list set".split())
_IMPORTED_MAKERS = frozenset("Counter OrderedDict defaultdict deque".split())
_PARTS = frozenset("get items values setdefault keys pop".split())
_PUTS = frozenset("add append appendleft extend insert setdefault update".split())
# Builtins whose results are no objects that others hold.
_GIVES_VALUES = frozenset("abs bool float hash int len ord repr round str sum".split())
# Builtins that give what they are given to nobody.
_READERS = _GIVES_VALUES | frozenset(
    "all any dict enumerate frozenset isinstance list max min print set sorted tuple zip".split()
)


def keeps_inside(use: Use) -> bool:
    """Whether the pass changes nothing but objects that its function has made itself."""
    function = use.scope.function()
    if isinstance(use.how, CallPass) or function.is_module or function.is_class:
        return False
    load = set(walk(use.load.call))
    unknown = unknowns([use.anchor], use.module, use.repository, use.load.data)
    if any(node not in load for node in unknown):
        return False
    for node in run_by([use.anchor]):
        if node in load:
            continue
        changed: ast.expr | None = None
        match node:
            case ast.Call() if _takes_from_others(node, use):
                return False
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


def _takes_from_others(call: ast.Call, use: Use) -> bool:
    """Whether a `zip` or `map` over the value takes elements of an iterator that others hold."""
    if called(call) not in ("zip", "map") or not any(
        _within(use.source, a, use) for a in call.args
    ):
        return False
    home = use.scope.function()
    others = [a for a in call.args[called(call) == "map" :] if not _within(use.source, a, use)]
    return not all(_is_new(other, home, use, set()) for other in others)


def _is_own(changed: ast.expr, use: Use, seen: set[str]) -> bool:
    """Whether what is changed belongs to an object that was made in this function, or loaded."""
    scopes, function = use.module.scopes, use.scope.function()
    root, steps = changed, 0
    while isinstance(root, ast.Attribute | ast.Subscript) or _gives_part(root):
        root = root.func if isinstance(root, ast.Call) else root.value
        steps += 1
    if not isinstance(root, ast.Name):
        return False
    home = scopes.scope_of[root].home(root.id)
    if home.function() is not function:
        return False
    binder = scopes.parents[root]
    if root is changed and not isinstance(binder, ast.AugAssign):
        return True  # a name that is bound again
    if _is_let_out(root.id, home, use, set()):
        return False
    return _holds_own(root.id, home, use, seen) if steps < 2 else _is_deep(root.id, home, use, seen)


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
                if not is_pass and not _is_deep_new(source, home, use, seen):
                    return False
            case ast.Assign(value=value) | ast.AnnAssign(value=value) if value is not None:
                targets = binder.targets if isinstance(binder, ast.Assign) else [binder.target]
                if any(isinstance(t, ast.Attribute | ast.Subscript) for t in targets):
                    return False
                if not _is_new(value, home, use, seen):
                    return False
            case ast.AugAssign():
                continue
            case _:
                return False
    return True


def _is_deep(name: str, home: Scope, use: Use, seen: set[str]) -> bool:
    """Whether all that is in the objects of `name` was made here or loaded, too."""
    key = f"{name}[]"
    if key in seen:
        return True
    seen.add(key)
    if not _holds_own(name, home, use, seen):
        return False
    return all(_is_deep_new(value, home, use, seen) for value in _put_into(name, home, use))


def _put_into(name: str, home: Scope, use: Use) -> Iterator[ast.expr]:
    """What `name` is bound to, and what is put into it: `name[k] = v`, `name.append(v)`."""
    scopes = use.module.scopes
    for reference in scopes.references(home, name):
        node: ast.AST = reference.node
        parent = scopes.parents[node]
        while (
            isinstance(parent, ast.Attribute | ast.Subscript) and parent.value is node
        ) or _gives_part(parent):
            if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute):
                yield from parent.args if parent.func.attr in _PUTS else ()
            node, parent = parent, scopes.parents[parent]
        match parent:
            case ast.Assign(value=value) if node in parent.targets:
                yield value
            case ast.AnnAssign(target=target, value=ast.expr() as value) if node is target:
                yield value
            case ast.AugAssign(target=target, value=value) if node is target:
                yield value
            case ast.Call(func=ast.Attribute(attr=method) as callee) if callee is node:
                if method in _PUTS:
                    yield from (*parent.args, *(keyword.value for keyword in parent.keywords))


def _gives_part(node: ast.AST) -> TypeGuard[ast.Call]:
    """Whether a call takes a part of the object before its dot: `groups.setdefault(key, [])`."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _PARTS
    )


def _within(inner: ast.AST, outer: ast.AST, use: Use) -> bool:
    return inner is outer or any(node is outer for node in use.module.scopes.ancestors(inner))


def _is_new(value: ast.expr, home: Scope, use: Use, seen: set[str]) -> bool:
    """Whether `value` makes an object, or takes a part of one that was made here or loaded."""
    if isinstance(value, (*_DISPLAYS, ast.Constant)) or value is use.load.call:
        return True
    if isinstance(value, ast.Name):
        scope = use.module.scopes.scope_of[value].home(value.id)
        return scope.function() is home.function() and _holds_own(value.id, scope, use, seen)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        name = builtin_name(value, use.module)
        return name in _MAKERS or value.func.id in _IMPORTED_MAKERS
    return _is_deep_new(value, home, use, seen)


def _is_deep_new(value: ast.expr, home: Scope, use: Use, seen: set[str]) -> bool:
    """Whether `value`, and whatever is in it, was made here or loaded, or cannot be changed."""

    def all_new(values: Iterable[ast.expr | None]) -> bool:
        return all(v is None or _is_deep_new(v, home, use, seen) for v in values)

    match value:
        case _ if value is use.load.call or value is use.source:
            return True
        case ast.Constant() | ast.JoinedStr() | ast.Compare() | ast.UnaryOp():
            return True
        case ast.Name():
            if not use.module.scopes.bindings(
                use.module.scopes.scope_of[value].home(value.id), value.id
            ):
                return True  # a builtin
            scope = use.module.scopes.scope_of[value].home(value.id)
            return scope.function() is home.function() and _is_deep(value.id, scope, use, seen)
        case ast.Subscript(value=inner) | ast.Starred(value=inner):
            return _is_deep_new(inner, home, use, seen)
        case ast.Lambda(body=body):
            return _is_deep_new(body, home, use, seen)
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            return all_new(parts)
        case ast.Dict(keys=keys, values=values):
            return all_new([*keys, *values])
        case ast.ListComp(elt=element) | ast.SetComp(elt=element) | ast.GeneratorExp(elt=element):
            return all_new([element])
        case ast.DictComp(value=element):
            return all_new([element])
        case ast.BinOp(left=left, right=right):
            return all_new([left, right])
        case ast.BoolOp(values=parts):
            return all_new(parts)
        case ast.IfExp(body=body, orelse=orelse):
            return all_new([body, orelse])
        case ast.Call(func=ast.Attribute(value=owner), args=arguments):
            return all_new([owner, *arguments])
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords):
            if name in _GIVES_VALUES and builtin_name(value, use.module) == name:
                return True
            is_maker = builtin_name(value, use.module) in _READERS or name in _IMPORTED_MAKERS
            return is_maker and all_new([*arguments, *(keyword.value for keyword in keywords)])
    return False


def _is_let_out(name: str, home: Scope, use: Use, seen: set[str]) -> bool:
    """Whether the object of `name` may be held by others when the pass ends by an exception."""
    if name in seen:
        return False
    seen.add(name)
    scopes = use.module.scopes
    around = [use.anchor, *scopes.ancestors(use.anchor)]
    inside = around[: around.index(home.function().node)] if home.function().node in around else []
    loop = next((n for n in reversed(inside) if isinstance(n, ast.For | ast.While)), use.anchor)
    end = getattr(loop, "end_lineno", 0)
    tries = [node for node in inside if isinstance(node, ast.Try)]
    unwinding = {
        inner
        for node in tries
        for part in (*node.handlers, *node.finalbody)
        for inner in walk(part)
    }
    for reference in scopes.references(home, name):
        node = reference.node
        if reference.access is not Access.READ or not isinstance(node, ast.expr):
            continue
        if scopes.scope_of[node].function() is not home.function():
            return True
        if node in unwinding or (node.lineno <= end and not _stays_here(node, home, use, seen)):
            return True
    return False


def _stays_here(node: ast.expr, home: Scope, use: Use, seen: set[str]) -> bool:
    """Whether a read of a name gives its object to nobody who outlives the function."""
    scopes = use.module.scopes
    inner: ast.AST = node
    parent = scopes.parents[inner]
    while (
        isinstance(parent, ast.Tuple | ast.List | ast.Dict | ast.Set | ast.Starred | ast.IfExp)
        or (isinstance(parent, ast.Attribute | ast.Subscript) and parent.value is inner)
        or (_gives_part(parent) and parent.func is inner)
    ):
        inner, parent = parent, scopes.parents[parent]

    def is_kept_in(target: ast.expr) -> bool:
        root = _root(target)
        return (
            isinstance(root, ast.Name)
            and scopes.scope_of[root].home(root.id).function() is home.function()
            and (root is target or _holds_own(root.id, home, use, set()))
            and not _is_let_out(root.id, home, use, seen)
        )

    match parent:
        case ast.Call(func=callee):
            if inner is callee or builtin_name(parent, use.module) in _READERS:
                return True
            return isinstance(callee, ast.Attribute) and is_kept_in(callee)
        case ast.Assign(targets=targets, value=value) if value is inner:
            return all(map(is_kept_in, targets))
    return not isinstance(parent, ast.Yield | ast.YieldFrom | ast.Await | ast.keyword | ast.Lambda)


def _root(target: ast.expr) -> ast.expr:
    while isinstance(target, ast.Attribute | ast.Subscript):
        target = target.value
    return target
