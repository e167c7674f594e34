"""Parts of one file, each of which some process reads by itself: together they are the whole.

Flow: index → **partitions** → one stream each. A section knows which file it is of, from which byte
to which, and by what that file is known.

The bytes of a section are those of whole chunks of the index. Between brackets of their own they
are a document, an array of exactly these elements, and are read as any other document is. Where a
section begins or ends within a chunk, it takes so many elements of that. JSON Lines can also be
parted without an index: behind any line feed a line begins.
"""

from __future__ import annotations

import os
import re
import zlib
from array import array
from bisect import bisect_right
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from json import JSONDecodeError
from typing import TYPE_CHECKING, Any

from loadstream.runtime.access import index_of
from loadstream.runtime.document import Reading
from loadstream.runtime.errors import NoIndexError
from loadstream.runtime.files import File
from loadstream.runtime.functions import is_lines
from loadstream.runtime.index import Chunk, Fingerprint
from loadstream.runtime.index_pass import (
    BLOCK,
    checksums_of,
    file_of,
    fingerprint_of,
    open_indexable,
)
from loadstream.runtime.lines import Lines
from loadstream.runtime.partition import Partition, changed, whole_file
from loadstream.runtime.paths import Route, parse_path
from loadstream.runtime.sieve import Sieve
from loadstream.runtime.sources import Source, as_it_is, utf_8, why_not_sought
from loadstream.runtime.stream import Feed, Stream
from loadstream.runtime.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from loadstream.runtime.dataset import Dataset
    from loadstream.runtime.index import Index

_UNITS: dict[str, int] = {
    f"{prefix}{suffix}".casefold(): base**power
    for power, prefix in enumerate(("", "k", "M", "G", "T"))
    for suffix, base in (("B", 1000), ("iB", 1024))
}
_SIZE = re.compile(r"\s*(\d+)\s*([A-Za-z]+)\s*")
_LOOK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Section(Partition):
    """Some elements of a file, in a row: among the bytes from `start` to `stop`.

    `source` is the file's absolute path. `first` and `count` are None for JSON Lines that have no
    index.
    """

    source: str
    start: int
    stop: int
    first: int | None
    count: int | None
    type: Any = field(repr=False)
    skips: int = field(repr=False)  # elements between `start` and the first
    is_whole: bool = field(repr=False)  # whether it has all elements between `start` and `stop`
    is_lines: bool = field(repr=False)
    fingerprint: Fingerprint = field(repr=False)
    check: int | None = field(repr=False)  # the checksum of the checksums of its blocks

    @property
    def size(self) -> int:
        """From `start` to `stop`."""
        return self.stop - self.start

    def stream(self, filter_func: Callable[[Any], object] | None = None) -> Stream[Any]:
        """As of any partition. What differs in its times and its place only, as a copy does, is
        compared by checksums first, where there was an index.
        """
        convert: Callable[[Iterator[Iterable[Any]]], Iterator[Iterable[Any]]] = iter
        if self.type is not None:
            from loadstream.runtime.typed import Conversion

            convert = partial(Conversion(self.type).batches, first=self.first or 0)
        file = _Bounded(self.source, self.stop)
        try:
            self._ensure_same(file)
        except BaseException:
            file.close()
            raise
        file.place = self.start
        sieve = None
        if filter_func is not None and self.is_whole and not self.is_lines and self.type is None:
            sieve = Sieve(filter_func)
        batches = self._batches(file, sieve)
        if self.count is not None:
            batches = self._counted(batches, self.skips, self.count if sieve is None else None)
        return Stream(Feed(convert(batches), file.close), filter_func)

    def _batches(self, file: _Bounded, sieve: Sieve | None) -> Iterator[Iterable[Any]]:
        if not self.is_lines:
            document = Window(utf_8(_Bracketed(file)))
            return Reading(document, Route(()), sieve=sieve).batches()
        whole = Source(file, as_it_is, errors="strict", is_text=True, translates_newlines=True)
        return Lines(Window(whole)).batches(self.start)

    def _counted(
        self, batches: Iterator[Iterable[Any]], skips: int, count: int | None
    ) -> Iterator[Iterable[Any]]:
        """So many elements behind those that are skipped; None: all that a sieve has left.

        If there is anything else, it was another file after all.
        """
        try:
            for batch in batches:
                if count is None:
                    yield batch
                    continue
                elements = list(batch)
                yield elements[skips : skips + count]
                count -= min(max(len(elements) - skips, 0), count + self.is_whole)
                skips -= min(skips, len(elements))
                if not count and not self.is_whole:
                    return
        except (JSONDecodeError, UnicodeDecodeError):
            raise changed(self.source) from None
        if count:
            raise changed(self.source)

    def _ensure_same(self, file: File) -> None:
        found = Fingerprint.of(file.stat())
        if found == self.fingerprint:
            return
        if found.size == self.fingerprint.size and self.check is not None:
            with closing(File(self.source)) as other:
                if _digest(checksums_of(other, _blocks(self.start, self.stop))) == self.check:
                    return
        raise changed(self.source)


