"""The format for people: a line for each finding, its place in the source, and a summary.

The lines of findings begin at the margin and are all that editors and scripts need to read; what
explains them is indented.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from loadstream.lint.codes import KEPT, UNREADABLE
from loadstream.lint.findings import Finding, LintResult, count_reasons
from loadstream.lint.paint import BOLD, CODE, MARK, Paint, plain
from loadstream.lint.report import Report

if TYPE_CHECKING:
    from loadstream.lint.statistics import Shares, Statistics

_MARKS = {"safe": "[*]", "unsafe": "[unsafe]", None: ""}


def render(report: Report) -> str:
    """Each finding with its excerpt, or the statistics in their place, and the summary."""
    if report.statistics is not None:
        return _lines([*_statistics(report.statistics), *summary(report.result, report.known)])
    lines: list[str] = []
    for finding in report.findings:
        lines += [line(finding, report.paint), *_explained(finding, report), ""]
    return _lines([*lines, *summary(report.result, report.known)])


def line(finding: Finding, paint: Paint = plain) -> str:
    """`path:line:column: CODE [*] message`; `[*]` marks what `rewrite` would do."""
    mark = "" if finding.code == KEPT else _MARKS[finding.fix]
    marked = f"{paint(mark, MARK)} " if mark else ""
    path, rest = paint(_printable(finding.path), BOLD), finding.place[len(finding.path) :]
    return f"{path}{rest}: {paint(finding.code, CODE)} {marked}{_printable(finding.message)}"


def _printable(text: str) -> str:
    """`text` on one line, with what a terminal would obey as Python would write it."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def _explained(finding: Finding, report: Report) -> Iterator[str]:
    from loadstream.lint.excerpt import INDENT, excerpt
    from loadstream.lint.fixes import place_of
    from loadstream.lint.preview import preview

    lines = report.texts.lines(finding.path, finding.cell)
    if finding.code != UNREADABLE or (finding.line, finding.column) != (1, 1):  # has a place
        yield from excerpt(finding, lines, report.paint)
    if help_ := _help(finding):
        yield f"{INDENT}{report.paint('help:', BOLD)} {help_}"
    edits = report.fixes.get(place_of(finding), ())
    for cell in dict.fromkeys(edit.cell for edit in edits):
        where = "" if cell == finding.cell else f" in cell {cell}"
        consent = " (with --unsafe)" if finding.fix == "unsafe" else ""
        yield f"{INDENT}{report.paint(f'fix{where}{consent}:', BOLD)}"
        here = [edit for edit in edits if edit.cell == cell]
        yield from preview(report.texts.lines(finding.path, cell), here, report.paint)


def _help(finding: Finding) -> str:
    """The way on, where the message does not end with it."""
    if finding.code in (KEPT, UNREADABLE) or finding.fix == "safe":
        return ""
    subject = finding.reasons[0] if finding.fix == "unsafe" and finding.reasons else finding.code
    return f"loadstream explain {subject}"


def _statistics(statistics: Statistics) -> Iterator[str]:
    """How many findings of each code, of each reason, of each loader; then how far things are."""
    codes = [
        (str(one.count), one.code, f"{one.rule}{_movable(one.safe, one.unsafe)}")
        for one in statistics.codes
    ]
    kept = [(str(count), "kept for", slug) for slug, count in statistics.kept_for]
    unsafe = [(str(count), "unsafe for", slug) for slug, count in statistics.unsafe_for]
    calls = [(str(count), "calls of", loader) for loader, count in statistics.calls_of]
    for block in (codes, kept, unsafe, calls):
        if block:
            yield from [*_aligned(block), ""]
    yield from _shares(statistics.shares)


def _movable(safe: int, unsafe: int) -> str:
    parts = [f"{safe} fixable"] if safe else []
    parts += [f"{unsafe} unsafe"] if unsafe else []
    return f" ({', '.join(parts)})" if parts else ""


def _shares(shares: Shares) -> Iterator[str]:
    if not shares.places:
        return
    counts = {
        "stream already": shares.streaming,
        "could": shares.safe,
        "could, unsafe": shares.unsafe,
        "are kept": shares.kept,
    }
    parts = [
        f"{round(100 * count / shares.places)}% {words} ({count})"
        for words, count in counts.items()
        if count
    ]
    yield f"Of {_count(shares.places, 'place')} where data is read: {', '.join(parts)}."


def summary(result: LintResult, known: int = 0) -> Iterator[str]:
    """How many sites there are, what can be done about them, and what they are kept for."""
    if broken := sum(finding.code == UNREADABLE for finding in result.findings):
        yield f"{_count(broken, 'file')} could not be read ({UNREADABLE})."
    if not result.sites:
        yield f"No load sites in {_count(result.files, 'file')}{_beside(known)}."
        return
    parts = []
    if safe := len(result.with_fix("safe")):
        parts.append(f"{safe} fixable (loadstream rewrite)")
    if unsafe := len(result.with_fix("unsafe")):
        parts.append(f"{unsafe} unsafe (loadstream rewrite --unsafe)")
    if reported := sum(f.fix is None for f in result.sites) - len(result.kept):
        parts.append(f"{reported} to mend by hand")
    if kept := len(result.kept):
        parts.append(f"{kept} kept (loadstream lint --show-kept)")
    files = _count(result.files, "file")
    sites = f"{_count(len(result.sites), 'site')} in {files}{_beside(known)}"
    yield f"Found {sites}: {', '.join(parts)}."
    if result.kept:
        counts = (f"{slug} {count}" for slug, count in count_reasons(result.kept))
        yield f"Kept for: {', '.join(counts)}."


def _beside(known: int) -> str:
    return f" beside {known:,} in the baseline" if known else ""


def _aligned(rows: list[tuple[str, str, str]]) -> list[str]:
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(2)]
    return [f"{a:>{widths[0]}}  {b:<{widths[1]}}  {c}" for a, b, c in rows]


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _lines(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"
