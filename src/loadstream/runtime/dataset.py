"""A data set: files and a path in them, for code that loads in one place and streams in another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, overload

from loadstream.runtime.functions import stream_json
from loadstream.runtime.many import is_one, pages_of_many, stream_many
from loadstream.runtime.pages import Page, Paging, pages_of

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator
    from typing import SupportsIndex

    from typing_extensions import TypeVar

    from loadstream.runtime.functions import SpecialForm
    from loadstream.runtime.index import Index
    from loadstream.runtime.joint_index import JointIndex
    from loadstream.runtime.many import Several
    from loadstream.runtime.partition import Partition
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
    (`part-10.json` comes before `part-2.json`). A pattern does not match indexes (`*.lsx`); one
    that nothing matches is a `FileNotFoundError`; the name of a file that exists is no pattern. The
    elements are those of file after file; one is open at a time, and an error says which file it is
    in.
    """

    __slots__ = ("_index", "encoding", "path", "source", "type")

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
        self._index: Index | JointIndex | None = None

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

    def __iter__(self) -> Iterator[T]:
        return iter(self.stream())

    def __bool__(self) -> bool:
        return True  # a data set is a place, whatever is there: nothing is opened to tell

    def index(self, place: str | os.PathLike[str] | None = None) -> Index | JointIndex:
        """Load the index of the elements, or make it: one pass over the file, or each of the files.

        From then on `len(dataset)`, `dataset[i]`, slices, `sample` and `pages(start=…)` read only
        what they need. The index is kept in a file beside the data (`data.json.lsx`, or another
        name in `.lsx` for each path), or at `place`, and is made again when the data has changed.

        Each of several files keeps its own beside it. They are looked up now: until the next
        `index()`, numbers and partitions are those of the files that were found. A file of them
        that has changed raises `SourceChangedError` where it is needed.

        Raises what `stream` raises; `NotIndexableError` for what cannot be entered in the middle (a
        compressed file, a URL, another encoding than UTF-8, a path with `[*]` or to no array), of
        several files before any is read; `ValueError` for a `place` of several files;
        `IndexNotWrittenError`; `BadIndexError` if something else than an index is in the way, or
        at `place` any but the right one.
        """
        if is_one(self.source):
            from loadstream.runtime.access import make_or_load

            self._index = make_or_load(self, place)
        else:
            from loadstream.runtime.joint_index import make_or_load_all

            self._index = make_or_load_all(self, place)
        return self._index

    def __len__(self) -> int:
        from loadstream.runtime.numbered import count_of

        return count_of(self)

    @overload
    def __getitem__(self, key: SupportsIndex) -> T: ...

    @overload
    def __getitem__(self, key: slice) -> list[T]: ...

    def __getitem__(self, key: SupportsIndex | slice) -> T | list[T]:
        """What `load()[key]` gives, and raises. Needs an index (see `index`).

        `SourceChangedError` if the file is not the one of the index.
        """
        from loadstream.runtime.numbered import item

        found: T | list[T] = item(self, key)
        return found

    def sample(self, k: int, seed: int | str | bytes | None = None) -> list[T]:
        """`k` different elements, each as likely as any other, in the order of `load()`.

        The same for the same `seed`. Needs an index (see `index`). Raises `ValueError` if there are
        not so many, and what `dataset[i]` raises.
        """
        from loadstream.runtime.numbered import sample

        return sample(self, k, seed)

    def partitions(
        self, bytes: str | int | None = None, *, elements: int | None = None
    ) -> list[Partition]:
        """Parts of the data for others to read, each by itself: together they are `load()`.

        By `bytes` (a number, or `"128 MB"`) each has about so many, of whole chunks of the index
        (128 KB or so, or one large element), or of whole lines; by `elements` exactly so many, the
        last one fewer.

        A URL, a compressed file and one in another encoding than UTF-8 cannot be cut, and are one
        partition by bytes. By bytes, JSON Lines need no index (see `index`). A JSON file alone
        needs one; among several files, one without an index is not cut. Small ones that are
        neighbours are put together. By `elements`, an index is needed.

        Raises `ValueError` for a size that is none, and what `dataset[i]` raises.
        """
        from loadstream.runtime.joint_partitions import partitions_of

        return partitions_of(self, bytes, elements)

    def to_dask_bag(
        self,
        filter_func: Callable[[T], object] | None = None,
        bytes: str | int = "128 MB",
    ) -> Any:
        """A Dask bag of the elements, those for which `filter_func` is true if it is given.

        One task for each partition of about so many `bytes` (see `partitions`); the filter runs in
        the workers. The workers read the files themselves, under their absolute paths, or URLs with
        their options. Needs `loadstream[dask]`, and an index (see `index`) where `partitions` does.

        Raises what `partitions` raises; `TypeError` for a filter that cannot be sent,
        `ModuleNotFoundError` without Dask. Computing it raises what a stream raises, and
        `WorkerVersionError` where a worker has another version of loadstream or Python.
        """
        from loadstream.runtime.bags import bag_of

        return bag_of(self, filter_func, bytes)

    def pages(
        self, size: int, after: str | None = None, *, start: SupportsIndex | None = None
    ) -> Stream[Page]:
        """The elements in pages of `size`, the last one shorter; `after` a cursor, from there on.

        `page.cursor` is a short string to keep: `pages(size, after=cursor)` goes on behind that
        page, in another process too. For a file in UTF-8 it goes there directly; for a compressed
        one, or one that was written since, it counts the elements from the start. In many files a
        page may begin in one and end in another, and a cursor holds as long as the files up to the
        one that it is in have the same names.

        `start` is the number of the first element instead; it needs an index (see `index`).

        Raises `ValueError` if `size` is less than 1 or `after` is no cursor, and what `stream`
        raises.
        """
        source, paging = self.source, Paging(size, self.type)
        if start is not None:
            from loadstream.runtime.numbered import begin_pages

            source, after = begin_pages(self, start, after)
        if not is_one(source):
            return pages_of_many(source, self.path, self.encoding, paging, after)
        return pages_of(source, self.path, self.encoding, paging, after)
