"""A finding: what lint says about one place. The JSON output is these fields, one to one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from loadstream.lint.catalogue import KEPT, UNREADABLE


@dataclass(frozen=True, slots=True)
class Finding:
    """One place, and the fact about it.

    Lines and columns are from 1, columns in characters; the end is the place just behind.
    `fix` is "safe", "unsafe", or None where nothing can be rewritten. `reasons` are the slugs for
    which a load is kept or its rewrite is unsafe.
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


@dataclass(frozen=True, slots=True)
class LintResult:
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
    return {"version": 1, "files": files, "findings": [asdict(finding) for finding in findings]}
