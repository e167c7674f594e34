"""Pages: elements in lists of equal length, and cursors from which a later process goes on.

A cursor holds how many elements came before it. For a file it also says where the batch of its
last element began, in bytes, how many elements of that batch are done, and which file that was (its
size and its time of change): if it is the same, reading begins there. What stands before that
byte was checked by the pass that made the cursor.
"""

from __future__ import annotations

import os
from itertools import chain, islice
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
    from loadstream.runtime.sources import Source


class Page(NamedTuple):
    """Some elements in order, and the cursor with which the pages after this one begin."""

    items: list[Any]
    cursor: str


class Cursor(NamedTuple):
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


class Paging:
    """Puts elements on pages of `size`, across one reading or several."""

    def __init__(self, size: int, type: Any = None) -> None:
        """Raises `TypeError` for a type that is none, `ValueError` for a page of nothing."""
        self._take = _as_they_are if type is None else _conversion(type)
        if size < 1:
            raise ValueError(f"a page holds at least 1 element, not {size}")
        self._size = size
        self._items: list[Any] = []
        self._last = ""

    def full(
        self,
        reading: Reading | Lines,
        cursor: Cursor,
        status: tuple[int, int],
        write: Callable[[Cursor], str] = str,
    ) -> Iterator[list[Page]]:
        """The pages that are full by what is behind the cursor. What is left begins the next."""
        size, take, items = self._size, self._take, self._items
        done, skip = cursor.done, cursor.done
        batches = reading.batches()
        if cursor.place is not None and (cursor.size, cursor.time) == status:
            batches = reading.batches(cursor.place)
            skip = cursor.skip
        index = done - skip
        last = cursor
        for batch in _lists(batches, size):
            place, before = reading.place, index
            index += len(batch)
            start = min(skip, len(batch))
            skip -= start
            while len(batch) - start >= size - len(items):
                stop = start + size - len(items)
                here = Cursor(before + stop, place, stop, *status)
                yield [Page([*items, *take(batch[start:stop], before + start)], write(here))]
                items, start = [], stop
            items += take(batch[start:], before + start)
            last = Cursor(index, place, len(batch), *status)
        self._items, self._last = items, write(last)

    def rest(self) -> Iterator[list[Page]]:
        """The last page, if anything is left."""
        if self._items:
            yield [Page(self._items, self._last)]


def pages_of(
    source: str | os.PathLike[str] | IO[Any],
    path: str | tuple[str | int, ...],
    encoding: str | None,
    paging: Paging,
    after: str | None,
) -> Stream[Page]:
    """The pages of what `stream_json` gives for this source and path. See `Dataset.pages`."""
    cursor = Cursor(0) if after is None else parse_cursor(after)
    opened, reading = open_reading(source, path, encoding)
    pages = chain(paging.full(reading, cursor, opened.status()), paging.rest())
    return Stream(Feed(pages, opened.close))


def _conversion(type: Any) -> Callable[[list[Any], int], list[Any]]:
    from loadstream.runtime.typed import Conversion

    return Conversion(type).all


def _as_they_are(elements: list[Any], _: int) -> list[Any]:
    return elements


def open_reading(
    source: str | os.PathLike[str] | IO[Any],
    path: str | tuple[str | int, ...],
    encoding: str | None,
) -> tuple[Source, Reading | Lines]:
    """A source that is open, and one pass over its elements."""
    route = parse_path(path)
    lines = route.stays and is_lines(source)
    opened = open_source(source, encoding)
    window = Window(opened)
    return opened, Lines(window) if lines else Reading(window, route)


def cursor_at(number: int, chunk: Chunk, size: int, time: int) -> str:
    """The cursor before the element of this number, which is in this chunk of an index."""
    return str(Cursor(number, chunk.start, number - chunk.first, size, time))


def parse_cursor(text: str) -> Cursor:
    """The cursor that was written so. Raises `ValueError` for what is none."""
    try:
        done, *place = text.split(":")
        if not place:
            return Cursor(int(done))
        start, skip, size, time = place
        return Cursor(int(done), int(start), int(skip), int(size), int(time, 16))
    except (AttributeError, ValueError):
        raise ValueError(
            f"{text!r} is not a cursor of pages(); leave out after= to start"
        ) from None


def _lists(batches: Iterable[Iterable[Any]], size: int) -> Iterator[list[Any]]:
    for batch in batches:
        if isinstance(batch, list):
            yield batch
            continue
        elements = iter(batch)
        while piece := list(islice(elements, size)):
            yield piece
