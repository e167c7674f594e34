"""Memory per record: a line through what each approach needed at several sizes."""

from __future__ import annotations

from collections.abc import Iterable

from loadstream.bench.model import Fit, Measured, SizeResults
from loadstream.machine.line import fit_line


def fit_growth(sizes: Iterable[SizeResults]) -> tuple[Fit, ...]:
    """A line for each approach that was measured at two sizes or more, by least squares."""
    measured: dict[str, list[Measured]] = {}
    for size in sizes:
        for row in size.rows:
            if isinstance(row, Measured):
                measured.setdefault(row.approach, []).append(row)
    return tuple(fit for rows in measured.values() if (fit := _fit(rows)) is not None)


def _fit(rows: list[Measured]) -> Fit | None:
    points = tuple((row.records, row.memory.median) for row in rows)
    line = fit_line(points)
    if line is None:
        return None
    return Fit(
        approach=rows[0].approach,
        title=rows[0].title,
        bytes_per_record=line.each,
        fixed_bytes=line.fixed,
        points=points,
    )
