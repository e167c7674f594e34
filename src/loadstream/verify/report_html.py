"""The report as one HTML file that opens offline: no network, no fonts or scripts from elsewhere.

This module makes the page: headline, summary, what differs, how it was measured. One check's own
section is in report_html_check.py; the style sheet and the few lines of script are in assets/.
Everything that comes from the checked code is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from importlib.resources import files

from loadstream.charts.units import bytes_text, count_text, ratio_text, seconds_text
from loadstream.verify.model import CheckResult, Counterexample, Report, Verdict
from loadstream.verify.report_figures import (
    HOW_MEASURED,
    MEANINGS,
    Range,
    case_count,
    headline,
    lines_line,
    memory_range,
    memory_ratio,
    summary_line,
    time_text,
    unreached_line,
    verdict_counts,
)
from loadstream.verify.report_html_check import badge, check_section, tone


def render(report: Report) -> str:
    """The whole report as one self-contained page, ready to be written as UTF-8."""
    return "\n".join(
        (
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="generator" content="loadstream verify">',
            f"<title>{escape(headline(report))} · loadstream verify</title>",
            f"<style>\n{_asset('report.css')}</style>",
            "</head>",
            "<body>",
            '<a class="skip" href="#content">Skip to the report</a>',
            '<div class="top"><span class="brand">loadstream <span>verify</span></span>',
            '<button id="theme" type="button" hidden aria-label="Switch between light and dark">'
            "Dark</button></div>",
            '<main id="content">',
            *_headline(report),
            *_findings(report),
            *_summary(report),
            *_checks(report),
            *_notes(report),
            "</main>",
            *_footer(report),
            f"<script>\n{_asset('report.js')}</script>",
            "</body>",
            "</html>",
            "",
        )
    )


def _asset(name: str) -> str:
    return (files("loadstream.verify") / "assets" / name).read_text(encoding="utf-8")


def _headline(report: Report) -> Iterator[str]:
    over = any(check.over_budget for check in report.checks)
    yield f'<div class="headline {"bad" if over else tone(report.verdict)}">'
    yield f"<h1>{escape(headline(report))}</h1>"
    yield f"<p>{escape(summary_line(report))}</p>"
    if ran := lines_line(report):
        yield f"<p>{escape(ran)}</p>"
    yield (
        f'<p class="quiet">Old is <code>{escape(report.base)}</code>, '
        f"new is <code>{escape(report.head)}</code>.</p>"
    )
    if report.checks:
        counts = (f"<li>{badge(v, f'{n} {v.value}')}</li>" for v, n in verdict_counts(report))
        yield f'<ul class="counts" aria-label="Checks by verdict">{"".join(counts)}</ul>'
    yield "</div>"
    if report.checks:
        yield _facts(report)


def _facts(report: Report) -> str:
    cases = sum(case_count(check) for check in report.checks)
    sites = sum(len(check.sites) for check in report.checks)
    parts = [
        _fact("inputs run on both sides", f"{cases:,}", "real data and variants of it"),
        _fact("rewritten sites", f"{sites:,}", f"in {count_text(len(report.checks), 'check')}"),
    ]
    peaks = [sides for check in report.checks if len(sides := _sides(check)) == 2]
    if peaks:
        old, new = (max(sides[i].median for sides in peaks) for i in (0, 1))
        parts.append(
            _fact(
                "largest peak memory",
                f"{bytes_text(old)} → {bytes_text(new)}",
                "of any check, old → new",
            )
        )
    ratios = [
        (ratio, check.name)
        for check in report.checks
        if check.verdict is Verdict.EQUAL and (ratio := memory_ratio(check)) is not None
    ]
    if ratios:
        ratio, name = min(ratios)
        parts.append(_fact("largest saving", ratio_text(ratio), f"of old's memory, in {name}"))
    return f'<dl class="facts">{"".join(parts)}</dl>'


def _fact(label: str, value: str, note: str) -> str:
    return (
        f"<div><dt>{escape(label)}</dt><dd>{escape(value)} <small>{escape(note)}</small></dd></div>"
    )


def _findings(report: Report) -> Iterator[str]:
    found = [(i, c, c.counterexample) for i, c in enumerate(report.checks, 1) if c.counterexample]
    if found:
        yield "<h2>What differs</h2>"
    for index, check, counterexample in found:
        yield _finding(index, check, counterexample)


def _finding(index: int, check: CheckResult, found: Counterexample) -> str:
    data = ", ".join(f"<code>{escape(path)}</code>" for path in found.data_files)
    parts = [
        f'<article class="finding" aria-labelledby="finding-{index}">',
        f'<header><h3 id="finding-{index}"><code>{escape(check.name)}</code></h3>'
        f"{badge(check.verdict)}</header>",
        f"<p>{escape(check.explanation)}</p>",
        f"<p>The smallest input found: <strong>{escape(found.case)}</strong>"
        + (f" in {data}" if data else "")
        + ".</p>",
    ]
    for difference in found.differences:
        parts.append(f'<p class="place">at <code>{escape(difference.place)}</code></p>')
        parts.append(
            f'<div class="sides">{_side("old", difference.old)}{_side("new", difference.new)}</div>'
        )
    if found.preview:
        parts.append(
            '<details><summary>The input</summary><pre class="command" tabindex="0">'
            f"<code>{escape(found.preview)}</code></pre></details>"
        )
    parts.append(
        '<h4>See it again</h4><pre class="command" tabindex="0">'
        f"<code>{escape(found.replay)}</code></pre>"
    )
    parts.append(f'<p><a href="#check-{index}">All evidence of this check</a></p></article>')
    return "\n".join(parts)


def _side(name: str, value: str) -> str:
    return (
        f'<figure><figcaption class="{name}">{name}</figcaption>'
        f'<pre tabindex="0" aria-label="{name} value">{escape(value)}</pre></figure>'
    )


def _summary(report: Report) -> Iterator[str]:
    if not report.checks:
        return
    largest = max(
        (side.median for c in report.checks for side in _sides(c)),
        default=0.0,
    )
    yield '<h2>Checks</h2>\n<div class="scroll">\n<table class="summary">'
    yield (
        "<caption>Peak memory over the baseline and time: medians; "
        "ratios are new as a multiple of old.</caption>"
    )
    yield (
        '<thead><tr><th scope="col">check</th><th scope="col">verdict</th>'
        '<th scope="col" class="n">inputs</th><th scope="col" class="n">peak memory, old → new</th>'
        '<th scope="col" class="n bar" aria-label="peak memory, drawn"></th>'
        '<th scope="col" class="n">memory</th><th scope="col" class="n">time</th></tr></thead>'
    )
    yield "<tbody>"
    for index, check in enumerate(report.checks, 1):
        yield _summary_row(index, check, largest)
    yield "</tbody>\n</table>\n</div>"


def _summary_row(index: int, check: CheckResult, largest: float) -> str:
    ratio = memory_ratio(check)
    memory_ratio_cell = "–" if ratio is None else ratio_text(ratio)
    sides = _sides(check)
    memory, drawn = "not measured", ""
    if len(sides) == 2 and largest:
        memory = " → ".join(bytes_text(side.median) for side in sides)
        drawn = _meter(sides[0].median / largest, sides[1].median / largest)
    return (
        f'<tr><th scope="row"><a href="#check-{index}"><code>{escape(check.name)}</code></a></th>'
        f'<td data-label="verdict">{badge(check.verdict)}</td>'
        f'<td class="n" data-label="inputs">{case_count(check):,}</td>'
        f'<td class="n" data-label="peak memory">{memory}</td>'
        f'<td class="n bar">{drawn}</td>'
        f'<td class="n" data-label="memory ratio">{memory_ratio_cell}</td>'
        f'<td class="n" data-label="time ratio">{escape(time_text(check))}</td></tr>'
    )


def _sides(check: CheckResult) -> list[Range]:
    return [side for side in (memory_range(check.old), memory_range(check.new)) if side]


def _meter(old: float, new: float) -> str:
    return (
        '<svg class="meter" viewBox="0 0 112 12" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="series-1" width="{max(1.0, old * 112):.1f}" height="5" rx="1"/>'
        f'<rect class="series-2" y="7" width="{max(1.0, new * 112):.1f}" height="5" rx="1"/></svg>'
    )


def _checks(report: Report) -> Iterator[str]:
    if report.checks:
        yield "<h2>Evidence, check by check</h2>"
    for index, check in enumerate(report.checks, 1):
        yield check_section(index, check)


def _notes(report: Report) -> Iterator[str]:
    notes = [*report.notes, *map(unreached_line, report.unreached_sites)]
    if notes:
        yield "<h2>Changed, and not run</h2>\n<ul>"
        yield from (f"<li>{escape(note)}</li>" for note in notes)
        yield "</ul>"


def _footer(report: Report) -> Iterator[str]:
    yield "<footer>\n<h2>How it was measured</h2>"
    yield f"<p>{escape(HOW_MEASURED)}</p>"
    if report.self_test:
        yield (
            "<p>The checker shows that it can fail before it is believed: "
            f"{escape(report.self_test.rstrip('.'))}.</p>"
        )
    if report.seconds:
        yield f"<p>The whole verification took {seconds_text(report.seconds)}.</p>"
    yield '<h2>What the verdicts mean</h2>\n<dl class="terms">'
    for verdict, meaning in MEANINGS.items():
        yield f"<dt>{badge(verdict)}</dt><dd>{escape(meaning)}</dd>"
    yield "</dl>"
    if report.machine:
        yield '<h2>Machine</h2>\n<dl class="terms">'
        for key, value in report.machine.items():
            yield f"<dt>{escape(key)}</dt><dd>{escape(value)}</dd>"
        yield "</dl>"
    yield "</footer>"
