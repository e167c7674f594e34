"""The ways to read a JSON file that are measured against one another.

`prepare` runs in the child: it imports what an approach needs and returns the work itself, a
function that reads the file, visits every record once and returns how many there were. Whole
loads and streams are consumed by the same loop, and what a function has loaded is released when
it returns, so that its time and a stream's time pay for the same things.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO

from loadstream.runtime.paths import EACH, parse_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import IO, Any


_COMPRESSED = {".gz": "gzip", ".bz2": "bz2", ".xz": "lzma"}


class UnavailableError(Exception):
    """This approach cannot be run here or on this data; the message says why."""


@dataclass(frozen=True, slots=True)
class Approach:
    """One way to read. `whole` tells that it holds the whole document in memory."""

    slug: str
    title: str
    whole: bool


REFERENCE = Approach("json.load", "json.load, whole file", True)
STREAM = Approach("loadstream", "loadstream, every record", False)
FILTERED = Approach("loadstream-filtered", "loadstream with a filter", False)
FLATTENED = Approach("loadstream-flattened", "loadstream, flattened", False)
APPROACHES = (
    REFERENCE,
    Approach("json.loads", "json.loads of the text", True),
    Approach("orjson", "orjson.loads, whole file", True),
    Approach("msgspec", "msgspec decode, whole file", True),
    Approach("ijson", "ijson, C backend", False),
    STREAM,
    FILTERED,
    FLATTENED,
)


@dataclass(frozen=True, slots=True)
class Source:
    """What is read: a JSON (or JSON Lines) file, where the records are in it, and the filter.

    `filter_source` is the Python expression of a predicate, empty for none. `flatten` is the key
    of a list in each record whose elements the flattened approach yields, empty for none.
    """

    file: str
    path: str = "$"
    filter_source: str = ""
    flatten: str = ""

    @property
    def lines(self) -> bool:
        """Whether the file holds one document a line."""
        name = self.file.lower()
        for suffix in _COMPRESSED:
            name = name.removesuffix(suffix)
        return name.endswith((".jsonl", ".ndjson"))


def prepare(slug: str, source: Source) -> Callable[[], int]:
    """The work of an approach, its imports done.

    Raises `UnavailableError` where a library is missing or the data does not suit the approach.
    """
    if slug in _WHOLE:
        return _whole(_WHOLE[slug](source.lines), source)
    return _STREAMED[slug](source)


def open_binary(file: str) -> IO[bytes]:
    """The file's bytes, decompressed if its name says that it is compressed."""
    module = _COMPRESSED.get(file[file.rfind(".") :])
    if module is None:
        return open(file, "rb")  # noqa: PTH123
    # Imported only here: in a small file's time, lzma and its like would be most of what is seen.
    opened: IO[bytes] = import_module(module).open(file, "rb")
    return opened


def compile_filter(source: str) -> Callable[[Any], object]:
    """The predicate that an expression such as `lambda e: e["n"] > 3` gives.

    Raises `UnavailableError` for what does not compile or is not callable.
    """
    try:
        predicate = eval(source, {"__name__": "filter"})
    except Exception as error:
        raise UnavailableError(f"the filter {source!r} is not valid: {error}") from None
    if not callable(predicate):
        raise UnavailableError(f"the filter {source!r} is no function; write `lambda e: …`")
    return predicate  # type: ignore[no-any-return]


def records_of(document: Any, path: str) -> Iterator[Any]:
    """The records at `path` of a loaded document, in order."""
    route = parse_path(path)
    value = document
    for step in route.outer:
        value = value[step]
    return iter(value) if route.inner is None else _inner(value, route.inner)


def load_records(source: Source) -> Iterator[Any]:
    """The records as `json.load` gives them."""
    with open_binary(source.file) as handle:
        if source.lines:
            return iter([json.loads(line) for line in handle if line.strip()])
        return records_of(json.load(handle), source.path)


def stream_records(
    source: Source, predicate: Callable[[Any], object] | None = None
) -> Iterator[Any]:
    """The records as loadstream streams them."""
    from loadstream import stream_json, stream_lines

    if source.lines:
        return stream_lines(source.file, filter_func=predicate)
    return stream_json(source.file, source.path, filter_func=predicate)


def _inner(value: Any, steps: tuple[Any, ...]) -> Iterator[Any]:
    for element in value:
        found = element
        for place, step in enumerate(steps):
            if step is EACH:
                yield from _inner(found, steps[place + 1 :])
                break
            found = found[step]
        else:
            yield from found


