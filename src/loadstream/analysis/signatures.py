"""What a function or method can be given, as a caller sees it: without `self` or `cls`."""

from __future__ import annotations

import ast

from loadstream.analysis.attributes import is_static
from loadstream.analysis.modules import Definition


def parameters(definition: Definition) -> ast.arguments:
    """The signature without the parameter that the object or class is given to."""
    arguments = definition.function.args
    if definition.owner is None or is_static(definition.function):
        return arguments
    if arguments.posonlyargs:
        return _with_positional(arguments, arguments.posonlyargs[1:], arguments.args)
    return _with_positional(arguments, [], arguments.args[1:])


def _with_positional(
    arguments: ast.arguments, first: list[ast.arg], others: list[ast.arg]
) -> ast.arguments:
    count = min(len(arguments.defaults), len(first) + len(others))
    return ast.arguments(
        posonlyargs=first,
        args=others,
        vararg=arguments.vararg,
        kwonlyargs=arguments.kwonlyargs,
        kw_defaults=arguments.kw_defaults,
        kwarg=arguments.kwarg,
        defaults=arguments.defaults[len(arguments.defaults) - count :],
    )


def positional_names(definition: Definition) -> list[str]:
    """The parameters that can be given by position, in order."""
    arguments = parameters(definition)
    return [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]


def defaults(definition: Definition) -> dict[str, ast.expr | None]:
    """Every parameter that can be given by keyword, with its default."""
    arguments = parameters(definition)
    positional = [*arguments.posonlyargs, *arguments.args]
    padding: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    pairs = [
        *zip(positional, [*padding, *arguments.defaults], strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return {a.arg: default for a, default in pairs if a not in arguments.posonlyargs}
