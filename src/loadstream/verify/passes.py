"""All passes over all checks: comparing and measuring, with what was found put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace

from loadstream.machine.description import free_memory
from loadstream.verify.checks import Check
from loadstream.verify.compare_values import shorten
from loadstream.verify.demands import default_jobs, find_interpreter
from loadstream.verify.examine import Examiner
from loadstream.verify.figures import Measuring, with_figures
from loadstream.verify.judgement import Finding
from loadstream.verify.lab import Lab
from loadstream.verify.model import CheckResult, Verdict, VerifyError
from loadstream.verify.mutation import Mutation
from loadstream.verify.original import Original, written_while_run
from loadstream.verify.reached import Batch, Outcome, Reached, weigh
from loadstream.verify.runner import Runner, StoppedError
from loadstream.verify.selection import Code
from loadstream.verify.self_test import summary
from loadstream.verify.sides import Pair, watching
from loadstream.verify.smallest import Origin, Search
from loadstream.verify.workspace import Workspace

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """How checks are run: the parameters of `verify_revisions`, made sound."""

    timeout: float
    pairs: int
    traced: bool
    max_cases: int
    jobs: int
    interpreter: str
    memory: int
    progress: Progress
    scales: tuple[int, ...] = ()
    ceiling: int | None = None
    mutants: int = 0

    @classmethod
    def of(
        cls,
        *,
        timeout: float,
        pairs: int = 0,
        traced: bool = False,
        max_cases: int = 1,
        jobs: int | None = None,
        interpreter: str | None = None,
        memory: int | None = None,
        progress: Progress | None = None,
        scales: Sequence[int] = (),
        ceiling: int | None = None,
        mutants: int = 0,
    ) -> Settings:
        """The settings for what a caller may leave out. Raises `VerifyError`: no interpreter."""
        side_by_side = default_jobs() if jobs is None else max(1, jobs)
        return cls(
            timeout=timeout,
            pairs=pairs,
            traced=traced,
            max_cases=max(1, max_cases),
            jobs=side_by_side,
            interpreter=find_interpreter(interpreter),
            memory=memory or _share_of_memory(side_by_side),
            progress=progress or (lambda _line: None),
            scales=tuple(scales),
            ceiling=ceiling,
            mutants=max(0, mutants),
        )


def run_checks(
    workspace: Workspace,
    pairings: list[Pair],
    codes: Mapping[str, Code],
    origin: Origin,
    options: Settings,
    batch: Batch,
) -> tuple[Outcome, str]:
    """All passes over all checks: the results in order, and what the self-test did."""
    lines = Reached(batch.changed, frozenset()).unreached()
    pairings = [watching(pairing, lines) for pairing in pairings]
    runner = Runner()
    lab = Lab(runner, workspace, options.jobs)
    memory = options.memory
    try:
        examiner = Examiner(
            lab,
            Search(lab, origin),
            options.timeout,
            memory,
            options.max_cases,
            changed=batch.changed,
            sources=codes["old"].sources,
            mutation=Mutation(
                lab, codes["old"], codes["new"], options.mutants, origin.mode == "callables"
            )
            if options.mutants
            else None,
        )

        def compare_one(pairing: Pair) -> Finding:
            options.progress(f"comparing {pairing.check.name}")
            try:
                return examiner.examine(pairing)
            except (StoppedError, CancelledError, VerifyError):
                raise
            except Exception as error:
                # Never counted as agreement, and no reason to lose the other checks.
                cause = f"the tool failed: {type(error).__name__}: {shorten(str(error))}"
                return Finding(Verdict.ERROR, cause, ())

        with _waiting(options.jobs) as pool:
            findings = list(pool.map(compare_one, pairings))
        results = []
        for pairing, finding in zip(pairings, findings, strict=True):
            results.append(_measured(lab, pairing, finding, memory, options))
        return weigh(results, [finding.reached for finding in findings], batch), summary(
            (p.check.name, f.self_test) for p, f in zip(pairings, findings, strict=True)
        )
    finally:
        lab.close()


def with_writes(outcome: Outcome, original: Original) -> tuple[Outcome, tuple[str, ...]]:
    """The outcome with what was written into the user's own tree meanwhile, and notes of it."""
    results, notes = written_while_run(original.changed(), list(outcome.results))
    return replace(outcome, results=tuple(results)), notes


@contextmanager
def _waiting(jobs: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that only wait for trials; on an interrupt they do not start another check."""
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="check")
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown(wait=True)


def _measured(
    lab: Lab, pairing: Pair, finding: Finding, memory: int, options: Settings
) -> CheckResult:
    how = Measuring(
        pairs=options.pairs,
        traced=options.traced,
        timeout=options.timeout,
        memory=memory,
        progress=options.progress,
        scales=options.scales,
        ceiling=options.ceiling,
    )
    return with_figures(result_of(pairing.check, finding), lab, pairing, finding, how)


def result_of(check: Check, finding: Finding) -> CheckResult:
    """The result of a check, as far as the comparing pass knows it."""
    return CheckResult(
        name=check.name,
        verdict=finding.verdict,
        explanation=finding.explanation,
        files=check.files,
        cases=finding.cases,
        counterexample=finding.counterexample,
        old=None,
        new=None,
        raised=finding.raised,
        advice=finding.advice,
        mutants=finding.mutants,
        starts_programs=finding.starts_programs,
    )


def _share_of_memory(jobs: int) -> int:
    """Bytes of memory for one run: what is free, shared among those that run side by side."""
    return max(256 << 20, int(free_memory() * 0.8) // jobs)
