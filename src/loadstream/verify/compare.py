"""Compares two observed runs: everything that a caller, a terminal or a folder could notice.

`compare` gives the first differences, each with its place, and the places where nothing can be
said because a value has no equality. Values arrive as the typed nodes of encode.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from loadstream.verify.model import Difference
from loadstream.verify.observed import FileChange, Observed, Output

MAX_DIFFERENCES = 12
_SHOWN = 160


@dataclass(frozen=True, slots=True)
class Comparison:
    """`differences` are the first ones, worst aspects first; `opaque` are places without equality.

    Equal means both are empty.
    """

    differences: tuple[Difference, ...]
    opaque: tuple[Difference, ...]

    @property
    def aspects(self) -> frozenset[str]:
        """What differs, roughly: `stdout`, `exception`, `result`, `file`, …"""
        return frozenset(_aspect(difference.place) for difference in self.differences)


def compare(
    old: Observed,
    new: Observed,
    *,
    ignore: Sequence[str] = (),
    unstable: frozenset[str] = frozenset(),
) -> Comparison:
    """Compare two runs on the same input.

    `ignore` are regular expressions: what they match in output and written text files may differ.
    `unstable` are places at which old disagreed with itself; they are left out.
    """
    differences: list[Difference] = []
    opaque: list[Difference] = []
    patterns = [re.compile(expression) for expression in ignore]
    for difference in _observed(old, new, patterns):
        if difference.place in unstable:
            continue
        if isinstance(difference, _Opaque):
            opaque.append(Difference(difference.place, difference.old, difference.new))
        elif len(differences) < MAX_DIFFERENCES:
            differences.append(difference)
        else:
            break
    return Comparison(tuple(differences), tuple(opaque[:MAX_DIFFERENCES]))


def unstable_places(first: Observed, second: Observed, ignore: Sequence[str]) -> frozenset[str]:
    """The places at which two runs of the same code on the same input disagree."""
    patterns = [re.compile(expression) for expression in ignore]
    found = _observed(first, second, patterns)
    return frozenset(item.place for item in found if not isinstance(item, _Opaque))


@dataclass(frozen=True, slots=True)
class _Opaque(Difference):
    """A place that cannot be compared; `old` and `new` say why."""


def _observed(
    old: Observed, new: Observed, ignore: Sequence[re.Pattern[str]]
) -> Iterator[Difference]:
    if old.raised != new.raised:
        yield from _exceptions(old, new)
    if old.code != new.code:
        yield Difference("exit code", _ending(old), _ending(new))
    if (old.returned is None) != (new.returned is None):
        if old.raised is None and new.raised is None and old.code == new.code:
            yield Difference("result", _returned(old), _returned(new))
    elif old.returned is not None and new.returned is not None:
        yield from nodes("result", old.returned[0], new.returned[0])
    if old.arguments is not None and new.arguments is not None:
        yield from nodes("arguments after the call", old.arguments, new.arguments)
    yield from _output("stdout", old.stdout, new.stdout, ignore)
    yield from _errors(old, new, ignore)
    yield from _files(old.written, new.written, ignore)
    for name in old.variables:
        if name in new.variables:
            place = f"result of {name}" if name.endswith("()") else f"variable {name}"
            yield from nodes(place, old.variables[name], new.variables[name])


def _exceptions(old: Observed, new: Observed) -> Iterator[Difference]:
    def words(side: Observed) -> str:
        return "no exception" if side.raised is None else f"{side.raised[0]}: {side.raised[1]}"

    yield Difference("exception", shorten(words(old)), shorten(words(new)))


def _ending(side: Observed) -> str:
    if side.code is None:
        return side.stopped
    return f"killed by signal {-side.code}" if side.code < 0 else str(side.code)


def _returned(side: Observed) -> str:
    return "nothing" if side.returned is None else show(side.returned[0])


# values


def _same_state(old: list[Any], new: list[Any]) -> bool:
    """Whether two opaque values show a state, and the same: no proof of equality, but enough."""
    return len(old) > 3 and len(new) > 3 and not any(True for _ in nodes("", old[3], new[3]))


def nodes(place: str, old: Any, new: Any) -> Iterator[Difference]:
    """The differences of two nodes of encode.py, each at its path below `place`."""
    pending = [(place, old, new)]
    while pending:
        where, first, second = pending.pop()
        if isinstance(first, list) and isinstance(second, list) and first[0] == second[0]:
            if first[0] == "opaque":
                if first[1] != second[1]:
                    yield Difference(where, show(first), show(second))
                elif not _same_state(first, second):
                    yield _Opaque(where, f"{first[1]}: {first[2]}", f"{second[1]}: {second[2]}")
                continue
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
    if kind in ("list", "tuple", "iterator", "iterator!"):
        if kind == "iterator!":
            yield _Pair(f"{where} (end)", old[-1], new[-1])
            old, new = old[:-1], new[:-1]
        if len(old) != len(new):
            yield Difference(f"len({where})", str(len(old) - 1), str(len(new) - 1))
        for index, (first, second) in enumerate(zip(old[1:], new[1:], strict=False)):
            yield _Pair(f"{where}[{index}]", first, second)
        # The first element that only one side has says more than two lengths.
        shorter, longer = sorted((old, new), key=len)
        if len(shorter) < len(longer):
            index = len(shorter) - 1
            extra = show(longer[index + 1])
            sides = (extra, "nothing") if longer is old else ("nothing", extra)
            yield Difference(f"{where}[{index}]", *sides)
    elif kind == "dict":
        yield from _dicts(where, old, new)
    elif kind in ("set", "frozenset"):
        # By their text, because 1 and True are one in a set of Python's and two here.
        first, second = ({json.dumps(item): item for item in side[1:]} for side in (old, new))
        for mark, item in first.items():
            if mark not in second:
                yield Difference(where, f"has {show(item)}", "has not")
        for mark, item in second.items():
            if mark not in first:
                yield Difference(where, "has not", f"has {show(item)}")
    elif kind == "object" and old[1] == new[1]:
        yield _Pair(where, old[2], new[2])
        before, after = ({pair[0]: pair[1] for pair in side[3:]} for side in (old, new))
        for name in {**before, **after}:
            if name in before and name in after:
                yield _Pair(f"{where}.{name}", before[name], after[name])
            else:
                shown = [
                    show(side[name]) if name in side else "nothing" for side in (before, after)
                ]
                yield Difference(f"{where}.{name}", *shown)
    elif old != new:
        yield Difference(where, show(old), show(new))


def _dicts(where: str, old: list[Any], new: list[Any]) -> Iterator[_Pair | Difference]:
    before = [(_key(old[i]), old[i], old[i + 1]) for i in range(1, len(old), 2)]
    after = [(_key(new[i]), new[i], new[i + 1]) for i in range(1, len(new), 2)]
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
    if kind in ("list", "set", "frozenset", "tuple", "iterator", "iterator!"):
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
        state = ", ".join(f"{name}={describe(value, depth + 1)}" for name, value in rest[2:6])
        base = "" if rest[1] is None else describe(rest[1], depth + 1)
        return f"{rest[0]}({', '.join(filter(None, (base, state)))})"
    if kind == "again":
        return "…"
    if kind == "exception":
        return f"{rest[0]}({rest[1]!r})"
    return str(rest[1])


def show(node: Any) -> str:
    """A node in words: value and type."""
    if not isinstance(node, list):
        kind = "None" if node is None else type(node).__name__
        return "None" if node is None else f"{shorten(repr(node))} ({kind})"
    named = node[0] in ("value", "object", "opaque", "ref")
    name = node[1] if named else node[0].rstrip("!")
    if node[0] in ("list", "tuple", "dict", "set", "frozenset", "iterator", "iterator!"):
        size = (len(node) - 1) // (2 if node[0] == "dict" else 1)
        name = f"{name} of {size}"
    return f"{shorten(describe(node))} ({name})"


def shorten(text: str, limit: int = _SHOWN) -> str:
    """`text` on one line of at most `limit` characters, its middle left out."""
    text = text.replace("\n", "\\n").replace("\r", "\\r")
    if len(text) <= limit:
        return text
    return f"{text[: limit * 2 // 3]} … {text[-(limit // 3) :]}"


# output


def _output(
    name: str, old: Output, new: Output, ignore: Sequence[re.Pattern[str]]
) -> Iterator[Difference]:
    if old.digest == new.digest:
        return
    before, after = (_text(side.head, ignore) for side in (old, new))
    found = False
    for difference in _lines(name, before, after):
        found = True
        yield difference
    if not found and not (old.complete and new.complete) and not ignore:
        sides = (f"{side.size:,} bytes, sha256 {side.digest[:12]}" for side in (old, new))
        yield Difference(f"{name} beyond its first {len(old.head):,} bytes", *sides)


def _lines(name: str, old: str, new: str) -> Iterator[Difference]:
    if old == new:
        return
    before, after = old.splitlines(), new.splitlines()
    if before == after:
        yield Difference(f"{name} line ends", repr(old[-20:]), repr(new[-20:]))
    for index in range(max(len(before), len(after))):
        first = before[index] if index < len(before) else None
        second = after[index] if index < len(after) else None
        if first != second:
            sides = (
                "no such line" if line is None else _around(line, first, second)
                for line in (first, second)
            )
            yield Difference(f"{name} line {index + 1}", *sides)


def _around(line: str, first: str | None, second: str | None) -> str:
    """The part of a long line at which the two sides part."""
    if len(line) <= _SHOWN or first is None or second is None:
        return shorten(repr(line))
    start = next(
        (i for i, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]),
        min(len(first), len(second)),
    )
    start = max(0, start - 40)
    return f"{'… ' if start else ''}{line[start : start + _SHOWN]!r}"


def _text(data: bytes, ignore: Sequence[re.Pattern[str]]) -> str:
    text = data.decode("utf-8", "backslashreplace")
    for pattern in ignore:
        text = pattern.sub("<ignored>", text)
    return text


def _errors(
    old: Observed, new: Observed, ignore: Sequence[re.Pattern[str]]
) -> Iterator[Difference]:
    if old.stderr.digest == new.stderr.digest:
        return
    before, after = (without_tracebacks(_text(s.stderr.head, ignore)) for s in (old, new))
    if before != after:
        yield from _lines("stderr", before, after)
    elif not (old.stderr.complete and new.stderr.complete) and not ignore:
        yield from _output("stderr", old.stderr, new.stderr, ignore)


_WARNING = re.compile(r"^(\S[^\n]*?):\d+: (\w*Warning: )", re.MULTILINE)


def without_tracebacks(text: str) -> str:
    """`text` with every traceback reduced to its class and message, and warnings without lines."""
    kept: list[str] = []
    inside = False
    for line in text.splitlines(keepends=True):
        if line.startswith("Traceback (most recent call last):"):
            inside = True
            kept.append("Traceback …\n")
            continue
        if inside and (line.startswith((" ", "\t")) or not line.strip()):
            continue
        inside = False
        kept.append(line)
    lines = "".join(kept)
    # A warning is shown with its source line, indented, below.
    lines = re.sub(r"(?m)^(\S[^\n]*:\d+: \w*Warning: [^\n]*\n)  [^\n]*\n", r"\1", lines)
    return _WARNING.sub(r"\1: \2", lines)


# files


def _files(
    old: Sequence[FileChange], new: Sequence[FileChange], ignore: Sequence[re.Pattern[str]]
) -> Iterator[Difference]:
    before = {change.path: change for change in old}
    after = {change.path: change for change in new}
    for path in sorted({*before, *after}):
        first, second = before.get(path), after.get(path)
        place = f"file {path}"
        if first is None or second is None:
            yield Difference(place, _change(first), _change(second))
        elif first.digest != second.digest:
            if (
                not first.digest
                or not second.digest
                or first.content is None
                or second.content is None
            ):
                yield Difference(place, _change(first), _change(second))
            else:
                yield from _contents(place, first.content, second.content, ignore)


def _contents(
    place: str, old: bytes, new: bytes, ignore: Sequence[re.Pattern[str]]
) -> Iterator[Difference]:
    try:
        old.decode("utf-8")
        new.decode("utf-8")
    except UnicodeDecodeError:
        start = next(
            (i for i, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]),
            min(len(old), len(new)),
        )
        yield Difference(
            f"{place} byte {start}", repr(old[start : start + 20]), repr(new[start : start + 20])
        )
        return
    yield from _lines(place, _text(old, ignore), _text(new, ignore))


def _change(change: FileChange | None) -> str:
    if change is None:
        return "not written"
    if not change.digest:
        return "deleted"
    return f"written, {change.size:,} bytes"


def _aspect(place: str) -> str:
    for name in ("exception", "exit code", "stdout", "stderr", "file", "arguments", "variable"):
        if place.startswith(name):
            return name
    return "result"
