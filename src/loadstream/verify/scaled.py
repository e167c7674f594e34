"""The real data several times over: the same spelling and shape, the ids made distinct.

A file is read as bytes, in blocks, once to learn its layout (`read_layout`) and once for every
repetition (`write_scaled`); neither holds more than a block, so that data of any size can grow.
growth.py measures both sides on what comes out.
"""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from loadstream.verify import samples
from loadstream.verify.record_ids import are_records, distinct, find_ids, id_pattern, number_of

_BLOCK = 256 << 10
_DEEPEST = 2  # a collection is the document itself, or below at most so many keys
_MEMBERS = 64  # an object of more members is one itself, and is not looked into
_STRING = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
_PLAIN = rb'[^\[\]{}"]*(?:' + _STRING + rb'[^\[\]{}"]*)*'  # no bracket but in strings
_LEAF = rb"\{" + _PLAIN + rb"\}|\[" + _PLAIN + rb"\]"
# What is looked for where members are looked into, where they are counted, and deeper still.
_EVERY = re.compile(_STRING + rb'|["\[\]{},]', re.DOTALL)
_COUNTED = re.compile(_LEAF + rb"|" + _STRING + rb'|["\[\]{},]', re.DOTALL)
_PASSED = re.compile(_LEAF + rb"|" + _STRING + rb'|["\[\]{}]', re.DOTALL)


@dataclass(slots=True)
class _Collection:
    """An array, or an object, that is reached by keys alone: where it lies and what it holds."""

    keys: tuple[str, ...]
    is_map: bool
    start: int
    end: int = 0
    count: int = 0
    cuts: array[int] = field(default_factory=lambda: array("Q"))
    names: array[int] = field(default_factory=lambda: array("Q"))

    @property
    def size(self) -> int:
        return self.end - self.start

    @property
    def is_looked_into(self) -> bool:
        """Whether what it holds are collections themselves."""
        return self.is_map and len(self.keys) < _DEEPEST and self.count <= _MEMBERS


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the records of a data file lie: in the bytes from `start` to `end`, `records` of them.

    `cuts` are places between two records, about one in each block; `names` are the beginnings and
    ends of the keys of an object of records. `ids` are the keys whose values tell records apart,
    `highest` is the largest number that one of them ends in. `size` counts bytes, decompressed.
    """

    path: Path
    size: int
    start: int
    end: int
    records: int
    cuts: array[int]
    names: array[int]
    ids: tuple[str, ...]
    highest: int = 0


def read_layout(path: Path) -> Layout | None:
    """The layout of a data file; None where nothing in it can be repeated.

    Raises `ValueError` where it is not JSON in UTF-8, `OSError` where it cannot be read.
    """
    status = path.stat()
    return _read_layout(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=16)  # the checks of a verification read the same data
def _read_layout(path: Path, _size: int, _modified: int) -> Layout | None:
    sample = samples.sample(path)
    if samples.is_lines(path.name):
        found = _scan_lines(path)
        chosen, size = (found if found.count else None), found.end
    else:
        collections, size = _scan(path)
        chosen = _chosen(collections, size, sample)
    if chosen is None:
        return None
    names = chosen.names if chosen.is_map else array("Q")
    layout = Layout(
        path, size, chosen.start, chosen.end, chosen.count, chosen.cuts, names, find_ids(sample)
    )
    return replace(layout, highest=_highest(layout))


def write_scaled(layout: Layout, target: Path, times: int, step: int) -> int:
    """Write the file `times` times over to `target`; the size of what was written.

    `target` has the name of the original, by which it is compressed. `step` is added to the
    numbers in ids at each repetition: larger than any of them in any file, so that ids stay
    distinct and what refers to one, in another file too, still does.
    """
    lines = samples.is_lines(layout.path.name)
    last = b""
    with samples.open_bytes(layout.path) as source, samples.create_bytes(target) as out:
        _copy(source, out, layout.start)
        for turn in range(times):
            if turn and not lines:
                out.write(b",")
            elif turn and last != b"\n":
                out.write(b"\n")
            source.seek(layout.start)
            for piece in _repetition(layout, source, turn, step):
                out.write(piece)
                last = piece[-1:] or last
        _copy(source, out, layout.size - layout.end)
    return target.stat().st_size


def step_beyond(highest: int) -> int:
    """A power of ten above `highest`: what an id's number grows by at each repetition."""
    return int(10 ** len(str(highest)))


# the layout


