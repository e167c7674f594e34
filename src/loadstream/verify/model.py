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
    `timeline` is (seconds since start, resident bytes) pairs. `reading` names the counter that
    the peak was read from (`VmHWM`, `ru_maxrss`, …).
    """

    peak_memory_bytes: int
    baseline_memory_bytes: int
    seconds: float
    timeline: tuple[tuple[float, int], ...] = ()
    reading: str = ""

    @property
    def growth_bytes(self) -> int:
        """What the work itself needed at its peak: the baseline subtracted."""
        return max(0, self.peak_memory_bytes - self.baseline_memory_bytes)


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
class GrowthPoint:
    """One side on data of one size: the real data `scale` times over.

    `records` and `data_bytes` are of all data files that were scaled, together. Without samples
    the size was skipped for this side, and `skipped` says why.
    """

    scale: int
    records: int
    data_bytes: int
    samples: tuple[Sample, ...] = ()
    skipped: str = ""


@dataclass(frozen=True, slots=True)
class GrowthFit:
    """Least-squares lines through the medians over the records: what one record adds, and the rest.

    No import and no interpreter can blur `bytes_per_record`: they are in `fixed_bytes`.
    """

    bytes_per_record: float
    fixed_bytes: float
    seconds_per_record: float
    fixed_seconds: float


@dataclass(frozen=True, slots=True)
class GrowthSide:
    """One side at every size that was asked for, smallest first.

    `fit` is None where fewer than two sizes were measured.
    """

    points: tuple[GrowthPoint, ...]
    fit: GrowthFit | None


@dataclass(frozen=True, slots=True)
class Growth:
    """How memory and time of both sides grow with the data.

    `data_files` are the paths of what was scaled. A size that was expected to need more than
    `ceiling_bytes` of memory was skipped. `notes` says what the figures do not cover.
    """

    old: GrowthSide
    new: GrowthSide
    data_files: tuple[str, ...]
    ceiling_bytes: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteChange:
    """One rewritten place: where it was in the old file, which rule, and the lines it changed.

    `new_lines` are the lines of the new file that it has become, as far as they do its work.
    """

    path: str
    line: int
    code: str
    rule: str
    diff: str
    new_lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LinesRun:
    """Which changed lines of one file ran on the new side.

    A statement on several lines is named by its first. `changed` holds `ran`.
    """

    path: str
    changed: tuple[int, ...]
    ran: tuple[int, ...]

    @property
    def missed(self) -> tuple[int, ...]:
        """The changed lines that never ran."""
        return tuple(sorted(set(self.changed) - set(self.ran)))


@dataclass(frozen=True, slots=True)
class MutantResult:
    """A fault that was put into the new code, and what became of it.

    `outcome` is `killed` (an input showed it: `why` has the input's class and the place),
    `survived` (no input did), or `could-not-run` (`why` says why; never counted as killed).
    """

    path: str
    line: int
    operator: str
    label: str
    outcome: str
    why: str
    diff: str

    @property
    def at(self) -> str:
        """The fault in words, with its place."""
        return f"{self.label} at {self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Mutants:
    """All faults that were tried on one check."""

    results: tuple[MutantResult, ...]

    @property
    def killed(self) -> int:
        """How many an input showed."""
        return sum(result.outcome == "killed" for result in self.results)

    @property
    def survived(self) -> tuple[MutantResult, ...]:
        """Those that ran and that no input showed."""
        return tuple(result for result in self.results if result.outcome == "survived")

    @property
    def could_not_run(self) -> int:
        """How many say nothing: they do not compile, make no sense, or met a limit."""
        return sum(result.outcome == "could-not-run" for result in self.results)

    @property
    def words(self) -> str:
        """`19 of 20 mutants killed, 1 could not run`."""
        if not self.results:
            return "no changed code that it runs could be broken"
        ran = self.killed + len(self.survived)
        text = f"{self.killed} of {ran} mutant{'' if ran == 1 else 's'} killed"
        return f"{text}, {self.could_not_run} could not run" if self.could_not_run else text


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check showed: a script or a function, old and new.

    `files` are the changed files that it runs. `raised` counts the cases in which both sides
    raised alike. `over_budget` says which memory budget was exceeded (it fails the verification);
    `advice` says what is worth knowing and fails nothing, such as time over its budget. `lines`
    says which changed lines this check ran.
    `control` are further samples of old, taken in turns with `old` and `new`: what old differs
    from itself is noise. `growth` is None where no sizes were asked for or nothing could be
    scaled. `budget_unmeasured` says why a memory budget could not be applied.
    `mutants` are the faults that were tried on an equal check, None where none were asked for.
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
    lines: tuple[LinesRun, ...] = ()
    control: Measurements | None = None
    growth: Growth | None = None
    budget_unmeasured: str = ""
    mutants: Mutants | None = None
    starts_programs: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """The whole verification. `machine` names processor, cores, memory, system and Python.

    `base` and `head` name both sides in words (`HEAD (561f4fe)` and `working tree`). `self_test`
    says which sabotaged old version was recognised before the batch. `notes` lists what changed
    and was not run, and why. `seconds` is the time that all of it took. `lines` says which changed
    lines all checks together ran, `unreached_sites` are the rewritten places that none of them ran.
    """

    base: str
    checks: tuple[CheckResult, ...]
    machine: dict[str, str] = field(default_factory=dict)
    self_test: str = ""
    head: str = "working tree"
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    lines: tuple[LinesRun, ...] = ()
    unreached_sites: tuple[SiteChange, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of all checks; `inconclusive` where there is none."""
        return worst(check.verdict for check in self.checks)

    @property
    def exit_code(self) -> int:
        """0 equal, 1 different or over budget, 2 could not tell (a budget not measured, too)."""
        if self.verdict is Verdict.DIFFERENT or any(check.over_budget for check in self.checks):
            return 1
        if any(check.budget_unmeasured for check in self.checks):
            return 2
        return 0 if self.verdict is Verdict.EQUAL else 2


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of `verdicts`; `inconclusive` if there is none, for nothing was shown."""
    order = list(Verdict)
    return max(verdicts, key=order.index, default=Verdict.INCONCLUSIVE)
