"""An offset index: where in a file the elements of an array begin, with the number that each has.

Flow: `index_pass` makes one, in a pass over the file; `index_file` keeps it beside the file;
`access` reads elements by number with it; `partitions` cuts the file with it.

An index parts the elements into *chunks*: some bytes with a known number of whole elements. It is a
fact about one file, so it says which one: by what the system says of it, and by the checksums of
its bytes. The first is enough where nothing at all has changed, not even the time of the last
change of status, which no program can set back. Where it is not enough the second decides, and so
a copy, or a file that was only touched, is known again, and one that was changed is not.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from array import array


SUFFIX = ".lsx"
"""How the names of the files end that keep indexes."""


class Fingerprint(NamedTuple):
    """What the system says of a file. `changed` is the time of its last change of any kind."""

    size: int
    modified: int
    changed: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Fingerprint:
        """Of what `os.stat` or `os.fstat` gave."""
        inode = status.st_ino & 0xFFFF_FFFF_FFFF_FFFF
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns, inode)


class Chunk(NamedTuple):
    """`length` whole elements, the first of which is number `first`: the bytes from `start` on.

    The byte before `stop` is the comma or the closing bracket behind the last of them. Of a JSON
    Lines file a chunk is whole lines.
    """

    start: int
    stop: int
    first: int
    length: int


class Index:
    """Where the elements at a path of one file are. `Dataset.index()` makes or loads it.

    `count` is how many elements there are; `place` the file that keeps the index.
    """

    __slots__ = (
        "checks",
        "count",
        "fingerprint",
        "is_lines",
        "numbers",
        "place",
        "places",
        "steps",
        "stop",
    )

    def __init__(
        self,
        steps: tuple[str | int, ...],
        is_lines: bool,
        fingerprint: Fingerprint,
        count: int,
        stop: int,
        places: array[int],
        numbers: array[int],
        checks: array[int],
    ) -> None:
        self.steps = steps
        self.is_lines = is_lines
        self.fingerprint = fingerprint
        self.count = count
        self.stop = stop  # the byte behind the last chunk
        self.places = places  # the byte where each chunk begins, and
        self.numbers = numbers  # the number of its first element
        self.checks = checks  # the checksum of each block of the file (see `index_pass`)
        self.place = ""

    def __len__(self) -> int:
        return self.count

    def __repr__(self) -> str:
        return f"<Index of {self.count} elements in {len(self.places)} chunks: {self.place}>"

    def chunk(self, at: int) -> Chunk:
        """The chunk with this place in the order of all."""
        behind = at + 1
        last = behind == len(self.places)
        stop = self.stop if last else self.places[behind]
        number = self.count if last else self.numbers[behind]
        first = self.numbers[at]
        return Chunk(self.places[at], stop, first, number - first)

    def chunk_of(self, number: int) -> Chunk:
        """The chunk that has the element of this number, which must be one of this index."""
        return self.chunk(bisect_right(self.numbers, number) - 1)
