"""One check's section of the HTML report: verdict, inputs, memory and time, sites with diffs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape

from loadstream.charts.lines import Axis, Line, line_chart
from loadstream.charts.units import bytes_text, count_text, ratio_text, seconds_text
from loadstream.verify.budgets import control_of
from loadstream.verify.model import CheckResult, Measurements, Verdict
from loadstream.verify.report_figures import (
    SYMBOLS,
    Range,
    memory_growth,
    memory_range,
    memory_ratio,
    time_range,
    time_ratio,
    typical_sample,
)
from loadstream.verify.report_html_growth import growth_part

_MEGABYTE = 1024**2
_TONES = {Verdict.EQUAL: "good", Verdict.DIFFERENT: "bad", Verdict.ERROR: "bad"}


def tone(verdict: Verdict) -> str:
    """The style class of a verdict: good, bad or unsure."""
    return _TONES.get(verdict, "unsure")


def badge(verdict: Verdict, text: str = "") -> str:
    """A verdict as a coloured label that also reads without colour."""
    return (
        f'<span class="badge {tone(verdict)}"><span aria-hidden="true">{SYMBOLS[verdict]}</span> '
        f"{escape(text or verdict.value)}</span>"
    )


def check_section(index: int, check: CheckResult) -> str:
    """The section of `check`; its anchor is `check-INDEX`."""
    return "\n".join(
        (
            f'<section class="check" id="check-{index}" aria-labelledby="check-{index}-name">',
            f'<header><h3 id="check-{index}-name"><code>{escape(check.name)}</code></h3>'
            f"{badge(check.verdict)}</header>",
            f"<p>{escape(check.explanation)}</p>",
            *_remarks(check),
            *_files(check),
            *_cases(check),
            *_mutants(check),
            *_measurements(index, check),
            *(growth_part(index, check.name, check.growth) if check.growth else ()),
            *_sites(check),
            "</section>",
        )
    )


def _remarks(check: CheckResult) -> Iterator[str]:
    for line in check.over_budget:
        yield f'<p><span class="badge bad">over budget</span> {escape(line)}</p>'
    for line in check.advice:
        yield f'<p><span class="badge unsure">advice</span> {escape(line)}</p>'


def _files(check: CheckResult) -> Iterator[str]:
    if check.files and check.files != (check.name,):
        names = ", ".join(f"<code>{escape(path)}</code>" for path in check.files)
        yield f'<p class="quiet">Changed: {names}</p>'


def _cases(check: CheckResult) -> Iterator[str]:
    if check.cases:
        yield "<h4>Inputs by class</h4>"
        items = "".join(f"<li>{escape(c.name)} <b>{c.count:,}</b></li>" for c in check.cases)
        yield f'<ul class="classes">{items}</ul>'
        if check.raised:
            inputs = count_text(check.raised, "of these inputs", "of these inputs")
            yield f'<p class="note">On {inputs} both sides raised the same exception.</p>'


def _mutants(check: CheckResult) -> Iterator[str]:
    """How many faults put into the new code were noticed, each survivor with its diff."""
    mutants = check.mutants
    if mutants is None:
        return
    yield f"<h4>Mutants</h4><p>{escape(mutants.words)}.</p>"
    for mutant in mutants.survived:
        label = f"Mutant of {mutant.path} line {mutant.line}"
        yield (
            f'<details><summary><span class="badge unsure">survived</span> '
            f"<code>{escape(mutant.path)}:{mutant.line}</code> {escape(mutant.label)}</summary>"
            f"{_diff(mutant.diff, label)}</details>"
        )
    lost = [mutant for mutant in mutants.results if mutant.outcome == "could-not-run"]
    for mutant in lost:
        yield f'<p class="note">Could not run: {escape(mutant.at)}: {escape(mutant.why)}</p>'


def _measurements(index: int, check: CheckResult) -> Iterator[str]:
    if check.old is None or check.new is None:
        return
    if not check.old.samples or not check.new.samples:
        return
    yield '<h4>Memory and time</h4>\n<div class="measured">'
    yield from _timeline(index, check, check.old, check.new)
    yield "<div>"
    yield from _figures(check, check.old, check.new)
    yield "</div>\n</div>"
    yield from _raw(check.old, check.new)


def _timeline(
    index: int, check: CheckResult, old: Measurements, new: Measurements
) -> Iterator[str]:
    """Resident memory over time, one typical run of each side, its baseline subtracted."""
    lines = []
    for series, (name, side) in enumerate((("old", old), ("new", new)), 1):
        sample = typical_sample(side)
        if sample is not None:
            points = tuple(
                (at, float(max(0, resident - sample.baseline_memory_bytes)))
                for at, resident in sample.timeline
            )
            peak = bytes_text(memory_growth(sample))
            lines.append(
                Line(f"{name}: peak {peak}, {seconds_text(sample.seconds)}", points, series)
            )
    if not lines:
        return
    longest = max(line.points[-1][0] for line in lines)
    yield line_chart(
        tuple(lines),
        Axis(
            "time since start, one typical run of each side",
            _clock(longest),
            1.0 if longest >= 2 else 0.001,
        ),
        Axis("memory over the baseline", _mark, _memory_unit(lines)),
        identity=f"memory-{index}",
        title=f"Memory over time: {check.name}",
        description="; ".join(line.name for line in lines),
    )


def _mark(count: float) -> str:
    return bytes_text(count).replace(".0 ", " ") if count else "0"


def _clock(longest: float) -> Callable[[float], str]:
    if longest >= 2:
        return lambda seconds: f"{seconds:g} s"
    return lambda seconds: f"{seconds * 1000:g} ms"


def _memory_unit(lines: list[Line]) -> float:
    highest = max(value for line in lines for _, value in line.points)
    return _MEGABYTE if highest >= _MEGABYTE else 1024.0


def _figures(check: CheckResult, old: Measurements, new: Measurements) -> Iterator[str]:
    statistics = ": median, and minimum to maximum" if len(new.samples) > 1 else ""
    yield (
        f'<p class="note">{count_text(len(new.samples), "sample")} of each side{statistics}. '
        f"Peak memory has its baseline subtracted; read from {escape(new.reading)}.</p>"
        '<div class="scroll" tabindex="0" role="region" aria-label="Memory and time, figures">'
        '<table class="figures"><thead><tr><td></td><th scope="col" class="n old">old</th>'
        '<th scope="col" class="n new">new</th><th scope="col" class="n">new to old</th></tr>'
        "</thead><tbody>"
    )
    ratio = memory_ratio(check)
    yield _row(
        "peak memory",
        _spread(memory_range(old), bytes_text),
        _spread(memory_range(new), bytes_text),
        "–" if ratio is None else f"<b>{ratio_text(ratio)}</b>",
    )
    yield _row(
        "time",
        _spread(time_range(old), seconds_text),
        _spread(time_range(new), seconds_text),
        _spread(time_ratio(check), ratio_text),
    )
    control = None if check.control is None else control_of(old, check.control)
    if control is not None:
        said = "more than 3 %: noise" if control.noisy else "what is left to chance"
        label = f"old once more<small>{said}</small>"
        again = (_spread(memory_range(check.control), bytes_text), "", _times(control.memory))
        yield _row(label, *again)
    traced = [side.traced_peak_bytes for side in (old, new)]
    if traced != [None, None]:
        cells = ["not taken" if peak is None else bytes_text(peak) for peak in traced]
        yield _row("tracemalloc peak<small>a separate pass</small>", *cells, "")
    yield "</tbody></table></div>"


def _times(ratio: float | None) -> str:
    return "–" if ratio is None else ratio_text(ratio)


def _spread(values: Range | None, text: Callable[[float], str]) -> str:
    if values is None:
        return "–"
    low, high = text(values.minimum), text(values.maximum)
    around = "" if low == high else f"<small>{_from_to(low, high)}</small>"
    return f'<span class="figure">{text(values.median)}</span>{around}'


def _from_to(low: str, high: str) -> str:
    """`20.7–21.2 MB`; the unit twice only where it differs."""
    number, gap, unit = low.rpartition(" ")
    if gap and unit == high.rpartition(" ")[2]:
        return f"{number}–{high}"
    if low.endswith("×"):
        return f"{low[:-1]}–{high}"
    return f"{low}–{high}"


def _row(label: str, *cells: str) -> str:
    """One row; label and cells are HTML already."""
    return (
        f'<tr><th scope="row">{label}</th>'
        + "".join(f'<td class="n">{cell}</td>' for cell in cells)
        + "</tr>"
    )


def _raw(old: Measurements, new: Measurements) -> Iterator[str]:
    yield (
        "<details><summary>All samples</summary>"
        '<div class="scroll" tabindex="0" role="region" aria-label="All samples"><table>'
        '<thead><tr><th scope="col">side</th><th scope="col" class="n">run</th>'
        '<th scope="col" class="n">baseline</th><th scope="col" class="n">peak</th>'
        '<th scope="col" class="n">peak − baseline</th><th scope="col" class="n">time</th>'
        "</tr></thead><tbody>"
    )
    for name, side in (("old", old), ("new", new)):
        for run, sample in enumerate(side.samples, 1):
            cells = (
                str(run),
                bytes_text(sample.baseline_memory_bytes),
                bytes_text(sample.peak_memory_bytes),
                bytes_text(memory_growth(sample)),
                seconds_text(sample.seconds),
            )
            row = "".join(f'<td class="n">{cell}</td>' for cell in cells)
            yield f'<tr><th scope="row" class="{name}">{name}</th>{row}</tr>'
    yield "</tbody></table></div></details>"


def _sites(check: CheckResult) -> Iterator[str]:
    if not check.sites:
        return
    yield f"<h4>{count_text(len(check.sites), 'rewritten site')}</h4>"
    unfolded = " open" if len(check.sites) <= 3 else ""
    for site in check.sites:
        yield (
            f"<details{unfolded}><summary><code>{escape(site.path)}:{site.line}</code> "
            f"{escape(site.code)} {escape(site.rule)} {badge(check.verdict)}</summary>"
            f"{_diff(site.diff, f'Change at {site.path} line {site.line}')}</details>"
        )


def _diff(diff: str, name: str) -> str:
    lines = "".join(
        f'<span class="{_line_class(line)}">{escape(line)}\n</span>'
        for line in diff.rstrip("\n").split("\n")
    )
    label = escape(name, quote=True)
    return (
        f'<pre class="diff" tabindex="0" role="region" aria-label="{label}">'
        f"<code>{lines}</code></pre>"
    )


def _line_class(line: str) -> str:
    if line.startswith(("+++ ", "--- ")):
        return "file"
    return {"+": "add", "-": "del", "@": "at"}.get(line[:1], "ctx")
