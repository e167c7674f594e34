"""One case: bytes, a path into them, and how they are given to the stream. And what came of it."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any
from unittest.mock import patch

from loadstream import stream_items, stream_json, stream_values

EACH = ("each",)
"""The step `[*]` of a path. The others are keys and indexes."""

Step = str | int | tuple[str]

NO_DEFAULT = "no default"
STREAMS = {"iter": stream_json, "items": stream_items, "values": stream_values}
TEXT = ("path", "text handle", "chunks of text")
BINARY = ("binary handle", "chunks of bytes", "gzip", "pipe")
_PIPE_HOLDS = 60_000


@dataclass(frozen=True, slots=True)
class Case:
    raw: bytes
    path: tuple[Step, ...] = ()
    form: str = "iter"
    source: str = "binary handle"
    window: int = 131_072
    chunks: int = 0
    default: object = NO_DEFAULT
    fast: bool = True

    @property
    def is_text(self) -> bool:
        return self.source in TEXT

    @property
    def query(self) -> str:
        steps = ("[*]" if step is EACH else f"[{json.dumps(step)}]" for step in self.path)
        return "$" + "".join(steps)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was given, and how that ended: () at the end of it, or all that the exception says."""

    elements: list[Any]
    ending: tuple[Any, ...]


class Hang(BaseException):
    """A case took longer than any document of its size should."""


def collect(elements: Iterable[Any]) -> Outcome:
    found: list[Any] = []
    try:
        for element in elements:
            found.append(element)  # noqa: PERF402 (what came before the exception is kept)
    except Exception as error:
        return Outcome(found, describe(error))
    return Outcome(found, ())


def describe(error: Exception) -> tuple[Any, ...]:
    """Class, message and position. Of a `RecursionError` the class alone: it speaks of a place."""
    if isinstance(error, json.JSONDecodeError):
        return (type(error), str(error), error.pos, error.lineno, error.colno)
    if isinstance(error, UnicodeDecodeError):
        return (type(error), str(error), error.start, error.end, error.reason)
    if isinstance(error, RecursionError):
        return (type(error),)
    return (type(error), error.args)


def streamed(case: Case, folder: Path, seconds: float = 20.0) -> Outcome:
    """What the stream makes of a case. Raises `Hang` after some seconds."""
    with (
        _standard_only(not case.fast),
        patch("loadstream.runtime.window.SIZE", case.window),
        _opened(case, folder) as source,
        _limited(seconds),
    ):
        return collect(_stream(case, source))


def _stream(case: Case, source: Any) -> Iterator[Any]:
    options = {} if case.default is NO_DEFAULT else {"default": case.default}
    path: Any = case.query if EACH in case.path or case.chunks % 2 else case.path
    yield from STREAMS[case.form](source, path, **options)


@contextmanager
def _opened(case: Case, folder: Path) -> Iterator[Any]:
    if case.source == "path":
        path = folder / "case.json"
        path.write_bytes(case.raw)
        yield path
    elif case.source == "gzip":
        path = folder / "case.json.gz"
        path.write_bytes(gzip.compress(case.raw, 1))
        yield path
    elif case.source == "text handle":
        yield io.TextIOWrapper(io.BytesIO(case.raw), encoding="utf-8")
    elif case.source == "chunks of text":
        yield _Chunks(io.TextIOWrapper(io.BytesIO(case.raw), encoding="utf-8"), case.chunks)
    elif case.source == "chunks of bytes":
        yield _Chunks(io.BytesIO(case.raw), case.chunks)
    elif case.source == "pipe" and len(case.raw) < _PIPE_HOLDS:
        reading, writing = os.pipe()
        with os.fdopen(reading, "rb") as handle:
            with os.fdopen(writing, "wb") as out:
                out.write(case.raw)
            yield handle
    else:
        yield io.BytesIO(case.raw)


class _Chunks:
    """A handle that gives less than it is asked for, as sockets do."""

    def __init__(self, handle: Any, seed: int) -> None:
        self._handle = handle
        self._dice = Random(seed)

    def read(self, size: int) -> Any:
        return self._handle.read(
            self._dice.randint(1, min(size, self._dice.choice((1, 3, 64, size))))
        )

    @property
    def buffer(self) -> Any:
        return self._handle.buffer


@contextmanager
def _standard_only(wanted: bool) -> Iterator[None]:
    if wanted:
        with patch.dict(sys.modules, {"jiter": None}):
            yield
    else:
        yield


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    def ring(_: int, __: FrameType | None) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
