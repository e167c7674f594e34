"""The partitions of a data set of one file or many; of many, each is in one file or in several.

Flow: files → partitions of each → **joint partitions**. Files that can be entered in the middle are
cut as they are alone; any other is a part as it is. Small parts that are neighbours are put
together, so that ten thousand small files are not ten thousand tasks.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from loadstream.runtime.access import index_of
from loadstream.runtime.errors import NoIndexError
from loadstream.runtime.functions import is_lines
from loadstream.runtime.index_file import default_place
from loadstream.runtime.joint_index import JointIndex, alone
from loadstream.runtime.many import Series, files_of, is_one, opening
from loadstream.runtime.partition import Partition, WholeFile, whole_file
from loadstream.runtime.partitions import (
    Section,
    by_bytes,
    by_chunk,
    by_lines,
    by_number,
    by_range,
    parse_size,
)
from loadstream.runtime.paths import parse_path
from loadstream.runtime.sources import why_not_sought
from loadstream.runtime.stream import Feed, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from loadstream.runtime.dataset import Dataset
    from loadstream.runtime.many import One


@dataclass(frozen=True, slots=True, repr=False)
class JointPartition(Partition):
    """Parts of files, one after the other. An error says which file it is in."""

    parts: tuple[Section | WholeFile, ...]
    first: int | None
    count: int | None = field(init=False)

    def __post_init__(self) -> None:
        counts = [part.count for part in self.parts]
        known = [count for count in counts if count is not None]
        object.__setattr__(self, "count", sum(known) if len(known) == len(counts) else None)

    def __repr__(self) -> str:
        """Not all of its parts: they may be thousands."""
        if len(self.parts) == 1:
            return f"JointPartition({self.parts[0]!r})"
        return f"JointPartition({self.parts[0]!r} to {self.parts[-1]!r}: {len(self.parts)} parts)"

    @property
    def size(self) -> int | None:
        """That of its parts together."""
        sizes = [part.size for part in self.parts]
        known = [size for size in sizes if size is not None]
        return sum(known) if len(known) == len(sizes) else None

    def stream(self, filter_func: Callable[[Any], object] | None = None) -> Stream[Any]:
        """As of any partition. One file is open at a time."""
        series = Series((part.source, partial(part.stream, filter_func)) for part in self.parts)
        return Stream(Feed(series, series.close), filter_func)


def partitions_of(
    dataset: Dataset[Any], size: str | int | None, elements: int | None
) -> list[Partition]:
    """The partitions of a data set. See `Dataset.partitions`."""
    if (size is None) == (elements is None):
        raise ValueError("partitions have so many bytes or so many elements: give one of the two")
    parse_path(dataset.path)  # so that what is wrong with it is said here and not by a worker
    joint = dataset._index
    if elements is not None:
        if elements < 1:
            raise ValueError(f"a partition has at least 1 element, not {elements}")
        if isinstance(joint, JointIndex):
            return [*_by_number(joint, elements)]
        return by_number(dataset, elements)
    most = parse_size(size)
    if isinstance(joint, JointIndex):
        return [*_together(zip(joint.sources, joint.files, strict=True), most)]
    if is_one(dataset.source):
        return by_bytes(dataset, most)
    files = ((source, alone(dataset, source)) for source in files_of(dataset.source))
    return [*_together(files, most)]


def _by_number(joint: JointIndex, elements: int) -> Iterator[JointPartition]:
    for start in range(0, joint.count, elements):
        runs = joint.runs(start, min(start + elements, joint.count))
        yield JointPartition(tuple(by_range(*run) for run in runs), start)


def _together(files: Iterable[tuple[One, Dataset[Any]]], most: int) -> Iterator[JointPartition]:
    """The parts of all files, as many neighbours in one as have no more bytes together."""
    parts: list[Section | WholeFile] = []
    first: int | None = 0
    total = 0
    for part in chain.from_iterable(_parts_of(*file, most) for file in files):
        size = most if part.size is None else part.size
        if parts and total + size > most:
            done = JointPartition(tuple(parts), first)
            yield done
            first = None if first is None or done.count is None else first + done.count
            parts, total = [], 0
        parts.append(part)
        total += size
    if parts:
        yield JointPartition(tuple(parts), first)


def _parts_of(source: One, file: Dataset[Any], most: int) -> Iterable[Section | WholeFile]:
    """Those of one of several files, which is opened only if it may be cut."""
    with opening(source):
        whole = whole_file(file, source)
        if why_not_sought(source, file.encoding) is not None:
            return [whole]
        route = parse_path(file.path)
        if route.inner is None and (
            file._index is not None or os.path.lexists(default_place(source, route.outer))
        ):
            with suppress(NoIndexError):
                return by_chunk(file, index_of(file), most)
        if route.stays and is_lines(source) and (whole.size or 0) > most:
            return by_lines(file, most)
    return [whole]
