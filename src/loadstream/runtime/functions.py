"""The public functions: what is to be read, from where, and in which form it is wanted."""

from __future__ import annotations

import os

from loadstream.runtime.document import ABSENT, Form, Reading
from loadstream.runtime.paths import parse_path
from loadstream.runtime.sieve import Sieve
from loadstream.runtime.sources import name_of, open_source
from loadstream.runtime.stream import Feed, Stream
from loadstream.runtime.window import Window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import UnionType
    from typing import IO, Any, TypeAlias, TypeVar, _SpecialForm, overload

    AnySource: TypeAlias = str | os.PathLike[str] | IO[Any]
    Path: TypeAlias = str | tuple[str | int, ...]
    SpecialForm: TypeAlias = UnionType | _SpecialForm  # a union, a Literal: what is no class
    T = TypeVar("T")

LINES = (".jsonl", ".ndjson")


if TYPE_CHECKING:

    @overload
    def stream_json(
        source: AnySource,
        path: Path = "$",
        *,
        filter_func: Callable[[T], object] | None = None,
        default: Any = ...,
        encoding: str | None = None,
        type: type[T],
    ) -> Stream[T]: ...

    @overload
    def stream_json(
        source: AnySource,
        path: Path = "$",
        *,
        filter_func: Callable[[Any], object] | None = None,
        default: Any = ...,
        encoding: str | None = None,
        type: SpecialForm | None = None,
    ) -> Stream[Any]: ...


def stream_json(
    source: AnySource,
    path: Path = "$",
    *,
    filter_func: Callable[[Any], object] | None = None,
    default: Any = ABSENT,
    encoding: str | None = None,
    type: Any = None,
) -> Stream[Any]:
    """Iterate the value at `path` of a JSON document as `iter()` over that part of it would.

    Gives the elements of an array, the keys of an object, the characters of a string: equal in
    type, value and order to those of `json.load`, in memory of one window (128 KB) and the largest
    element. The file is opened now and read as the stream is pulled.

    `source` is a path (`.gz`, `.bz2`, `.xz` and `.zst` are decompressed; `.jsonl` and `.ndjson` are
    read by `stream_lines`), a URL such as `s3://bucket/x.json` (opened by fsspec, which comes with
    `loadstream[remote]`; a `Url` also says how it is read), or an open text or binary handle, which
    is read from where it stands and stays open. `path` is a query such as `$.events` or
    `$.sessions[*].delegations` (every session's delegations in order), or a tuple of keys and
    indexes. `filter_func` is called once for each element in order, and those are given for which
    it is true. `default` is iterated where the last key of the path is missing, as in
    `doc.get("events", [])`. `encoding` is that of a text file, UTF-8 if not given. `type` converts
    each element, before `filter_func` is given it: an object to a dataclass, TypedDict, attrs class
    or `msgspec.Struct`, an array to a NamedTuple, or to any other type that `msgspec.convert` knows
    (needs `loadstream[typed]`).

    Raises now: `OSError` if the file cannot be opened (a `ConnectionError` if a URL breaks off in
    spite of retries), `ValueError` for a path that is not understood, `TypeError` for a `type` that
    is none, `ImportError` if msgspec is missing. While it is pulled: `json.JSONDecodeError` and
    `UnicodeDecodeError` as `json.load` with its position in the file, `KeyError`, `IndexError` or
    `TypeError` if the path leads nowhere (once the whole document has been checked),
    `DuplicateKeyError` if a key of the path is repeated, `SourceChangedError` if the file is
    written meanwhile, `ElementTypeError` at the first element that is not of `type`.
    """
    route = parse_path(path)
    if route.stays and is_lines(source):
        return stream_lines(source, filter_func=filter_func, encoding=encoding, type=type)
    return _stream(source, path, Form.ELEMENTS, filter_func, default, encoding, type)


