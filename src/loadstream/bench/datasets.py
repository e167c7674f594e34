"""The files that are measured: generated sessions, or the user's own file, at several sizes."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from loadstream.bench.approaches import Source
from loadstream.bench.model import BenchError
from loadstream.bench.processes import Laboratory, NotRunError, run_script
from loadstream.machine.ceiling import no_room

_MARATHON = 'lambda s: len(s.get("delegations", [])) > 20'
# Files of 1x of the sample, both that the generator writes; only to see whether they would fit.
_GENERATED_BYTES = 9 * 1024**2


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file to read at one size."""

    scale: int
    source: Source
    file_bytes: int


class TooLargeError(Exception):
    """A size that cannot be made; the message says why."""


class DataSet(Protocol):
    """Something that can be had at several sizes."""

    @property
    def label(self) -> str:
        """What it is, in words."""
        ...

    @property
    def record(self) -> str:
        """What one record is: `session`."""
        ...

    def at(self, scale: int) -> AbstractContextManager[DataFile]:
        """The data `scale` times over; what was made for it is gone when the block ends.

        Raises `TooLargeError` where there is no room for it.
        """
        ...


@dataclass(frozen=True, slots=True)
class GeneratedSessions:
    """The sessions that the sample repository's generator makes."""

    repository: Path
    filter_source: str
    timeout: float
    label: str = "generated session logs"
    record: str = "session"

    @contextmanager
    def at(self, scale: int) -> Iterator[DataFile]:
        """See `DataSet.at`."""
        script = self.repository / "generate_data.py"
        if not script.is_file():
            raise BenchError(f"{script}: no such file; give --data FILE to measure your own")
        with _room(_GENERATED_BYTES * scale) as folder:
            run_script(script, "--scale", str(scale), "--out", str(folder), timeout=self.timeout)
            file = folder / "sessions_enriched.json"
            source = Source(
                str(file), "$.sessions", self.filter_source or _MARATHON, flatten="delegations"
            )
            yield DataFile(scale, source, file.stat().st_size)


@dataclass(frozen=True, slots=True)
class OwnFile:
    """The user's file: as it is at 1x, and copies with its records several times over."""

    source: Source
    laboratory: Laboratory
    label: str
    record: str = "record"

    @contextmanager
    def at(self, scale: int) -> Iterator[DataFile]:
        """See `DataSet.at`."""
        file = Path(self.source.file)
        size = file.stat().st_size
        if scale == 1:
            yield DataFile(1, self.source, size)
            return
        with _room(size * scale) as folder:
            copy = folder / ("copy.jsonl" if self.source.lines else "copy.json")
            try:
                self.laboratory.write_scaled(self.source, copy, scale)
            except NotRunError as error:
                raise TooLargeError(str(error)) from None
            source = dataclasses.replace(self.source, file=str(copy))
            yield DataFile(scale, source, copy.stat().st_size)


@contextmanager
def _room(wanted: int) -> Iterator[Path]:
    """A temporary folder on a disk that has `wanted` bytes and some to spare."""
    with tempfile.TemporaryDirectory(prefix="loadstream-bench-") as folder:
        if why := no_room(Path(folder).parent, wanted):
            raise TooLargeError(why)
        yield Path(folder)
