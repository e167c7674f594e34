"""A finding: what lint says about one place. The JSON output is these fields, one to one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from loadstream.lint.codes import KEPT, NAMES, UNREADABLE


class Finding(NamedTuple):
    """One place, and the fact about it.

    Lines and columns are from 1, columns in characters; the end is the place just behind.
    `fix` is "safe", "unsafe", or None where nothing can be rewritten. `reasons` are the slugs for
    which a load is kept or its rewrite is unsafe. In a notebook `cell` is the number of the cell
    among all cells, from 1, and lines count within it.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    code: str
    rule: str
    message: str
    loader: str | None
    stream: str | None
    fix: str | None
    reasons: tuple[str, ...]
    cell: int | None = None

    @property
    def place(self) -> str:
        """Where it is, as it is shown: `path:line:column`, `path:cell 3:line:column`."""
        cell = "" if self.cell is None else f"cell {self.cell}:"
        return f"{self.path}:{cell}{self.line}:{self.column}"


def unreadable(path: str, cause: str, line: int, column: int, cell: int | None = None) -> Finding:
    """The finding about a file that could not be read or parsed."""
    return Finding(
        path=path,
        line=line,
        column=column,
        end_line=line,
        end_column=column,
        code=UNREADABLE,
        rule=NAMES[UNREADABLE],
        message=f"cannot be analysed: {cause}",
        loader=None,
        stream=None,
        fix=None,
        reasons=(),
        cell=cell,
    )


class Judged(NamedTuple):
    """The findings of each file, empty for most.

    `parsed` are those that were worth it. `is_repeatable`: all of it follows from the files under
    the root.
    """

    findings: Mapping[Path, tuple[Finding, ...]]
    parsed: frozenset[Path]
    is_repeatable: bool


class LintResult(NamedTuple):
    """Everything that was found in `files` files: kept loads too, whether shown or not."""

    files: int
    findings: tuple[Finding, ...]

    @property
    def sites(self) -> tuple[Finding, ...]:
        """The findings about loads and streams, without the files that could not be read."""
        return tuple(finding for finding in self.findings if finding.code != UNREADABLE)

    @property
    def kept(self) -> tuple[Finding, ...]:
        """The loads that stay."""
        return tuple(finding for finding in self.findings if finding.code == KEPT)

    @property
    def reported(self) -> tuple[Finding, ...]:
        """What makes lint exit with 1: everything but kept loads."""
        return tuple(finding for finding in self.findings if finding.code != KEPT)

    def with_fix(self, fix: str) -> tuple[Finding, ...]:
        """The findings whose fix is `fix`."""
        return tuple(finding for finding in self.findings if finding.fix == fix)


def count_reasons(kept: Iterable[Finding]) -> list[tuple[str, int]]:
    """How often each reason is named among kept loads, the most frequent first."""
    counts = Counter(slug for finding in kept for slug in finding.reasons)
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def to_json(files: int, findings: Iterable[Finding]) -> dict[str, object]:
    """The document of `--format json`."""
    return {"version": 1, "files": files, "findings": [_fields(finding) for finding in findings]}


def _fields(finding: Finding) -> dict[str, object]:
    """The keys of a finding; `cell` is one in a notebook only."""
    keys = finding._asdict()
    if finding.cell is None:
        del keys["cell"]
    return keys
