"""One case: bytes, a path into them, and how they are given to the stream. And what came of it."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import signal
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any
from unittest.mock import patch

from loadstream import Dataset, stream_items, stream_json, stream_lines, stream_values
from tests.fuzz.types import TYPES
from tests.outcomes import describe

EACH = ("each",)
"""The step `[*]` of a path. The others are keys and indexes."""

Step = str | int | tuple[str]

NO_DEFAULT = "no default"
STREAMS = {"iter": stream_json, "items": stream_items, "values": stream_values}
TEXT = ("path", "text handle", "chunks of text")
BINARY = ("binary handle", "chunks of bytes", "gzip", "bz2", "xz", "zip member", "pipe")
PATHS = ("path", "gzip", "bz2", "xz")
_PACKED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "path": ("", bytes),
    "gzip": (".gz", lambda raw: gzip.compress(raw, 1)),
    "bz2": (".bz2", lambda raw: bz2.compress(raw, 1)),
    "xz": (".xz", lambda raw: lzma.compress(raw, preset=0)),
}
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
    type: str = ""
    """The name of a type in `types`, or none."""
    page: int = 0
    """How many elements a page has; 0 if it is no pages that are read."""

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
    options: dict[str, Any] = {}
    if case.type:
        options["type"] = TYPES[case.type]
    path: Any = case.query if EACH in case.path or case.chunks % 2 else case.path
    if case.page:
        yield from _paged(case, Dataset(source, path, **options))
    elif case.form == "lines":
        by_name = case.source in PATHS and case.chunks % 2
        yield from (stream_json if by_name else stream_lines)(source, **options)
    else:
        if case.default is not NO_DEFAULT:
            options["default"] = case.default
        yield from STREAMS[case.form](source, path, **options)


def _paged(case: Case, dataset: Dataset) -> Iterator[Any]:
    """The elements of the pages; after a few of them, those of another pass from the cursor on."""
    cursor, turns, more = None, Random(case.chunks), True
    while more:
        left, last = turns.choice((1, 1, 2, 5, 1000)), case.page
        for page in islice(dataset.pages(case.page, cursor), left):
            assert last == case.page, "only the last page is shorter"
            assert 0 < len(page.items) <= case.page
            yield from page.items
            cursor, last = page.cursor, len(page.items)
            left -= 1
        more = not left


@contextmanager
def _opened(case: Case, folder: Path) -> Iterator[Any]:
    if case.source in PATHS:
        suffix, pack = _PACKED[case.source]
        path = folder / f"case.json{'l' * (case.form == 'lines')}{suffix}"
        path.write_bytes(pack(case.raw))
        yield path
    elif case.source == "zip member":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("case.json", case.raw)
        with zipfile.ZipFile(packed) as archive, archive.open("case.json") as member:
            yield member
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
