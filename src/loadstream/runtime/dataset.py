"""A data set: a file and a path in it, for code that loads in one place and streams in another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, overload

from loadstream.runtime.functions import stream_json
from loadstream.runtime.pages import Page, pages_of

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from typing_extensions import TypeVar

    from loadstream.runtime.functions import SpecialForm
    from loadstream.runtime.stream import Stream

    T = TypeVar("T", default=Any)
else:
    from typing import TypeVar

    T = TypeVar("T")

__all__ = ["Dataset", "Page"]


class Dataset(Generic[T]):
    """The elements at `path` of a JSON file, to be loaded or streamed.

    `source`, `path`, `encoding` and `type` are as for `stream_json`; `source` is a path or a URL,
    for a data set can be read more than once. Nothing is opened before a method asks.
    """

    __slots__ = ("encoding", "path", "source", "type")

    @overload
    def __init__(
        self,
        source: str | os.PathLike[str],
        path: str | tuple[str | int, ...] = "$",
        *,
        encoding: str | None = None,
        type: type[T],
    ) -> None: ...

    @overload
    def __init__(
        self: Dataset[Any],
        source: str | os.PathLike[str],
        path: str | tuple[str | int, ...] = "$",
        *,
        encoding: str | None = None,
        type: SpecialForm | None = None,
    ) -> None: ...

    def __init__(
        self,
        source: str | os.PathLike[str],
        path: str | tuple[str | int, ...] = "$",
        *,
        encoding: str | None = None,
        type: Any = None,
    ) -> None:
        self.source = source
        self.path = path
        self.encoding = encoding
        self.type = type

    def __repr__(self) -> str:
        return f"Dataset({self.source!r}, {self.path!r})"

    def load(self) -> list[T]:
        """All elements in a list: what `json.load` gives for an array, at the cost of that."""
        return list(self.stream())

    def stream(self, filter_func: Callable[[T], object] | None = None) -> Stream[T]:
        """The elements one by one, those for which `filter_func` is true if it is given."""
        found: Stream[T] = stream_json(
            self.source,
            self.path,
            filter_func=filter_func,
            encoding=self.encoding,
            type=self.type,
        )
        return found

    def pages(self, size: int, after: str | None = None) -> Stream[Page]:
        """The elements in pages of `size`, the last one shorter; `after` a cursor, from there on.

        `page.cursor` is a short string to keep: `pages(size, after=cursor)` goes on behind that
        page, in another process too. For a file in UTF-8 it goes there directly; for a compressed
        one, or one that was written since, it counts the elements from the start.

        Raises `ValueError` if `size` is less than 1 or `after` is no cursor, and what `stream`
        raises.
        """
        return pages_of(self.source, self.path, self.encoding, size, after, self.type)
