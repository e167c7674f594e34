"""What the figures of a check say: over its budget, advice, or nothing but noise.

Memory gates and time advises. Neither speaks where it cannot: below a floor a ratio says nothing,
and what old differs from itself by is not held against new.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from loadstream.charts.units import bytes_text, ratio_text, seconds_text
from loadstream.verify.checks import Budget
from loadstream.verify.model import Measurements

FLOOR = 1 << 20
NOISE = 0.03
# The same program takes a little more or less from run to run, however little it needs: where
# memory is placed is left to chance. Two medians of a stream's 2 MB were 170 KB apart.
GRAIN = 256 << 10


def growth(measurements: Measurements) -> float:
    """Median of what the work itself needed at its peak: the baseline subtracted, in bytes."""
    return statistics.median(sample.growth_bytes for sample in measurements.samples)


def seconds(measurements: Measurements) -> float:
    """Median time of one run."""
    return statistics.median(sample.seconds for sample in measurements.samples)


@dataclass(frozen=True, slots=True)
class Control:
    """Old against old, measured in turns with the pairs: both would be 1 on a quiet machine.

    `memory` and `time` are ratios of medians, None where old needed nothing that could be read.
    `noisy` is True where memory is off by more than 3 % and by more than 256 KB.
    """

    memory: float | None
    time: float | None
    noisy: bool


def control_of(old: Measurements, again: Measurements) -> Control:
    """What old differs from itself by."""
    before, after = growth(old), growth(again)
    first, second = seconds(old), seconds(again)
    off = abs(after - before)
    return Control(
        memory=after / before if before else None,
        time=second / first if first else None,
        noisy=off > max(before, after) * NOISE and off > GRAIN,
    )


def over_budget(
    old: Measurements, new: Measurements, again: Measurements, budget: Budget
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What exceeds its memory budget (that gates), and what there is to say beside (advice)."""
    gates: list[str] = []
    advice: list[str] = []
    before, after = growth(old), growth(new)
    control = control_of(old, again)
    small = before < FLOOR and after < FLOOR
    if control.noisy:
        advice.append(
            f"noise: old against old is {_ratio(growth(again), before)} in peak memory "
            f"({bytes_text(growth(again))} and {bytes_text(before)}): a memory ratio closer to 1 "
            "than that says nothing here"
        )
    if budget.peak_memory is not None:
        excess = after - before * budget.peak_memory
        text = (
            f"peak memory is {_ratio(after, before)} of old ({bytes_text(after)}, old "
            f"{bytes_text(before)}); the budget is {budget.peak_memory:g}x"
        )
        if small:
            advice.append(
                f"the memory budget was not applied: both sides need less than "
                f"{bytes_text(FLOOR)}, too little for a ratio"
            )
        elif excess > 0 and excess <= abs(growth(again) - before) * budget.peak_memory:
            advice.append(f"{text}, and old differs from itself by more than what is over it")
        elif excess > 0:
            gates.append(text)
    earlier, later = seconds(old), seconds(new)
    if budget.time is not None and later > earlier * budget.time:
        advice.append(
            f"time is {_ratio(later, earlier)} of old ({seconds_text(later)}, old "
            f"{seconds_text(earlier)}); the budget is {budget.time:g}x"
        )
    return tuple(gates), tuple(advice)


def _ratio(after: float, before: float) -> str:
    return ratio_text(after / before) if before else "more than any multiple"
