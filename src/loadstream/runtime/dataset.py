"""A data set: files and a path in them, for code that loads in one place and streams in another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, overload

from loadstream.runtime.functions import stream_json
from loadstream.runtime.many import is_one, pages_of_many, stream_many
from loadstream.runtime.pages import Page, pages_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import TypeVar

    from loadstream.runtime.functions import SpecialForm
    from loadstream.runtime.many import Several
    from loadstream.runtime.stream import Stream

    T = TypeVar("T", default=Any)
else:
    from typing import TypeVar

    T = TypeVar("T")

__all__ = ["Dataset", "Page"]


class Dataset(Generic[T]):
    """The elements at `path` of a JSON file, or of many, to be loaded or streamed.

    `source`, `path`, `encoding` and `type` are as for `stream_json`; `source` is a path or a URL,
    for a data set can be read more than once. Nothing is opened before a method asks.

    `source` may also be a list of paths and URLs, which are read in its order, and a pattern such
    as `data/2026-*.json`, `data/**/*.json` or `s3://bucket/part-*.json`, also in such a list: the
    files that match when a method asks, in the order of the code points of their names
    (`part-10.json` comes before `part-2.json`). A pattern that nothing matches is a
    `FileNotFoundError`; the name of a file that exists is no pattern. The elements are those of
    file after file; one is open at a time, and an error says which file it is in.
    """

    __slots__ = ("encoding", "path", "source", "type")

    @overload
    def __init__(
        self,
        source: Several,
        path: str | tuple[str | int, ...] = "$",
        *,
        encoding: str | None = None,
        type: type[T],
    ) -> None: ...

    @overload
    def __init__(
        self: Dataset[Any],
        source: Several,
        path: str | tuple[str | int, ...] = "$",
        *,
        encoding: str | None = None,
        type: SpecialForm | None = None,
    ) -> None: ...

    def __init__(
        self,
        source: Several,
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
        source = self.source
        if not is_one(source):
            return stream_many(source, self.path, filter_func, self.encoding, self.type)
        found: Stream[T] = stream_json(
            source,
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
        one, or one that was written since, it counts the elements from the start. In many files a
        page may begin in one and end in another, and a cursor holds as long as the files up to the
        one that it is in have the same names.

        Raises `ValueError` if `size` is less than 1 or `after` is no cursor, and what `stream`
        raises.
        """
        source = self.source
        if not is_one(source):
            return pages_of_many(source, self.path, self.encoding, size, after, self.type)
        return pages_of(source, self.path, self.encoding, size, after, self.type)
