"""Elements by number across many files: each has an index of its own, and here they are added up.

Flow: indexes of the files → **joint index** → a reader of one file after the other. A data set of
several files is, by number, several data sets of one file each: those that `index()` found. An
element is asked of the file that it is in, and no other file is opened for it.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, groupby
from typing import TYPE_CHECKING

from loadstream.runtime import access
from loadstream.runtime.dataset import Dataset
from loadstream.runtime.index_pass import open_indexable, steps_of
from loadstream.runtime.many import files_of, opening, reading, signs
from loadstream.runtime.paths import parse_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from loadstream.runtime.index import Index
    from loadstream.runtime.many import One


class JointIndex:
    """The indexes of several files, which are read as one. `Dataset.index()` makes it.

    `count` is how many elements they have together; `sources` are the files, as they were found,
    and `files` the data sets of one each, with its index.
    """

    __slots__ = ("_behind", "count", "files", "sources")

    def __init__(self, sources: list[One], files: list[Dataset[Any]]) -> None:
        self.sources = sources
        self.files = files
        self._behind = [*accumulate(len(access.index_of(file)) for file in files)]
        self.count = self._behind[-1] if files else 0

    def __len__(self) -> int:
        return self.count

    def __repr__(self) -> str:
        return f"<JointIndex of {self.count} elements in {len(self.files)} files>"

    def file_with(self, number: int) -> int:
        """The place in `files` of the one that has this element, which must be one of all."""
        return bisect_right(self._behind, number)

    def first_in(self, file: int) -> int:
        """The number, among all, of the first element in this file."""
        return self._behind[file - 1] if file else 0

    def runs(self, start: int, stop: int) -> Iterator[tuple[Dataset[Any], Index, int, int]]:
        """Which elements of which files those from one number to another are."""
        while start < stop:
            file = self.file_with(start)
            first, end = self.first_in(file), min(stop, self._behind[file])
            one = self.files[file]
            yield one, access.index_of(one), start - first, end - first
            start = end

    def cursor_before(self, number: int) -> str | None:
        """The cursor of pages across the files before this element; None if there is no file."""
        if not self.files:
            return None
        file = min(self.file_with(number), len(self.files) - 1)
        index = access.index_of(self.files[file])
        sign = signs(self.sources[: file + 1])[-1]
        return f"{sign}:{access.cursor_before(index, number - self.first_in(file))}"


def make_or_load_all(dataset: Dataset[Any], place: object) -> JointIndex:
    """The indexes of all files of a data set. None is made before it is known that all can be."""
    if place is not None:
        raise ValueError(
            "each of several files keeps its index beside it: leave out place=, or give a data "
            "set of one file"
        )
    steps_of(dataset, parse_path(dataset.path))
    sources = files_of(dataset.source)
    for source in sources:
        with opening(source):
            open_indexable(source, dataset.encoding).close()
    files = [alone(dataset, source) for source in sources]
    for source, file in zip(sources, files, strict=True):
        with reading(source):
            file.index()
    return JointIndex(sources, files)


def alone(dataset: Dataset[Any], source: One) -> Dataset[Any]:
    """One file of a data set as a data set of its own."""
    return Dataset(source, dataset.path, encoding=dataset.encoding, type=dataset.type)


class JointReader:
    """A context manager: takes elements out of several files by number. One is open at a time."""

    def __init__(self, index: JointIndex) -> None:
        self._index = index
        self.name = f"the data set of {len(index.files)} files"
        self.count = index.count

    def __enter__(self) -> JointReader:
        return self

    def __exit__(self, *_: object) -> None:
        """What `take` has opened is closed by that."""

    def take(self, numbers: Sequence[int]) -> Iterator[Any]:
        """The elements of these numbers, in this order. Those of one file had best be together."""
        for at, run in groupby(numbers, self._index.file_with):
            first = self._index.first_in(at)
            with (
                reading(self._index.sources[at]),
                access.Reader(self._index.files[at]) as reader,
            ):
                yield from reader.take([number - first for number in run])
