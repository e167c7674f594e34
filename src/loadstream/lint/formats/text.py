"""The format for people: one line a finding, then what it sums up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from loadstream.lint.codes import KEPT, UNREADABLE
from loadstream.lint.findings import Finding, LintResult, count_reasons

_MARKS = {"safe": "[*] ", "unsafe": "[unsafe] ", None: ""}


def render(result: LintResult, findings: tuple[Finding, ...]) -> str:
    """`findings` line by line, and the summary of all of `result`."""
    return "\n".join([*map(line, findings), *summary(result)]) + "\n"


def line(finding: Finding) -> str:
    """`path:line:column: CODE [*] message`; `[*]` marks what `rewrite` would do."""
    mark = "" if finding.code == KEPT else _MARKS[finding.fix]
    return f"{finding.place}: {finding.code} {mark}{finding.message}"


def statistics(result: LintResult) -> str:
    """How many findings of each code, of each reason to keep a load, and of each loader."""
    counts = Counter((finding.code, finding.rule) for finding in result.findings)
    rows = [(str(count), code, rule) for (code, rule), count in counts.most_common()]
    reasons = [(str(count), "kept for", slug) for slug, count in count_reasons(result.kept)]
    loaders = [(str(count), "calls of", loader) for loader, count in _calls(result).most_common()]
    blocks = ["\n".join(_aligned(block)) + "\n" for block in (rows, reasons, loaders) if block]
    return "\n".join([*blocks, *summary(result)]) + "\n"


def _calls(result: LintResult) -> Counter[str]:
    """How often each loader is still called: none is left of one that may be deprecated."""
    return Counter(
        finding.loader
        for finding in result.sites
        if finding.loader is not None
        and finding.loader != finding.stream
        and (finding.code == KEPT or finding.fix is not None)  # others are about a part of it
    )


def summary(result: LintResult) -> Iterator[str]:
    """How many sites there are, what can be done about them, and what they are kept for."""
    if broken := sum(finding.code == UNREADABLE for finding in result.findings):
        yield f"{_count(broken, 'file')} could not be read ({UNREADABLE})."
    if not result.sites:
        yield f"No load sites in {_count(result.files, 'file')}."
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
    yield f"Found {_count(len(result.sites), 'site')} in {files}: {', '.join(parts)}."
    if result.kept:
        counts = (f"{slug} {count}" for slug, count in count_reasons(result.kept))
        yield f"Kept for: {', '.join(counts)}."


def _aligned(rows: list[tuple[str, str, str]]) -> list[str]:
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(2)]
    return [f"{a:>{widths[0]}}  {b:<{widths[1]}}  {c}" for a, b, c in rows]


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
