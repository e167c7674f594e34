"""Places in a source file: what analysis reports and codemods look up.

`ast` counts columns in UTF-8 bytes; people, editors and LibCST count characters.
Every `Span` counts characters, so that nothing downstream has to know.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple


class Position(NamedTuple):
    """A place between two characters: `line` from 1, `column` in characters from 0."""

    line: int
    column: int


class Span(NamedTuple):
    """The text from `start` up to, not including, `end`."""

    start: Position
    end: Position

    def encloses(self, other: Span) -> bool:
        """Tell whether `other` lies wholly inside this span (or is the same)."""
        return self.start <= other.start and other.end <= self.end


class Lines:
    """The lines of a text, to turn `ast` places into spans and spans into text."""

    __slots__ = ("_lines",)

    def __init__(self, text: str) -> None:
        # As the parser splits: only \n, \r and \r\n end a line, never a form feed.
        self._lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def _position(self, line: int, byte_column: int) -> Position:
        text = self._lines[line - 1]
        if text.isascii():
            return Position(line, byte_column)
        return Position(line, len(text.encode()[:byte_column].decode(errors="ignore")))

    def span(self, node: ast.expr | ast.stmt | ast.alias | ast.arg | ast.keyword) -> Span:
        """The span of a node of the tree that was parsed from this text."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return Span(
            self._position(node.lineno, node.col_offset),
            self._position(node.end_lineno, node.end_col_offset),
        )

    def text(self, span: Span) -> str:
        """The characters of `span`, lines joined by a line feed."""
        first, last = span.start.line - 1, span.end.line - 1
        if first == last:
            return self._lines[first][span.start.column : span.end.column]
        inner = self._lines[first + 1 : last]
        head, tail = self._lines[first][span.start.column :], self._lines[last][: span.end.column]
        return "\n".join([head, *inner, tail])
