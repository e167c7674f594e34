"""An open document as it is at one moment: its path, its bytes, and where its text is shown.

A notebook is one document of several parts, its cells; every other one has a single part.
"""

from __future__ import annotations

import io
import itertools
import json
import re
import tokenize
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from lsprotocol import types
from pygls.workspace import PositionCodec

from loadstream.analysis.spans import Lines, Position, Span

_BOM = "\ufeff"
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")


@dataclass(frozen=True)
class Part:
    """A text that the editor shows: a file, or a cell. `codec` counts columns as the client does.

    `language` is what the client takes it for, empty where it does not say.
    """

    uri: str
    version: int | None
    text: str
    codec: PositionCodec
    language: str = ""

    def with_changes(
        self, version: int, changes: Iterable[types.TextDocumentContentChangeEvent]
    ) -> Part:
        """The text after `changes`, which follow one another."""
        part = replace(self, version=version)
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                start, end = map(part._offset, (change.range.start, change.range.end))
                part = replace(part, text=part.text[:start] + change.text + part.text[end:])
            else:
                part = replace(part, text=change.text)
        return part

    def _offset(self, place: types.Position) -> int:
        lines = _LINE.findall(self.text)
        if place.line >= len(lines):
            return len(self.text)
        line = lines[place.line].rstrip("\r\n")
        units = itertools.accumulate(map(self.codec.client_num_units, line), initial=0)
        column = next((i for i, unit in enumerate(units) if unit >= place.character), len(line))
        return sum(map(len, lines[: place.line])) + column

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines without their ends: the same as the parser's, and as the protocol's."""
        return tuple(Lines(self.text.removeprefix(_BOM)))

    def place(self, position: Position) -> types.Position:
        """A position of the analysis as one of the client."""
        number = min(position.line, len(self.lines)) - 1
        before = self.lines[number][: position.column]
        if number == 0 and self.text.startswith(_BOM):
            before = _BOM + before
        return types.Position(number, self.codec.client_num_units(before))

    def range(self, span: Span) -> types.Range:
        """A span of the analysis as a range of the client."""
        return types.Range(self.place(span.start), self.place(span.end))


@dataclass(frozen=True)
class Document:
    """What is analysed. `parts` are by the numbers of their cells, None where there are none."""

    uri: str
    path: Path
    data: bytes
    parts: Mapping[int | None, Part]


def module(part: Part, path: Path) -> Document:
    """The document of a Python file."""
    return Document(part.uri, path, _bytes(part.text), {None: part})


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of an open notebook."""

    part: Part
    is_code: bool


def notebook(uri: str, path: Path, cells: Sequence[Cell]) -> Document:
    """The document of a notebook, whose cells are counted from 1."""
    content = {
        "cells": [
            {
                "cell_type": "code" if cell.is_code else "markdown",
                "metadata": {"vscode": {"languageId": cell.part.language}},
                "source": cell.part.text,
            }
            for cell in cells
        ],
        "metadata": {},
        "nbformat": 4,
    }
    parts: dict[int | None, Part] = {n: cell.part for n, cell in enumerate(cells, 1)}
    return Document(uri, path, json.dumps(content).encode(), parts)


def _bytes(text: str) -> bytes:
    """The text as its file would hold it: in the encoding that its first lines name."""
    data = text.encode("utf-8", "replace")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return text.encode("utf-8" if encoding == "utf-8-sig" else encoding)
    except (SyntaxError, LookupError, UnicodeEncodeError):
        return data  # and what is wrong with it is said when it is read
