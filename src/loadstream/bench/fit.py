"""A straight line through what was measured at several sizes: memory per record."""

from __future__ import annotations

from collections.abc import Iterable

from loadstream.bench.model import Fit, Measured, SizeResults


def fit_growth(sizes: Iterable[SizeResults]) -> tuple[Fit, ...]:
    """A line for each approach that was measured at two sizes or more, by least squares."""
    measured: dict[str, list[Measured]] = {}
    for size in sizes:
        for row in size.rows:
            if isinstance(row, Measured):
                measured.setdefault(row.approach, []).append(row)
    return tuple(_fit(rows) for rows in measured.values() if len({row.records for row in rows}) > 1)


def _fit(rows: list[Measured]) -> Fit:
    points = tuple((row.records, row.memory.median) for row in rows)
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    slope = sum((x - middle_x) * (y - middle_y) for x, y in points) / spread
    return Fit(
        approach=rows[0].approach,
        title=rows[0].title,
        bytes_per_record=slope,
        fixed_bytes=middle_y - slope * middle_x,
        points=points,
    )
