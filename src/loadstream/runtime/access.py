"""Elements of one file by number: the index is made, loaded and used here.

Flow: index → chunk of the file → **elements**. A chunk is read and parsed whole: its bytes are
those that the pass of the index went over, from behind one comma to the next, so they hold the
elements that they held then. The file is opened for each call and must be the one of the index;
that it stays so while it is read is watched as for a stream.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from json import JSONDecodeError
from typing import TYPE_CHECKING

from loadstream.runtime import index_file
from loadstream.runtime.errors import BadIndexError, NoIndexError, SourceChangedError
from loadstream.runtime.files import File
from loadstream.runtime.functions import is_lines
from loadstream.runtime.index import Chunk, Fingerprint, Index
from loadstream.runtime.index_pass import (
    file_of,
    fingerprint_of,
    make_index,
    open_indexable,
    same_content,
    settled,
    steps_of,
)
from loadstream.runtime.lines import lines_of
from loadstream.runtime.pages import cursor_at
from loadstream.runtime.parsers import array_parser
from loadstream.runtime.paths import parse_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from loadstream.runtime.dataset import Dataset
    from loadstream.runtime.sources import Source


def make_or_load(dataset: Dataset[Any], place: str | os.PathLike[str] | None) -> Index:
    """The index of a data set, from the file that keeps it if that is still right."""
    route = parse_path(dataset.path)
    steps = steps_of(dataset, route)
    source = file_of(dataset)
    where = index_file.default_place(source, steps) if place is None else os.fspath(place)
    found = _kept(dataset, steps, where, must_be_right=place is not None)
    if found is None:
        index_file.ensure_writable(where)
        found = make_index(source, route, dataset.encoding)
        index_file.write(where, index_file.encode(found, settled(found.fingerprint)))
        found.place = where
    return found


def index_of(dataset: Dataset[Any]) -> Index:
    """The index that a data set has, or that is kept beside its file. Makes none."""
    if isinstance(dataset._index, Index):
        return dataset._index
    steps = steps_of(dataset, parse_path(dataset.path))
    source = file_of(dataset)
    found = None
    with suppress(BadIndexError):
        found = _kept(dataset, steps, index_file.default_place(source, steps), must_be_right=False)
    if found is None:
        raise NoIndexError(
            f"{os.fspath(source)} has no index of what it is now: call index() first, "
            "which reads the file once"
        )
    dataset._index = found
    return found


def count_of(dataset: Dataset[Any]) -> int:
    """How many elements there are. Always a `TypeError` if that is not known."""
    try:
        index = index_of(dataset)
        source = file_of(dataset)
        found = Fingerprint.of(os.stat(source))  # noqa: PTH116
    except OSError as error:
        raise NoIndexError(f"there is no length: {error}") from None
    if found != index.fingerprint:
        raise NoIndexError(_changed(source))
    return index.count


def _kept(
    dataset: Dataset[Any], steps: tuple[str | int, ...], where: str, *, must_be_right: bool
) -> Index | None:
    """The index that is kept there; None if a new one is to be made in its place.

    Raises `BadIndexError` if something else is there, or no right index where it must be right.
    """
    source = file_of(dataset)
    opened = open_indexable(source, dataset.encoding)
    try:
        content = index_file.read(where)
        if content is None:
            return None
        try:
            found = index_file.decode(content)
            if found.steps != steps or found.is_lines != (not steps and is_lines(source)):
                raise ValueError("is the index of another path")
            if not _is_of(found, opened, where):
                raise ValueError("was made for another file, or for an earlier state of this one")
        except ValueError as error:
            if not must_be_right and index_file.is_ours(content):
                return None
            way_out = "delete it and index() makes a new one, or " * index_file.is_ours(content)
            raise BadIndexError(
                f"{where} {error}; {way_out}give another place: index(place=…), "
                "which is for one file alone"
            ) from None
        return found
    finally:
        opened.close()


def _is_of(found: Index, opened: Source, where: str) -> bool:
    """Whether an index is that of this file. If so, it knows the file by its present state."""
    found.place = where
    fingerprint = fingerprint_of(opened)
    if found.fingerprint == fingerprint:
        return True
    if found.fingerprint.size != fingerprint.size or not same_content(opened, found.checks):
        return False
    found.fingerprint = fingerprint
    with suppress(OSError):  # it is right all the same, and is compared again the next time
        index_file.write(where, index_file.encode(found, settled(fingerprint)))
    return True


class Reader:
    """A context manager: the file of a data set, open to take elements out of it by number.

    Raises `SourceChangedError` if it is not the file of the index.
    """

    def __init__(self, dataset: Dataset[Any]) -> None:
        self._index = index_of(dataset)
        self._source = file_of(dataset)
        self._type = dataset.type
        self.name = os.fspath(self._source)
        self.count = self._index.count
        self._file = File(self._source)
        try:
            self._check()
        except SourceChangedError:
            self._file.close()
            raise

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def take(self, numbers: Sequence[int]) -> Iterator[Any]:
        """The elements of these numbers, in this order. Those of one chunk had best be together."""
        found = self._take(numbers)
        if self._type is None:
            return found
        from loadstream.runtime.typed import Conversion

        return Conversion(self._type).numbered(zip(numbers, found, strict=True))

    def _take(self, numbers: Sequence[int]) -> Iterator[Any]:
        chunk, elements = Chunk(0, 0, 0, 0), []
        for number in numbers:
            if not 0 <= number - chunk.first < chunk.length:
                chunk = self._index.chunk_of(number)
                elements = self._elements(chunk)
            yield elements[number - chunk.first]

    def _elements(self, chunk: Chunk) -> list[Any]:
        self._file.place = chunk.start
        pieces = []
        left = chunk.stop - chunk.start
        while left > 0 and (piece := self._file.read(left)):
            pieces.append(piece)
            left -= len(piece)
        self._check()
        content = b"".join(pieces)
        try:
            elements = lines_of(content) if self._index.is_lines else _parsed(content[:-1])
        except (JSONDecodeError, UnicodeDecodeError):
            elements = []
        if len(elements) != chunk.length:
            raise SourceChangedError(_changed(self._source))
        return elements

    def _check(self) -> None:
        if Fingerprint.of(self._file.stat()) != self._index.fingerprint:
            raise SourceChangedError(_changed(self._source))


def _changed(source: str | os.PathLike[str]) -> str:
    return f"{os.fspath(source)} was changed since its index was made: call index() again"


def _parsed(content: bytes) -> list[Any]:
    document = b"[%b]" % content
    try:
        found: list[Any] = array_parser()(document)
    except (ValueError, RecursionError):  # the fast parser refuses some of what json accepts
        found = json.loads(document.decode("utf-8"))
    return found


def cursor_before(index: Index, number: int) -> str:
    """The cursor with which pages of the file begin at this element, or behind the last one."""
    if number == len(index):
        return str(number)
    size, modified, _, _ = index.fingerprint
    return cursor_at(number, index.chunk_of(number), size, modified)
