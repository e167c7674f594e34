"""A data set: a file and a path in it, for code that loads in one place and streams in another."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from loadstream.runtime.functions import stream_json

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator

    from loadstream.runtime.stream import Stream


class Page(NamedTuple):
    """Some elements in order, and the cursor with which the pages after this one begin."""

    items: list[Any]
    cursor: str


class Dataset:
    """The value at `path` of a JSON file, to be loaded or streamed.

    `source` and `path` are as for `stream_json`. Nothing is opened before a method asks.
    """

    __slots__ = ("encoding", "path", "source")

    def __init__(
        self,
        source: str | os.PathLike[str],
        path: str | tuple[str | int, ...] = "$",
        *,
        encoding: str | None = None,
    ) -> None:
        self.source = source
        self.path = path
        self.encoding = encoding

    def __repr__(self) -> str:
        return f"Dataset({self.source!r}, {self.path!r})"

    def load(self) -> list[Any]:
        """All elements in a list: what `json.load` gives for an array, at the cost of that."""
        return list(self.stream())

    def stream(self, filter_func: Callable[[Any], object] | None = None) -> Stream[Any]:
        """The elements one by one, those for which `filter_func` is true if it is given."""
        return stream_json(self.source, self.path, filter_func=filter_func, encoding=self.encoding)

    def pages(self, size: int, after: str | None = None) -> Iterator[Page]:
        """The elements in pages of `size`, the last one shorter; from the start or after a cursor.

        Raises `ValueError` if `size` is less than 1 or `after` is no cursor of `pages()`.
        """
        if size < 1:
            raise ValueError(f"a page holds at least 1 element, not {size}")
        start = 0 if after is None else int(after)
        with self.stream() as elements:
            pulled = iter(elements)
            for _ in islice(pulled, start):
                pass
            while items := list(islice(pulled, size)):
                start += len(items)
                yield Page(items, str(start))