def by_bytes(dataset: Dataset[Any], most: int) -> list[Partition]:
    """The partitions of a data set of one file, of about so many bytes."""
    source = file_of(dataset)
    if why_not_sought(source, dataset.encoding) is not None:
        return [whole_file(dataset, source)]
    try:
        index = index_of(dataset)
    except NoIndexError:
        if not (parse_path(dataset.path).stays and is_lines(source)):
            raise
        return [*by_lines(dataset, most)]
    return [*by_chunk(dataset, index, most)]


def by_number(dataset: Dataset[Any], elements: int) -> list[Partition]:
    """Those of exactly so many elements, the last one of fewer."""
    index = index_of(dataset)
    return [
        by_range(dataset, index, number, min(number + elements, index.count))
        for number in range(0, index.count, elements)
    ]


def parse_size(size: str | int | None) -> int:
    """Bytes of `"128 MB"` or a number. Raises `ValueError` for what is no size."""
    if isinstance(size, int) and size > 0:
        return size
    match = _SIZE.fullmatch(size) if isinstance(size, str) else None
    if match is None or match[2].casefold() not in _UNITS or not int(match[1]):
        raise ValueError(f'{size!r} is no size; write a number of bytes, or one such as "128 MB"')
    return int(match[1]) * _UNITS[match[2].casefold()]


def by_chunk(dataset: Dataset[Any], index: Index, most: int) -> Iterator[Section]:
    """As many chunks as go into so many bytes, but one at least."""
    at, chunks = 0, len(index.places)
    while at < chunks:
        start = index.places[at]
        behind = max(bisect_right(index.places, start + most), at + 2) - 1
        if index.stop - start <= most:
            behind = chunks
        first, last = index.chunk(at), index.chunk(behind - 1)
        count = last.first + last.length - first.first
        yield _section(dataset, index, first, last, first.first, count)
        at = behind


def by_range(dataset: Dataset[Any], index: Index, start: int, stop: int) -> Section:
    """The elements from one number to another, one at least."""
    first, last = index.chunk_of(start), index.chunk_of(stop - 1)
    return _section(dataset, index, first, last, start, stop - start)


def _section(
    dataset: Dataset[Any], index: Index, first: Chunk, last: Chunk, number: int, count: int
) -> Section:
    blocks = _blocks(first.start, last.stop)
    return Section(
        os.path.abspath(file_of(dataset)),  # noqa: PTH100
        first.start,
        last.stop,
        number,
        count,
        dataset.type,
        number - first.first,
        (number, number + count) == (first.first, last.first + last.length),
        index.is_lines,
        index.fingerprint,
        _digest(index.checks[blocks.start : blocks.stop]),
    )


def by_lines(dataset: Dataset[Any], most: int) -> Iterator[Section]:
    """Whole lines, about so many bytes of them. Reads no more than the ends of lines."""
    source = os.path.abspath(file_of(dataset))  # noqa: PTH100
    with closing(open_indexable(file_of(dataset), dataset.encoding)) as opened:
        fingerprint, file = fingerprint_of(opened), opened.file()
        start = 0
        while start < fingerprint.size:
            stop = _line_end(file, start + most - 1, fingerprint.size)
            yield Section(
                source, start, stop, None, None, dataset.type, 0, True, True, fingerprint, None
            )
            start = stop


def _line_end(file: File, place: int, size: int) -> int:
    file.place = place
    while file.place < size:
        before = file.place
        piece = file.read(_LOOK)
        found = piece.find(b"\n")
        if found >= 0:
            return before + found + 1
    return size


def _blocks(start: int, stop: int) -> range:
    return range(start // BLOCK, -(-stop // BLOCK))


def _digest(checks: Iterable[int]) -> int:
    digest: int = zlib.crc32(array("Q", checks).tobytes())
    return digest


class _Bounded(File):
    """A file that ends before this byte."""

    def __init__(self, path: str, stop: int) -> None:
        super().__init__(path)
        self.stop = stop

    def read(self, size: int) -> bytes:
        """Up to `size` more bytes; empty at the end."""
        return super().read(max(0, min(size, self.stop - self.place)))


class _Bracketed:
    """Elements as an array of their own; what parts the last of them from the next is left out."""

    def __init__(self, file: _Bounded) -> None:
        self._file = file
        file.stop -= 1
        self._before, self._behind = b"[", b"]"

    def read(self, size: int) -> bytes:
        """Up to `size` more bytes; empty at the end."""
        piece, self._before = self._before or self._file.read(size), b""
        if not piece:
            piece, self._behind = self._behind, b""
        return piece
