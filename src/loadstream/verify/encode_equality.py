"""What the equality of a class is worth between two processes; loaded by encode.py by its path.

`old == new` cannot be asked: the two are never in one process. What can be seen is which `__eq__`
a class has, what state its objects hold, and whether that state is all that the `__eq__` looks at.
"""

from __future__ import annotations

import types
from binascii import crc32
from collections.abc import Iterator
from typing import Any

_WORD = tuple.__itemsize__
# What an `__eq__` may call without naming it.
_UNNAMED = ("__getattr__", "__getattribute__", "__getitem__", "__iter__", "__len__", "__contains__")


def own_equality(cls: type) -> Any:
    """The `__eq__` of the class, None where it has only that of `object`, which is identity."""
    for base in cls.__mro__[:-1]:
        found = base.__dict__.get("__eq__")
        if found is not None:
            return None if found is object.__eq__ else found
    return None


def overridden(cls: type) -> Any:
    """A method written in Python by which a builtin's subclass is compared or read, or None."""
    names = ("__eq__", *_UNNAMED)
    found = (base.__dict__.get(name) for base in cls.__mro__ for name in names)
    return next((each for each in found if isinstance(each, types.FunctionType)), None)


def is_generated(equality: Any) -> bool:
    """Whether dataclasses or attrs wrote this `__eq__`: it compares the fields, no more."""
    return isinstance(equality, types.FunctionType) and equality.__code__.co_filename[:1] == "<"


def members(cls: type) -> dict[str, Any]:
    """The slots of the class, and the fields that an extension type shows, by their names."""
    return dict(_all_members(cls))


def _all_members(cls: type) -> Iterator[tuple[str, Any]]:
    for base in reversed(cls.__mro__):
        for name, found in base.__dict__.items():
            # SimpleNamespace shows its own `__dict__` so.
            if isinstance(found, types.MemberDescriptorType) and name != "__dict__":
                yield name, found


def hides_state(cls: type) -> bool:
    """Whether objects are larger than what they show: an extension type keeps the rest to itself.

    The rule by which pickle refuses such objects. Since 3.11 a `__dict__` may lie outside.
    """
    slots = sum(1 for _ in _all_members(cls))
    shown = slots + (cls.__dictoffset__ > 0) + (cls.__weakrefoffset__ > 0)
    return bool(cls.__itemsize__) or cls.__basicsize__ > object.__basicsize__ + _WORD * shown


def code_of(cls: type, equality: types.FunctionType) -> str:
    """A digest of an `__eq__` that somebody wrote, and of what it calls in its class and module."""
    texts = []
    done: set[str] = set()
    pending = ["__eq__", *_UNNAMED]
    while pending:
        name = pending.pop()
        if name in done:
            continue
        done.add(name)
        for function in _functions(cls, name, equality):
            texts.append(f"{name} {code_text(function.__code__)}")
            pending.extend(_names(function.__code__))
    return digest("\n".join(sorted(texts)))


def digest(text: str) -> str:
    """A short mark of a text; a hash of the standard library would have to be imported."""
    return f"{len(text)}-{crc32(text.encode('utf-8', 'backslashreplace')):08x}"


def code_text(code: types.CodeType) -> str:
    """What a function does, without its place and the names of its variables."""
    constants = [
        code_text(each) if isinstance(each, types.CodeType) else repr(each)
        for each in code.co_consts
    ]
    return f"{code.co_code.hex()} {code.co_names} {constants}"


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for each in code.co_consts:
        if isinstance(each, types.CodeType):
            yield from _names(each)


def _functions(cls: type, name: str, equality: types.FunctionType) -> Iterator[types.FunctionType]:
    found = [base.__dict__[name] for base in cls.__mro__ if name in base.__dict__]
    beside = equality.__globals__.get(name)
    if getattr(beside, "__module__", None) == equality.__module__:
        found.append(beside)
    for each in found:
        inner = getattr(each, "__func__", None) or getattr(each, "fget", None)
        inner = inner or getattr(each, "func", None) or each
        if isinstance(inner, types.FunctionType):
            yield inner


def holds_for_a_copy(value: Any, equality: Any) -> bool:
    """Whether the object equals another of the same state: `self is other` is an `__eq__` too."""
    cls = type(value)
    try:
        twin = object.__new__(cls)
        for name, member in members(cls).items():
            if hasattr(value, name):
                member.__set__(twin, member.__get__(value, cls))
        getattr(twin, "__dict__", {}).update(getattr(value, "__dict__", {}))
        return equality(twin, value) is True
    except Exception:
        return False
