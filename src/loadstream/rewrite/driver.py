"""Sites to new text, file by file. Nothing is written here."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from loadstream.rewrite.results import FileResult


def rewrite(
    files: Sequence[Path],
    *,
    root: Path,
    codes: Collection[str] | None = None,
    unsafe: bool = False,
    named: Collection[Path] = (),
) -> Iterator[FileResult]:
    """What rewriting each of `files` would give, in their order; writes nothing.

    Imports are followed inside `root`. `codes` restricts the patterns (None: all); unsafe rewrites
    are made only if `unsafe`. Files in `named` are parsed whether or not they hold a loader's
    name. Raises RewriteUnavailableError where something is to be rewritten and LibCST is missing.
    """
    raise NotImplementedError
