"""The pass that makes an index, and the one that tells whether a file is still the same.

Flow: source → window → elements → **index**. The pass is that of a stream, to the end of the
document, and raises what a stream raises. Only the objects need not be built: where msgspec is
installed and faster, it counts the elements of a window and checks their syntax, under the
conditions under which `probe` lets it skip elements.
"""

from __future__ import annotations

import codecs
import gc
import os
import time
import zlib
from array import array
from typing import TYPE_CHECKING

from loadstream.runtime.document import Reading
from loadstream.runtime.errors import NoIndexError, NotIndexableError
from loadstream.runtime.functions import is_lines
from loadstream.runtime.index import Fingerprint, Index
from loadstream.runtime.lines import Lines
from loadstream.runtime.many import is_one
from loadstream.runtime.probe import Probe
from loadstream.runtime.sieve import Sieve
from loadstream.runtime.sources import Source, as_it_is, open_source, why_not_sought
from loadstream.runtime.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from loadstream.runtime.dataset import Dataset
    from loadstream.runtime.files import File
    from loadstream.runtime.paths import Route

STEP = 64 * 1024
"""A chunk has this many bytes or more: so it is one window mostly, or one large element."""

BLOCK = 1024 * 1024
"""How many bytes have one checksum."""

_UNSETTLED = 2_000_000_000
"""Nanoseconds within which a file may be written again with no time of it showing that."""


def open_indexable(path: str | os.PathLike[str], encoding: str | None) -> Source:
    """Open what an index can be made of. Raises `NotIndexableError` for anything else."""
    why = why_not_sought(path, encoding)
    if why is not None:
        raise NotIndexableError(f"{os.fspath(path)} cannot be indexed: {why}")
    opened = open_source(path, encoding)
    if not opened.reads_again:
        opened.close()
        raise NotIndexableError(
            f"{os.fspath(path)} cannot be indexed: it is no plain file; copy it into one first"
        )
    return opened


def file_of(dataset: Dataset[Any]) -> str | os.PathLike[str]:
    """The one file of a data set. Raises `NoIndexError` for one of several."""
    source = dataset.source
    if not is_one(source):
        raise NoIndexError(
            "several files have no index together yet: call index() first, which reads each of "
            "them once"
        )
    return source


def steps_of(dataset: Dataset[Any], route: Route) -> tuple[str | int, ...]:
    """The way to the array. Raises `NotIndexableError` for a path that leads to several."""
    if route.inner is not None:
        raise NotIndexableError(
            f"the path {dataset.path!r} cannot be indexed: it leads through every element of an "
            "array; index that array, or read in order with stream() or pages()"
        )
    return route.outer


def make_index(source: str | os.PathLike[str], route: Route, encoding: str | None) -> Index:
    """Read the file once, from its start to its end. Raises what a stream of it raises."""
    lines = route.stays and is_lines(source)
    opened = open_indexable(source, encoding)
    try:
        fingerprint = fingerprint_of(opened)
        checksums = Checksums()
        window = Window(_Shown(opened, checksums.see))
        reading = Lines(window) if lines else Reading(window, route, sieve=_Tally())
        places, numbers = array("Q"), array("Q")
        count = 0
        for batch in reading.batches():
            place = reading.place
            if place is None:
                raise NotIndexableError(
                    f"{os.fspath(source)} cannot be indexed: what is at {_query(route)} is no "
                    "array; read it in order with stream() or pages()"
                )
            if not places or place - places[-1] >= STEP:
                places.append(place)
                numbers.append(count)
            count += len(batch)  # type: ignore[arg-type]
        stop = reading.stopped if isinstance(reading, Reading) else fingerprint.size
    finally:
        opened.close()
    return Index(route.outer, lines, fingerprint, count, stop, places, numbers, checksums.all())


def settled(fingerprint: Fingerprint) -> Fingerprint:
    """What is to be kept of a fingerprint, so that it cannot be taken for that of a later file.

    A file that was written just now may be written again within the same tick of the clock. Then
    its times are not kept, and whoever loads the index compares the checksums.
    """
    if abs(time.time_ns() - max(fingerprint.modified, fingerprint.changed)) < _UNSETTLED:
        return fingerprint._replace(modified=0, changed=0)
    return fingerprint


def fingerprint_of(opened: Source) -> Fingerprint:
    """Of a file that `open_indexable` opened."""
    return Fingerprint.of(opened.file().stat())


def checksums_of(file: File, blocks: range) -> Iterator[int]:
    """The checksums of these blocks of a file, which is read for that."""
    for block in blocks:
        file.place = block * BLOCK
        yield zlib.crc32(file.read(BLOCK))


def same_content(opened: Source, checks: array[int]) -> bool:
    """Whether the blocks of a file have these checksums."""
    found = checksums_of(opened.file(), range(len(checks)))
    return all(one == other for one, other in zip(found, checks, strict=True))


class Checksums:
    """CRC-32 of each block of some bytes that come piece by piece."""

    def __init__(self) -> None:
        self._done = array("I")
        self._current = 0
        self._size = 0

    def see(self, piece: bytes) -> None:
        """The next bytes."""
        rest = memoryview(piece)
        while rest:
            part = rest[: BLOCK - self._size]
            self._current = zlib.crc32(part, self._current)
            self._size += len(part)
            if self._size == BLOCK:
                self._done.append(self._current)
                self._current = self._size = 0
            rest = rest[len(part) :]

    def all(self) -> array[int]:
        """Those of all blocks, the last of which may be shorter."""
        return self._done + array("I", [self._current] if self._size else [])


class _Shown(Source):
    """A source of which each piece is shown to somebody as it is read."""

    __slots__ = ("_see",)

    def __init__(self, opened: Source, see: Callable[[bytes], None]) -> None:
        super().__init__(
            opened.file(),
            as_it_is,
            errors=opened.errors,
            is_text=opened.is_text,
            translates_newlines=opened.translates_newlines,
        )
        self._see = see

    def read(self, size: int) -> bytes:
        """As any source."""
        piece = super().read(size)
        self._see(piece)
        return piece


class _Tally(Sieve):
    """Gives something for each element, but no elements."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(bool)

    def sift(self, array: bytes, parse: Callable[[bytes], Any]) -> list[Any] | None:
        """As any sieve. What is parsed is dropped at once, and so no cycle need be looked for."""
        collects = gc.isenabled()
        gc.disable()
        try:
            return super().sift(array, lambda array: [None] * len(parse(array) or ()))
        finally:
            if collects:
                gc.enable()

    def _has_probe(self) -> bool:
        try:
            self._probe = _Count()
        except ImportError:
            return False
        return True


class _Count(Probe):
    """Counts the elements of an array, and builds none."""

    def __init__(self) -> None:
        super().__init__(())

    def sift(self, array: bytes, _: Callable[[bytes], Any]) -> list[Any] | None:
        """As many as there are; None if `array` must be parsed to know."""
        try:
            if not array.isascii():
                codecs.utf_8_decode(array, "strict")
            if self._has_many_digits(array):
                return None
            return [None] * len(self._spans(array)) or None
        except Exception:  # whatever msgspec stumbles over: the parser decides
            return None


def _query(route: Route) -> str:
    return "$" + "".join(f"[{step!r}]" for step in route.outer)
