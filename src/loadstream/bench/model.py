"""What a benchmark yields: every sample as it was read, and the figures computed from them.

`run_bench` returns a `BenchResults`; the terminal table, the JSON file and the Markdown report are
made from it and from nothing else. Memory is in bytes, time in seconds, throughout.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TypeAlias


class BenchError(Exception):
    """The benchmark cannot run; the message is one line for the user: the cause and the way out."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, minimum and maximum of some samples."""

    median: float
    minimum: float
    maximum: float

    @classmethod
    def of(cls, values: tuple[float, ...]) -> Spread:
        """The spread of `values`, of which there is at least one."""
        return cls(median(values), min(values), max(values))


@dataclass(frozen=True, slots=True)
class BenchSample:
    """One run of one approach in a fresh interpreter.

    `baseline_memory_bytes` was resident after the imports, before the work;
    `peak_memory_bytes` is the process's peak, the baseline included.
    """

    round: int
    seconds: float
    baseline_memory_bytes: int
    peak_memory_bytes: int

    @property
    def growth_bytes(self) -> int:
        """What the work itself needed at its peak: the peak with the baseline subtracted."""
        return max(0, self.peak_memory_bytes - self.baseline_memory_bytes)


@dataclass(frozen=True, slots=True)
class Measured:
    """One approach at one size. `traced_peak_bytes` is tracemalloc's, from a process of its own."""

    approach: str
    title: str
    records: int
    samples: tuple[BenchSample, ...]
    traced_peak_bytes: int | None

    @property
    def memory(self) -> Spread:
        """Peak memory over the baseline."""
        return Spread.of(tuple(float(sample.growth_bytes) for sample in self.samples))

    @property
    def seconds(self) -> Spread:
        """Time of one run."""
        return Spread.of(tuple(sample.seconds for sample in self.samples))

    def time_ratio(self, reference: Measured) -> Spread | None:
        """Time as a multiple of `reference`, round by round; None if they share no round."""
        seconds = {sample.round: sample.seconds for sample in reference.samples}
        ratios = tuple(
            sample.seconds / seconds[sample.round]
            for sample in self.samples
            if seconds.get(sample.round)
        )
        return Spread.of(ratios) if ratios else None


@dataclass(frozen=True, slots=True)
class Skipped:
    """One approach at one size that was not run, and why."""

    approach: str
    title: str
    why: str


Row: TypeAlias = Measured | Skipped


@dataclass(frozen=True, slots=True)
class SizeResults:
    """Everything measured on one data set; `scale` is its size as a multiple of the first one."""

    scale: int
    file_bytes: int
    rows: tuple[Row, ...]

    def row(self, approach: str) -> Row | None:
        """The row of `approach`, None if it was not part of this size."""
        return next((row for row in self.rows if row.approach == approach), None)


@dataclass(frozen=True, slots=True)
class Fit:
    """A least-squares line through (records, peak memory): the growth with the data's size.

    No import and no interpreter can blur `bytes_per_record`: they are in `fixed_bytes`.
    """

    approach: str
    title: str
    bytes_per_record: float
    fixed_bytes: float
    points: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class BenchResults:
    """A whole benchmark. `sizes` holds the sizes in rising order; the first has every approach.

    `data` says in words what was read, `record` what one record is, `filter_text` the filter of
    the filtered approaches, `reading` how peak memory was read, `reference` which approach the
    ratios are to. `filter_seconds` is what the filter alone took over all records (None where
    there is no filter).
    """

    data: str
    path: str
    record: str
    filter_text: str
    filter_seconds: float | None
    reference: str
    reading: str
    sizes: tuple[SizeResults, ...]
    fits: tuple[Fit, ...]
    notes: tuple[str, ...]
    machine: dict[str, str]
