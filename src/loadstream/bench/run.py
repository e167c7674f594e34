"""Plans and runs a benchmark: data sets, rounds, children; returns every sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from loadstream.bench.model import BenchResults

DEFAULT_SCALES = (1, 5, 10, 100)


def run_bench(
    *,
    data: Path | None = None,
    path: str = "$",
    filter_source: str | None = None,
    sample_repository: Path | None = None,
    scales: Sequence[int] = DEFAULT_SCALES,
    rounds: int = 5,
    memory_ceiling: int | None = None,
    timeout: float = 600.0,
    out: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> BenchResults:
    """Measure full loads against streams, and return all that was read.

    `data` is the user's own JSON file and `path` the array in it; without `data` the generator of
    `sample_repository` makes the sessions of the sample. `filter_source` is a Python expression
    for the filtered stream, such as `lambda e: e["level"] == "error"` (default: one that is chosen
    from the data). `scales` are multiples of the first size; a size whose full load is expected to
    need more than `memory_ceiling` bytes (default: half of the memory that is free) is skipped
    for that approach, and a note says so. `rounds` is the number of samples of each approach at 1x
    (larger sizes take fewer). `timeout` is for one child, in seconds.

    Writes `streaming_benchmark_results.json`, `STREAMING_BENCHMARK_REPORT.md` and
    `streaming_benchmark.svg` into the folder `out`, if given. `progress` is called with one line
    before each step. Raises `BenchError` where it cannot run.
    """
    raise NotImplementedError
