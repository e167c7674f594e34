"""Values as typed JSON text, so that a result can leave the process without being trusted.

The child (child.py) writes a value with `Encoder`; the parent reads plain JSON and never runs or
unpickles anything of the user's. This file is loaded by its path and imports only the standard
library, so that a fresh interpreter starts quickly and nothing of the user's is shadowed.

Grammar, where N is an encoded node:
  null true false "text" 123             None, bool, str, int (exact classes only)
  ["float", repr] ["int", hex]           float; integers beyond 64 bits
  ["list", N…] ["tuple", N…] ["dict", N, N, N, N…]        keys and values in turn, in their order
  ["set", N…] ["frozenset", N…]          sorted by their encoding: a set has no order
  ["iterator", N…] ["iterator!", N…, E]  drained; the second form ended in the exception E
  ["value", class, text]                 a class whose text says everything: Decimal, date, …
  ["object", class, N, ["name", N]…]     a builtin's subclass (base first) or an object's state
  ["exception", class, text, N]          an exception as a value, with its arguments
  ["ref", class, name]                   a class, function or module by its name
  ["again", n]                           the container that n levels above holds itself
  ["opaque", class, why]                 no meaningful equality
  ["opaque", class, why, ["object", …]]  the same, of an object of the user's, with its state
"""

from __future__ import annotations

import enum
import json
import re
import sys
import types
from collections.abc import Iterator
from typing import Any

MAX_NODES = 20_000_000
MAX_DEPTH = 400
# By name, because importing them would cost every run more than the interpreter's own start.
_TEXTUAL = frozenset(
    (
        *(("builtins", name) for name in ("complex", "range", "slice", "bytes", "bytearray")),
        *(("builtins", name) for name in ("ellipsis", "NotImplementedType")),
        *(("datetime", name) for name in ("datetime", "date", "time", "timedelta", "timezone")),
        ("decimal", "Decimal"),
        ("fractions", "Fraction"),
        ("uuid", "UUID"),
    )
)
_NAMED = (type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType)


class TooLargeError(Exception):
    """The value has more nodes than are compared."""


def class_name(cls: type) -> str:
    """`decimal.Decimal`; builtins and the script's own classes without their module."""
    if cls.__module__ in ("builtins", "__main__"):
        return cls.__qualname__
    return f"{cls.__module__}.{cls.__qualname__}"


