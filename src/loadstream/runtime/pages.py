"""Pages: elements in lists of equal length, and cursors from which a later process goes on.

A cursor holds how many elements came before it. For a file it also says where the batch of its
last element began, in bytes, how many elements of that batch are done, and which file that was (its
size and its time of change): if it is the same, reading begins there. What stands before that
byte was checked by the pass that made the cursor.
"""

from __future__ import annotations

import os
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from loadstream.runtime.document import Reading
from loadstream.runtime.functions import is_lines
from loadstream.runtime.lines import Lines
from loadstream.runtime.paths import parse_path
from loadstream.runtime.sources import open_source
from loadstream.runtime.stream import Feed, Stream
from loadstream.runtime.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from loadstream.runtime.index import Chunk


class Page(NamedTuple):
    """Some elements in order, and the cursor with which the pages after this one begin."""

    items: list[Any]
    cursor: str


class _Cursor(NamedTuple):
    """`done` elements are before it; `skip` of them in the batch that begins at byte `place`."""

    done: int
    place: int | None = None
    skip: int = 0
    size: int = 0
    time: int = 0

    def __str__(self) -> str:
        if self.place is None:
            return str(self.done)
        return f"{self.done}:{self.place}:{self.skip}:{self.size}:{self.time:x}"


def pages_of(
    source: str | os.PathLike[str] | IO[Any],
    path: str | tuple[str | int, ...],
    encoding: str | None,
    size: int,
    after: str | None,
    type: Any = None,
) -> Stream[Page]:
    """The pages of what `stream_json` gives for this source and path. See `Dataset.pages`."""
    convert: Callable[[Iterator[list[Page]]], Iterator[list[Page]]] = iter
    if type is not None:
        from loadstream.runtime.typed import Conversion

        convert = Conversion(type).pages
    if size < 1:
        raise ValueError(f"a page holds at least 1 element, not {size}")
    cursor = _Cursor(0) if after is None else _parse(after)
    route = parse_path(path)
    lines = route.stays and is_lines(source)
    opened = open_source(source, encoding)
    window = Window(opened)
    reading = Lines(window) if lines else Reading(window, route)
    status = opened.status()
    return Stream(Feed(convert(_pages(reading, size, cursor, status)), opened.close))


def cursor_at(number: int, chunk: Chunk, size: int, time: int) -> str:
    """The cursor before the element of this number, which is in this chunk of an index."""
    return str(_Cursor(number, chunk.start, number - chunk.first, size, time))


def _parse(text: str) -> _Cursor:
    try:
        done, *place = text.split(":")
        if not place:
            return _Cursor(int(done))
        start, skip, size, time = place
        return _Cursor(int(done), int(start), int(skip), int(size), int(time, 16))
    except (AttributeError, ValueError):
        raise ValueError(
            f"{text!r} is not a cursor of pages(); leave out after= to start"
        ) from None


def _pages(
    reading: Reading | Lines, size: int, cursor: _Cursor, status: tuple[int, int]
) -> Iterator[list[Page]]:
    done, skip = cursor.done, cursor.done
    batches = reading.batches()
    if cursor.place is not None and (cursor.size, cursor.time) == status:
        batches = reading.batches(cursor.place)
        skip = cursor.skip
    index = done - skip
    items: list[Any] = []
    for batch in _lists(batches, size):
        place, before = reading.place, index
        index += len(batch)
        start = min(skip, len(batch))
        skip -= start
        while len(batch) - start >= size - len(items):
            stop = start + size - len(items)
            here = _Cursor(before + stop, place, stop, *status)
            yield [Page([*items, *batch[start:stop]], str(here))]
            items, start = [], stop
        items += batch[start:]
        last = _Cursor(index, place, len(batch), *status)
    if items:
        yield [Page(items, str(last))]


def _lists(batches: Iterable[Iterable[Any]], size: int) -> Iterator[list[Any]]:
    for batch in batches:
        if isinstance(batch, list):
            yield batch
            continue
        elements = iter(batch)
        while piece := list(islice(elements, size)):
            yield piece
