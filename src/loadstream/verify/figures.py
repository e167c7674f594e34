"""The measuring passes of one check, and what its result says of them.

measure.py takes the samples, growth.py those on larger data, budgets.py says what they mean.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from loadstream.machine.ceiling import default_ceiling
from loadstream.verify.budgets import over_budget
from loadstream.verify.growth import Grower
from loadstream.verify.judgement import Finding
from loadstream.verify.lab import Lab
from loadstream.verify.measure import Unmeasured, measure
from loadstream.verify.model import CheckResult, Verdict
from loadstream.verify.sides import Pair
from loadstream.verify.watch import Limits

_NO_GROWTH = "growth was not measured"
_MEASURED = (Verdict.EQUAL, Verdict.NOT_COMPARABLE)


@dataclass(frozen=True, slots=True)
class Measuring:
    """How a check is measured: `pairs` of runs (0: not at all), `traced` by tracemalloc as well.

    `scales` are multiples of the real data (none: no growth), each run only where it is expected
    to need no more than `ceiling` bytes (None: half of the memory that is free).
    """

    pairs: int
    traced: bool
    timeout: float
    memory: int
    progress: Callable[[str], None]
    scales: tuple[int, ...] = ()
    ceiling: int | None = None


def with_figures(
    result: CheckResult, lab: Lab, pair: Pair, finding: Finding, how: Measuring
) -> CheckResult:
    """`result` with its measurements, or with why there are none where a budget needs them."""
    if not how.pairs:
        if how.scales:
            result = replace(result, advice=(*result.advice, f"{_NO_GROWTH} (--runs 0)"))
        return _unmeasured(result, pair, "nothing was measured (--runs 0)")
    if result.verdict not in _MEASURED:
        return _unmeasured(result, pair, f"what is {result.verdict.value} is not measured")
    how.progress(f"measuring {result.name}")
    limits = Limits(pair.check.timeout or how.timeout, how.memory)
    runs = pair.runs
    if finding.reaches_out:
        runs = {side: run.guarding() for side, run in runs.items()}
    with lab.slot() as slot:
        taken = measure(lab.runner, slot, runs, limits, how.pairs, how.traced)
        if isinstance(taken, Unmeasured):
            advised = replace(result, advice=(*result.advice, f"not measured: {taken.why}"))
            return _unmeasured(advised, pair, taken.why)
        grown = None
        if how.scales:
            held = Limits(limits.timeout, how.ceiling or default_ceiling())
            grower = Grower(lab.runner, slot, pair, runs, taken, held, how.progress)
            grown = grower.grow(finding.data_files, how.scales)
    gates, advice = over_budget(taken.old, taken.new, taken.control, pair.check.budget)
    if how.scales and grown is None:
        advice = (*advice, f"{_NO_GROWTH}: no data file holds records to repeat")
    measured = replace(
        result,
        old=taken.old,
        new=taken.new,
        control=taken.control,
        over_budget=gates,
        advice=(*result.advice, *advice),
        growth=grown.growth if grown else None,
    )
    if grown and grown.parted and result.verdict is Verdict.EQUAL:
        return replace(measured, verdict=Verdict.DIFFERENT, explanation=grown.parted)
    return measured


def _unmeasured(result: CheckResult, pair: Pair, why: str) -> CheckResult:
    """A budget that nobody looked at is never passed."""
    budget = pair.check.budget
    if budget.peak_memory is not None:
        line = f"the memory budget of {budget.peak_memory:g}x was not measured: {why}"
        return replace(result, budget_unmeasured=line)
    if budget.time is not None:
        line = f"the time budget of {budget.time:g}x was not measured: {why}"
        return replace(result, advice=(*result.advice, line))
    return result