def _scan(path: Path) -> tuple[list[_Collection], int]:
    """Every collection of the document, and how many bytes the document has."""
    found: list[_Collection] = []
    stack: list[_Collection | None] = []
    key = b""
    at_name = False
    kept = b""
    base = 0
    with samples.open_bytes(path) as handle:
        # A text that is longer than a block is gone over again, each time with twice as much.
        while block := handle.read(max(_BLOCK, len(kept))):
            text = kept + block
            kept = b""
            at = 0
            while (match := _pattern(stack).search(text, at)) is not None:
                token, at = match[0], match.end()
                here = stack[-1] if stack else None
                if token == b'"':  # goes on in the next block
                    kept = text[match.start() :]
                    break
                if here is not None and not here.count and token not in (b"]", b"}"):
                    here.count = 1
                if token.startswith(b'"'):
                    if at_name and here is not None:
                        key = token
                        here.names.extend((base + match.start(), base + at))
                    at_name = False
                elif token in (b"[", b"{"):
                    opened = None
                    if not stack or (here is not None and here.is_looked_into):
                        name = json.loads(key) if here else ""
                        keys = (*here.keys, name) if here else ()
                        opened = _Collection(keys, token == b"{", base + at)
                        found.append(opened)
                    stack.append(opened)
                    at_name = token == b"{"
                elif token == b",":
                    if here is not None:
                        here.count += 1
                        at_name = here.is_map
                        place = base + at
                        if place - (here.cuts[-1] if here.cuts else here.start) >= _BLOCK:
                            here.cuts.append(place)
                elif len(token) > 1:
                    continue  # an array or object that is passed over whole
                elif stack:
                    stack.pop()
                    at_name = False
                    if here is not None:
                        here.end = base + match.start()
                else:
                    raise ValueError(f"{path.name}: brackets do not match")
            base += len(text) - len(kept)
    if stack or kept:
        raise ValueError(f"{path.name} ends in the middle")
    return found, base


def _pattern(stack: list[_Collection | None]) -> re.Pattern[bytes]:
    if not stack:
        return _EVERY
    here = stack[-1]
    if here is None:
        return _PASSED
    return _EVERY if here.is_looked_into else _COUNTED


def _scan_lines(path: Path) -> _Collection:
    whole = _Collection((), False, 0)
    with samples.open_bytes(path) as handle:
        for line in handle:
            whole.count += bool(line.strip())
            whole.end += len(line)
            if whole.end - (whole.cuts[-1] if whole.cuts else 0) >= _BLOCK:
                whole.cuts.append(whole.end)
    return whole


def _chosen(collections: list[_Collection], size: int, sample: Any) -> _Collection | None:
    """The array that most of the file is, or an object of records, or else the largest array."""
    arrays = [entry for entry in collections if not entry.is_map and entry.count]
    if not any(entry.size * 2 >= size for entry in arrays):
        records = [c for c in collections if c.is_map and _holds_records(sample, c.keys)]
        if records:
            return max(records, key=lambda entry: entry.size)
    return max(arrays, key=lambda entry: entry.size, default=None)


def _holds_records(sample: Any, keys: tuple[str, ...]) -> bool:
    for key in keys:
        sample = sample.get(key) if isinstance(sample, dict) else None
    return isinstance(sample, dict) and are_records(sample)


# repetitions


def _copy(source: IO[bytes], out: IO[bytes], size: int) -> None:
    while size > 0 and (block := source.read(min(size, _BLOCK))):
        out.write(block)
        size -= len(block)


def _repetition(layout: Layout, source: IO[bytes], turn: int, step: int) -> Iterator[bytes]:
    """The records once more, with other ids than in all other turns; in turn 0 as they are."""
    pattern = id_pattern(layout.ids)
    for piece, names in _pieces(layout, source):
        if not turn:
            yield piece
            continue
        parts: list[bytes] = []
        at = 0
        for first, last in names:
            parts += (piece[at:first], distinct(piece[first:last], turn, step))
            at = last
        whole = b"".join((*parts, piece[at:]))
        yield pattern.sub(lambda m: m[1] + distinct(m[2], turn, step), whole) if pattern else whole


def _pieces(layout: Layout, source: IO[bytes]) -> Iterator[tuple[bytes, list[tuple[int, int]]]]:
    """The records in pieces, no record divided; where in each the names of records are."""
    start, index = layout.start, 0
    for end in (*layout.cuts, layout.end):
        names = []
        while index < len(layout.names) and layout.names[index] < end:
            names.append((layout.names[index] - start, layout.names[index + 1] - start))
            index += 2
        yield source.read(end - start), names
        start = end


def _highest(layout: Layout) -> int:
    """The largest number that an id of the file ends in."""
    pattern = id_pattern(layout.ids)
    highest = 0
    with samples.open_bytes(layout.path) as source:
        source.seek(layout.start)
        for piece, names in _pieces(layout, source):
            for first, last in names:
                highest = max(highest, number_of(piece[first:last]))
            for match in pattern.finditer(piece) if pattern else ():
                highest = max(highest, number_of(match[2]))
    return highest
