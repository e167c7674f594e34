"""Plans and runs a benchmark: data sets, rounds, children; returns every sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from loadstream.bench.approaches import (
    APPROACHES,
    FILTERED,
    FLATTENED,
    REFERENCE,
    STREAM,
    Approach,
    Source,
)
from loadstream.bench.datasets import (
    DataFile,
    DataSet,
    GeneratedSessions,
    OwnFile,
    TooLargeError,
)
from loadstream.bench.files import write_files
from loadstream.bench.fit import fit_growth
from loadstream.bench.model import (
    BenchError,
    BenchResults,
    BenchSample,
    Measured,
    Row,
    SizeResults,
    Skipped,
)
from loadstream.bench.processes import Laboratory, NotRunError
from loadstream.charts.units import bytes_text, count_text
from loadstream.machine.ceiling import default_ceiling, too_much_memory
from loadstream.machine.description import describe_machine
from loadstream.runtime.paths import parse_path

DEFAULT_SCALES = (1, 5, 10, 100)
# Before anything is measured: a loaded document is rarely more than this many times its file.
_LOADED_PER_FILE_BYTE = 8
_LARGE_FILE = 200 * 1024**2
_ROUNDS_WHEN_GROWN = 2

Tell = Callable[[str], None]


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
    for that approach, and a note says so. `rounds` is the number of samples of each approach at the
    first scale (larger sizes take fewer). `timeout` is for one child, in seconds.

    Writes `streaming_benchmark_results.json`, `STREAMING_BENCHMARK_REPORT.md` and
    `streaming_benchmark.svg` into the folder `out`, if given. `progress` is called with one line
    before each step. Raises `BenchError` where it cannot run.
    """
    if not scales or min(scales) < 1 or rounds < 1:
        raise BenchError("scales and rounds are whole numbers from 1")
    ceiling = memory_ceiling or default_ceiling()
    laboratory = Laboratory(timeout, ceiling)
    data_set = _data_set(data, path, filter_source or "", sample_repository, laboratory)
    run = _Run(laboratory, rounds, progress or (lambda _: None))
    sizes: list[SizeResults] = []
    for scale in sorted(set(scales)):
        sizes += run.sizes_at(scale, data_set, sizes[0] if sizes else None)
    if not sizes:
        raise BenchError("; ".join(run.notes))
    results = BenchResults(
        data=data_set.label,
        path=path if data else "$.sessions",
        record=data_set.record,
        filter_text=run.filter_text,
        filter_seconds=run.filter_seconds,
        reference=REFERENCE.slug,
        reading=run.reading,
        sizes=tuple(sizes),
        fits=fit_growth(sizes),
        notes=tuple(run.notes),
        machine=describe_machine(),
    )
    if out is not None:
        write_files(results, out)
    return results


def _data_set(
    data: Path | None,
    path: str,
    filter_source: str,
    sample_repository: Path | None,
    laboratory: Laboratory,
) -> DataSet:
    if data is None:
        if sample_repository is None:
            raise BenchError("there is nothing to measure: name a file with --data FILE")
        return GeneratedSessions(sample_repository, filter_source, laboratory.timeout)
    if not data.is_file():
        raise BenchError(f"{data}: no such file")
    try:
        parse_path(path)
    except ValueError as error:
        raise BenchError(f"--path: {error}") from None
    source = Source(str(data.resolve()), path, filter_source)
    return OwnFile(source, laboratory, label=str(data))


