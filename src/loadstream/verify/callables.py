"""Which functions and methods of a file can be called with nothing, and how they differ.

A method counts where its class can be made without arguments: it has no `__init__` that needs any
and no base class from elsewhere, which may need some.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef
_KINDS = (ast.FunctionDef, ast.AsyncFunctionDef)
# What these make of a function is called by others, or gives nothing that can be compared.
_NOT_CALLED = frozenset(
    "contextmanager asynccontextmanager fixture overload abstractmethod property cached_property "
    "setter getter deleter".split()
)
_PLAIN_BASES = frozenset(("object", "Generic", "Protocol"))


def changed_callables(old: ast.Module, new: ast.Module) -> list[str]:
    """Functions and methods (`Class.method`) of both versions that differ and need no arguments."""
    before, after = callables(old), callables(new)
    return [
        name
        for name, node in after.items()
        if name in before and ast.dump(node) != ast.dump(before[name])
    ]


def callables(tree: ast.Module) -> dict[str, Function]:
    """What can be called with nothing, at the top level of a file."""
    found = {node.name: node for node in tree.body if isinstance(node, _KINDS)}
    found = {
        name: node
        for name, node in found.items()
        if not needs_arguments(node) and not _is_for_others(node)
    }
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    for name, node in classes.items():
        if is_made_from_nothing(node, classes):
            found.update((f"{name}.{method.name}", method) for method in _methods(node))
    return found


def callables_beside(old: ast.Module, new: ast.Module) -> tuple[str, ...]:
    """Those of a script that running it does not call by itself.

    They are called in the script's own process when it has ended, which costs no run of its own.
    """
    called = _called_at_top(new)
    return tuple(name for name in changed_callables(old, new) if name not in called)


def needs_arguments(node: Function, given: int = 0) -> bool:
    """True where the function cannot be called with only `given` arguments (1: its `self`)."""
    arguments = node.args
    positional = len(arguments.posonlyargs) + len(arguments.args)
    return positional - given > len(arguments.defaults) or any(
        default is None for default in arguments.kw_defaults
    )


def is_made_from_nothing(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> bool:
    """Whether a class, one of a file's `classes`, can be made without arguments, as it looks."""
    seen: set[str] = set()
    while True:
        if node.keywords or node.name in seen:
            return False
        seen.add(node.name)
        decorators = {last_name(decorator) for decorator in node.decorator_list}
        if decorators - {"dataclass", "final", "total_ordering"}:
            return False
        if "dataclass" in decorators and not _fields_have_defaults(node):
            return False
        own = {n.name: n for n in node.body if isinstance(n, _KINDS)}
        if any(isinstance(n, _KINDS) and _is_abstract(n) for n in node.body):
            return False
        for name in ("__init__", "__new__"):
            if name in own and needs_arguments(own[name], given=1):
                return False
        bases = [last_name(base) for base in node.bases]
        others = [base for base in bases if base not in _PLAIN_BASES]
        if not others or "__init__" in own:
            return all(base in classes for base in others)
        if len(others) > 1 or others[0] not in classes:
            return False
        node = classes[others[0]]


def last_name(node: ast.expr) -> str:
    """`cache` for `cache`, `functools.cache` and `functools.cache()`."""
    if isinstance(node, ast.Call):
        return last_name(node.func)
    if isinstance(node, ast.Subscript):
        return last_name(node.value)
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _methods(node: ast.ClassDef) -> Iterator[Function]:
    methods = {method.name: method for method in node.body if isinstance(method, _KINDS)}
    for method in methods.values():
        special = method.name.startswith("__") and method.name != "__call__"
        static = any(last_name(d) == "staticmethod" for d in method.decorator_list)
        if special or _is_for_others(method) or needs_arguments(method, given=0 if static else 1):
            continue
        yield method


def _is_for_others(node: Function) -> bool:
    return any(last_name(decorator) in _NOT_CALLED for decorator in node.decorator_list)


def _is_abstract(node: Function) -> bool:
    return any(last_name(decorator) == "abstractmethod" for decorator in node.decorator_list)


def _fields_have_defaults(node: ast.ClassDef) -> bool:
    return all(
        field.value is not None or "ClassVar" in ast.dump(field.annotation)
        for field in node.body
        if isinstance(field, ast.AnnAssign)
    )


def _called_at_top(tree: ast.Module) -> set[str]:
    """Functions that running the file as a script calls by their names."""
    called = set()
    for node in tree.body:
        if not isinstance(node, (*_KINDS, ast.ClassDef)):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name):
                    called.add(inner.func.id)
    return called


# what a target names


def binds(tree: ast.Module, name: str) -> bool:
    """Whether a module may have `name`, which may be `Class.method`, as far as its text tells.

    Names that come in by a star, by `globals()` or by `__getattr__` cannot be known.
    """
    first, _, rest = name.partition(".")
    bound: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (*_KINDS, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.Name) and node.id in ("globals", "exec", "setattr"):
            return True
    if bound & {"*", "__getattr__"}:
        return True
    if first not in bound:
        return False
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    owner = classes.get(first)
    if not rest or owner is None or owner.bases or owner.decorator_list or owner.keywords:
        return True
    return binds(ast.Module(body=owner.body, type_ignores=[]), rest)
