"""What became of each file: the values that the driver yields and the command prints.

`rewrite()` gives one `FileResult` for a file and touches nothing; `write()` turns the changed
ones into files and says of each whether that worked.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from loadstream.analysis.sites import Site


@dataclass(frozen=True, slots=True)
class Changed:
    """A file with at least one rewrite. `old` is what was read, `new` what would be written.

    `applied` are the sites that were rewritten, at their places in `old`; `kept` the others. A
    kept site has either refusals or a plan that was not asked for (unsafe, or another code).
    `requires` are the other files whose new content this one's calls: without them it must not be
    written.
    """

    path: Path
    old: bytes
    new: bytes
    applied: tuple[Site, ...]
    kept: tuple[Site, ...]
    requires: frozenset[Path] = frozenset()


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A file without a rewrite; `kept` as in `Changed`."""

    path: Path
    kept: tuple[Site, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that could not be read, parsed or edited; it stays as it is.

    `line` and `column` count from 1; both are 1 where the cause has no place. In a notebook they
    count within the cell of the number `cell`, if one is to blame.
    """

    path: Path
    line: int
    column: int
    cause: str
    cell: int | None = None


FileResult: TypeAlias = Changed | Unchanged | Failed


@dataclass(frozen=True, slots=True)
class Written:
    """The file at `path` has its new content."""

    path: Path


@dataclass(frozen=True, slots=True)
class NotWritten:
    """The file at `path` has its old content still; `cause` says why, in one line."""

    path: Path
    cause: str


WriteResult: TypeAlias = Written | NotWritten


class RewriteUnavailableError(Exception):
    """LibCST is not installed. The message says how to install it."""

    def __init__(self) -> None:
        super().__init__('rewrite needs libcst: pip install "loadstream[rewrite]"')

    def __reduce__(self) -> tuple[type[RewriteUnavailableError], tuple[()]]:
        return type(self), ()


class BackupError(Exception):
    """The old contents could not be kept, so nothing was written. The message says why."""
