"""What an output format is given: a run's result, and what there is to say about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from loadstream.lint.findings import Finding, LintResult
from loadstream.lint.paint import Paint, plain
from loadstream.lint.texts import Texts

if TYPE_CHECKING:
    from loadstream.lint.fixes import Fixes
    from loadstream.lint.statistics import Statistics


@dataclass(frozen=True, slots=True)
class Report:
    """`findings` are those that are listed, `result` is what they are part of.

    `fixes` are the edits of some of them, where the format carries any. `known` is the number of
    findings that a baseline keeps out of both. `statistics` are there where they were asked for.
    """

    result: LintResult
    findings: tuple[Finding, ...]
    texts: Texts = field(default_factory=Texts)
    fixes: Fixes = field(default_factory=dict)
    known: int = 0
    statistics: Statistics | None = None
    paint: Paint = plain
