"""A straight line through what was measured at several sizes: so much each, and so much fixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """`fixed + each * x`."""

    each: float
    fixed: float

    def at(self, x: float) -> float:
        """What the line says for `x`."""
        return self.fixed + self.each * x


def fit_line(points: Sequence[tuple[float, float]]) -> Line | None:
    """The line through `points` by least squares; None where they have fewer than two places."""
    if len({x for x, _ in points}) < 2:
        return None
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    each = sum((x - middle_x) * (y - middle_y) for x, y in points) / spread
    return Line(each, middle_y - each * middle_x)
