"""The unified diff of a changed file, as `git diff` would head it and `git apply` takes it.

Of a notebook it is one of each cell's code, to be read.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from pathlib import Path, PurePath

from loadstream.analysis.notebook_text import read_notebook
from loadstream.analysis.notebooks import SUFFIX
from loadstream.analysis.source import SourceError, decode
from loadstream.rewrite.results import Changed


def unified_diff(result: Changed, base: Path | None = None) -> str:
    """The diff from old to new, every line ended; paths relative to `base` (the working folder)."""
    name = _relative(result.path, Path.cwd() if base is None else base)
    if result.path.suffix == SUFFIX:
        return "".join(_of_cells(result, name))
    return _diff(name, _lines(result.old), _lines(result.new))


def _of_cells(result: Changed, name: str) -> Iterator[str]:
    """A diff for each cell that has changed: the code, not the JSON that it stands in."""
    old, new = read_notebook(result.old).cells, read_notebook(result.new).cells
    for before, after in zip(old, new, strict=True):
        if before.text != after.text:
            texts = (_split(f"{cell.text}\n") for cell in (before, after))
            yield _diff(f"{name}:cell {before.number}", *texts)


def _diff(name: str, old: list[str], new: list[str]) -> str:
    return "".join(_ended(difflib.unified_diff(old, new, f"a/{name}", f"b/{name}")))


def _relative(path: Path, base: Path) -> str:
    try:
        return PurePath(os.path.relpath(path, base)).as_posix()
    except ValueError:  # another drive
        return path.as_posix()


def _lines(data: bytes) -> list[str]:
    try:
        text = decode(data)
    except SourceError:
        text = data.decode(errors="replace")
    return _split(text)


def _split(text: str) -> list[str]:
    # Only a line feed ends a line of a diff: a form feed or a lone \r is content.
    pieces = text.split("\n")
    return [piece + "\n" for piece in pieces[:-1]] + ([pieces[-1]] if pieces[-1] else [])


def _ended(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
