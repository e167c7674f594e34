"""Elements by number, for a data set of one file and of many alike.

Flow: index → reader → **what a list would give**. One file is read by `access`, several by
`joint_index`; both have a count, and take elements by number.
"""

from __future__ import annotations

import random
from operator import index as whole_number
from typing import TYPE_CHECKING

from loadstream.runtime import access
from loadstream.runtime.joint_index import JointIndex, JointReader

if TYPE_CHECKING:
    from typing import Any, SupportsIndex

    from loadstream.runtime.dataset import Dataset
    from loadstream.runtime.many import Several


def count_of(dataset: Dataset[Any]) -> int:
    """How many elements there are. Always a `TypeError` if that is not known: `list` asks, too."""
    if isinstance(dataset._index, JointIndex):
        return sum(map(access.count_of, dataset._index.files))
    return access.count_of(dataset)


def item(dataset: Dataset[Any], key: SupportsIndex | slice) -> Any:
    """What `dataset.load()[key]` gives. Raises what a list raises."""
    with _reader(dataset) as reader:
        if isinstance(key, slice):
            return list(reader.take(range(reader.count)[key]))
        try:
            number = whole_number(key)
        except TypeError:
            raise TypeError(
                f"the number of an element is an integer or a slice, not {type(key).__name__}"
            ) from None
        if not -reader.count <= number < reader.count:
            raise IndexError(f"there is no element {number}: {reader.name} has {reader.count}")
        return next(reader.take([number % reader.count]))


def sample(dataset: Dataset[Any], k: int, seed: int | str | bytes | None) -> list[Any]:
    """`k` different elements, each as likely as any other, in the order of the files."""
    with _reader(dataset) as reader:
        if not 0 <= k <= reader.count:
            raise ValueError(f"a sample of {k} cannot be taken from {reader.count} elements")
        numbers = random.Random(seed).sample(range(reader.count), k)
        return list(reader.take(sorted(numbers)))


def begin_pages(
    dataset: Dataset[Any], start: SupportsIndex, after: str | None
) -> tuple[Several, str | None]:
    """The source and the cursor with which pages begin at this number, counted as in a slice."""
    if after is not None:
        raise ValueError("pages begin after a cursor or at a number: give one of after= and start=")
    index = dataset._index
    if isinstance(index, JointIndex):
        return index.sources, index.cursor_before(_counted(start, len(index)))
    alone = access.index_of(dataset)
    return dataset.source, access.cursor_before(alone, _counted(start, len(alone)))


def _counted(start: SupportsIndex, count: int) -> int:
    return slice(start, None).indices(count)[0]


def _reader(dataset: Dataset[Any]) -> access.Reader | JointReader:
    if isinstance(dataset._index, JointIndex):
        return JointReader(dataset._index)
    return access.Reader(dataset)
