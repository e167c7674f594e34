"""All passes over all checks: comparing and measuring, with what was found put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace

from loadstream.verify.changed_lines import ChangedFile
from loadstream.verify.checks import Check
from loadstream.verify.compare_values import shorten
from loadstream.verify.examine import Examiner
from loadstream.verify.figures import Measuring, with_figures
from loadstream.verify.judgement import Finding
from loadstream.verify.lab import Lab
from loadstream.verify.model import CheckResult, Verdict, VerifyError
from loadstream.verify.mutation import Mutation
from loadstream.verify.original import Original, written_while_run
from loadstream.verify.reached import Batch, Hit, Outcome, Reached, weigh
from loadstream.verify.runner import Runner, StoppedError
from loadstream.verify.selection import Code
from loadstream.verify.self_test import SelfTest, summary
from loadstream.verify.settings import Settings
from loadstream.verify.sides import Pair, watching
from loadstream.verify.smallest import Origin, Search
from loadstream.verify.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Examined:
    """One check with all that its runs have shown."""

    result: CheckResult
    reached: frozenset[Hit]
    self_test: SelfTest | None


def run_checks(
    workspace: Workspace,
    pairings: list[Pair],
    codes: Mapping[str, Code],
    origin: Origin,
    settings: Settings,
    batch: Batch,
) -> tuple[Outcome, str]:
    """All passes over all checks: the results in order, and what the self-test did."""
    if settings.cluster is None:
        examined = examine_all(workspace, pairings, codes, origin, settings, batch.changed)
    else:
        from loadstream.verify.elsewhere import examined_elsewhere

        examined = examined_elsewhere(workspace, pairings, codes, origin, settings, batch.changed)
    outcome = weigh([one.result for one in examined], [one.reached for one in examined], batch)
    return outcome, summary((one.result.name, one.self_test) for one in examined)


def examine_all(
    workspace: Workspace,
    pairings: list[Pair],
    codes: Mapping[str, Code],
    origin: Origin,
    settings: Settings,
    changed: Mapping[str, ChangedFile],
) -> list[Examined]:
    """All passes over some checks, in their order."""
    lines = Reached(changed, frozenset()).unreached()
    pairings = [watching(pairing, lines) for pairing in pairings]
    runner = Runner()
    lab = Lab(runner, workspace, settings.jobs)
    try:
        examiner = Examiner(
            lab,
            Search(lab, origin),
            settings.timeout,
            settings.memory,
            settings.max_cases,
            changed=changed,
            sources=codes["old"].sources,
            mutation=Mutation(
                lab, codes["old"], codes["new"], settings.mutants, origin.mode == "callables"
            )
            if settings.mutants
            else None,
        )

        def compare_one(pairing: Pair) -> Finding:
            settings.progress(f"comparing {pairing.check.name}")
            try:
                return examiner.examine(pairing)
            except (StoppedError, CancelledError, VerifyError):
                raise
            except Exception as error:
                # Never counted as agreement, and no reason to lose the other checks.
                cause = f"the tool failed: {type(error).__name__}: {shorten(str(error))}"
                return Finding(Verdict.ERROR, cause, ())

        with _waiting(settings.jobs) as pool:
            findings = list(pool.map(compare_one, pairings))
        return [
            Examined(_measured(lab, pairing, finding, settings), finding.reached, finding.self_test)
            for pairing, finding in zip(pairings, findings, strict=True)
        ]
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


def _measured(lab: Lab, pairing: Pair, finding: Finding, settings: Settings) -> CheckResult:
    how = Measuring(
        pairs=settings.pairs,
        traced=settings.traced,
        timeout=settings.timeout,
        memory=settings.memory,
        progress=settings.progress,
        scales=tuple(settings.scales),
        ceiling=settings.memory_ceiling or None,
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
