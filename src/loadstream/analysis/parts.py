"""Parts of a document: from the loaded value to `data["rows"]` or `data.get("rows", [])`.

Each step stands around the expression before it; what stands around the last one reads the part.
"""

from __future__ import annotations

import ast
from enum import Enum
from typing import NamedTuple, TypeGuard

from loadstream.analysis.modules import Module


class View(Enum):
    """Which elements of a part are read.

    The value is the runtime function that gives them; keys come with their values.
    """

    ELEMENTS = "stream_json"
    KEYS = ".keys()"
    ITEMS = "stream_items"
    VALUES = "stream_values"

    @property
    def function(self) -> str:
        """The function of the runtime that streams this view."""
        return "stream_items" if self is View.KEYS else self.value


class Part(NamedTuple):
    """The part of a document that `keys` lead to; `default` stands in for a missing last key."""

    keys: tuple[str | int, ...] = ()
    default: ast.expr | None = None
    view: View = View.ELEMENTS

    def is_same(self, other: Part) -> bool:
        """Whether both are one part, wherever they are written."""
        defaults = [None if p.default is None else ast.dump(p.default) for p in (self, other)]
        same = (self.keys, self.view) == (other.keys, other.view)
        return same and defaults[0] == defaults[1]

    def arguments(self) -> tuple[str, ...]:
        """The arguments behind the source of a call of the runtime that streams this part."""
        found = [self._path()] if self.keys else []
        if self.default is not None:
            found.append(f"default={ast.unparse(self.default)}")
        return tuple(found)

    def _path(self) -> str:
        query = "$"
        for key in self.keys:
            if isinstance(key, int):
                query += f"[{key}]"
            elif key.isidentifier() and key.isascii():
                query += f".{key}"
            else:
                keys = ", ".join(map(repr, self.keys))
                return f"({keys},)" if len(self.keys) == 1 else f"({keys})"
        return f'"{query}"'


WHOLE = Part()


def climb(node: ast.expr, part: Part, module: Module) -> tuple[ast.expr, Part]:
    """The outermost expression around `node` that is still a part of the document, and which."""
    while (step := _step(node, part, module)) is not None:
        node, part = step
    return node, part


def _step(node: ast.expr, part: Part, module: Module) -> tuple[ast.expr, Part] | None:
    if part.view is not View.ELEMENTS:
        return None
    parents = module.scopes.parents
    parent = parents[node]
    if isinstance(parent, ast.Subscript) and parent.value is node and part.default is None:
        key = parent.slice.value if isinstance(parent.slice, ast.Constant) else None
        if isinstance(parent.ctx, ast.Load) and _is_key(key):
            return parent, part._replace(keys=(*part.keys, key))
    if not isinstance(parent, ast.Attribute) or parent.value is not node:
        return None
    call = parents[parent]
    if not isinstance(call, ast.Call) or call.func is not parent or call.keywords:
        return None
    if parent.attr == "get" and part.default is None:
        return _got(call, part)
    if parent.attr in ("items", "keys", "values") and not call.args:
        return call, part._replace(view=View[parent.attr.upper()])
    return None


def _is_key(key: object) -> TypeGuard[str | int]:
    if isinstance(key, str):
        return not any("\ud800" <= character <= "\udfff" for character in key)
    return isinstance(key, int) and not isinstance(key, bool) and key >= 0


def _got(call: ast.Call, part: Part) -> tuple[ast.expr, Part] | None:
    """The part of `….get("key", default)`, where the default is made anew by each evaluation."""
    key = call.args[0] if call.args else None
    if not isinstance(key, ast.Constant) or not isinstance(key.value, str) or len(call.args) > 2:
        return None
    default = call.args[1] if len(call.args) == 2 else ast.Constant(None)
    empty = (isinstance(default, ast.List | ast.Tuple) and not default.elts) or (
        isinstance(default, ast.Dict) and not default.keys
    )
    if not empty and not isinstance(default, ast.Constant):
        return None
    if not _is_key(key.value):
        return None
    return call, part._replace(keys=(*part.keys, key.value), default=default)
