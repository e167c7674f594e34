"""When two values, or two exceptions, are the same: what tests hold a stream to."""

from __future__ import annotations

import json
from typing import Any

from loadstream.runtime.errors import ElementTypeError


def identical(a: Any, b: Any) -> bool:
    """Equal by value, type and order; NaN equals NaN, 0.0 is not -0.0. Not recursive."""
    pairs = [(a, b)]
    while pairs:
        a, b = pairs.pop()
        if type(a) is not type(b):
            return False
        if isinstance(a, (list, tuple)):
            if len(a) != len(b):
                return False
            pairs.extend(zip(a, b, strict=True))
        elif isinstance(a, dict):
            if list(a) != list(b):
                return False
            pairs.extend(zip(a.values(), b.values(), strict=True))
        elif isinstance(a, float):
            if repr(a) != repr(b):
                return False
        elif a != b:
            return False
    return True


def describe(error: Exception) -> tuple[Any, ...]:
    """Class, message and position. Of a `RecursionError` the class alone: it speaks of a place."""
    if isinstance(error, json.JSONDecodeError):
        return (type(error), str(error), error.pos, error.lineno, error.colno)
    if isinstance(error, UnicodeDecodeError):
        return (type(error), str(error), error.start, error.end, error.reason)
    if isinstance(error, ElementTypeError):
        return (type(error), error.index, error.cause)
    if isinstance(error, RecursionError):
        return (type(error),)
    return (type(error), error.args)
