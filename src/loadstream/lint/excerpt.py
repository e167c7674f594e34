"""The lines of a finding as a terminal shows them, with the place underlined.

      |
    3 | print(len(load_rows()))
      |           ^^^^^^^^^^^

Columns of a terminal are not characters: a tab is several, a wide character is two, an accent of
its own is none. What a terminal would obey or hide, such as an escape or a change of direction, is
shown as a replacement character. Long lines are cut around the place.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from loadstream.lint.findings import Finding
from loadstream.lint.paint import GUTTER, PLACE, Paint

INDENT = "  "
_CONTEXT = 1  # lines above and below
_WIDTH = 100  # columns of a line that is shown
_BEFORE = 20  # columns that stay in front of the place where a line is cut there
_TAB = 4
_HEAD, _TAIL = 3, 2  # lines of a long place that are shown
_Row: TypeAlias = Callable[[int | None, str], str]
_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def excerpt(finding: Finding, lines: Sequence[str], paint: Paint) -> Iterator[str]:
    """The place of `finding` in `lines`, those of its file; nothing where there is no such place.

    Every line begins with blanks.
    """
    first, last = finding.line, finding.end_line
    if not 1 <= first <= last <= len(lines):
        return
    start, end = finding.column - 1, finding.end_column - 1
    above = _context(lines, range(max(1, first - _CONTEXT), first), nearest_last=True)
    below = _context(lines, range(last + 1, min(len(lines), last + _CONTEXT) + 1))
    width = len(str(max([last, *below])))
    margin = "  " if last > first else ""

    def row(number: int | None, text: str) -> str:
        head = f"{INDENT}{number if number is not None else '':>{width}} |"
        return f"{paint(head, GUTTER)} {text}".rstrip()

    def mark(text: str) -> str:
        blanks = text[: len(text) - len(text.lstrip())]
        return blanks + paint(text.lstrip(), PLACE)

    yield row(None, "")
    for number in above:
        yield row(number, margin + _cut(lines[number - 1]).text)
    if first == last:
        shown = _cut(lines[first - 1], start, end)
        begin, stop = shown.column(start), shown.column(end)
        yield row(first, shown.text)
        yield row(None, mark(" " * begin + "^" * max(stop - begin, 1)))
    else:
        yield from _several(finding, lines, row, paint)
    for number in below:
        yield row(number, margin + _cut(lines[number - 1]).text)


def visible(line: str) -> str:
    """A whole line as a terminal shows it, with nothing in it that one would obey or hide."""
    return "".join(_spread(line)[0])


def _several(finding: Finding, lines: Sequence[str], row: _Row, paint: Paint) -> Iterator[str]:
    """A place of several lines, with a bar beside it from where it begins to where it ends."""
    first, last, start = finding.line, finding.end_line, finding.column - 1
    opening = _cut(lines[first - 1], start)
    bar = paint("|", PLACE)
    if lines[first - 1][:start].strip():
        yield row(first, f"  {opening.text}")
        yield row(None, " " + paint("_" * (opening.column(start) + 1) + "^", PLACE))
    else:
        yield row(first, f"{paint('/', PLACE)} {opening.text}")
    for number in range(first + 1, last + 1):
        if first + _HEAD <= number <= last - _TAIL:
            if number == first + _HEAD:
                yield f"{INDENT}...".ljust(len(INDENT) + len(str(last)) + 3) + bar
            continue
        yield row(number, f"{bar} {_cut(lines[number - 1]).text}")
    closing = _cut(lines[last - 1])
    end = min(closing.column(max(finding.end_column - 2, 0)), _WIDTH)
    yield row(None, paint(f"|{'_' * (end + 1)}^", PLACE))


def _context(lines: Sequence[str], numbers: range, *, nearest_last: bool = False) -> Sequence[int]:
    """Those of `numbers` whose lines are worth showing: up to the first blank one."""
    kept: list[int] = []
    for number in reversed(numbers) if nearest_last else numbers:
        if not lines[number - 1].strip():
            break
        kept.append(number)
    return kept[::-1] if nearest_last else kept


@dataclass(frozen=True, slots=True)
class _Shown:
    """A line as it is shown. `starts` are the columns of its characters, and of its end."""

    text: str
    starts: Sequence[int]

    def column(self, character: int) -> int:
        """Where a character of the line is, or would be behind its end."""
        return max(self.starts[min(character, len(self.starts) - 1)], 0)


def _cut(line: str, start: int = 0, end: int | None = None) -> _Shown:
    """`line` with its characters from `start` to `end` (or a few of them) in what is shown."""
    pieces, starts = _spread(line)
    total = starts[-1]
    if total <= _WIDTH:
        return _Shown("".join(pieces), starts)
    begin = starts[min(start, len(pieces))]
    stop = begin if end is None else starts[min(end, len(pieces))]
    left = 0 if max(stop, begin + 1) < _WIDTH else max(0, begin - _BEFORE)
    shown = [
        number
        for number, piece in enumerate(pieces)
        if piece and left <= starts[number] and starts[number + 1] <= left + _WIDTH
    ]
    front, back = "…" if left else "", "…" if starts[shown[-1] + 1] < total else ""
    shift = len(front) - starts[shown[0]]
    most = _WIDTH + len(front)
    text = front + "".join(pieces[shown[0] : shown[-1] + 1]) + back
    return _Shown(text, [min(column + shift, most) for column in starts])


def _spread(line: str) -> tuple[list[str], list[int]]:
    """Each character as it is shown, and the columns that they begin at, and the end's."""
    pieces, starts = [], [0]
    for character in line:
        piece, width = _piece(character, starts[-1])
        pieces.append(piece)
        starts.append(starts[-1] + width)
    return pieces, starts


def _piece(character: str, column: int) -> tuple[str, int]:
    if character == "\t":
        width = _TAB - column % _TAB
        return " " * width, width
    if " " <= character <= "~":
        return character, 1
    category = unicodedata.category(character)
    if category in _UNSHOWN:
        return "\N{REPLACEMENT CHARACTER}", 1
    if category in ("Mn", "Me"):
        return character, 0
    return character, 2 if unicodedata.east_asian_width(character) in "WF" else 1
