"""The two tables as rows of text, and the words around them: the same in terminal and report."""

from __future__ import annotations

from dataclasses import dataclass

from loadstream.bench.approaches import FLATTENED, STREAM
from loadstream.bench.model import BenchResults, Fit, Measured, Row, Skipped, Spread
from loadstream.charts.units import bytes_text, ratio_text, seconds_text

_COSTLY_FILTER = 0.5


@dataclass(frozen=True, slots=True)
class Headings:
    """One line above each table, and one on how it was measured."""

    approaches: str
    growth: str
    method: str


def headings(results: BenchResults) -> Headings:
    """What the tables show, on which data."""
    first = results.sizes[0]
    where = f"{results.data}, {results.path}, {bytes_text(first.file_bytes)}"
    return Headings(
        approaches=f"Approaches: {where}",
        growth="Growth: peak memory over the baseline, by size of the data",
        method=(
            "Each sample is a fresh interpreter; memory is its peak "
            f"({results.reading or 'not read'}) minus what was resident after the imports. "
            "Medians; ratios to json.load of the same round, with minimum and maximum. "
            "tracemalloc ran in processes of its own."
        ),
    )


def approach_table(results: BenchResults) -> list[tuple[str, ...]]:
    """One row for each approach at the first size, headings first."""
    first = results.sizes[0]
    reference = first.row(results.reference)
    rows: list[tuple[str, ...]] = [
        ("approach", "records", "peak memory", "tracemalloc", "time", "to json.load", "range")
    ]
    for row in first.rows:
        if isinstance(row, Skipped):
            continue
        ratio = row.time_ratio(reference) if isinstance(reference, Measured) else None
        rows.append(
            (
                row.title,
                f"{row.records:,}",
                bytes_text(row.memory.median),
                "–" if row.traced_peak_bytes is None else bytes_text(row.traced_peak_bytes),
                seconds_text(row.seconds.median),
                "–" if ratio is None else ratio_text(ratio.median),
                _range(ratio),
            )
        )
    return rows


def not_run(results: BenchResults) -> list[str]:
    """What was skipped and why, a line each."""
    return [
        f"{row.title} at {size.scale}x was not run: {row.why}."
        for size in results.sizes
        for row in size.rows
        if isinstance(row, Skipped)
    ]


def conclusions(results: BenchResults) -> list[str]:
    """What the figures say, in a sentence or two."""
    found = []
    first = results.sizes[0]
    reference, stream = first.row(results.reference), first.row(STREAM.slug)
    if isinstance(reference, Measured) and isinstance(stream, Measured):
        ratio = stream.time_ratio(reference)
        if ratio is not None:
            found.append(
                f"Streaming every record takes {ratio_text(ratio.median)} the time of json.load."
            )
    for size in reversed(results.sizes):
        full, flat = size.row(results.reference), size.row(STREAM.slug)
        if isinstance(full, Measured) and isinstance(flat, Measured) and full.memory.median:
            found.append(
                f"At {size.scale}x json.load needs {bytes_text(full.memory.median)} and the "
                f"stream {bytes_text(flat.memory.median)} "
                f"({ratio_text(flat.memory.median / full.memory.median)})."
            )
            break
    return found


def filter_cost(results: BenchResults) -> str:
    """What the filter alone takes, beside the parse; empty where it was not timed."""
    if results.filter_seconds is None:
        return ""
    text = (
        f"The filter alone, called on every record in memory, takes "
        f"{seconds_text(results.filter_seconds)}"
    )
    stream = results.sizes[0].row(STREAM.slug)
    if not isinstance(stream, Measured) or not stream.seconds.median:
        return f"{text}."
    share = results.filter_seconds / stream.seconds.median
    text += f": {share:.1%} of the time of streaming without it."
    if share > _COSTLY_FILTER:
        text += " Put its cheapest test first, or make it more selective."
    return text


def growth_table(results: BenchResults) -> list[tuple[str, ...]]:
    """One row for each approach that was measured at several sizes, headings first."""
    slugs = [row.approach for row in results.sizes[-1].rows]
    rows = [
        (
            "approach",
            *(f"{size.scale}x" for size in results.sizes),
            "bytes/record",
            f"time at {results.sizes[-1].scale}x",
        ),
        ("(the file itself)", *(bytes_text(size.file_bytes) for size in results.sizes), "", ""),
    ]
    for slug in slugs:
        cells = [size.row(slug) for size in results.sizes]
        title = next(cell.title for cell in cells if cell is not None)
        fit = next((fit for fit in results.fits if fit.approach == slug), None)
        largest = cells[-1]
        rows.append(
            (
                title,
                *(_memory(cell) for cell in cells),
                _slope(slug, fit),
                seconds_text(largest.seconds.median) if isinstance(largest, Measured) else "–",
            )
        )
    return rows


def _slope(slug: str, fit: Fit | None) -> str:
    if fit is None:
        return "–"
    if fit.bytes_per_record < 0:
        return "≈ 0"
    # The flattened approach's records are smaller and more than those of the others.
    return f"{fit.bytes_per_record:,.0f}" + (" each" if slug == FLATTENED.slug else "")


def _memory(row: Row | None) -> str:
    if row is None:
        return "–"
    return "skipped" if isinstance(row, Skipped) else bytes_text(row.memory.median)


def _range(ratio: Spread | None) -> str:
    if ratio is None:
        return ""
    return f"{ratio.minimum:.2f}–{ratio_text(ratio.maximum)}"
