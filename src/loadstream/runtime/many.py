"""Many files as one: lists of sources, globs, and both of them for URLs.

Flow: source → window → elements → **many** → stream. Each file is opened when the one before it has
been read to its end, and read as it would be alone; so one is open at a time.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from loadstream.runtime.functions import stream_json
from loadstream.runtime.index import SUFFIX
from loadstream.runtime.naming import name_file
from loadstream.runtime.pages import Cursor, Page, Paging, open_reading, parse_cursor
from loadstream.runtime.sources import name_of
from loadstream.runtime.stream import Feed, Stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeAlias, TypeGuard

    from loadstream.runtime.document import Reading
    from loadstream.runtime.lines import Lines
    from loadstream.runtime.sources import Source

    One: TypeAlias = str | os.PathLike[str]
    Several: TypeAlias = One | Sequence[One]

_MAGIC = frozenset("*?[")


def is_one(source: Several) -> TypeGuard[One]:
    """Whether this is neither a list of sources nor a pattern. (Open files are one, too.)"""
    if isinstance(source, (str, os.PathLike)):
        return not _is_pattern(source)
    return not isinstance(source, Sequence)


def files_of(source: Several) -> list[One]:
    """The files in their order: that of a list; of a pattern, that of the code points of the names.

    Raises `FileNotFoundError` for a pattern that nothing matches, `TypeError` for what cannot be
    read twice.
    """
    if isinstance(source, (str, os.PathLike)):
        return _matches(source)
    found: list[One] = []
    for one in source:
        if not isinstance(one, (str, os.PathLike)):
            raise TypeError(
                f"a list of sources holds paths and URLs, not {type(one).__name__}; "
                "an open file is read by stream_json"
            )
        found += _matches(one) if _is_pattern(one) else [one]
    return found


def stream_many(
    source: Several,
    path: str | tuple[str | int, ...],
    filter_func: Callable[[Any], object] | None,
    encoding: str | None,
    type: Any,
) -> Stream[Any]:
    """What `stream_json` gives for each of the files, one after the other."""

    def open_one(file: One) -> Stream[Any]:
        found: Stream[Any] = stream_json(
            file, path, filter_func=filter_func, encoding=encoding, type=type
        )
        return found

    series = Series((file, partial(open_one, file)) for file in files_of(source))
    return Stream(Feed(series, series.close), filter_func)


class Series(Iterator["Iterable[Any]"]):
    """The batches of file after file. The first one is opened now, each other one at its turn."""

    def __init__(self, files: Iterable[tuple[One, Callable[[], Stream[Any]]]]) -> None:
        """Each file comes with what opens it."""
        self._files = iter(files)
        self._feed: Feed[Any] | None = None
        self._next()

    def _next(self) -> None:
        self._feed = None
        for file, open_one in self._files:
            self._file = file
            with opening(file):
                self._feed = open_one()._feed
            return

    def __next__(self) -> Iterable[Any]:
        while self._feed is not None:
            with reading(self._file):
                for batch in self._feed:
                    return batch
            self._next()
        raise StopIteration

    def close(self) -> None:
        """Close the file that is open."""
        if self._feed is not None:
            self._feed.stop()


def pages_of_many(
    source: Several,
    path: str | tuple[str | int, ...],
    encoding: str | None,
    paging: Paging,
    after: str | None,
) -> Stream[Page]:
    """The pages of what `stream_many` gives. See `Dataset.pages`."""
    files = files_of(source)
    number, cursor = (0, Cursor(0)) if after is None else _parse(after, files)
    pages = _Pages(files[number:], partial(open_reading, path=path, encoding=encoding))
    return Stream(Feed(pages.after(cursor, paging, signs(files)[number:]), pages.close))


class _Pages:
    """Pages across files, of which one is open."""

    def __init__(
        self, files: Sequence[One], open_one: Callable[[One], tuple[Source, Reading | Lines]]
    ) -> None:
        self._files = files
        self._open_one = open_one
        if files:
            self._open(files[0])

    def _open(self, file: One) -> None:
        with opening(file):
            self._source, self._reading = self._open_one(file)

    def after(self, cursor: Cursor, paging: Paging, signs: Sequence[str]) -> Iterator[list[Page]]:
        """The pages behind a cursor of the first file. Each file's sign begins its cursors."""
        for number, (file, sign) in enumerate(zip(self._files, signs, strict=True)):
            if number:
                self.close()
                self._open(file)
                cursor = Cursor(0)
            status = self._source.status()
            with reading(file):
                yield from paging.full(self._reading, cursor, status, f"{sign}:{{}}".format)
        yield from paging.rest()

    def close(self) -> None:
        """Close the file that is open."""
        if self._files:
            self._source.close()


def signs(files: Sequence[One]) -> list[str]:
    """For each file its number and a fingerprint of the names up to it."""
    from hashlib import sha256

    names, signs = sha256(), []
    for number, file in enumerate(files):
        names.update(os.fspath(file).encode("utf-8", "surrogatepass") + b"\0")
        signs.append(f"{number}.{names.hexdigest()[:12]}")
    return signs


def _parse(text: str, files: Sequence[One]) -> tuple[int, Cursor]:
    """The number of the file that a cursor is in, and the cursor there."""
    try:
        sign, _, place = text.partition(":")
        number = int(sign.partition(".")[0])
        cursor = parse_cursor(place)
    except (AttributeError, ValueError):
        raise ValueError(
            f"{text!r} is not a cursor of the pages() of several files; leave out after= to start"
        ) from None
    if number not in range(len(files)) or signs(files[: number + 1])[number] != sign:
        raise ValueError(
            f"the cursor {text!r} was made with other files before or at number {number + 1}: "
            "give those that it was made with, or leave out after= to start"
        )
    return number, cursor


@contextmanager
def opening(file: One) -> Iterator[None]:
    """Where a file cannot be opened, the error says which one. (Others are not of the file.)"""
    try:
        yield
    except OSError as error:
        name_file(error, os.fspath(file))
        raise


@contextmanager
def reading(file: One) -> Iterator[None]:
    """Errors that come out of a file say which one it is."""
    try:
        yield
    except Exception as error:
        name_file(error, os.fspath(file))
        raise


def _is_pattern(source: One) -> bool:
    url, name = name_of(source)
    if not isinstance(name, str) or _MAGIC.isdisjoint(name):
        return False
    if url:
        from loadstream.runtime.remote import exists

        return not exists(source)
    return not os.path.lexists(name)


def _matches(pattern: One) -> list[One]:
    found: list[One]
    if name_of(pattern)[0]:
        from loadstream.runtime.remote import matches

        found = matches(pattern)
    else:
        from glob import glob

        names = sorted(glob(os.fspath(pattern), recursive=True))  # noqa: PTH207
        found = [name for name in names if not os.path.isdir(name)]  # noqa: PTH112
    found = [one for one in found if not os.fspath(one).endswith(SUFFIX)]
    if not found:
        raise FileNotFoundError(errno.ENOENT, "No file matches the pattern", os.fspath(pattern))
    return found
