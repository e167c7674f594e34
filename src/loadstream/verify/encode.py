"""Values as typed JSON text, so that a result can leave the process without being trusted.

The child (child.py) writes a value with `Encoder`; the parent reads plain JSON and never runs or
unpickles anything of the user's. This file is loaded by its path and imports only the standard
library, so that a fresh interpreter starts quickly and nothing of the user's is shadowed.

Grammar, where N is an encoded node:
  null true false "text" 123             None, bool, str, int (exact classes only)
  ["float", repr] ["int", hex]           float; integers beyond 64 bits
  ["list", N…] ["tuple", N…] ["dict", N, N, N, N…]        keys and values in turn, in their order
  ["set", N…] ["frozenset", N…]          sorted by their encoding: a set has no order
  ["iterator", end, N…]                  drained; the end is null, ["returned", N] of a generator,
                                         or the exception in which it ended
  ["value", class, text]                 a class whose text says everything: Decimal, date, …
  ["object", class, N, ["name", N]…]     a builtin's subclass (base first) or an object's state
  ["exception", class, text]             the exception in which something ended
  ["exception", class, text, N, ["name", N]…]  one as a value, with its arguments and attributes
  ["ref", class, name]                   a class, function or module by its name
  ["again", n]                           the container that n levels above holds itself
  ["code", what, digest]                 code that decides what is equal: another one is no proof
  ["opaque", class, why]                 no meaningful equality
  ["opaque", class, why, ["object", …]]  the same, of an object of the user's, with its state

What counts as equal, where Python leaves a choice:
  - Every iterator is one kind: a migration puts one in the place of another. A list is another.
  - That two places hold one and the same list is not compared, and a cycle ends in "again".
  - A class is compared by its state if it has an `__eq__`. One that somebody wrote by hand has to
    hold between an object and its copy, and comes with its own code as "code".
    So does a builtin's subclass that reads its elements by a method of its own.
  - An object without an `__eq__` is equal to itself alone, whatever it holds: "opaque".
"""

from __future__ import annotations

import enum
import importlib.util
import io
import json
import os
import re
import sys
import types
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

MAX_NODES = 5_000_000
MAX_TEXT = 1 << 28
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
        ("zoneinfo", "ZoneInfo"),
    )
)
_NAMED = (type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType)
_BASES = (dict, list, tuple, set, frozenset, str, int, float, complex, bytes, bytearray)
_VIEWS: tuple[type, ...] = (type({}.keys()), type({}.values()), type({}.items()))
_LOCAL = "a function made at run time has no equality"


class TooLargeError(Exception):
    """The value has more nodes, or more text, than is compared; its message says which."""


def class_name(cls: type) -> str:
    """`decimal.Decimal`; builtins and the script's own classes without their module."""
    if cls.__module__ in ("builtins", "__main__"):
        return cls.__qualname__
    return f"{cls.__module__}.{cls.__qualname__}"