class Encoder:
    """Turns values into nodes; `replacements` are (path, placeholder) pairs for side's paths.

    Counts the nodes of everything it encodes and raises `TooLargeError` beyond `MAX_NODES`.
    """

    def __init__(self, replacements: tuple[tuple[str, str], ...] = ()) -> None:
        self._replacements = replacements
        self._nodes = 0
        self._open: list[int] = []

    def text(self, text: str) -> str:
        """`text` with the side's own paths replaced."""
        for path, placeholder in self._replacements:
            if path in text:
                text = text.replace(path, placeholder)
        return text

    def encode(self, value: Any) -> Any:
        """The node of `value`; iterators are drained."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise TooLargeError
        cls = type(value)
        if cls is str:
            return self.text(value)
        if value is None or cls is bool:
            return value
        if cls is int:
            return value if -(2**63) <= value < 2**64 else ["int", hex(value)]
        if cls is float:
            return ["float", repr(value)]
        if id(value) in self._open:
            return ["again", len(self._open) - self._open.index(id(value))]
        if len(self._open) >= MAX_DEPTH:
            return ["opaque", class_name(cls), f"nested deeper than {MAX_DEPTH} levels"]
        self._open.append(id(value))
        try:
            return self._compound(value, cls)
        finally:
            self._open.pop()

    def _compound(self, value: Any, cls: type) -> Any:
        if cls in (list, tuple):
            return [cls.__name__, *map(self.encode, value)]
        if cls is dict:
            return self._mapping(value)
        if cls in (set, frozenset):
            return self._set(value, cls.__name__)
        if (cls.__module__, cls.__qualname__) in _TEXTUAL:
            return ["value", class_name(cls), repr(value)]
        if isinstance(value, _NAMED):
            return self._named(value, cls)
        if isinstance(value, enum.Enum):
            return ["value", class_name(cls), str(value.name)]
        if isinstance(value, BaseException):
            return self.exception(value)
        pathlib: Any = sys.modules.get("pathlib")
        if pathlib is not None and isinstance(value, pathlib.PurePath):
            return ["value", class_name(cls), self.text(str(value))]
        if isinstance(value, re.Pattern):
            return ["value", "re.Pattern", repr((value.pattern, value.flags))]
        if cls.__module__.partition(".")[0] == "numpy" and hasattr(value, "dtype"):
            parts = [str(value.dtype), list(getattr(value, "shape", ())), value.tolist()]
            return ["object", class_name(cls), *map(self.encode, parts)]
        if hasattr(cls, "__next__"):
            return self._iterator(value)
        if isinstance(value, memoryview):
            return ["value", "memoryview", repr(value.tobytes())]
        if isinstance(value, (type({}.keys()), type({}.values()), type({}.items()))):
            return ["object", class_name(cls), ["list", *map(self.encode, value)]]
        return self._object(value, cls)

    def _mapping(self, value: dict[Any, Any]) -> list[Any]:
        node: list[Any] = ["dict"]
        for key, item in dict.items(value):
            node.append(self.encode(key))
            node.append(self.encode(item))
        return node

    def _set(self, value: Any, name: str) -> list[Any]:
        nodes = [self.encode(item) for item in value]
        return [name, *sorted(nodes, key=json.dumps)]

    def _named(self, value: Any, cls: type) -> list[Any]:
        name: str = getattr(value, "__qualname__", "") or getattr(value, "__name__", "")
        module = getattr(value, "__module__", None)
        if "<lambda>" in name or "<locals>" in name:
            return ["opaque", class_name(cls), "a function made at run time has no equality"]
        return ["ref", class_name(cls), f"{module}.{name}" if module else str(name)]

    def _iterator(self, value: Iterator[Any]) -> list[Any]:
        node: list[Any] = ["iterator"]
        try:
            node.extend(self.encode(item) for item in value)
        except TooLargeError:
            raise
        except Exception as error:
            node[0] = "iterator!"
            node.append(self.exception(error))
        return node

    def exception(self, error: BaseException) -> list[Any]:
        """The node of an exception: class, message, and arguments where they are not the text."""
        try:
            text = str(error)
        except Exception:
            text = "<no text>"
        return ["exception", class_name(type(error)), self.text(text)]

    def _object(self, value: Any, cls: type) -> list[Any]:
        name = class_name(cls)
        node: list[Any] = ["object", name]
        for base in (dict, list, tuple, set, frozenset, str, int, float, bytes):
            if isinstance(value, base):
                node.append(self._base(value, base))
                return node + self._state(value)
        by_state = hasattr(cls, "__dataclass_fields__") or _has_own_equality(cls)
        if not by_state:
            opaque = ["opaque", name, "compares by identity only"]
            stdlib = cls.__module__.partition(".")[0] in sys.stdlib_module_names
            state = [] if stdlib and cls.__module__ != "__main__" else self._state(value)
            return [*opaque, ["object", name, None, *state]] if state else opaque
        node.append(None)
        state = self._state(value)
        if not state:
            return ["opaque", name, "shows no state to compare"]
        return node + state

    def _base(self, value: Any, base: Any) -> Any:
        if base is dict:
            return self._mapping(value)
        if base in (set, frozenset):
            return self._set(value, base.__name__)
        if base in (list, tuple):
            return [base.__name__, *map(self.encode, base.__iter__(value))]
        if base is bytes:
            return ["value", "bytes", repr(bytes(value))]
        return self.encode(base.__str__(value) if base is str else base.__add__(value, base()))

    def _state(self, value: Any) -> list[Any]:
        state: dict[str, Any] = {}
        for cls in type(value).__mro__:
            slots = cls.__dict__.get("__slots__", ())
            for slot in (slots,) if isinstance(slots, str) else slots:
                if slot not in ("__dict__", "__weakref__") and hasattr(value, slot):
                    state[slot] = getattr(value, slot)
        state.update(getattr(value, "__dict__", {}))
        if hasattr(value, "default_factory"):
            state["default_factory"] = value.default_factory
        return [[key, self.encode(item)] for key, item in sorted(state.items())]


def _has_own_equality(cls: type) -> bool:
    """True where a Python class between `cls` and `object` defines `__eq__`."""
    return any(isinstance(c.__dict__.get("__eq__"), types.FunctionType) for c in cls.__mro__)
