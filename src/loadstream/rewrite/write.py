"""Changed files to disk: each whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from loadstream.rewrite.results import FileResult, WriteResult


def write(results: Iterable[FileResult], *, root: Path) -> tuple[WriteResult, ...]:
    """Replace each changed file by its new content; one outcome for each `Changed`, in order.

    A file that changed since it was read, a read-only file and one that cannot be written keep
    their content and are `NotWritten`; the others are written all the same. Temporary files live
    in `.loadstream_cache` under `root`. Raises nothing of its own.
    """
    raise NotImplementedError
