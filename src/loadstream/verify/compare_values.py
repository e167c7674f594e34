"""Compares two values: the typed nodes of encode.py, each difference at its path."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from loadstream.verify.model import Difference

SHOWN = 160
DIFFERS = ", and differs at "  # in the words of an opaque value that shows another state


@dataclass(frozen=True, slots=True)
class Opaque(Difference):
    """A place that cannot be compared; `old` and `new` say why."""


def nodes(place: str, old: Any, new: Any) -> Iterator[Difference]:
    """The differences of two nodes of encode.py, each at its path below `place`."""
    pending = [(place, old, new)]
    while pending:
        where, first, second = pending.pop()
        if isinstance(first, list) and isinstance(second, list) and first[0] == second[0]:
            children = list(_children(where, first, second))
            pending.extend(
                (child.place, child.old, child.new)
                for child in reversed(children)
                if isinstance(child, _Pair)
            )
            yield from (child for child in children if isinstance(child, Difference))
        elif type(first) is not type(second) or first != second:
            yield Difference(where, show(first), show(second))


@dataclass(frozen=True, slots=True)
class _Pair:
    place: str
    old: Any
    new: Any


def _children(where: str, old: list[Any], new: list[Any]) -> Iterator[_Pair | Difference]:
    kind = old[0]
    if kind == "iterator":
        yield _Pair(f"{where} (end)", old[1], new[1])
        yield from _elements(where, old[2:], new[2:])
    elif kind == "returned":
        yield _Pair(where, old[1], new[1])
    elif kind in ("list", "tuple"):
        yield from _elements(where, old[1:], new[1:])
    elif kind == "dict":
        yield from _dicts(where, old, new)
    elif kind in ("set", "frozenset"):
        yield from _sets(where, old, new)
    elif kind == "object" and old[1] == new[1]:
        yield _Pair(where, old[2], new[2])
        yield from _states(where, old[3:], new[3:])
    elif kind == "exception" and old[1:3] == new[1:3] and min(len(old), len(new)) > 3:
        yield _Pair(f"{where}.args", old[3], new[3])
        yield from _states(where, old[4:], new[4:])
    elif kind == "opaque" and old[1] == new[1]:
        yield Opaque(where, *_why(old, new))
    elif kind == "code" and old[1] == new[1]:
        if old != new:
            yield Opaque(where, *[f"{old[1]}: its code is another one on each side"] * 2)
    elif old != new:
        yield Difference(where, show(old), show(new))


def _why(old: list[Any], new: list[Any]) -> tuple[str, str]:
    """Why two values cannot be compared, and what their states say: that is no proof."""
    found = None
    if len(old) > 3 and len(new) > 3:
        found = next(nodes("", old[3], new[3]), None)
        seen = ", with the same state" if found is None else f"{DIFFERS}{found.place}"
        return f"{old[1]}: {old[2]}{seen}", f"{new[1]}: {new[2]}{seen}"
    return f"{old[1]}: {old[2]}", f"{new[1]}: {new[2]}"


def _elements(where: str, old: list[Any], new: list[Any]) -> Iterator[_Pair | Difference]:
    if len(old) != len(new):
        yield Difference(f"len({where})", str(len(old)), str(len(new)))
    for index, (first, second) in enumerate(zip(old, new, strict=False)):
        yield _Pair(f"{where}[{index}]", first, second)
    # The first element that only one side has says more than two lengths.
    shorter, longer = sorted((old, new), key=len)
    if len(shorter) < len(longer):
        index = len(shorter)
        extra = show(longer[index])
        sides = (extra, "nothing") if longer is old else ("nothing", extra)
        yield Difference(f"{where}[{index}]", *sides)


def _states(where: str, old: list[Any], new: list[Any]) -> Iterator[_Pair | Difference]:
    before, after = ({pair[0]: pair[1] for pair in side} for side in (old, new))
    for name in {**before, **after}:
        if name in before and name in after:
            yield _Pair(f"{where}.{name}", before[name], after[name])
        else:
            shown = [show(side[name]) if name in side else "nothing" for side in (before, after)]
            yield Difference(f"{where}.{name}", *shown)


def _sets(where: str, old: list[Any], new: list[Any]) -> Iterator[Difference]:
    # By their text, because 1 and True are one in a set of Python's and two here.
    first, second = ({json.dumps(item): item for item in side[1:]} for side in (old, new))
    unequal = [item for side in (first, second) for item in side.values() if _holds_opaque(item)]
    if unequal:
        yield Opaque(where, *[f"it holds {show(unequal[0])}, which equals itself alone"] * 2)
    if unequal and len(old) == len(new):
        # Which of them stands for which cannot be told.
        first, second = (
            {mark: item for mark, item in side.items() if not _holds_opaque(item)}
            for side in (first, second)
        )
    for mark, item in first.items():
        if mark not in second:
            yield Difference(where, f"has {show(item)}", "has not")
    for mark, item in second.items():
        if mark not in first:
            yield Difference(where, "has not", f"has {show(item)}")


def _holds_opaque(node: Any) -> bool:
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, list):
            if each[:1] == ["opaque"]:
                return True
            pending.extend(each)
    return False


def _dicts(where: str, old: list[Any], new: list[Any]) -> Iterator[_Pair | Difference]:
    before = [(_key(old[i]), old[i], old[i + 1]) for i in range(1, len(old), 2)]
    after = [(_key(new[i]), new[i], new[i + 1]) for i in range(1, len(new), 2)]
    alone = [key for key, node, _ in (*before, *after) if "opaque" in key and _holds_opaque(node)]
    if alone:
        # Keys that equal themselves alone: their order says which belong together.
        if len(before) != len(after):
            yield Difference(f"len({where})", str(len(before)), str(len(after)))
        matched = zip(before, after, strict=False)
        for index, ((_, key, value), (_, other_key, other)) in enumerate(matched):
            yield _Pair(f"key {index} of {where}", key, other_key)
            yield _Pair(f"{where}[key {index}]", value, other)
        return
    values = {key: value for key, _, value in after}
    known = {key for key, _, _ in before}
    for key, node, value in before:
        place = f"{where}[{_literal(node)}]"
        if key in values:
            yield _Pair(place, value, values[key])
        else:
            yield Difference(place, show(value), "no such key")
    for key, node, value in after:
        if key not in known:
            yield Difference(f"{where}[{_literal(node)}]", "no such key", show(value))
    first, second = ([key for key, _, _ in side] for side in (before, after))
    if first != second and set(first) == set(second):
        index = next(
            i for i, pair in enumerate(zip(first, second, strict=True)) if len({*pair}) > 1
        )
        sides = (f"{_literal(side[index][1])} at {index}" for side in (before, after))
        yield Difference(f"order of the keys of {where}", *sides)


def _key(node: Any) -> str:
    # 1, True and 1.0 are equal keys in Python and different ones here.
    return f"{type(node).__name__} {node!r}"


def _literal(node: Any) -> str:
    if isinstance(node, str):
        return '"' + shorten(node, 40).replace('"', '\\"') + '"'
    return describe(node)


def describe(node: Any, depth: int = 0) -> str:
    """The value of a node about as Python would show it."""
    if not isinstance(node, list):
        return repr(node)
    if depth > 6:
        return "…"
    kind: str = node[0]
    rest: list[Any] = node[1:]
    if kind == "float":
        return str(rest[0])
    if kind == "int":
        return str(int(rest[0], 16)) if len(rest[0]) < 1000 else str(rest[0])
    if kind == "iterator":
        rest = rest[1:]
    if kind in ("list", "set", "frozenset", "tuple", "iterator"):
        left, right = {"list": ("[", "]"), "tuple": ("(", ")")}.get(kind, ("{", "}"))
        shown = ", ".join(describe(item, depth + 1) for item in rest[:4])
        return f"{left}{shown}{', …' if len(rest) > 4 else ''}{right}"
    if kind == "dict":
        pairs = [
            f"{describe(rest[i], depth + 1)}: {describe(rest[i + 1], depth + 1)}"
            for i in range(0, min(len(rest), 8), 2)
        ]
        return "{" + ", ".join(pairs) + (", …" if len(rest) > 8 else "") + "}"
    if kind == "object":
        pairs = [f"{name}={describe(value, depth + 1)}" for name, value in rest[2:6]]
        state = ", ".join(each for each in pairs if not each.startswith("__eq__="))
        base = "" if rest[1] is None else describe(rest[1], depth + 1)
        return f"{rest[0]}({', '.join(filter(None, (base, state)))})"
    if kind == "again":
        return "…"
    if kind == "returned":
        return f"return {describe(rest[0], depth + 1)}"
    if kind == "exception":
        return f"{rest[0]}({rest[1]!r})"
    return str(rest[1])


def show(node: Any) -> str:
    """A node in words: value and type."""
    if not isinstance(node, list):
        kind = "None" if node is None else type(node).__name__
        return "None" if node is None else f"{shorten(repr(node))} ({kind})"
    named = node[0] in ("value", "object", "opaque", "ref")
    name = node[1] if named else node[0]
    if node[0] in ("list", "tuple", "dict", "set", "frozenset", "iterator"):
        size = (len(node) - 1) // 2 if node[0] == "dict" else len(node) - 1
        size -= node[0] == "iterator"
        name = f"{name} of {size}"
    return f"{shorten(describe(node))} ({name})"


def shorten(text: str, limit: int = SHOWN) -> str:
    """`text` on one line of at most `limit` characters, its middle left out."""
    text = text.replace("\n", "\\n").replace("\r", "\\r")
    if len(text) <= limit:
        return text
    return f"{text[: limit * 2 // 3]} … {text[-(limit // 3) :]}"
