"""The measuring passes: peak memory and time, and tracemalloc's view in processes of its own.

Nothing else of ours runs meanwhile. Each sample is a fresh interpreter that reads its own figures
(child.py). Old, new and old once more take turns, so that a machine that slows down slows all of
them, and so that what old differs from itself is known: no difference below that means anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loadstream.verify.budgets import FLOOR, GRAIN, NOISE, growth
from loadstream.verify.model import Measurements, Sample
from loadstream.verify.observed import Measured, Observed
from loadstream.verify.runner import Run, Runner
from loadstream.verify.slots import Slot
from loadstream.verify.watch import Limits

SIDES = ("old", "new")
# Who takes part, and which side that is.
_TURNS = {"old": "old", "new": "new", "control": "old"}


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """A run gave no figures (it ended early or met a limit); `why` says which and how."""

    why: str


@dataclass(frozen=True, slots=True)
class Taken:
    """All samples of both sides and of the control, and how the sides ended."""

    old: Measurements
    new: Measurements
    control: Measurements
    endings: Mapping[str, str]


def measure(
    runner: Runner, slot: Slot, runs: Mapping[str, Run], limits: Limits, pairs: int, traced: bool
) -> Taken | Unmeasured:
    """`pairs` interleaved samples of both sides on the real data, after one warm-up of each.

    Where old differs from itself by more than 3 % of at least 1 MB, or needs so little that what
    the system rounds off is as much, more than twice as many are taken.
    """
    samples: dict[str, list[Sample]] = {name: [] for name in _TURNS}
    endings: dict[str, str] = {}
    turn, turns = -1, pairs
    while turn < turns:
        for name in SIDES if turn < 0 else rotated(tuple(_TURNS), turn):
            side = _TURNS[name]
            observed = runner.run(runs[side].measuring("memory"), slot, side, {}, limits)
            if observed.measured is None:
                return Unmeasured(f"{side} {observed.stopped or 'ended without its figures'}")
            if turn >= 0:
                samples[name].append(sample_of(observed.measured))
                endings[side] = ending(observed)
        turn += 1
        if turn == pairs and _is_unsteady(samples):
            turns = 2 * pairs + 1
    peaks: dict[str, int | None] = dict.fromkeys(SIDES)
    if traced:
        for side in SIDES:
            # tracemalloc makes everything slower.
            longer = Limits(limits.timeout * 4, limits.memory)
            observed = runner.run(runs[side].measuring("traced"), slot, side, {}, longer)
            if observed.measured is not None:
                peaks[side] = observed.measured.traced
    old, new, control = (_measurements(taken, peaks.get(name)) for name, taken in samples.items())
    return Taken(old, new, control, endings)


def _is_unsteady(samples: Mapping[str, list[Sample]]) -> bool:
    before, after = (growth(_measurements(samples[name])) for name in ("old", "control"))
    return before >= FLOOR and (before * NOISE < GRAIN or abs(after - before) > before * NOISE)


def _measurements(taken: Sequence[Sample], traced: int | None = None) -> Measurements:
    return Measurements(tuple(taken), traced, taken[0].reading)


def rotated(names: Sequence[str], turn: int) -> tuple[str, ...]:
    """Another one begins each turn: whoever runs later finds a warmer machine."""
    start = turn % len(names)
    return (*names[start:], *names[:start])


def sample_of(measured: Measured) -> Sample:
    """What one run read of itself."""
    return Sample(
        peak_memory_bytes=measured.peak,
        baseline_memory_bytes=measured.baseline,
        seconds=measured.seconds,
        timeline=measured.timeline,
        reading=measured.reading,
    )


def ending(observed: Observed) -> str:
    """How a run ended, in words: what is measured must have done the same work."""
    if observed.raised is not None:
        return ": ".join(observed.raised)
    return f"exit code {observed.code}"
