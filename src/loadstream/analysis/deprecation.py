"""Deprecation marks: what says that a loader is deprecated, and changes nothing else about it.

    @deprecated("use stream_x()")         def load_x(path):
    def load_x(path):                         warnings.warn("…", DeprecationWarning, stacklevel=2)

A loader with such a mark is what it was without it, except that a call warns.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loadstream.analysis.modules import Definition, Module
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.scopes import FUNCTIONS, all_arguments

_HOMES = ("warnings", "typing_extensions")
_CATEGORIES = ("DeprecationWarning", "PendingDeprecationWarning", "FutureWarning")
_WATCHING = frozenset("catch_warnings warns deprecated_call assertWarns assertWarnsRegex".split())


def is_marked(function: Definition) -> bool:
    """Whether a function says that it is deprecated."""
    others = decorators(function)
    return len(others) < len(function.function.decorator_list) or mark_in_body(function) is not None


def decorators(function: Definition) -> list[ast.expr]:
    """The decorators of a function that are no deprecation marks."""
    return [one for one in function.function.decorator_list if not _is_mark(one, function.module)]


def mark_in_body(function: Definition) -> ast.stmt | None:
    """The statement at the head of the body that warns, if there is one."""
    body = function.function.body
    if ast.get_docstring(function.function, clean=False) is not None:
        body = body[1:]
    return body[0] if body and _warns(body[0], function.module) else None


def watched(call: ast.Call, loader: Definition, module: Module) -> Iterator[Refusal]:
    """The refusal where a call of a marked loader stands in a block that looks for its warning.

    `with pytest.warns(DeprecationWarning):`, or a test that asks for `recwarn`.
    """
    if not is_marked(loader):
        return
    for outer in module.scopes.ancestors(call):
        if _watches(outer):
            line = getattr(outer, "lineno", 0)
            fact = f"{loader.name} warns that it is deprecated, and line {line} looks for warnings"
            yield Refusal(Reason.LOADER_EFFECTS, fact, module.source.lines.span(call))
            return


def _watches(outer: ast.AST) -> bool:
    if isinstance(outer, FUNCTIONS):
        return any(argument.arg == "recwarn" for argument in all_arguments(outer.args))
    return isinstance(outer, ast.With | ast.AsyncWith) and any(
        isinstance(item.context_expr, ast.Call) and _name(item.context_expr.func) in _WATCHING
        for item in outer.items
    )


def stands_for(expression: ast.expr, names: tuple[str, ...], module: Module) -> bool:
    """Whether an expression is certainly one of `names` (`warnings.warn`), however imported.

    It may be imported in one of several places, as the newest Python asks for another.
    """
    if isinstance(expression, ast.Attribute):
        homes = tuple(
            home
            for home, _, member in (name.rpartition(".") for name in names)
            if home and member == expression.attr
        )
        return bool(homes) and stands_for(expression.value, homes, module)
    if not isinstance(expression, ast.Name) or module.scopes.star_imports:
        return False
    home = module.scopes.scope_of[expression].home(expression.id)
    bindings = module.scopes.bindings(home, expression.id)
    return bool(bindings) and all(imported(b.node, module) in names for b in bindings)


def imported(node: ast.AST, module: Module) -> str:
    """What an import binds at `node`: `warnings`, `warnings.deprecated`; empty for another."""
    if not isinstance(node, ast.alias):
        return ""
    statement = module.scopes.parents[node]
    if isinstance(statement, ast.ImportFrom):
        return "" if statement.level else f"{statement.module}.{node.name}"
    return node.name


def _is_mark(decorator: ast.expr, module: Module) -> bool:
    """`@deprecated("…")`, of Python or of typing_extensions."""
    known = tuple(f"{home}.deprecated" for home in _HOMES)
    return (
        isinstance(decorator, ast.Call)
        and [type(one) for one in decorator.args] == [ast.Constant]
        and all(
            one.arg in ("category", "stacklevel") and isinstance(one.value, ast.Name | ast.Constant)
            for one in decorator.keywords
        )
        and stands_for(decorator.func, known, module)
    )


def _warns(statement: ast.stmt, module: Module) -> bool:
    """`warnings.warn("…", DeprecationWarning, stacklevel=2)`."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call) or not stands_for(call.func, ("warnings.warn",), module):
        return False
    given = dict(zip(("message", "category", "stacklevel"), call.args, strict=False))
    given |= {one.arg or "": one.value for one in call.keywords}
    category = given.pop("category", None)
    return (
        len(given) + 1 == len(call.args) + len(call.keywords)
        and given.keys() <= {"message", "stacklevel"}
        and all(isinstance(one, ast.Constant) for one in given.values())
        and isinstance(category, ast.Name)
        and category.id in _CATEGORIES
        and not module.scopes.bindings(
            module.scopes.scope_of[category].home(category.id), category.id
        )
    )


def _name(callee: ast.expr) -> str:
    return callee.attr if isinstance(callee, ast.Attribute) else getattr(callee, "id", "")
