"""The public functions: what is to be read, from where, and in which form it is wanted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from loadstream.runtime.paths import EACH, parse_path
from loadstream.runtime.stream import Feed, Stream

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator

_ABSENT: Any = object()


def stream_json(
    source: str | os.PathLike[str] | IO[Any],
    path: str | tuple[str | int, ...] = "$",
    *,
    filter_func: Callable[[Any], object] | None = None,
    default: Any = _ABSENT,
    encoding: str | None = None,
) -> Stream[Any]:
    """Iterate the value at `path` as `iter()` over that part of `json.load` would."""
    route = parse_path(path)
    handle: IO[Any]
    if hasattr(source, "read"):
        handle, close = source, lambda: None
    else:
        handle = Path(source).open(encoding=encoding or "utf-8")
        close = handle.close

    def walk(value: Any, steps: tuple[Any, ...]) -> Iterator[Any]:
        for place, step in enumerate(steps):
            if step is EACH:
                for element in value:
                    yield from walk(element, steps[place + 1 :])
                return
            if default is not _ABSENT and place == len(steps) - 1:
                value = value.get(step, default)
            else:
                value = value[step]
        yield iter(value)

    def batches() -> Iterator[Any]:
        steps = route.outer if route.inner is None else (*route.outer, EACH, *route.inner)
        yield from walk(json.load(handle), steps)

    return Stream(Feed(batches(), close), filter_func)


def stream_items(
    source: str | os.PathLike[str] | IO[Any], path: str | tuple[str | int, ...] = "$"
) -> Stream[tuple[str, Any]]:
    """The `(key, value)` pairs of the object at `path`."""
    raise NotImplementedError


def stream_values(
    source: str | os.PathLike[str] | IO[Any], path: str | tuple[str | int, ...] = "$"
) -> Stream[Any]:
    """The values of the object at `path`."""
    raise NotImplementedError


def stream_lines(
    source: str | os.PathLike[str] | IO[Any],
    *,
    filter_func: Callable[[Any], object] | None = None,
) -> Stream[Any]:
    """The value of each line of a JSON Lines file."""
    raise NotImplementedError
