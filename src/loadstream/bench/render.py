"""The benchmark as a table for the terminal."""

from __future__ import annotations

from textwrap import fill

from loadstream.bench.figures import (
    approach_table,
    conclusions,
    filter_cost,
    growth_table,
    headings,
    not_run,
)
from loadstream.bench.model import BenchResults

_WIDTH = 100


def render_text(results: BenchResults) -> str:
    """Both tables (approaches, and growth with size) as plain text for a terminal."""
    head = headings(results)
    parts = [head.approaches, "", *_aligned(approach_table(results))]
    if len(results.sizes) > 1:
        parts += ["", head.growth, "", *_aligned(growth_table(results))]
    remarks = [
        *conclusions(results),
        *results.notes,
        filter_cost(results),
        *not_run(results),
        head.method,
    ]
    parts += [
        "",
        *(fill(remark, _WIDTH, subsequent_indent="  ") for remark in filter(None, remarks)),
    ]
    return "\n".join(parts)


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    """First column to the left, the others to the right; a rule under the first row."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    rule = "  ".join("─" * width for width in widths)
    return ["  " + line for line in (lines[0], rule, *lines[1:])]
