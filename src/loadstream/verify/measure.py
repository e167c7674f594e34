"""The measuring passes: peak memory and time, and tracemalloc's view in processes of its own.

Nothing else of ours runs meanwhile. Each sample is a fresh interpreter that reads its own figures
(child.py); old and new take turns, so that a machine that slows down slows both.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass

from loadstream.verify.checks import Budget
from loadstream.verify.model import Measurements, Sample
from loadstream.verify.observed import Measured
from loadstream.verify.runner import Run, Runner
from loadstream.verify.slots import Slot
from loadstream.verify.watch import Limits

SIDES = ("old", "new")


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """A run gave no figures (it ended early or met a limit); `why` says which and how."""

    why: str


def measure(
    runner: Runner, slot: Slot, runs: Mapping[str, Run], limits: Limits, pairs: int, traced: bool
) -> tuple[Measurements, Measurements] | Unmeasured:
    """`pairs` interleaved samples of both sides on the real data, after one warm-up of each."""
    samples: dict[str, list[Measured]] = {side: [] for side in SIDES}
    for turn in range(-1, pairs):
        # The order alternates: whoever runs second finds a warmer machine.
        for side in SIDES if turn % 2 else SIDES[::-1]:
            observed = runner.run(runs[side].measuring("memory"), slot, side, {}, limits)
            if observed.measured is None:
                return Unmeasured(f"{side} {observed.stopped or 'ended without its figures'}")
            if turn >= 0:
                samples[side].append(observed.measured)
    peaks: dict[str, int | None] = dict.fromkeys(SIDES)
    if traced:
        for side in SIDES:
            # tracemalloc makes everything slower.
            longer = Limits(limits.timeout * 4, limits.memory)
            observed = runner.run(runs[side].measuring("traced"), slot, side, {}, longer)
            if observed.measured is not None:
                peaks[side] = observed.measured.traced
    old, new = (_measurements(samples[side], peaks[side]) for side in SIDES)
    return old, new


def _measurements(samples: list[Measured], traced: int | None) -> Measurements:
    return Measurements(
        samples=tuple(
            Sample(
                peak_memory_bytes=sample.peak,
                baseline_memory_bytes=sample.baseline,
                seconds=sample.seconds,
                timeline=sample.timeline,
            )
            for sample in samples
        ),
        traced_peak_bytes=traced,
        reading=samples[0].reading,
    )


def growth(measurements: Measurements) -> float:
    """Median of what the work itself needed at its peak: the baseline subtracted, in bytes."""
    return statistics.median(
        sample.peak_memory_bytes - sample.baseline_memory_bytes for sample in measurements.samples
    )


def seconds(measurements: Measurements) -> float:
    """Median time of one run."""
    return statistics.median(sample.seconds for sample in measurements.samples)


def over_budget(
    old: Measurements, new: Measurements, budget: Budget
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What exceeds its memory budget (that gates), and what exceeds its time budget (advice)."""
    gates = []
    advice = []
    before, after = growth(old), growth(new)
    if budget.peak_memory is not None and after > before * budget.peak_memory:
        gates.append(
            f"peak memory is {_ratio(after, before)} of old ({after / 2**20:.1f} MB, "
            f"old {before / 2**20:.1f} MB); the budget is {budget.peak_memory:g}x"
        )
    before, after = seconds(old), seconds(new)
    if budget.time is not None and after > before * budget.time:
        advice.append(
            f"time is {_ratio(after, before)} of old ({after:.3f} s, old {before:.3f} s); "
            f"the budget is {budget.time:g}x"
        )
    return tuple(gates), tuple(advice)


def _ratio(after: float, before: float) -> str:
    return f"{after / before:.2f}x" if before else "more than any multiple"
