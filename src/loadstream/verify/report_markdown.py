"""The report as Markdown, short enough for a comment on a pull request.

Everything that comes from the checked code (names, values, diffs) is quoted so that it can
neither break the page nor mention anybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loadstream.charts.units import bytes_text, count_text, ratio_text, seconds_text
from loadstream.verify.model import CheckResult, Counterexample, Growth, Report, SiteChange, Verdict
from loadstream.verify.report_figures import (
    HOW_MEASURED,
    SYMBOLS,
    case_count,
    headline,
    lines_line,
    memory_range,
    memory_ratio,
    per_record,
    summary_line,
    time_text,
    unreached_line,
)

# GitHub refuses a comment of more than 65,536 characters.
_COMMENT_LIMIT = 60_000
_VALUE_LIMIT = 600
_DIFFERENCES_SHOWN = 5
_SURVIVORS_SHOWN = 20


def render(report: Report) -> str:
    """The whole report as GitHub-flavoured Markdown, at most 60,000 characters.

    Long parts are folded in `<details>`; diffs that would not fit are left out, and it says so.
    """
    head = [
        f"## {SYMBOLS[report.verdict]} loadstream verify: {headline(report)}",
        f"Old is {_code(report.base)}, new is {_code(report.head)}. {summary_line(report)}",
    ]
    if report.checks:
        head.append(_table(report))
    head += [_counterexample(c, c.counterexample) for c in report.checks if c.counterexample]
    head += _unsettled(report)
    tail = [_evidence(report), _mutants(report), _how_measured(report)]
    room = _COMMENT_LIMIT - sum(len(part) + 2 for part in (*head, *tail))
    parts = [part for part in (*head, _sites(report, room), *tail) if part]
    text = "\n\n".join(parts) + "\n"
    if len(text) > _COMMENT_LIMIT:
        return text[:_COMMENT_LIMIT] + "\n\n… cut here: the rest is in `report.html`.\n"
    return text


def _table(report: Report) -> str:
    rows = [
        "| check | verdict | cases | peak memory, old → new | memory | time |",
        "|---|---|--:|--:|--:|--:|",
    ]
    for check in report.checks:
        ratio = memory_ratio(check)
        cells = (
            _code(check.name, in_table=True),
            f"{SYMBOLS[check.verdict]} {check.verdict.value}",
            f"{case_count(check):,}",
            _memory(check),
            "–" if ratio is None else f"**{ratio_text(ratio)}**",
            time_text(check),
        )
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _memory(check: CheckResult) -> str:
    old, new = memory_range(check.old), memory_range(check.new)
    if old is None or new is None:
        return "not measured"
    return f"{bytes_text(old.median)} → {bytes_text(new.median)}"


def _counterexample(check: CheckResult, found: Counterexample) -> str:
    lines = [f"### {SYMBOLS[Verdict.DIFFERENT]} {_code(check.name)}: {_text(check.explanation)}"]
    files = ", ".join(_code(path) for path in found.data_files)
    lines.append(f"Input: {_text(found.case)}" + (f" ({files})" if files else "") + ".")
    shown = found.differences[:_DIFFERENCES_SHOWN]
    lines += [f"{_code(d.place)}\n{_fence(_old_and_new(d.old, d.new), 'diff')}" for d in shown]
    if more := len(found.differences) - len(shown):
        lines.append(f"… and {count_text(more, 'more difference')}.")
    if found.preview:
        preview = _fence(_shortened(found.preview), "json")
        lines.append(f"<details>\n<summary>The input</summary>\n\n{preview}\n</details>")
    lines.append(f"See it again:\n{_fence(found.replay, 'sh')}")
    return "\n\n".join(lines)


def _old_and_new(old: str, new: str) -> str:
    def marked(mark: str, value: str) -> Iterator[str]:
        for line in _shortened(value).splitlines() or [""]:
            yield f"{mark} {line}"

    return "\n".join((*marked("-", old), *marked("+", new)))


def _unsettled(report: Report) -> Iterator[str]:
    """What a reviewer must know beside the counterexamples."""
    lines = [
        f"- **{check.verdict.value}**: {_code(check.name)}. {_text(check.explanation)}"
        for check in report.checks
        if check.verdict is not Verdict.EQUAL and check.counterexample is None
    ]
    for check in report.checks:
        lines += [
            f"- **over budget**: {_code(check.name)}. {_text(line)}" for line in check.over_budget
        ]
        lines += [f"- advice: {_code(check.name)}. {_text(line)}" for line in check.advice]
    lines += [f"- not run: {_text(note)}" for note in report.notes]
    lines += [f"- not reached: {_text(unreached_line(site))}" for site in report.unreached_sites]
    if any(entry.missed for entry in report.lines):
        lines.append(f"- {_text(lines_line(report))}")
    if lines:
        yield "### To look at\n\n" + "\n".join(lines)


def _sites(report: Report, room: int) -> str:
    """The rewritten places, each with its diff, as many as fit into `room` characters."""
    places = [(check, site) for check in report.checks for site in check.sites]
    if not places:
        return ""
    opening = f"<details>\n<summary>{count_text(len(places), 'rewritten site')}</summary>\n"
    parts, used = [opening], len(opening) + 200
    for shown, (check, site) in enumerate(places):
        part = _site(check, site)
        used += len(part) + 1
        if used > room:
            parts.append(f"… and {len(places) - shown} more, which `report.html` shows.\n")
            break
        parts.append(part)
    return "\n".join((*parts, "</details>"))


def _site(check: CheckResult, site: SiteChange) -> str:
    return (
        f"{_code(f'{site.path}:{site.line}')} {site.code} {_text(site.rule)}: "
        f"{SYMBOLS[check.verdict]} {check.verdict.value} in {_code(check.name)}\n\n"
        f"{_fence(site.diff, 'diff')}\n"
    )


def _evidence(report: Report) -> str:
    if not report.checks:
        return ""
    lines = ["<details>\n<summary>Evidence for each check</summary>\n"]
    lines += filter(None, [lines_line(report)])
    lines += [""] if len(lines) > 1 else []
    for check in report.checks:
        classes = ", ".join(f"{_text(case.name)} {case.count:,}" for case in check.cases)
        lines.append(
            f"- {_code(check.name)}: {_text(check.explanation)}"
            + (f" Inputs by class: {classes}." if classes else "")
            + (f" Both sides raised alike on {check.raised:,}." if check.raised else "")
            + ("" if check.growth is None else f" {_growth(check.growth)}")
        )
    return "\n".join((*lines, "\n</details>"))


def _growth(growth: Growth) -> str:
    """What one record adds to the peak of each side, and at which sizes that was seen."""
    sizes = ", ".join(f"{point.scale}×" for point in growth.new.points if point.samples)
    return (
        f"Each record adds {per_record(growth.old)} to the peak of old and "
        f"{per_record(growth.new)} to that of new (measured at {sizes})."
    )


def _mutants(report: Report) -> str:
    """How many faults put into the new code were noticed, and those that were not."""
    tried = [(check, check.mutants) for check in report.checks if check.mutants is not None]
    if not tried:
        return ""
    killed = sum(mutants.killed for _, mutants in tried)
    survived = [(check, mutant) for check, mutants in tried for mutant in mutants.survived]
    lost = sum(mutants.could_not_run for _, mutants in tried)
    head = f"{killed} of {killed + len(survived)} mutants killed"
    if lost:
        head += f", {lost} could not run"
    lines = [
        f"<details>\n<summary>{head}</summary>\n",
        "Faults that were put into the new code of equal checks. A survivor is a fault that no "
        "input showed: the data does not reach it, or it changes nothing.\n",
    ]
    for check, mutant in survived[:_SURVIVORS_SHOWN]:
        lines.append(f"{_code(check.name)}: {_text(mutant.at)}\n\n{_fence(mutant.diff, 'diff')}\n")
    if len(survived) > _SURVIVORS_SHOWN:
        more = count_text(len(survived) - _SURVIVORS_SHOWN, "more survivor")
        lines.append(f"… and {more}, which `report.html` shows.\n")
    return "\n".join((*lines, "</details>"))


def _how_measured(report: Report) -> str:
    lines = ["<details>\n<summary>How it was measured, and on what</summary>\n", HOW_MEASURED]
    if report.self_test:
        lines.append(f"Self-test: {_text(report.self_test)}")
    lines += filter(None, map(_raw, report.checks))
    if report.seconds:
        lines.append(f"The whole verification took {seconds_text(report.seconds)}.")
    if report.machine:
        lines.append(
            "Machine: " + "; ".join(f"{_text(k)} {_text(v)}" for k, v in report.machine.items())
        )
    return "\n\n".join((*lines, "</details>"))


def _raw(check: CheckResult) -> str:
    sides = []
    for name, side in (("old", check.old), ("new", check.new)):
        memory = memory_range(side)
        if side is None or memory is None:
            continue
        times = ", ".join(seconds_text(sample.seconds) for sample in side.samples)
        traced = (
            ""
            if side.traced_peak_bytes is None
            else f"; tracemalloc, separate pass: {bytes_text(side.traced_peak_bytes)}"
        )
        sides.append(
            f"  - {name}: {bytes_text(memory.median)} "
            f"({bytes_text(memory.minimum)} to {bytes_text(memory.maximum)}, "
            f"{_text(side.reading)}){traced}; time of each run: {times}"
        )
    return "\n".join((f"- {_code(check.name)}", *sides)) if sides else ""


def _shortened(value: str) -> str:
    if len(value) <= _VALUE_LIMIT:
        return value
    return f"{value[:_VALUE_LIMIT]} … ({len(value):,} characters in all)"


def _text(text: str) -> str:
    """Plain words: no Markdown, no HTML, no mention."""
    flat = " ".join(text.split())
    return re.sub(r"([\\`*_{}\[\]<>|~&#])", r"\\\1", flat).replace("@", "&#64;")


def _code(text: str, *, in_table: bool = False) -> str:
    flat = " ".join(text.split()) or " "
    ticks = "`" * (_longest_run(flat) + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    if in_table:
        flat = flat.replace("|", "\\|")
    return f"{ticks}{pad}{flat}{pad}{ticks}"


def _fence(text: str, language: str) -> str:
    ticks = "`" * max(3, _longest_run(text) + 1)
    body = text.rstrip("\n")
    return f"{ticks}{language}\n{body}\n{ticks}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