def stream_items(
    source: AnySource,
    path: Path = "$",
    *,
    filter_func: Callable[[tuple[str, Any]], object] | None = None,
    default: Any = ABSENT,
    encoding: str | None = None,
) -> Stream[tuple[str, Any]]:
    """Iterate the `(key, value)` pairs of the object at `path`, as `.items()` of it would.

    Takes memory for the keys, to know one that is repeated: that raises `DuplicateKeyError`.
    `AttributeError` if the value has no items. All else is as with `stream_json`; `filter_func` is
    given the pair.
    """
    return _stream(source, path, Form.ITEMS, filter_func, default, encoding)


if TYPE_CHECKING:

    @overload
    def stream_values(
        source: AnySource,
        path: Path = "$",
        *,
        filter_func: Callable[[T], object] | None = None,
        default: Any = ...,
        encoding: str | None = None,
        type: type[T],
    ) -> Stream[T]: ...

    @overload
    def stream_values(
        source: AnySource,
        path: Path = "$",
        *,
        filter_func: Callable[[Any], object] | None = None,
        default: Any = ...,
        encoding: str | None = None,
        type: SpecialForm | None = None,
    ) -> Stream[Any]: ...


def stream_values(
    source: AnySource,
    path: Path = "$",
    *,
    filter_func: Callable[[Any], object] | None = None,
    default: Any = ABSENT,
    encoding: str | None = None,
    type: Any = None,
) -> Stream[Any]:
    """Iterate the values of the object at `path`, as `.values()` of it would.

    As `stream_items`; `filter_func` is given the value. `type` is as for `stream_json`.
    """
    return _stream(source, path, Form.VALUES, filter_func, default, encoding, type)


if TYPE_CHECKING:

    @overload
    def stream_lines(
        source: AnySource,
        *,
        filter_func: Callable[[T], object] | None = None,
        encoding: str | None = None,
        type: type[T],
    ) -> Stream[T]: ...

    @overload
    def stream_lines(
        source: AnySource,
        *,
        filter_func: Callable[[Any], object] | None = None,
        encoding: str | None = None,
        type: SpecialForm | None = None,
    ) -> Stream[Any]: ...


def stream_lines(
    source: AnySource,
    *,
    filter_func: Callable[[Any], object] | None = None,
    encoding: str | None = None,
    type: Any = None,
) -> Stream[Any]:
    """Iterate a JSON Lines file: one document in each line; lines of white space are skipped.

    Each value is what `json.loads(line)` gives. An error names its position in the file.
    `type` is as for `stream_json`.
    """
    from loadstream.runtime.lines import Lines

    convert = _conversion(type)
    opened = open_source(source, encoding)
    return Stream(Feed(convert(Lines(Window(opened)).batches()), opened.close), filter_func)


def _stream(
    source: AnySource,
    path: Path,
    form: Form,
    filter_func: Callable[[Any], object] | None,
    default: Any,
    encoding: str | None,
    type: Any = None,
) -> Stream[Any]:
    route = parse_path(path)
    convert = _conversion(type)
    opened = open_source(source, encoding)
    sieve = None
    if filter_func is not None and form is Form.ELEMENTS and type is None:
        sieve = Sieve(filter_func)
    reading = Reading(Window(opened), route, form, default, sieve)
    return Stream(Feed(convert(reading.batches()), opened.close), filter_func)


def _conversion(type: Any) -> Callable[[Iterator[Iterable[Any]]], Iterator[Iterable[Any]]]:
    """What is done to batches; made before a file is opened, for it may raise."""
    if type is None:
        return iter
    from loadstream.runtime.typed import Conversion

    return Conversion(type).batches


def is_lines(source: AnySource) -> bool:
    """Whether the name of a path says that it is a JSON Lines file, compressed or not."""
    if not isinstance(source, (str, os.PathLike)):
        return False
    name = name_of(source)[1].lower()
    return name.endswith(LINES) or os.path.splitext(name)[0].endswith(LINES)  # noqa: PTH122
