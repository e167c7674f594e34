"""Starts children and reads their answers; what can go wrong there has its words here."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loadstream.bench.approaches import Approach, Source
from loadstream.bench.model import BenchError, BenchSample
from loadstream.charts.units import seconds_text

# What an interpreter and its libraries need beside the data.
_ALLOWANCE = 512 * 1024**2


class NotRunError(Exception):
    """An approach gave no answer on this data; the message says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One measured run, and how many records it visited."""

    sample: BenchSample
    records: int
    reading: str


@dataclass(frozen=True, slots=True)
class Laboratory:
    """How children are started: at most `timeout` seconds and about `memory_ceiling` bytes each."""

    timeout: float
    memory_ceiling: int

    def measure(self, approach: Approach, source: Source, round_number: int) -> Answer:
        """Run an approach once. Raises `NotRunError`."""
        found = self._ask("measure", source, approach=approach.slug)
        sample = BenchSample(round_number, found["seconds"], found["baseline"], found["peak"])
        return Answer(sample, found["records"], found["reading"])

    def trace(self, approach: Approach, source: Source) -> int:
        """The peak that tracemalloc counts, in bytes. Raises `NotRunError`."""
        return int(self._ask("trace", source, approach=approach.slug)["traced"])

    def check_filter(self, source: Source) -> tuple[str, int, int]:
        """The filter's source (chosen if there is none), records kept, records looked at.

        Raises `BenchError` for a filter that does not work, `NotRunError` for unreadable data.
        """
        found = self._ask("filter", source)
        if "refused" in found:
            raise BenchError(found["refused"])
        return found["filter"], found["kept"], found["seen"]

    def time_filter(self, source: Source) -> float:
        """Seconds that the filter alone takes over all records. Raises `NotRunError`."""
        return float(self._ask("time-filter", source)["seconds"])

    def write_scaled(self, source: Source, out: Path, times: int) -> None:
        """Write a copy of the file with its records `times` times over. Raises `NotRunError`."""
        self._ask("scale", source, out=str(out), times=times)

    def _ask(self, do: str, source: Source, **more: Any) -> dict[str, Any]:
        limit = self.memory_ceiling + _ALLOWANCE
        job = {"do": do, "source": dataclasses.asdict(source), "memory_limit": limit, **more}
        try:
            # Not the user's folder: a json.py there would be imported instead of the real one.
            done = subprocess.run(
                [sys.executable, "-m", "loadstream.bench.child", json.dumps(job)],
                capture_output=True,
                timeout=self.timeout,
                cwd=tempfile.gettempdir(),
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise NotRunError(f"it took longer than {seconds_text(self.timeout)}") from None
        except OSError as error:
            raise BenchError(f"cannot start {sys.executable}: {error}") from None
        return _answer(done)


def run_script(script: Path, *arguments: str, timeout: float) -> None:
    """Run a script of the sample repository. Raises `BenchError` with its last line of error."""
    try:
        done = subprocess.run(
            [sys.executable, str(script), *arguments],
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        limit = seconds_text(timeout)
        raise BenchError(f"{script.name} took longer than {limit}; raise --timeout") from None
    if done.returncode:
        raise BenchError(f"{script.name} failed: {_last_line(done.stderr)}")


def _answer(done: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    if done.returncode < 0:
        raise NotRunError(f"it was ended by signal {-done.returncode}, most likely for its memory")
    try:
        answer = json.loads(done.stdout.decode().splitlines()[-1])
    except (ValueError, IndexError):
        raise NotRunError(_last_line(done.stderr)) from None
    if "unavailable" in answer or "error" in answer:
        raise NotRunError(answer.get("unavailable") or answer["error"])
    return dict(answer)


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it ended without a word"
