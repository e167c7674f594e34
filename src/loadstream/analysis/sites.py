"""A load site and what becomes of it: the result of the analysis, for lint and for rewrite."""

from __future__ import annotations

from dataclasses import dataclass

from loadstream.analysis.modules import Repository
from loadstream.analysis.plans import Plan
from loadstream.analysis.reasons import Refusal
from loadstream.analysis.source import SourceFile
from loadstream.analysis.spans import Span


@dataclass(frozen=True, slots=True)
class Site:
    """One load call (or misused stream) and its verdict.

    `span` is the call. `loader` and `stream` are qualified names (`common.repo.load_x`);
    `stream` is None where there is no twin. `plan` is the accepted rewrite; where it is None the
    site is kept and `refusals` says why, all that fail and never none.
    """

    span: Span
    loader: str
    stream: str | None
    plan: Plan | None
    refusals: tuple[Refusal, ...] = ()


def may_hold_sites(data: bytes) -> bool:
    """Tell from the bytes alone whether the file is worth parsing. Never wrongly False."""
    raise NotImplementedError


def find_sites(source: SourceFile, repository: Repository) -> tuple[Site, ...]:
    """Every load site of `source`, in the order of the text.

    Loaders are resolved inside `repository`; files that are read to that end and cannot be parsed
    count as unknown. Raises nothing of its own.
    """
    raise NotImplementedError
