"""The fixes of files, for a process that never imports LibCST: `lint` asks one like this.

A `Request` comes pickled on stdin; for each of its files an `Answer` goes to stdout, as soon as it
is there. A file on which LibCST's parser takes the process down is the first without an answer.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from loadstream.analysis.repository import Repository
from loadstream.analysis.settings import Settings
from loadstream.analysis.source import SourceError
from loadstream.rewrite.fixes import Fix, fixes_of
from loadstream.rewrite.results import RewriteUnavailableError

# Plain values only: the two sides share no class. A file is its name, path and bytes (None: to be
# read); a fix is a cell, line, column and code, and its edits: cell, four numbers, and the text.
File = tuple[str, str, bytes | None]
Request = tuple[str, Settings | None, tuple[File, ...]]
Place = tuple[int | None, int, int, str]
Edit = tuple[int | None, int, int, int, int, str]
Answer = tuple[str, dict[Place, tuple[Edit, ...]]]


def main() -> None:
    """Answer the request on stdin."""
    answer_all(pickle.load(sys.stdin.buffer), sys.stdout.buffer)


def answer_all(request: Request, out: BinaryIO) -> None:
    """Write the answer for each file of `request`."""
    root, settings, files = request
    repository = Repository(Path(root), settings)
    for name, path, data in files:
        answer: Answer = (name, dict(_of_file(Path(path), data, repository)))
        pickle.dump(answer, out)
        out.flush()


def _of_file(
    path: Path, data: bytes | None, repository: Repository
) -> Iterator[tuple[Place, tuple[Edit, ...]]]:
    try:
        text = path.read_bytes() if data is None else data
        for fix in fixes_of(path, text, repository, unsafe=True):
            yield _place(fix), tuple(_edits(fix))
    except (OSError, SourceError, RecursionError, RewriteUnavailableError):
        return


def _place(fix: Fix) -> Place:
    site = fix.site
    assert site.plan is not None
    return site.cell, site.span.start.line, site.span.start.column + 1, site.plan.code


def _edits(fix: Fix) -> Iterator[Edit]:
    for edit in fix.edits:
        start, end = edit.span.start, edit.span.end
        yield edit.cell, start.line, start.column + 1, end.line, end.column + 1, edit.text
