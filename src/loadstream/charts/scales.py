"""Axes: from values to pixels, and the round numbers at which an axis is marked."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear map of the values `low`..`high` to the pixels `start`..`end`."""

    low: float
    high: float
    start: float
    end: float

    def pixel(self, value: float) -> float:
        """The pixel of `value`."""
        if self.high == self.low:
            return self.start
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def ticks(high: float, wanted: int = 4) -> tuple[float, ...]:
    """Round numbers from 0 up to the first that reaches `high`; about `wanted` steps."""
    if high <= 0 or not math.isfinite(high):
        return (0.0, 1.0)
    raw = high / wanted
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(m * magnitude for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * magnitude >= raw * 0.999)
    # Counted, not added up, so that 0.1 + 0.1 + 0.1 cannot pass as 0.30000000000000004.
    return tuple(round(step * i, 12) for i in range(math.ceil(high / step - 1e-9) + 1))