def _count(records: Iterable[Any]) -> int:
    count = 0
    for _ in records:
        count += 1
    return count


def _whole(load: Callable[[str], Any], source: Source) -> Callable[[], int]:
    path = "$" if source.lines else source.path

    def work() -> int:
        return _count(records_of(load(source.file), path))

    return work


def _json_load(lines: bool) -> Callable[[str], Any]:
    def load(file: str) -> Any:
        if file.endswith(tuple(_COMPRESSED)):
            with open_binary(file) as handle:
                return [json.loads(line) for line in handle] if lines else json.load(handle)
        with open(file, encoding="utf-8") as text:  # noqa: PTH123
            return [json.loads(line) for line in text] if lines else json.load(text)

    return load


def _json_loads(lines: bool) -> Callable[[str], Any]:
    def load(file: str) -> Any:
        with open_binary(file) as handle:
            text = handle.read().decode("utf-8")
        return [json.loads(line) for line in text.splitlines()] if lines else json.loads(text)

    return load


def _orjson(lines: bool) -> Callable[[str], Any]:
    orjson = _library("orjson")

    def load(file: str) -> Any:
        with open_binary(file) as handle:
            if lines:
                return [orjson.loads(line) for line in handle]
            return orjson.loads(handle.read())

    return load


def _msgspec(lines: bool) -> Callable[[str], Any]:
    decoder = _library("msgspec").json.Decoder()

    def load(file: str) -> Any:
        with open_binary(file) as handle:
            data = handle.read()
        return decoder.decode_lines(data) if lines else decoder.decode(data)

    return load


def _library(name: str) -> Any:
    """A library that is only here to be compared with; nothing else of loadstream needs it."""
    try:
        return import_module(name)
    except ImportError:
        raise UnavailableError(f"not installed (pip install {name})") from None


def _ijson(source: Source) -> Callable[[], int]:
    try:
        import ijson

        backend = ijson.get_backend("yajl2_c")
    except ImportError:
        raise UnavailableError("its C backend is not installed") from None
    route = parse_path(source.path)
    steps = [*route.outer, *(() if route.inner is None else (EACH, *route.inner))]
    if any(isinstance(step, int) for step in steps):
        raise UnavailableError("ijson cannot address one index of an array")
    prefix = ".".join("item" if step is EACH else str(step) for step in (*steps, EACH))

    def work() -> int:
        with open_binary(source.file) as handle:
            if source.lines:
                return _count(backend.items(handle, "", multiple_values=True, use_float=True))
            return _count(backend.items(handle, prefix, use_float=True))

    return work


def _import_loadstream(source: Source) -> None:
    """Do the imports that loadstream puts off until the first read, as for the others."""
    from loadstream import stream_json, stream_lines

    stream = stream_lines if source.lines else stream_json
    _count(stream(BytesIO(b"[]")))


def _loadstream(source: Source) -> Callable[[], int]:
    _import_loadstream(source)
    return lambda: _count(stream_records(source))


def _loadstream_filtered(source: Source) -> Callable[[], int]:
    if not source.filter_source:
        raise UnavailableError("no filter was given, and none could be chosen from the data")
    predicate = compile_filter(source.filter_source)
    _import_loadstream(source)
    return lambda: _count(stream_records(source, predicate))


def _loadstream_flattened(source: Source) -> Callable[[], int]:
    """Each record's list under `flatten`, its elements as dicts that carry the record's context."""
    if not source.flatten:
        raise UnavailableError("these records have no list that is flattened")
    key = source.flatten
    _import_loadstream(source)

    def flattened() -> Iterator[Any]:
        for record in stream_records(source):
            context = {name: value for name, value in record.items() if name != key}
            for element in record.get(key, []):
                yield {**element, **context}

    return lambda: _count(flattened())


_WHOLE: dict[str, Callable[[bool], Callable[[str], Any]]] = {
    "json.load": _json_load,
    "json.loads": _json_loads,
    "orjson": _orjson,
    "msgspec": _msgspec,
}
_STREAMED: dict[str, Callable[[Source], Callable[[], int]]] = {
    "ijson": _ijson,
    "loadstream": _loadstream,
    "loadstream-filtered": _loadstream_filtered,
    "loadstream-flattened": _loadstream_flattened,
}
