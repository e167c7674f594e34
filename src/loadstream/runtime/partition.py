"""What a partition is, whatever it is of; and the one that is a whole file.

Flow: partitions → **partition** → one stream each. A partition is small and travels by value: what
it is part of, and by what that is known. It needs no index where it is read.

A file that can be entered in the middle is parted by `partitions`. Any other (a URL, a compressed
file, another encoding) is a partition as it is, and is read from its start.
"""

from __future__ import annotations

import os
import stat
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from loadstream.runtime.errors import NoIndexError, NotIndexableError, SourceChangedError
from loadstream.runtime.functions import stream_json
from loadstream.runtime.index import Fingerprint
from loadstream.runtime.sources import name_of, named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from loadstream.runtime.dataset import Dataset
    from loadstream.runtime.many import One
    from loadstream.runtime.remote import Url
    from loadstream.runtime.stream import Stream


class Partition(ABC):
    """Some elements of a data set, in a row, for others to read.

    `first` is the number of the first element and `count` how many there are, each None where that
    is not known, for there is no index. It can be pickled. Where it is read, its files must be
    there under the same paths, with the same content.
    """

    __slots__ = ()

    first: int | None
    count: int | None

    @property
    @abstractmethod
    def size(self) -> int | None:
        """How many bytes are read; None where that is not known, as of a URL."""

    @abstractmethod
    def stream(self, filter_func: Callable[[Any], object] | None = None) -> Stream[Any]:
        """Its elements one by one, those for which `filter_func` is true if it is given.

        Raises `SourceChangedError` if a file is not what it was when the partition was made, and
        what `Dataset.stream` raises.
        """

    def load(self) -> list[Any]:
        """All its elements in a list."""
        return list(self.stream())

    def __len__(self) -> int:
        if self.count is None:
            raise NoIndexError("the length of a partition is known only where there is an index")
        return self.count

    def __bool__(self) -> bool:
        return True  # as a data set: a place, whatever is there

    def __iter__(self) -> Iterator[Any]:
        return iter(self.stream())


@dataclass(frozen=True, slots=True)
class WholeFile(Partition):
    """All elements of one file or URL. Of a file its size and times are known, of a URL nothing."""

    source: str | Url
    path: str | tuple[str | int, ...]
    encoding: str | None = field(repr=False)
    type: Any = field(repr=False)
    fingerprint: Fingerprint | None = field(repr=False)
    first: int = field(default=0, init=False, repr=False)
    count: None = field(default=None, init=False, repr=False)

    @property
    def size(self) -> int | None:
        """The size of the file, compressed if it is."""
        return None if self.fingerprint is None else self.fingerprint.size

    def stream(self, filter_func: Callable[[Any], object] | None = None) -> Stream[Any]:
        """As of any partition. A copy, which has other times, is another file."""
        stream = stream_json(
            self.source,
            self.path,
            filter_func=filter_func,
            encoding=self.encoding,
            type=self.type,
        )
        # Behind the opening: what is opened now is watched from now on.
        known = self.fingerprint
        if known is not None and Fingerprint.of(os.stat(self.source)) != known:  # noqa: PTH116
            stream.close()
            raise changed(self.source)
        return stream


def whole_file(dataset: Dataset[Any], source: One) -> WholeFile:
    """That of a file or URL of a data set. The file is not opened.

    Raises `NotIndexableError` for a pipe and the like, which cannot be read twice.
    """
    fingerprint = None
    where: Any
    if name_of(source)[0]:
        from loadstream.runtime.remote import absolute

        where = absolute(source)
    else:
        status = os.stat(source)  # noqa: PTH116
        if not stat.S_ISREG(status.st_mode):
            raise NotIndexableError(
                f"{os.fspath(source)} cannot be parted: it is no plain file; copy it into one first"
            )
        fingerprint = Fingerprint.of(status)
        where = os.path.abspath(source)  # noqa: PTH100
    encoding = None if dataset.encoding is None else named(dataset.encoding)
    return WholeFile(where, dataset.path, encoding, dataset.type, fingerprint)


def changed(source: str | Url) -> SourceChangedError:
    """That a file is not the one that a partition was made of."""
    return SourceChangedError(
        f"{os.fspath(source)} is not what it was when this partition was made: "
        "make partitions again"
    )
