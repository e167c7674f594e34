"""The figures that the reports show, computed from a `Report`'s raw values.

Both report forms (report_markdown.py, report_html.py) take their numbers and their words for a
verdict from here, so that they cannot disagree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from loadstream.charts.units import count_text, ratio_text, seconds_text
from loadstream.verify.model import (
    CheckResult,
    GrowthSide,
    Measurements,
    Report,
    Sample,
    SiteChange,
    Verdict,
)

MEANINGS = {
    Verdict.EQUAL: "Old and new agreed on every input that was run, and old agreed with itself.",
    Verdict.NOT_COMPARABLE: (
        "Old disagrees with itself from run to run, or a value has no meaningful equality."
    ),
    Verdict.INCONCLUSIVE: (
        "A time or memory limit was reached, changed code never ran, or the inputs could not have "
        "shown a difference."
    ),
    Verdict.ERROR: "The check itself failed. This is never counted as agreement.",
    Verdict.DIFFERENT: "An input was found on which old and new part; it is shown.",
}
SYMBOLS = {
    Verdict.EQUAL: "✓",
    Verdict.NOT_COMPARABLE: "≁",
    Verdict.INCONCLUSIVE: "?",
    Verdict.ERROR: "!",
    Verdict.DIFFERENT: "✗",
}
_HEADLINE_WORDS = {
    Verdict.EQUAL: ("is equal", "are equal"),
    Verdict.NOT_COMPARABLE: ("cannot be compared", "cannot be compared"),
    Verdict.INCONCLUSIVE: ("is inconclusive", "are inconclusive"),
    Verdict.ERROR: ("failed to run", "failed to run"),
    Verdict.DIFFERENT: ("is different", "are different"),
}
HOW_MEASURED = (
    "Each sample is a fresh interpreter: it imports, collects garbage, notes its resident memory "
    "(the baseline), runs, consumes the result fully and reads its own peak before anything is "
    "written out. Memory is that peak with the baseline subtracted. One warm-up run is thrown "
    "away; then old, new and old once more take turns (what old differs from itself by is noise), "
    "and a time ratio is taken within such a turn. Results are "
    "compared in runs of their own, without any instrument. A tracemalloc figure, where there is "
    "one, comes from another process again: it slows the code, and sees Python's allocations only. "
    "1 MB is 1,048,576 bytes. "
    "Memory is the evidence here; time on a busy machine is advice."
)
_NO_TIME = 0.02
_BEST_TO_WORST = tuple(Verdict)
_FILES_NAMED = 5


@dataclass(frozen=True, slots=True)
class Range:
    """Median, minimum and maximum of samples, in bytes, seconds or as a ratio."""

    median: float
    minimum: float
    maximum: float


def verdict_counts(report: Report) -> tuple[tuple[Verdict, int], ...]:
    """How many checks have each verdict, worst first, verdicts without a check left out."""
    counts = Counter(check.verdict for check in report.checks)
    return tuple(
        (verdict, counts[verdict]) for verdict in reversed(_BEST_TO_WORST) if counts[verdict]
    )


def headline(report: Report) -> str:
    """The report in one line: its worst verdict and how many checks have it, and the budget."""
    total = len(report.checks)
    if not total:
        return "Nothing was checked"
    worst, count = verdict_counts(report)[0]
    what = _HEADLINE_WORDS[worst][count != 1]
    if total == 1:
        words = f"The check {what}"
    elif count == total:
        words = f"All {total} checks {what}"
    else:
        words = f"{count} of {total} checks {what}"
    over = sum(bool(check.over_budget) for check in report.checks)
    if over:
        words += f", {over} over the memory budget"
    unmeasured = sum(bool(check.budget_unmeasured) for check in report.checks)
    return f"{words}, {unmeasured} with a budget that was not measured" if unmeasured else words


def summary_line(report: Report) -> str:
    """What the headline's verdict means, in a sentence or two."""
    if not report.checks:
        return "No check was found or configured, so nothing is known about old and new."
    text = MEANINGS[report.verdict]
    if any(check.over_budget for check in report.checks):
        text += " More memory was used than the budget allows."
    return text