def _beside(name: str) -> Any:
    """A file near this one: loadstream itself must not be imported into the user's process."""
    place = os.path.join(os.path.dirname(__file__), name + ".py")  # noqa: PTH118, PTH120
    spec = importlib.util.spec_from_file_location("_loadstream_" + name, place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_arrays = _beside("encode_arrays")
_equality = _beside("encode_equality")


class Encoder:
    """Turns values into nodes; `replacements` are (path, placeholder) pairs for side's paths.

    Counts the nodes and the text of everything it encodes and raises `TooLargeError` beyond
    `MAX_NODES` or `MAX_TEXT`, so that an endless iterator comes to an end.
    """

    def __init__(self, replacements: tuple[tuple[str, str], ...] = ()) -> None:
        self._replacements = replacements
        self._nodes = 0
        self._characters = 0
        self._open: list[int] = []
        self._depth = 0
        self._holds: dict[int, bool] = {}
        self._codes: dict[int, str] = {}

    def text(self, text: str) -> str:
        """`text` with the side's own paths replaced."""
        self._characters += len(text)
        if self._characters > MAX_TEXT:
            raise TooLargeError(f"more than {MAX_TEXT:,} characters")
        for path, placeholder in self._replacements:
            if path in text:
                text = text.replace(path, placeholder)
        return text

    def expect(self, count: int) -> None:
        """Refuse what holds `count` values before it is copied, if they are too many."""
        if self._nodes + count > MAX_NODES:
            raise TooLargeError(f"more than {MAX_NODES:,} values")

    def encode(self, value: Any) -> Any:
        """The node of `value`; iterators are drained."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise TooLargeError(f"more than {MAX_NODES:,} values")
        cls = type(value)
        if cls is str:
            return self.text(value)
        if value is None or cls is bool:
            return value
        if cls is int:
            return value if -(2**63) <= value < 2**64 else ["int", self.text(hex(value))]
        if cls is float:
            return ["float", repr(value)]
        if id(value) in self._open:
            return ["again", len(self._open) - self._open.index(id(value))]
        if self._depth >= MAX_DEPTH:
            return ["opaque", class_name(cls), f"nested deeper than {MAX_DEPTH} levels"]
        self._open.append(id(value))
        # An object's state is a node in a pair: two levels for what reads the text.
        levels = 1 if cls in (list, tuple, dict) else 2
        self._depth += levels
        try:
            return self._compound(value, cls)
        finally:
            self._depth -= levels
            self._open.pop()

    def _compound(self, value: Any, cls: type) -> Any:
        if cls in (list, tuple):
            return [cls.__name__, *map(self.encode, value)]
        if cls is dict:
            return self._mapping(value)
        if cls in (set, frozenset):
            return self._set(value, cls)
        name = class_name(cls)
        if (cls.__module__, cls.__qualname__) in _TEXTUAL:
            return self._textual(value, name)
        if issubclass(cls, _NAMED):
            return self._named(value, cls)
        if issubclass(cls, enum.Enum):
            return self._enum(value, name)
        if issubclass(cls, BaseException):
            return self._exception(value, cls)
        pathlib: Any = sys.modules.get("pathlib")
        if pathlib is not None and issubclass(cls, pathlib.PurePath):
            return ["value", name, self.text(str(value))]
        if cls is re.Pattern:
            return ["value", "re.Pattern", self.text(repr((value.pattern, value.flags)))]
        node = _arrays.array_node(self, value, cls, name)
        if node is not None:
            return node
        if hasattr(cls, "__next__") and _is_iterator(value, cls):
            return self._iterator(value)
        if cls in _VIEWS:
            return ["object", name, ["list", *map(self.encode, value)]]
        if name == "collections.deque":
            items = ["list", *map(self.encode, value)]
            return ["object", name, items, ["maxlen", self.encode(value.maxlen)]]
        if name == "array.array":
            self.expect(len(value))
            return ["object", name, self.encode(value.tolist()), ["typecode", value.typecode]]
        if name == "mappingproxy":
            return ["object", name, self._mapping(dict(value))]
        if cls is memoryview:
            text = self.text(repr(value.tobytes()))
            form = [["format", value.format], ["shape", self.encode(value.shape)]]
            return ["object", name, ["value", "bytes", text], *form]
        return self._object(value, cls, name)

    def _textual(self, value: Any, name: str) -> list[Any]:
        zone = getattr(value, "tzinfo", None)
        if zone is None:
            return ["value", name, self.text(repr(value))]
        local = ["value", name, repr(value.replace(tzinfo=None))]
        return ["object", name, local, ["tzinfo", self.encode(zone)]]

    def _mapping(self, value: dict[Any, Any]) -> list[Any]:
        node: list[Any] = ["dict"]
        for key, item in dict.items(value):
            node.append(self.encode(key))
            node.append(self.encode(item))
        return node

    def _set(self, value: Any, base: Any) -> list[Any]:
        nodes = [self.encode(item) for item in base.__iter__(value)]
        return [base.__name__, *sorted(nodes, key=json.dumps)]

    def _named(self, value: Any, cls: type) -> list[Any]:
        name: str = getattr(value, "__qualname__", "") or getattr(value, "__name__", "")
        module = getattr(value, "__module__", None)
        if "<lambda>" in name or "<locals>" in name:
            return ["opaque", class_name(cls), _LOCAL]
        bound = getattr(value, "__self__", None) if cls is types.BuiltinFunctionType else None
        if bound is not None and not isinstance(bound, (type, types.ModuleType)):
            return ["opaque", class_name(cls), "a method of an object has no equality"]
        return ["ref", class_name(cls), f"{module}.{name}" if module else str(name)]

    def _enum(self, value: Any, name: str) -> list[Any]:
        # A combination of flags has no name of its own before Python 3.11.
        parts = {"name": value._name_, "value": value._value_}
        parts.update((key, item) for key, item in value.__dict__.items() if key[:1] != "_")
        return ["object", name, None, *([key, self.encode(item)] for key, item in parts.items())]

    def _iterator(self, value: Iterator[Any]) -> list[Any]:
        node: list[Any] = ["iterator", None]
        try:
            # As a loop would: a stream that is spent refuses here.
            iterator = iter(value) if hasattr(type(value), "__iter__") else value
        except Exception as error:
            return ["iterator", self.exception(error)]
        while True:
            try:
                item = next(iterator)
            except StopIteration as stop:
                if stop.value is not None:
                    node[1] = ["returned", self.encode(stop.value)]
                return node
            except Exception as error:
                node[1] = self.exception(error)
                return node
            node.append(self.encode(item))

    def exception(self, error: BaseException) -> list[Any]:
        """The node of the exception in which something ended: its class and message."""
        try:
            text = str(error)
        except Exception:
            text = "<no text>"
        return ["exception", class_name(type(error)), self.text(text)]

    def _exception(self, error: BaseException, cls: type) -> list[Any]:
        state = [pair for pair in self.state(error, cls) if pair[0] != "__suppress_context__"]
        if error.__cause__ is not None:
            state.append(["__cause__", self.encode(error.__cause__)])
        return [*self.exception(error), self.encode(error.args), *state]

    def _object(self, value: Any, cls: type, name: str) -> list[Any]:
        node: list[Any] = ["object", name]
        for base in _BASES:
            if issubclass(cls, base):
                function = _equality.overridden(cls)
                code = [] if function is None else [self._code(cls, name, function)]
                return [*node, self._base(value, base), *self.state(value, cls), *code]
        equality = _equality.own_equality(cls)
        if not self._by_state(cls, equality):
            opaque = ["opaque", name, "compares by identity only"]
            stdlib = cls.__module__.partition(".")[0] in sys.stdlib_module_names
            state = [] if stdlib and cls.__module__ != "__main__" else self.state(value, cls)
            return [*opaque, ["object", name, None, *state]] if state else opaque
        state = self.state(value, cls)
        if _equality.hides_state(cls):
            return self._reduced(value, name, state)
        written = isinstance(equality, types.FunctionType) and not _equality.is_generated(equality)
        if not state and (written or not (hasattr(value, "__dict__") or _has_fields(cls))):
            return ["opaque", name, "shows no state to compare"]
        if not written:
            return [*node, None, *state]
        if id(cls) not in self._holds:
            self._holds[id(cls)] = _equality.holds_for_a_copy(value, equality)
        if not self._holds[id(cls)]:
            why = "its own __eq__ does not hold for a copy"
            return ["opaque", name, why, ["object", name, None, *state]]
        return [*node, None, *state, self._code(cls, name, equality)]

    def _code(self, cls: type, name: str, function: types.FunctionType) -> list[Any]:
        if id(cls) not in self._codes:
            self._codes[id(cls)] = _equality.code_of(cls, function)
        return ["__eq__", ["code", f"{name}.__eq__", self._codes[id(cls)]]]

    def _by_state(self, cls: type, equality: Any) -> bool:
        struct = getattr(cls, "__struct_config__", None)
        if struct is not None:  # msgspec's structs have an equality that can be switched off
            return bool(struct.eq)
        kinds = (types.FunctionType, types.WrapperDescriptorType)
        return isinstance(equality, kinds)

    def _reduced(self, value: Any, name: str, state: list[Any]) -> list[Any]:
        """An object of an extension type by what pickle would write of it."""
        try:
            parts = value.__reduce_ex__(4)
        except Exception:
            return ["opaque", name, "keeps its state to itself"]
        if isinstance(parts, str):
            return ["ref", name, parts]
        names = ("made by", "arguments", "state", "elements", "items")
        shown = [pair for pair in zip(names, parts, strict=False) if pair[1] is not None]
        return ["object", name, None, *([key, self.encode(part)] for key, part in shown), *state]

    def _base(self, value: Any, base: Any) -> Any:
        if base is dict:
            return self._mapping(value)
        if base in (set, frozenset):
            return self._set(value, base)
        if base in (list, tuple):
            return [base.__name__, *map(self.encode, base.__iter__(value))]
        # The plain value below whatever the subclass makes of it, a negative zero included.
        if base is str:
            return self.encode(str.__str__(value))
        if base in (bytes, bytearray):
            return self.encode(base.__getitem__(value, slice(None)))
        return self.encode(base.__pos__(value))

    def state(self, value: Any, cls: type) -> list[Any]:
        """What the object holds: its slots and its attributes, without cached properties."""
        held: dict[str, Any] = {}
        for name, member in _equality.members(cls).items():
            with suppress(AttributeError):  # a slot that was never filled
                held[name] = member.__get__(value, cls)
        with suppress(AttributeError):  # its own, not that of what it stands for
            held.update(object.__getattribute__(value, "__dict__"))
        pairs = []
        for name, item in sorted(held.items()):
            if type(getattr(cls, name, None)).__name__ == "cached_property":
                continue
            pairs.append(
                [name, self._factory(item) if name == "default_factory" else self.encode(item)]
            )
        return pairs

    def _factory(self, item: Any) -> Any:
        """The default factory of a dict: a lambda is compared by its code, if that is all of it."""
        whole = isinstance(item, types.FunctionType) and not (
            item.__closure__ or item.__defaults__ or item.__kwdefaults__
        )
        if class_name(type(item)) == "functools.partial":
            return self._reduced(item, "functools.partial", [])
        if not whole or "<" not in item.__qualname__:
            return self.encode(item)
        text = _equality.code_text(item.__code__)
        return ["code", "default_factory", _equality.digest(text)]


def _is_iterator(value: Any, cls: type) -> bool:
    """Whether what it yields is all that it is: not of a file that may be written, or a mock."""
    if issubclass(cls, io.IOBase):
        try:
            return bool(value.readable() and not value.writable())
        except ValueError:  # it is closed
            return False
    return all(base.__module__ != "unittest.mock" for base in cls.__mro__)


def _has_fields(cls: type) -> bool:
    """Whether a class says which fields it has, none included."""
    return any(
        hasattr(cls, name)
        for name in ("__dataclass_fields__", "__attrs_attrs__", "__struct_fields__")
    )
