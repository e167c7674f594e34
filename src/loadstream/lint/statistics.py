"""What a run sums up to: of each code and reason how many, and how much could still move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from loadstream.lint.codes import KEPT
from loadstream.lint.findings import Finding, LintResult, count_reasons

_Key = TypeVar("_Key", str, tuple[str, str])
_LOADS = ("LS1", KEPT)  # the codes that are about a call that loads
_TWIN = "LS108"  # is about a loader, not about a call of it


@dataclass(frozen=True, slots=True)
class CodeCount:
    """How many findings have a code, and how many of them `rewrite` would mend."""

    code: str
    rule: str
    count: int
    safe: int
    unsafe: int


@dataclass(frozen=True, slots=True)
class Shares:
    """The places where data comes in: streamed already, or loaded and what can become of it."""

    streaming: int
    safe: int
    unsafe: int
    kept: int

    @property
    def places(self) -> int:
        """All of them."""
        return self.streaming + self.safe + self.unsafe + self.kept


@dataclass(frozen=True, slots=True)
class Statistics:
    """Every list is sorted by its counts, the most frequent first."""

    codes: tuple[CodeCount, ...]
    kept_for: tuple[tuple[str, int], ...]
    unsafe_for: tuple[tuple[str, int], ...]
    calls_of: tuple[tuple[str, int], ...]
    shares: Shares


def statistics_of(result: LintResult, streaming: int) -> Statistics:
    """The statistics of `result`, in whose files there are `streaming` calls of streamers."""
    loads = [f for f in result.sites if f.code.startswith(_LOADS) and f.code != _TWIN]
    shares = Shares(
        streaming=streaming,
        safe=sum(finding.fix == "safe" for finding in loads),
        unsafe=sum(finding.fix == "unsafe" for finding in loads),
        kept=sum(finding.code == KEPT for finding in loads),
    )
    return Statistics(
        codes=tuple(_codes(result.findings)),
        kept_for=tuple(count_reasons(result.kept)),
        unsafe_for=tuple(count_reasons(result.with_fix("unsafe"))),
        calls_of=tuple(_calls(result)),
        shares=shares,
    )


def to_json(statistics: Statistics) -> dict[str, object]:
    """The member `statistics` of `--format json`."""
    shares = statistics.shares
    return {
        "codes": {
            one.code: {
                "rule": one.rule,
                "count": one.count,
                "safe": one.safe,
                "unsafe": one.unsafe,
            }
            for one in statistics.codes
        },
        "kept_for": dict(statistics.kept_for),
        "unsafe_for": dict(statistics.unsafe_for),
        "calls_of": dict(statistics.calls_of),
        "places": {
            "streaming": shares.streaming,
            "safe": shares.safe,
            "unsafe": shares.unsafe,
            "kept": shares.kept,
        },
    }


def _codes(findings: Iterable[Finding]) -> Iterator[CodeCount]:
    counts = Counter((f.code, f.rule) for f in findings)
    fixes = Counter((f.code, f.fix) for f in findings)
    for (code, rule), count in _sorted(counts):
        yield CodeCount(code, rule, count, fixes[code, "safe"], fixes[code, "unsafe"])


def _calls(result: LintResult) -> list[tuple[str, int]]:
    """How often each loader is still called: none is left of one that may be deprecated."""
    return _sorted(
        Counter(
            finding.loader
            for finding in result.sites
            if finding.loader is not None
            and finding.loader != finding.stream
            and (finding.code == KEPT or finding.fix is not None)  # others are about a part of it
        )
    )


def _sorted(counts: Counter[_Key]) -> list[tuple[_Key, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
