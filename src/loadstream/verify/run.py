"""The verification from end to end: what is run, on which inputs, and what it showed.

verify_revisions and compare_callables differ in what they put into the workspace and in what they
select; from there on the flow is one: self-test, comparing pass, measuring passes, report.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from loadstream.machine.description import describe_machine, free_memory
from loadstream.verify import counterexamples, git
from loadstream.verify.changed_lines import ChangedFile
from loadstream.verify.checks import Check
from loadstream.verify.compare_values import shorten
from loadstream.verify.demands import (
    argument_notes,
    default_jobs,
    demand_data,
    demand_names,
    find_interpreter,
    not_covered,
    with_files,
)
from loadstream.verify.examine import Examiner
from loadstream.verify.judgement import Finding
from loadstream.verify.lab import Lab
from loadstream.verify.measure import (
    Unmeasured,
    measure,
    over_budget,
)
from loadstream.verify.model import (
    CheckResult,
    Measurements,
    Report,
    SiteChange,
    Verdict,
    VerifyError,
)
from loadstream.verify.reached import Batch, Outcome, Reached, weigh
from loadstream.verify.runner import Runner, StoppedError
from loadstream.verify.selection import Code, differences, read_code, select
from loadstream.verify.self_test import self_test
from loadstream.verify.sides import (
    Pair,
    fill_from_revision,
    find_named,
    named_differences,
    named_target,
    pair_of,
    pair_of_named,
    watching,
)
from loadstream.verify.smallest import Origin, Search
from loadstream.verify.trees import walk
from loadstream.verify.watch import Limits
from loadstream.verify.workspace import Workspace

CACHE = ".loadstream_cache"
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Options:
    timeout: float
    pairs: int
    traced: bool
    max_cases: int
    jobs: int
    interpreter: str
    progress: Progress


def verify_revisions(
    root: Path,
    *,
    base: str = "HEAD",
    checks: Sequence[Check] = (),
    timeout: float = 60.0,
    pairs: int = 3,
    traced: bool = True,
    max_cases: int = 20,
    jobs: int | None = None,
    interpreter: str | None = None,
    sites: Mapping[str, tuple[SiteChange, ...]] | None = None,
    progress: Progress | None = None,
) -> Report:
    """Run what changed between `base` and the working tree of `root` on both sides, and compare.

    Without `checks`, every script and every callable without required arguments that the change
    touches is run. `timeout` is for one run of one side, in seconds; `pairs` is the number of
    measured pairs (0: nothing is measured), `traced` adds the tracemalloc pass; `max_cases`
    bounds the inputs of one check, the real data included; `jobs` is how many cases run side by
    side (None: as the cores and the memory allow). `interpreter` runs both sides (None: this one).
    `sites` are the rewritten places by path relative to `root`, attached to the checks that ran
    them. `progress` is called with one line before each check.

    Raises `VerifyError`: not a repository, unknown revision, nothing changed, nothing to run, a
    check that cannot be run as it stands, no such interpreter.
    """
    started = time.monotonic()
    options = _options(timeout, pairs, traced, max_cases, jobs, interpreter, progress)
    revision = git.find_revision(root, base)
    folder = root.resolve()
    directory = folder.relative_to(revision.root).as_posix()
    prefix = "" if directory == "." else f"{directory}/"
    changed = git.changed_paths(revision)
    if not changed:
        raise VerifyError(f"nothing to verify: the working tree does not differ from {base}")
    cache = folder / CACHE
    with _interruptible(), Workspace(cache) as workspace:
        notes = fill_from_revision(workspace, revision, changed)
        codes = {side: read_code(master) for side, master in workspace.masters.items()}
        differing = differences(codes["old"], codes["new"], changed)
        chosen = tuple(checks)
        demand_names(chosen)
        notes += demand_data(chosen, workspace.masters["old"], directory)
        required: tuple[str, ...] = ()
        if not chosen:
            selection = select(codes["old"], codes["new"], changed, prefix)
            chosen = selection.checks
            notes += selection.notes
            required = selection.required
            if not chosen:
                raise VerifyError(_nothing_to_run(base, selection.notes))
        pairings = [
            pair_of(
                check, revision.root, directory, options.interpreter, codes["old"], codes["new"]
            )
            for check in chosen
        ]
        if checks:
            pairings = [with_files(pairing, differing, codes["new"]) for pairing in pairings]
        origin = Origin("revisions", revision.commit, "", "", cache, Path.cwd())
        attached = {f"{prefix}{path}": found for path, found in (sites or {}).items()}
        batch = Batch(differing, required, attached)
        outcome, self_test = _verify(workspace, pairings, codes["old"], origin, options, batch)
    said = tuple(f"{result.name} is not run: " for result in outcome.results)
    if checks:
        notes += not_covered(pairings, differing, {lines.path for lines in outcome.lines})
    never_ran = {lines.path for lines in outcome.lines if lines.missed}
    notes += argument_notes(outcome.results, never_ran, pairings, codes["new"])
    return Report(
        base=revision.label,
        checks=outcome.results,
        machine=describe_machine(),
        self_test=self_test,
        notes=tuple(note for note in notes if not note.startswith(said)) + outcome.notes,
        seconds=time.monotonic() - started,
        lines=outcome.lines,
        unreached_sites=outcome.unreached_sites,
    )


def compare_callables(
    old: str,
    new: str,
    *,
    data: Sequence[str] = (),
    timeout: float = 60.0,
    pairs: int = 3,
    traced: bool = True,
    max_cases: int = 20,
    jobs: int | None = None,
    interpreter: str | None = None,
    progress: Progress | None = None,
) -> Report:
    """Compare two functions (`path.py:function`) or two scripts (`path.py`), as above.

    Paths are relative to the working directory, which both sides run in (in a copy of the tree).
    `data` are globs of files that generated data replace, besides those that old is seen to read.

    Raises `VerifyError` for a missing file or function, or one that needs arguments.
    """
    started = time.monotonic()
    options = _options(timeout, pairs, traced, max_cases, jobs, interpreter, progress)
    here = Path.cwd()
    cache = here / CACHE
    with _interruptible(), Workspace(cache) as workspace:
        pairing, code, differing = _named_pair(workspace, old, new, here, options.interpreter, data)
        notes = demand_data(
            [pairing.check], workspace.masters["old"], pairing.runs["old"].directory
        )
        origin = Origin("callables", "", old, new, cache, here)
        batch = Batch(differing)
        outcome, self_test = _verify(workspace, [pairing], code, origin, options, batch)
    return Report(
        base=old,
        head=new,
        checks=outcome.results,
        machine=describe_machine(),
        self_test=self_test,
        notes=notes + outcome.notes,
        seconds=time.monotonic() - started,
        lines=outcome.lines,
    )


def replay(
    file: Path,
    *,
    root: Path | None = None,
    timeout: float = 60.0,
    interpreter: str | None = None,
) -> Report:
    """Run one stored counterexample again.

    `root` is the repository (default: the one that the file is stored in, else the working
    directory). Raises `VerifyError` where `file` is no counterexample.
    """
    started = time.monotonic()
    stored = counterexamples.read(file)
    options = _options(timeout, 0, False, 1, 1, interpreter, None)
    folder = (root or _home_of(file)).resolve()
    with _interruptible(), Workspace(folder / CACHE) as workspace:
        if stored.mode == "callables":
            pairing, _, _ = _named_pair(
                workspace, stored.old, stored.new, folder, options.interpreter, ()
            )
            base, head = stored.old, stored.new
        else:
            revision = git.find_revision(folder, stored.base)
            changed = git.changed_paths(revision)
            fill_from_revision(workspace, revision, changed)
            codes = {side: read_code(master) for side, master in workspace.masters.items()}
            directory = folder.relative_to(revision.root).as_posix()
            pairing = pair_of(
                stored.check,
                revision.root,
                directory,
                options.interpreter,
                codes["old"],
                codes["new"],
            )
            base, head = revision.label, "working tree"
        origin = Origin(
            stored.mode, stored.base, stored.old, stored.new, folder / CACHE, Path.cwd()
        )
        lab = Lab(Runner(), workspace, 1)
        try:
            examiner = Examiner(lab, Search(lab, origin), timeout, _ceiling(1), 1)
            finding = examiner.again(pairing, stored.kind, stored.files)
        finally:
            lab.close()
    result = _result(pairing.check, finding, None, (), ())
    return Report(
        base=base,
        head=head,
        checks=(result,),
        machine=describe_machine(),
        self_test="not done: a replay runs one stored input again",
        seconds=time.monotonic() - started,
    )


def _options(
    timeout: float,
    pairs: int,
    traced: bool,
    max_cases: int,
    jobs: int | None,
    interpreter: str | None,
    progress: Progress | None,
) -> _Options:
    return _Options(
        timeout=timeout,
        pairs=pairs,
        traced=traced,
        max_cases=max(1, max_cases),
        jobs=default_jobs() if jobs is None else max(1, jobs),
        interpreter=find_interpreter(interpreter),
        progress=progress or (lambda _line: None),
    )


def _named_pair(
    workspace: Workspace, old: str, new: str, here: Path, interpreter: str, data: Sequence[str]
) -> tuple[Pair, Code, dict[str, ChangedFile]]:
    sides = {"old": find_named(old, here), "new": find_named(new, here)}
    if (sides["old"].function is None) != (sides["new"].function is None):
        raise VerifyError("one side is a function and the other a script: give two of one kind")
    for side, named in sides.items():
        workspace.add(side, named.root, list(walk(named.root)))
        workspace.add_folders(named.root)
    codes = {side: read_code(workspace.masters[side]) for side in sides}
    check = Check(
        name=f"{old} → {new}",
        target=named_target(sides["new"], codes["new"]),
        data=tuple(data),
        files=(sides["new"].path,),
    )
    pairing = pair_of_named(check, sides, codes, here, interpreter)
    return pairing, codes["old"], named_differences(sides, codes)


def _verify(
    workspace: Workspace,
    pairings: list[Pair],
    old: Code,
    origin: Origin,
    options: _Options,
    batch: Batch,
) -> tuple[Outcome, str]:
    """All passes over all checks: the results in order, and what the self-test did."""
    lines = Reached(batch.changed, frozenset()).unreached()
    pairings = [watching(pairing, lines) for pairing in pairings]
    runner = Runner()
    lab = Lab(runner, workspace, options.jobs)
    memory = _ceiling(options.jobs)
    try:
        options.progress("self-test: a sabotaged old version must come out different")
        fault = self_test(lab, pairings, old, Limits(options.timeout, memory))
        if fault.failed:
            why = f"the self-test failed: {fault.words}; nothing that it says can be believed"
            broken = Finding(Verdict.ERROR, why, ())
            results = [_result(p.check, broken, None, (), ()) for p in pairings]
            return Outcome(tuple(results)), fault.words
        search = Search(lab, origin)
        examiner = Examiner(lab, search, options.timeout, memory, options.max_cases, batch.changed)

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
        return weigh(results, [finding.reached for finding in findings], batch), fault.words
    finally:
        lab.close()


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
    lab: Lab, pairing: Pair, finding: Finding, memory: int, options: _Options
) -> CheckResult:
    measurable = finding.verdict in (Verdict.EQUAL, Verdict.NOT_COMPARABLE)
    if not options.pairs or not measurable:
        return _result(pairing.check, finding, None, (), finding.advice)
    options.progress(f"measuring {pairing.check.name}")
    limits = Limits(pairing.check.timeout or options.timeout, memory)
    runs = pairing.runs
    if finding.reaches_out:
        runs = {side: run.guarding() for side, run in runs.items()}
    with lab.slot() as slot:
        taken = measure(lab.runner, slot, runs, limits, options.pairs, options.traced)
    if isinstance(taken, Unmeasured):
        return _result(
            pairing.check, finding, None, (), (*finding.advice, f"not measured: {taken.why}")
        )
    gates, advice = over_budget(*taken, pairing.check.budget)
    return _result(pairing.check, finding, taken, gates, (*finding.advice, *advice))


def _result(
    check: Check,
    finding: Finding,
    taken: tuple[Measurements, Measurements] | None,
    gates: tuple[str, ...],
    advice: tuple[str, ...],
) -> CheckResult:
    return CheckResult(
        name=check.name,
        verdict=finding.verdict,
        explanation=finding.explanation,
        files=check.files,
        cases=finding.cases,
        counterexample=finding.counterexample,
        old=taken[0] if taken else None,
        new=taken[1] if taken else None,
        raised=finding.raised,
        over_budget=gates,
        advice=advice,
    )


def _nothing_to_run(base: str, notes: Sequence[str]) -> str:
    if notes:
        more = f" (and {len(notes) - 1} more)" if len(notes) > 1 else ""
        return f"nothing to run: {notes[0]}{more}"
    return (
        f"nothing to run: no Python code differs from {base} but comments and formatting; "
        "name a check in [[tool.loadstream.checks]]"
    )


def _ceiling(jobs: int) -> int:
    """Bytes of memory for one run: what is free, shared among those that run side by side."""
    return max(256 << 20, int(free_memory() * 0.8) // jobs)


def _home_of(file: Path) -> Path:
    folder = file.resolve().parent
    if folder.name == counterexamples.FOLDER and folder.parent.name == CACHE:
        return folder.parent.parent
    return Path.cwd()


@contextmanager
def _interruptible() -> Iterator[None]:
    """Make a polite request to end clean up as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
