"""The source texts that findings are about, for excerpts and fingerprints.

Each file is read once, when something is to be said about it: a run that finds nothing reads
nothing twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from loadstream.lint.findings import Finding

_NOTEBOOK = ".ipynb"
_Cells = Mapping[int | None, Sequence[str]]


class Texts:
    """The lines of files by their paths as findings have them; `given` are not read from disk."""

    def __init__(self, given: Mapping[str, bytes] | None = None) -> None:
        self._given = given or {}
        self._read: dict[str, _Cells] = {}

    def lines(self, path: str, cell: int | None = None) -> Sequence[str]:
        """The lines of a file or of a cell of it; none where they cannot be read."""
        if path not in self._read:
            self._read[path] = self._cells(path)
        return self._read[path].get(cell, ())

    def of_place(self, finding: Finding) -> Sequence[str]:
        """The lines that `finding` spans; none where the text has no such place (any more)."""
        lines = self.lines(finding.path, finding.cell)
        if not 1 <= finding.line <= finding.end_line <= len(lines):
            return ()
        return lines[finding.line - 1 : finding.end_line]

    def _cells(self, path: str) -> _Cells:
        from loadstream.analysis.notebook_text import read_notebook
        from loadstream.analysis.source import SourceError, decode
        from loadstream.analysis.spans import Lines

        try:
            data = self._given[path] if path in self._given else Path(path).read_bytes()
            if not path.endswith(_NOTEBOOK):
                return {None: list(Lines(decode(data)))}
            cells = read_notebook(data).cells
        except (OSError, SourceError):
            return {}
        return {cell.number: list(Lines(cell.text)) for cell in cells}
