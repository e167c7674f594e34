"""How memory grows with the data, as a chart and a table: a part of a check's section."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from statistics import median

from loadstream.charts.lines import Axis, Line, line_chart
from loadstream.charts.units import bytes_text, seconds_text
from loadstream.verify.model import Growth, GrowthPoint, GrowthSide
from loadstream.verify.report_figures import per_record

_MEGABYTE = 1024**2


def growth_part(index: int, name: str, growth: Growth) -> Iterator[str]:
    """The part of the check `name`; `index` makes its ids unique in the page."""
    sides = (("old", growth.old), ("new", growth.new))
    yield '<h4>Growth with the data</h4>\n<div class="measured">'
    lines = tuple(
        Line(_legend(side_name, side), _points(side), series, dotted=True)
        for series, (side_name, side) in enumerate(sides, 1)
    )
    if any(line.points for line in lines):
        highest = max(value for line in lines for _, value in line.points)
        yield line_chart(
            lines,
            Axis("records in the data", lambda count: f"{count:,.0f}"),
            Axis("peak over the baseline", _mark, _MEGABYTE if highest >= _MEGABYTE else 1024.0),
            identity=f"growth-{index}",
            title=f"Growth with the data: {name}",
            description="; ".join(line.name for line in lines),
        )
    yield "<div>"
    yield from _table(sides)
    files = ", ".join(f"<code>{escape(path)}</code>" for path in growth.data_files)
    yield (
        f'<p class="note">The real shape of {files}, so many times over. Sizes that were expected '
        f"to need more than {bytes_text(growth.ceiling_bytes)} of memory were skipped.</p>"
    )
    yield from (f'<p class="note">{escape(note)}</p>' for note in growth.notes)
    yield "</div>\n</div>"


def _legend(name: str, side: GrowthSide) -> str:
    return name if side.fit is None else f"{name}: {per_record(side)} a record"


def _points(side: GrowthSide) -> tuple[tuple[float, float], ...]:
    return tuple(
        (float(point.records), float(median(s.growth_bytes for s in point.samples)))
        for point in side.points
        if point.samples
    )


def _mark(count: float) -> str:
    return bytes_text(count).replace(".0 ", " ") if count else "0"


def _table(sides: tuple[tuple[str, GrowthSide], ...]) -> Iterator[str]:
    (_, old), (_, new) = sides
    yield (
        '<div class="scroll" tabindex="0" role="region" aria-label="Growth, figures">'
        '<table class="figures"><thead><tr><th scope="col">data</th>'
        '<th scope="col" class="n old">old</th><th scope="col" class="n new">new</th>'
        "</tr></thead><tbody>"
    )
    for before, after in zip(old.points, new.points, strict=True):
        what = f"{before.records:,} records, {bytes_text(before.data_bytes)}"
        size = f"{before.scale}×<small>{what}</small>"
        cells = "".join(f'<td class="n">{_cell(point)}</td>' for point in (before, after))
        yield f'<tr><th scope="row">{size}</th>{cells}</tr>'
    cells = "".join(f'<td class="n"><b>{per_record(side)}</b></td>' for _, side in sides)
    yield f'<tr><th scope="row">each record</th>{cells}</tr>'
    yield "</tbody></table></div>"


def _cell(point: GrowthPoint) -> str:
    if not point.samples:
        return f"skipped<small>{escape(point.skipped)}</small>"
    peak = median(sample.growth_bytes for sample in point.samples)
    seconds = median(sample.seconds for sample in point.samples)
    return f'<span class="figure">{bytes_text(peak)}</span><small>{seconds_text(seconds)}</small>'