class _Run:
    """The state of one benchmark: what was noted on the way beside the samples."""

    def __init__(self, laboratory: Laboratory, rounds: int, tell: Tell) -> None:
        self.laboratory = laboratory
        self.rounds = rounds
        self.tell = tell
        self.notes: list[str] = []
        self.filter_text = ""
        self.filter_seconds: float | None = None
        self.reading = ""

    def sizes_at(
        self, scale: int, data_set: DataSet, first: SizeResults | None
    ) -> tuple[SizeResults, ...]:
        """The results at `scale`; nothing but a note where the data cannot be made that large."""
        try:
            with data_set.at(scale) as file:
                return (self._size(file, first),)
        except TooLargeError as error:
            self.notes.append(f"{scale}x is left out: {error}.")
            return ()

    def _size(self, file: DataFile, first: SizeResults | None) -> SizeResults:
        """All rows of one size: every approach at the first, what shows growth at the others."""
        what = f"{file.scale}x, {bytes_text(file.file_bytes)}"
        approaches: tuple[Approach, ...]
        if first is None:
            file = replace(file, source=self._with_filter(file.source))
            approaches, rounds = APPROACHES, self.rounds
        else:
            # The filter was found at the first size; growth is shown without one.
            approaches = (REFERENCE, STREAM, FLATTENED)
            rounds = min(self.rounds, _ROUNDS_WHEN_GROWN if file.file_bytes < _LARGE_FILE else 1)
        if not file.source.flatten:
            approaches = tuple(a for a in approaches if a is not FLATTENED)
        rows = self._rows(file, approaches, rounds, first, what)
        return SizeResults(file.scale, file.file_bytes, _checked(rows, self.notes, what))

    def _with_filter(self, source: Source) -> Source:
        try:
            self.filter_text, kept, seen = self.laboratory.check_filter(source)
        except NotRunError as error:
            raise BenchError(f"{source.file}: {source.path} cannot be read: {error}") from None
        if not seen:
            raise BenchError(f"{source.file}: there is no record at {source.path}")
        if self.filter_text:
            self.notes.append(
                f"The filter `{self.filter_text}` keeps {kept:,} of the first "
                f"{count_text(seen, 'record')}."
            )
        source = replace(source, filter_source=self.filter_text)
        if self.filter_text:
            try:
                self.filter_seconds = self.laboratory.time_filter(source)
            except NotRunError as error:
                self.notes.append(f"The filter alone was not timed: {error}.")
        return source

    def _rows(
        self,
        file: DataFile,
        approaches: tuple[Approach, ...],
        rounds: int,
        first: SizeResults | None,
        what: str,
    ) -> tuple[Row, ...]:
        samples: dict[str, list[BenchSample]] = {a.slug: [] for a in approaches}
        records: dict[str, int] = {}
        skipped: dict[str, str] = {}
        for approach in approaches:
            if why := self._too_large(approach, file, first):
                skipped[approach.slug] = why
        # The warm-up round fills the page cache and compiles modules; it is thrown away.
        for turn in range(1 if first else 0, rounds + 1):
            self.tell(f"{what}: round {turn} of {rounds}" if turn else f"{what}: warm-up")
            for approach in _rotated(approaches, turn):
                if approach.slug in skipped:
                    continue
                try:
                    answer = self.laboratory.measure(approach, file.source, turn)
                except NotRunError as error:
                    skipped[approach.slug] = str(error)
                    continue
                records[approach.slug] = answer.records
                self.reading = answer.reading
                if turn:
                    samples[approach.slug].append(answer.sample)
        traced = {} if first else self._traced(file, approaches, skipped, what)
        return tuple(
            Skipped(a.slug, a.title, skipped[a.slug])
            if a.slug in skipped
            else Measured(
                a.slug, a.title, records[a.slug], tuple(samples[a.slug]), traced.get(a.slug)
            )
            for a in approaches
        )

    def _traced(
        self, file: DataFile, approaches: tuple[Approach, ...], skipped: dict[str, str], what: str
    ) -> dict[str, int]:
        self.tell(f"{what}: tracemalloc, in processes of its own")
        traced = {}
        for approach in approaches:
            if approach.slug in skipped:
                continue
            try:
                traced[approach.slug] = self.laboratory.trace(approach, file.source)
            except NotRunError as error:
                self.notes.append(f"tracemalloc gave no figure for {approach.title}: {error}.")
        return traced

    def _too_large(
        self, approach: Approach, file: DataFile, first: SizeResults | None
    ) -> str | None:
        if not approach.whole:
            return None
        expected = float(file.file_bytes * _LOADED_PER_FILE_BYTE)
        if first is not None:
            row = first.row(approach.slug)
            if isinstance(row, Skipped):
                return row.why
            if row is not None:
                expected = row.memory.maximum * file.file_bytes / first.file_bytes
        return too_much_memory(expected, self.laboratory.memory_ceiling)


def _rotated(approaches: tuple[Approach, ...], turn: int) -> tuple[Approach, ...]:
    """Another one begins each round, so that no approach always follows the same one."""
    start = turn % len(approaches)
    return approaches[start:] + approaches[:start]


def _checked(rows: tuple[Row, ...], notes: list[str], what: str) -> tuple[Row, ...]:
    """A row that saw another number of records than `json.load` measured something else."""
    reference = next(
        (r.records for r in rows if isinstance(r, Measured) and r.approach == REFERENCE.slug), None
    )
    differs = (FILTERED.slug, FLATTENED.slug)
    checked: list[Row] = []
    for row in rows:
        wrong = (
            isinstance(row, Measured)
            and reference is not None
            and row.approach not in differs
            and row.records != reference
        )
        if wrong and isinstance(row, Measured):
            why = f"it saw {row.records:,} records where {REFERENCE.slug} has {reference:,}"
            notes.append(f"{what}: {row.title}: {why}.")
            checked.append(Skipped(row.approach, row.title, why))
        else:
            checked.append(row)
    return tuple(checked)
