"""What `verify` and `compare` print: a table of the checks, and each difference in full."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from loadstream.charts.units import bytes_text, count_text, ratio_text
from loadstream.verify.model import (
    CheckResult,
    Counterexample,
    Growth,
    Mutants,
    Report,
    SiteChange,
    Verdict,
)
from loadstream.verify.report_figures import (
    MEANINGS,
    case_count,
    headline,
    lines_line,
    memory_range,
    memory_ratio,
    time_text,
    unreached_line,
    verdict_counts,
)

_DIFFERENCES_SHOWN = 5
_PREVIEW_WIDTH = 400
_OF_TESTS = ("test ", "collection of ", "end of pytest")  # which are kept already


def status(report: Report) -> int:
    """0 if every check is equal and within its budget, 1 for a difference, 2 if it is unclear."""
    return report.exit_code


def render(report: Report) -> str:
    """The report as plain text."""
    lines = [f"{report.base} → {report.head}", ""]
    lines += _table(report)
    for check in report.checks:
        if check.verdict is not Verdict.EQUAL or _is_remarkable(check):
            lines += ["", *_details(check)]
    for check in report.checks:
        if check.mutants is not None:
            lines += _survivors(check.name, check.mutants)
    notes = [*report.notes, *map(unreached_line, report.unreached_sites)]
    if notes:
        lines += ["", *notes]
    lines += ["", f"{headline(report)}."]
    lines += filter(None, [lines_line(report)])
    lines += [
        f"{verdict.value}: {MEANINGS[verdict]}"
        for verdict, _ in verdict_counts(report)
        if verdict is not Verdict.DIFFERENT
    ]
    if report.self_test:
        lines.append(f"Self-test: {report.self_test}")
    return "\n".join(lines) + "\n"


def _table(report: Report) -> list[str]:
    head = ("check", "verdict", "cases", "peak memory, old → new", "time")
    rows = [head, *(_row(check) for check in report.checks)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = []
    for row, check in zip(rows, (None, *report.checks), strict=True):
        cells = zip(row, widths, strict=True)
        lines.append("  ".join(f"{cell:<{width}}" for cell, width in cells).rstrip())
        if check is not None:
            lines.append(f"  {_evidence(check)}")
            lines += [] if check.growth is None else _growth(check.growth)
    return lines


def _row(check: CheckResult) -> tuple[str, ...]:
    return (
        check.name,
        check.verdict.value,
        f"{case_count(check):,}",
        memory_text(check),
        time_text(check),
    )


def memory_text(check: CheckResult) -> str:
    """`21.0 MB → 1.4 MB (0.07×)`: medians over the baseline; a dash where nothing was measured."""
    old, new, ratio = memory_range(check.old), memory_range(check.new), memory_ratio(check)
    if old is None or new is None:
        return "–"
    text = f"{bytes_text(old.median)} → {bytes_text(new.median)}"
    return text if ratio is None else f"{text} ({ratio_text(ratio)})"


def _evidence(check: CheckResult) -> str:
    """What the verdict rests on, and which rewritten sites it is about."""
    classes = ", ".join(f"{case.name} {case.count}" for case in check.cases if case.count)
    parts = [classes or "no case was run"]
    if check.raised:
        parts.append(f"{check.raised} raised alike")
    if check.mutants is not None:
        parts.append(check.mutants.words)
    if check.sites:
        parts.append(", ".join(f"{site.code} at {_place(site, check)}" for site in check.sites))
    return "; ".join(parts)


def _growth(growth: Growth) -> Iterator[str]:
    """Peak memory at each size, what one record adds, and what was left out."""
    for name, side in (("old", growth.old), ("new", growth.new)):
        sizes = ", ".join(
            f"{point.scale}x {bytes_text(median(s.growth_bytes for s in point.samples))}"
            for point in side.points
            if point.samples
        )
        each = "" if side.fit is None else f"; {_each(side.fit.bytes_per_record)} a record"
        yield f"  {name} grows: {sizes}{each}"
        for point in side.points:
            if point.skipped:
                yield f"    {point.scale}x was skipped: {point.skipped}"
    yield from (f"    {note}" for note in growth.notes)


def _each(count: float) -> str:
    return f"{count:,.0f} bytes" if count >= 0.5 else "≈ 0 bytes"


def _place(site: SiteChange, check: CheckResult) -> str:
    if site.path == check.name.partition(":")[0]:
        return f"line {site.line}"
    return f"{site.path}:{site.line}"


def _is_remarkable(check: CheckResult) -> bool:
    """Whether there is more to say of a check than its verdict."""
    return bool(check.over_budget or check.budget_unmeasured or check.advice)


def _details(check: CheckResult) -> Iterator[str]:
    yield f"{check.name}: {check.verdict.value}: {check.explanation}"
    for line in check.over_budget:
        yield f"  over budget: {line}"
    if check.budget_unmeasured:
        yield f"  {check.budget_unmeasured}"
    yield from (f"  {line}" for line in check.advice)
    if check.counterexample is not None:
        yield from _counterexample(check.counterexample)


def _survivors(name: str, mutants: Mutants) -> Iterator[str]:
    """Each fault that no input showed, as a diff, and those that say nothing."""
    for mutant in mutants.survived:
        yield ""
        yield f"{name}: a mutant survived: {mutant.at}"
        yield from (f"    {_cut(line)}" for line in mutant.diff.splitlines()[2:])
    for mutant in mutants.results:
        if mutant.outcome == "could-not-run":
            yield f"{name}: a mutant could not run: {mutant.at}: {_cut(mutant.why)}"


def _counterexample(found: Counterexample) -> Iterator[str]:
    files = f" in {', '.join(found.data_files)}" if found.data_files else ""
    yield f"  input ({found.case}){files}:"
    yield from (f"    {_cut(line)}" for line in (found.preview or "the data as it is").splitlines())
    for difference in found.differences[:_DIFFERENCES_SHOWN]:
        yield f"  {difference.place}"
        yield f"    old: {difference.old}"
        yield f"    new: {difference.new}"
    if len(found.differences) > _DIFFERENCES_SHOWN:
        more = len(found.differences) - _DIFFERENCES_SHOWN
        yield f"  … and {count_text(more, 'more difference')}"
    yield f"  replay: {found.replay}"
    if not found.differences[0].place.startswith(_OF_TESTS):
        yield f"  keep as a test: {found.replay} --save-test tests/test_….py"


def _cut(line: str) -> str:
    return line if len(line) <= _PREVIEW_WIDTH else f"{line[:_PREVIEW_WIDTH]} …"
