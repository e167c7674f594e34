"""A line chart as SVG text: a few named lines over two linear axes that start at zero.

The drawing carries classes, not colours (`series-1`, `axis`, `grid`), so that the page around it
decides how it looks in light, in dark and on paper. `STYLE` is a default for a file of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from loadstream.charts.scales import Scale, ticks

_LEFT, _RIGHT, _TOP, _BOTTOM = 68.0, 30.0, 6.0, 44.0
_ROW = 19.0

STYLE = """
svg.chart { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; background: #fff }
.chart .grid { stroke: #e3e6ea } .chart .axis { fill: #57606a }
.chart .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round }
.chart .area { stroke: none; opacity: .08 }
.chart .series-1 { --ink: #b45309 } .chart .series-2 { --ink: #1d63c4 }
.chart .series-3 { --ink: #0f766e } .chart .series-4 { --ink: #7c3aed }
.chart .line { stroke: var(--ink) } .chart .area, .chart .dot, .chart .name { fill: var(--ink) }
.chart .name { font-weight: 600 }
@media (prefers-color-scheme: dark) {
  svg.chart { background: #14171b }
  .chart .grid { stroke: #2c3138 } .chart .axis { fill: #9aa4af }
  .chart .series-1 { --ink: #f0a35e } .chart .series-2 { --ink: #6cabf7 }
  .chart .series-3 { --ink: #4fc3b5 } .chart .series-4 { --ink: #b79cf7 }
}
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its name, its points in rising x, and its place (1–4) in the palette.

    `dotted` marks each point: for a few separate measurements, not for a reading over time. A
    single point is always marked.
    """

    name: str
    points: tuple[tuple[float, float], ...]
    series: int
    dotted: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis counts: a label, the unit its marks are rounded in, and how a mark is written.

    `unit` is what one round step is in values: 1024**2 makes the marks whole megabytes.
    """

    label: str
    text: Callable[[float], str]
    unit: float = 1.0


def line_chart(
    lines: tuple[Line, ...],
    x: Axis,
    y: Axis,
    *,
    identity: str,
    title: str,
    description: str,
    width: int = 520,
    height: int = 260,
    style: str = "",
) -> str:
    """An `<svg>` element with the lines, axes from zero, and a row with each line's name.

    `title` and `description` are what a screen reader says; `identity` makes their ids unique in
    the page. `style` is put inside (`STYLE` for a file of its own). Lines without points are left
    out; there is at least one line with a point.
    """
    drawn = tuple(line for line in lines if line.points)
    x_marks = _marks(max(px for line in drawn for px, _ in line.points), x.unit, 4)
    y_marks = _marks(max(py for line in drawn for _, py in line.points), y.unit, 4)
    across = Scale(0.0, x_marks[-1], _LEFT, width - _RIGHT)
    up = Scale(0.0, y_marks[-1], height - _BOTTOM, _TOP + _ROW * len(drawn) + 10)
    parts = [
        f'<svg class="chart" viewBox="0 0 {width} {height}" role="img" '
        f'aria-labelledby="{identity}-title {identity}-desc" width="{width}" height="{height}" xmlns="http://www.w3.org/2000/svg">',
        f'<title id="{identity}-title">{escape(title)}</title>',
        f'<desc id="{identity}-desc">{escape(description)}</desc>',
    ]
    if style:
        parts.append(f"<style>{style}</style>")
    parts += _grid(across, up, x_marks, y_marks, x, y, width, height)
    for line in drawn:
        parts += _line(line, across, up)
    parts += _legend(drawn)
    parts.append("</svg>")
    return "\n".join(parts)


def _marks(high: float, unit: float, wanted: int) -> tuple[float, ...]:
    return tuple(mark * unit for mark in ticks(high / unit, wanted))


def _grid(
    across: Scale,
    up: Scale,
    x_marks: tuple[float, ...],
    y_marks: tuple[float, ...],
    x: Axis,
    y: Axis,
    width: int,
    height: int,
) -> list[str]:
    parts = []
    for mark in y_marks:
        at = up.pixel(mark)
        parts.append(
            f'<line class="grid" x1="{_LEFT:g}" x2="{width - _RIGHT:g}" '
            f'y1="{at:.1f}" y2="{at:.1f}"/>'
            f'<text class="axis" x="{_LEFT - 8:g}" y="{at + 4:.1f}" text-anchor="end">'
            f"{escape(y.text(mark))}</text>"
        )
    parts += [
        f'<text class="axis" x="{across.pixel(mark):.1f}" y="{height - _BOTTOM + 17:g}" '
        f'text-anchor="middle">{escape(x.text(mark))}</text>'
        for mark in x_marks
    ]
    parts.append(
        f'<text class="axis" x="{(across.start + across.end) / 2:.1f}" y="{height - 6:g}" '
        f'text-anchor="middle">{escape(x.label)}</text>'
    )
    return parts


def _line(line: Line, across: Scale, up: Scale) -> list[str]:
    places = [f"{across.pixel(px):.1f} {up.pixel(py):.1f}" for px, py in line.points]
    last = line.points[-1]
    first_x, last_x = across.pixel(line.points[0][0]), across.pixel(last[0])
    group = [f'<g class="series-{line.series}">']
    if len(places) > 1:
        path = "M" + " L".join(places)
        group.append(
            f'<path class="area" d="{path} L{last_x:.1f} {up.start:.1f} '
            f'L{first_x:.1f} {up.start:.1f} Z"/><path class="line" d="{path}"/>'
        )
    if line.dotted or len(places) == 1:
        group += [
            f'<circle class="dot" cx="{place.split()[0]}" cy="{place.split()[1]}" r="3"/>'
            for place in places
        ]
    return [*group, "</g>"]


def _legend(lines: tuple[Line, ...]) -> list[str]:
    """One row a line, so that no two names can ever collide, whatever the font's size."""
    parts = []
    for row, line in enumerate(lines):
        at = _TOP + row * _ROW
        parts.append(
            f'<g class="series-{line.series}">'
            f'<path class="line" d="M{_LEFT:g} {at + 6:g} h22"/>'
            f'<text class="name" x="{_LEFT + 30:g}" y="{at + 10:g}">{escape(line.name)}</text></g>'
        )
    return parts
