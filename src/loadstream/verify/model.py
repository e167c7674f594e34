"""What a verification yields, from one comparison up to the whole report.

`report.json` is `to_json(report)`; its keys are relied on from outside. Reports in other forms
are made from these values and from nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum


class VerifyError(Exception):
    """Verification cannot run; the message is one line: the cause and the way out."""


class Verdict(Enum):
    """What the evidence says. Listed from best to worst; a report takes the worst of its checks."""

    EQUAL = "equal"
    NOT_COMPARABLE = "not-comparable"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where old and new part.

    `place` is a path such as `stdout line 3` or `result[2]["n"]`.
    `old` and `new` are the values in words, each with its type where it is a value.
    """

    place: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Counterexample:
    """The smallest input found on which old and new differ, and how to see it again.

    `case` is the class of the input, `data_files` the files that it replaces (relative paths),
    `replay` the command. `preview` is the input itself as text, shortened; empty where the
    difference needs no data.
    """

    case: str
    data_files: tuple[str, ...]
    differences: tuple[Difference, ...]
    replay: str
    preview: str = ""


@dataclass(frozen=True, slots=True)
class CaseClass:
    """How many inputs of one class were run: `real`, `empty`, `one`, `missing-key`, …"""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Sample:
    """One measured run of one side in a fresh interpreter; memory in bytes, time in seconds.

    `baseline_memory_bytes` is the process before the work began, imports included;
    `timeline` is (seconds since start, resident bytes) pairs.
    """

    peak_memory_bytes: int
    baseline_memory_bytes: int
    seconds: float
    timeline: tuple[tuple[float, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Measurements:
    """All samples of one side. The statistics are computed late; the raw values stay.

    `traced_peak_bytes` is tracemalloc's figure, from a pass of its own; None if not taken.
    `reading` says how peak memory was read (`VmHWM`, `ru_maxrss`, …).
    """

    samples: tuple[Sample, ...]
    traced_peak_bytes: int | None
    reading: str


@dataclass(frozen=True, slots=True)
class SiteChange:
    """One rewritten place: where it was in the old file, which rule, and the lines it changed."""

    path: str
    line: int
    code: str
    rule: str
    diff: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check showed: a script or a function, old and new.

    `files` are the changed files that it runs. `raised` counts the cases in which both sides
    raised alike. `over_budget` says which memory budget was exceeded (it fails the verification);
    `advice` says what is worth knowing and fails nothing, such as time over its budget.
    `starts_programs` is True where the code was seen to start other processes.
    """

    name: str
    verdict: Verdict
    explanation: str
    files: tuple[str, ...]
    cases: tuple[CaseClass, ...]
    counterexample: Counterexample | None
    old: Measurements | None
    new: Measurements | None
    sites: tuple[SiteChange, ...] = ()
    raised: int = 0
    over_budget: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    starts_programs: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """The whole verification. `machine` names processor, cores, memory, system and Python.

    `base` and `head` name both sides in words (`HEAD (561f4fe)` and `working tree`). `self_test`
    says which sabotaged old version was recognised before the batch. `notes` lists what changed
    and was not run, and why. `seconds` is the time that all of it took.
    """

    base: str
    checks: tuple[CheckResult, ...]
    machine: dict[str, str] = field(default_factory=dict)
    self_test: str = ""
    head: str = "working tree"
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of all checks; `inconclusive` where there is none."""
        return worst(check.verdict for check in self.checks)

    @property
    def exit_code(self) -> int:
        """0 equal, 1 different or over budget, 2 could not tell."""
        if self.verdict is Verdict.DIFFERENT or any(check.over_budget for check in self.checks):
            return 1
        return 0 if self.verdict is Verdict.EQUAL else 2


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of `verdicts`; `inconclusive` if there is none, for nothing was shown."""
    order = list(Verdict)
    return max(verdicts, key=order.index, default=Verdict.INCONCLUSIVE)
