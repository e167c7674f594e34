"""Documents for generated programs: of the right shape, of every other, and broken ones.

A program reads a document along a path of keys and indexes and expects there either rows (a list
of objects) or a mapping from names to rows.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence

from tests.differential.model import Document, Health

Path = tuple[str | int, ...]

_ROW = {"a": 1, "b": True, "c": [1, 2]}
_LISTS: Sequence[list[object]] = [
    [],
    [_ROW],
    [{"a": a, "b": a % 3 == 0, "c": list(range(a % 4))} for a in range(7)],
    [_ROW, {"a": 2, "b": "", "c": []}, {"a": 5, "b": None, "c": [9]}, {"a": 1, "b": 0, "c": [0]}],
    [_ROW, {"a": 3, "b": True, "c": [5]}, {"b": True, "c": [1]}, {"a": 4, "b": False, "c": []}],
    [{"a": 0, "b": True, "c": [2]}, {"a": "x", "b": True, "c": [3]}, _ROW],
    [{"a": 2**70, "b": 1.0, "c": [1e300, -0.0]}, {"a": 0.1, "b": "é\ud800", "c": []}, _ROW, _ROW],
    [_ROW, 5, None, "text", [1], {}],
    [3, 1, 2],
    ["b", "a"],
    [[1, 2], [3, 4]],
    [None, _ROW],
]
_NAMES = ["one", "", "two", "é", "a", "items", "0"]
_SCALARS: Sequence[object] = [None, 0, 7, 1.5, True, False, "", "items", "xy", [], {}]
_RAW = [
    '[{"a": NaN, "b": Infinity, "c": [-Infinity]}]',
    '[{"a": 1, "a": 2, "b": true, "c": []}, {"a": 3, "b": true, "b": false, "c": [1]}]',
]
_NOTHING_COMES = [b"", b"nope", b"[nope", b"{nope", b"   ", b"\xff\xfe\xff"]


def rows(rng: random.Random) -> object:
    """A list of rows, mostly of the keys a, b and c."""
    return rng.choice(_LISTS[:7] if rng.random() < 0.75 else _LISTS)


def mapping(rng: random.Random) -> object:
    """An object whose values are rows."""
    values = rng.choice(_LISTS[:7])
    return dict(zip(_NAMES, values, strict=False))


def wrapped(value: object, path: Path, rng: random.Random) -> object:
    """A document that has `value` at `path`, with neighbours before and after it."""
    for step in reversed(path):
        if isinstance(step, int):
            value = [*([{}] * step), value, *rng.choice([[], [1], [{"x": []}]])]
        else:
            before = rng.choice([{}, {"n": 2}, {"meta": {"items": [9], "v": 1}, "n": 0}])
            value = {**before, step: value, **rng.choice([{}, {"z": [1, {"a": 2}]}, {"n": 3}])}
    return value


def documents(path: Path, named: bool, breaks: bool, rng: random.Random) -> tuple[Document, ...]:
    """Documents for a program that expects rows (or, if `named`, a mapping) at `path`.

    About half are as expected; the others have another shape at the path, or on the way to it.
    If `breaks`, there are broken ones too.
    """
    right, other = (mapping, rows) if named else (rows, mapping)
    found = [_text(wrapped(right(rng), path, rng), rng) for _ in range(4)]
    found.append(_text(wrapped(right(rng), path, rng), rng))
    found.append(_text(wrapped(other(rng), path, rng), rng))
    found.append(_text(wrapped(rng.choice(_SCALARS), path, rng), rng))
    cut = path[: rng.randrange(len(path) + 1)]
    found.append(_text(wrapped(rng.choice(_SCALARS), cut, rng), rng))
    found.append(_text(rng.choice([[], {}, {"other": []}, [[]], [rows(rng)], {"items": 1}]), rng))
    if not path and not named:
        found.append(rng.choice(_RAW).encode())
    whole = [Document(data) for data in dict.fromkeys(found)]
    return (*whole, *_broken(found, rng)) if breaks else tuple(whole)


def _text(value: object, rng: random.Random) -> bytes:
    form = rng.random()
    if form < 0.4:
        return json.dumps(value).encode()
    if form < 0.7:
        return json.dumps(value, separators=(",", ":")).encode()
    return json.dumps(value, indent=rng.choice([1, 2, "\t"])).encode() + b"\n"


def _broken(found: Sequence[bytes], rng: random.Random) -> list[Document]:
    data = rng.choice(found).strip()
    late = [data[: rng.randrange(1, len(data) + 1)] + b"?", data[:-1] + b"\xff", data + b" x"]
    return [
        Document(rng.choice(_NOTHING_COMES), Health.BROKEN_AT_ONCE),
        Document(rng.choice(late), Health.BROKEN_LATER),
    ]
