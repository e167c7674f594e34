"""A notebook as one module: its code cells in the order of the file, and the way back.

    bytes → cells → Python → one text with a line between two cells → … → new text → cells → bytes

Everything that follows works on the one text, as on that of any other file; its places are turned
into cells and lines of theirs (`placed`) when a result leaves. A line between two cells is a bare
name that occurs nowhere else, so that nothing is ever taken for a neighbour across it.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from loadstream.analysis.magics import Readable, readable
from loadstream.analysis.notebook_text import CodeCell, NotebookText, could_hold, read_notebook
from loadstream.analysis.reasons import Refusal
from loadstream.analysis.source import SourceError, SourceFile, decode, parse
from loadstream.analysis.spans import Position, Span

SUFFIX = ".ipynb"
_LINE = re.compile(r"\bline (\d+)\b")


class Place(NamedTuple):
    """A position within a cell, whose number counts all cells of the notebook from 1."""

    cell: int
    position: Position


@dataclass(frozen=True)
class Notebook:
    """The cells behind a module's text. `starts` are the lines of the text that they begin at."""

    file: NotebookText
    cells: tuple[Readable, ...]
    starts: tuple[int, ...]
    mark: str

    @property
    def uncertain(self) -> bool:
        """Whether a magic may bind any name."""
        return any(cell.uncertain for cell in self.cells)

    def place(self, position: Position) -> Place:
        """Where a position of the text is in the notebook."""
        index = max(bisect.bisect_right(self.starts, position.line) - 1, 0)
        line = position.line - self.starts[index] + 1
        return Place(self.file.cells[index].number, Position(line, position.column))

    def same_cell(self, spans: Iterable[Span]) -> bool:
        """Whether all of `spans`, places of the text, are in one cell."""
        return len({self.place(span.start).cell for span in spans}) < 2

    def span(self, span: Span) -> Span:
        """A span of the text as one of its cell."""
        return Span(self.place(span.start).position, self.place(span.end).position)

    def refusal(self, refusal: Refusal, home: int) -> Refusal:
        """A refusal with its places as they are in the cells; `home` is that of the load."""
        words = self.words(refusal.words, home)
        span = None if refusal.span is None else self.span(refusal.span)
        return refusal._replace(fact=words, span=span)

    def words(self, words: str, home: int) -> str:
        """What a message says, with lines of cells in place of those of the text."""

        def line(found: re.Match[str]) -> str:
            place = self.place(Position(int(found[1]), 0))
            where = "" if place.cell == home else f" of cell {place.cell}"
            return f"line {place.position.line}{where}"

        return re.sub(rf"{self.mark}\w*(\(\))?", "a magic", _LINE.sub(line, words))

    def error(self, error: SourceError) -> SourceError:
        """An error about the text as one about the cell."""
        place = self.place(Position(error.line, 0))
        return SourceError(error.cause, place.position.line, error.column, place.cell)

    def text_of_cells(self, text: str) -> dict[int, str]:
        """The cells by their numbers that `text`, a new version of the module's, stands for.

        Raises SourceError where a line between two cells or one in place of a magic is not there.
        """
        pieces = text.split(f"\n{self.mark}\n")
        if len(pieces) != len(self.cells):
            raise SourceError("the cells could not be told apart after the edit: please report it")
        return {
            cell.number: _restored(piece, old, cell.text)
            for piece, old, cell in zip(pieces, self.cells, self.file.cells, strict=True)
        }

    def encoded(self, text: str) -> bytes:
        """The file with `text` in place of the module's."""
        return self.file.with_cells(self.text_of_cells(text)).encode()


def source_of(data: bytes, path: Path) -> SourceFile:
    """The file of bytes `data` at `path`, a module or a notebook. Raises SourceError."""
    if path.suffix != SUFFIX:
        return parse(decode(data), path)
    file = read_notebook(data)
    mark = _unused_name(cell.text for cell in file.cells)
    cells = [_readable(cell, f"{mark}{number}_") for number, cell in enumerate(file.cells)]
    sizes = [len(re.findall(r"\r\n?|\n", cell.text)) + 2 for cell in cells]
    starts = itertools.accumulate([1, *sizes[:-1]]) if sizes else ()
    notebook = Notebook(file, tuple(cells), tuple(starts), mark)
    source = parse(f"\n{mark}\n".join(cell.text for cell in cells), path)
    return replace(source, notebook=notebook)


def read(path: Path) -> SourceFile:
    """Read and parse the file at `path`. Raises SourceError, OSError."""
    return source_of(path.read_bytes(), path)


def code_of(data: bytes, path: Path) -> bytes:
    """The code in the file of bytes `data`, to be searched for words; all of it where unsure."""
    if path.suffix != SUFFIX:
        return data
    try:
        cells = read_notebook(data).cells
    except SourceError:
        return could_hold(data)
    return "\n".join(cell.text for cell in cells).encode(errors="replace")


def _readable(cell: CodeCell, callee: str) -> Readable:
    try:
        return readable(cell.text, callee)
    except SourceError as error:
        raise SourceError(error.cause, error.line, error.column, cell.number) from error


def _restored(text: str, old: Readable, cell: str) -> str:
    """The text of a cell with its magics, and with no blank lines at its ends that were not there.

    Raises SourceError where a magic's place is lost.
    """
    if text == old.text:
        return cell
    for mask in old.masks:
        if text.count(mask.standing) != 1:
            raise SourceError("a magic lost its place in the edit: please report it")
        text = text.replace(mask.standing, mask.original)
    if not _starts_blank(old.text):
        text = re.sub(r"\A(?:[ \t\f]*\r?\n)+", "", text)
    return text if old.text.endswith("\n") else text.rstrip("\r\n")


def _starts_blank(text: str) -> bool:
    return not text.partition("\n")[0].strip()


def _unused_name(texts: Iterable[str]) -> str:
    """A name that occurs nowhere in `texts`."""
    every = list(texts)
    names: Iterator[str] = (f"_loadstream_cell{'_' * number}" for number in itertools.count())
    return next(name for name in names if not any(name in text for text in every))
