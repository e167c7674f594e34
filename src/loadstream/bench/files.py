"""Writes what a benchmark found: every sample as JSON, a report as Markdown, a chart as SVG."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from loadstream.bench.figures import (
    approach_table,
    conclusions,
    filter_cost,
    growth_table,
    headings,
    not_run,
)
from loadstream.bench.model import BenchError, BenchResults, Measured, Row, SizeResults
from loadstream.charts.lines import STYLE, Axis, Line, line_chart
from loadstream.charts.units import bytes_text

RESULTS_NAME = "streaming_benchmark_results.json"
REPORT_NAME = "STREAMING_BENCHMARK_REPORT.md"
CHART_NAME = "streaming_benchmark.svg"


def write_files(results: BenchResults, out: Path) -> tuple[Path, ...]:
    """Write all files into `out` (made if missing); return their paths. Raises `BenchError`."""
    texts = {
        RESULTS_NAME: json.dumps(to_json(results), indent=2, ensure_ascii=False) + "\n",
        REPORT_NAME: render_markdown(results),
    }
    if results.fits:
        texts[CHART_NAME] = render_chart(results) + "\n"
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            part = out / (name + ".part")
            part.write_text(text, encoding="utf-8")
            part.replace(out / name)
    except OSError as error:
        raise BenchError(f"cannot write to {out}: {error}") from None
    return tuple(out / name for name in texts)


def to_json(results: BenchResults) -> dict[str, object]:
    """The results as plain JSON values: all raw samples, and the statistics beside them."""
    return {
        "version": 1,
        "data": results.data,
        "path": results.path,
        "record": results.record,
        "filter": results.filter_text or None,
        "filter_seconds": results.filter_seconds,
        "reference": results.reference,
        "memory_reading": results.reading,
        "machine": results.machine,
        "notes": list(results.notes),
        "sizes": [_size(size, results.reference) for size in results.sizes],
        "growth": [dataclasses.asdict(fit) for fit in results.fits],
    }


def _size(size: SizeResults, reference: str) -> dict[str, object]:
    return {
        "scale": size.scale,
        "file_bytes": size.file_bytes,
        "approaches": [_row(row, size.row(reference)) for row in size.rows],
    }


def _row(row: Row, reference: Row | None) -> dict[str, object]:
    named: dict[str, object] = {"approach": row.approach, "title": row.title}
    if not isinstance(row, Measured):
        return {**named, "skipped": row.why}
    ratio = row.time_ratio(reference) if isinstance(reference, Measured) else None
    return {
        **named,
        "records": row.records,
        "peak_memory_bytes": dataclasses.asdict(row.memory),
        "tracemalloc_peak_bytes": row.traced_peak_bytes,
        "seconds": dataclasses.asdict(row.seconds),
        "time_ratio": None if ratio is None else dataclasses.asdict(ratio),
        "samples": [dataclasses.asdict(sample) for sample in row.samples],
    }


def render_markdown(results: BenchResults) -> str:
    """The report: both tables, the chart, the filter, how it was measured and on what."""
    head = headings(results)
    parts = [
        "# What streaming costs and saves",
        " ".join(conclusions(results)),
        f"{head.approaches}.",
        _table(approach_table(results)),
    ]
    if results.filter_seconds is not None:
        parts.append(filter_cost(results))
    if len(results.sizes) > 1:
        parts += [
            "## Growth with the size of the data",
            f"{head.growth}.",
            _table(growth_table(results)),
            "Bytes per record is the slope of a least-squares line through these sizes: what one "
            "more record costs, whatever the interpreter and its imports hold.",
        ]
    if results.fits:
        parts.append(f"![Peak memory by size of the file]({CHART_NAME})")
    if notes := [*results.notes, *not_run(results)]:
        parts += ["## Notes", "\n".join(f"- {note}" for note in notes)]
    parts += [
        "## How it was measured",
        head.method,
        "A stream's records and a loaded document's records are visited by the same loop, and what "
        "was loaded is released within the time that is measured. Each round runs every approach "
        "once, another one first each time; one warm-up round is thrown away. All samples are in "
        f"`{RESULTS_NAME}`. 1 MB is 1,048,576 bytes.",
        "\n".join(f"- {key}: {value}" for key, value in results.machine.items()),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def render_chart(results: BenchResults) -> str:
    """Peak memory by size of the file, one line for each approach, as an SVG file."""
    lines = tuple(
        Line(fit.title, _points(results, fit.approach), series, dotted=True)
        for series, fit in enumerate(results.fits[:4], 1)
    )
    return line_chart(
        lines,
        Axis("size of the file", _mark, 1024.0**2),
        Axis("peak memory", _mark, 1024.0**2),
        identity="growth",
        title="Peak memory by size of the file",
        description="; ".join(
            f"{line.name}: {bytes_text(line.points[-1][1])} at {bytes_text(line.points[-1][0])}"
            for line in lines
        ),
        width=640,
        height=340,
        style=STYLE,
    )


def _points(results: BenchResults, approach: str) -> tuple[tuple[float, float], ...]:
    rows = ((size.file_bytes, size.row(approach)) for size in results.sizes)
    return tuple(
        (float(size), row.memory.median) for size, row in rows if isinstance(row, Measured)
    )


def _mark(count: float) -> str:
    return bytes_text(count).replace(".0 ", " ") if count else "0"


def _table(rows: list[tuple[str, ...]]) -> str:
    def line(cells: tuple[str, ...]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    rule = "|---|" + "--:|" * (len(rows[0]) - 1)
    return "\n".join((line(rows[0]), rule, *(line(row) for row in rows[1:])))
