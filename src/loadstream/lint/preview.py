"""A fix as a small diff below its finding: the lines that would go, and those that would come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from loadstream.lint.excerpt import INDENT, visible
from loadstream.lint.fixes import Edit, with_edits
from loadstream.lint.paint import ADDED, GUTTER, REMOVED, Paint

_CONTEXT = 1


def preview(lines: Sequence[str], edits: Sequence[Edit], paint: Paint) -> Iterator[str]:
    """What `edits` change in `lines`, with the numbers of the old lines; all of it is indented."""
    import difflib  # only where a fix is shown

    if not all(1 <= edit.line <= edit.end_line <= len(lines) for edit in edits):
        return
    width = len(str(len(lines)))

    def row(number: int | str, sign: str, text: str) -> str:
        return f"{INDENT}{paint(f'{number:>{width}}', GUTTER)} {sign} {visible(text)}".rstrip()

    above = 0
    for near in _neighbours(edits):
        first = max(near[0].line - _CONTEXT, above + 1)
        old = lines[first - 1 : near[-1].end_line + _CONTEXT]
        new = with_edits(old, [_moved(edit, first - 1) for edit in near]).split("\n")
        matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
        for group in matcher.get_grouped_opcodes(_CONTEXT):
            if above:
                yield f"{INDENT}..."
            above = first - 1 + group[-1][2]
            for kind, begin, end, *added in group:
                sign, colour = ("|", GUTTER) if kind == "equal" else ("-", REMOVED)
                for number in range(begin, end):
                    yield row(first + number, paint(sign, colour), old[number])
                if kind != "equal":
                    for text in new[slice(*added)]:
                        yield row("", paint("+", ADDED), text)


def _neighbours(edits: Sequence[Edit]) -> Iterator[list[Edit]]:
    """The edits in groups that are so close that what stands between them would be shown."""
    near: list[Edit] = []
    for edit in edits:
        if near and edit.line - near[-1].end_line > 2 * _CONTEXT:
            yield near
            near = []
        near.append(edit)
    if near:
        yield near


def _moved(edit: Edit, lines: int) -> Edit:
    return replace(edit, line=edit.line - lines, end_line=edit.end_line - lines)