def lines_line(report: Report) -> str:
    """How much of what changed has run, in a sentence; empty where that was not looked at."""
    changed = sum(len(lines.changed) for lines in report.lines)
    ran = sum(len(lines.ran) for lines in report.lines)
    if not changed:
        return ""
    gaps = [f"{lines.path} {ranges(lines.missed)}" for lines in report.lines if lines.missed]
    missed = "; ".join(gaps[:_FILES_NAMED]) + ("; …" if gaps[_FILES_NAMED:] else "")
    text = f"{ran} of {count_text(changed, 'changed line')} ran on the new side"
    return f"{text}; never: {missed}." if missed else f"{text}."


def unreached_line(site: SiteChange) -> str:
    """A rewritten place that no check has run, in words."""
    return f"{site.code} {site.rule} at {site.path}:{site.line} was not reached by any check"


def ranges(lines: Iterable[int]) -> str:
    """`line 3`, `lines 3–5 and 8`: line numbers in words."""
    found: list[list[int]] = []
    for line in sorted(set(lines)):
        if found and line == found[-1][1] + 1:
            found[-1][1] = line
        else:
            found.append([line, line])
    parts = [str(a) if a == b else f"{a}–{b}" for a, b in found]
    word = "line" if len(found) == 1 and found[0][0] == found[0][1] else "lines"
    return f"{word} {', '.join(parts[:-1]) + ' and ' if parts[1:] else ''}{parts[-1]}"


def case_count(check: CheckResult) -> int:
    """On how many inputs old and new were run."""
    return sum(case.count for case in check.cases)


def memory_growth(sample: Sample) -> int:
    """Peak memory of one run with its baseline subtracted, in bytes."""
    return sample.growth_bytes


def memory_range(side: Measurements | None) -> Range | None:
    """Peak memory over the baseline of all samples of a side, in bytes."""
    if side is None or not side.samples:
        return None
    return _range([float(memory_growth(sample)) for sample in side.samples])


def time_range(side: Measurements | None) -> Range | None:
    """Seconds of all samples of a side."""
    if side is None or not side.samples:
        return None
    return _range([sample.seconds for sample in side.samples])


def memory_ratio(check: CheckResult) -> float | None:
    """New peak memory as a multiple of old, from the medians; None where it was not measured."""
    old, new = memory_range(check.old), memory_range(check.new)
    if old is None or new is None or not old.median:
        return None
    return new.median / old.median


def time_ratio(check: CheckResult) -> Range | None:
    """New time as a multiple of old, from pairs of runs that followed one another."""
    if check.old is None or check.new is None:
        return None
    ratios = [
        new.seconds / old.seconds
        for old, new in zip(check.old.samples, check.new.samples, strict=False)
        if old.seconds
    ]
    return _range(ratios) if ratios else None


def time_text(check: CheckResult) -> str:
    """`0.43×`; where both sides are done in no time, that, as their ratio would be noise."""
    old, new, ratio = time_range(check.old), time_range(check.new), time_ratio(check)
    if old is None or new is None or ratio is None:
        return "–"
    if max(old.median, new.median) < _NO_TIME:
        return f"both < {seconds_text(_NO_TIME)}"
    return ratio_text(ratio.median)


def per_record(side: GrowthSide) -> str:
    """What one record adds to the peak, in words; a dash where there is no line."""
    if side.fit is None:
        return "–"
    return f"{max(0.0, side.fit.bytes_per_record):,.0f} bytes"


def typical_sample(side: Measurements) -> Sample | None:
    """The sample whose peak is the (lower) median of those that recorded memory over time."""
    recorded = sorted((s for s in side.samples if len(s.timeline) > 1), key=memory_growth)
    return recorded[(len(recorded) - 1) // 2] if recorded else None


def _range(values: list[float]) -> Range:
    return Range(median(values), min(values), max(values))
