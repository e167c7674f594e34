"""The comparing pass of one check: real data, generated data, the verdict, the smallest input."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any

from loadstream.verify import samples, tested
from loadstream.verify.cases import Case, contents
from loadstream.verify.changed_lines import ChangedFile
from loadstream.verify.checks import Call
from loadstream.verify.compare import Comparison
from loadstream.verify.constants import find_constants
from loadstream.verify.demands import MAX_DATA_FILES, named
from loadstream.verify.judgement import Finding, Tried, agreement, judge
from loadstream.verify.lab import Lab, Trial
from loadstream.verify.model import CaseClass, Verdict
from loadstream.verify.mutation import Mutation
from loadstream.verify.observed import Observed
from loadstream.verify.predicates import Coverage, total
from loadstream.verify.reached import Hit, Reached
from loadstream.verify.self_test import Outcome, self_test
from loadstream.verify.sides import Pair, watching
from loadstream.verify.smallest import Search
from loadstream.verify.tested import is_tests
from loadstream.verify.traces import starts_programs, traces
from loadstream.verify.trees import walk
from loadstream.verify.variants import generate
from loadstream.verify.watch import Limits


@dataclass(slots=True)
class Examiner:
    """Compares one check after another; what was learnt of a data file is kept between them."""

    lab: Lab
    search: Search
    timeout: float
    memory: int
    max_cases: int
    changed: Mapping[str, ChangedFile] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    mutation: Mutation | None = None
    _samples: dict[tuple[str, int, int], Any] = field(default_factory=dict)

    def examine(self, pair: Pair) -> Finding:
        """Run the check on the real data and on generated data, and judge."""
        hits: set[Hit] = set()
        finding = self._examine(pair, hits)
        return replace(finding, reached=frozenset(hits))

    def _examine(self, pair: Pair, hits: set[Hit]) -> Finding:
        check = pair.check
        limits = Limits(check.timeout or self.timeout, self.memory)
        real = self.lab.trial(pair, {}, limits, twice=True).result()
        hits.update(real.new.reached or ())
        only_real = (CaseClass("real", 1),)
        if real.stopped:
            return Finding(Verdict.INCONCLUSIVE, f"on the real data {real.stopped}", only_real)
        for side in (real.old, real.new):
            if side.escaped:
                return Finding(
                    Verdict.ERROR,
                    f"{side.escaped[0]} was imported from the working tree and not from the "
                    "side's own copy: the sides cannot be kept apart",
                    only_real,
                )
        comparison, unstable = judge(pair, real)
        test = self_test(self.lab, pair, self.sources, real.old, unstable, limits)
        if test.outcome is Outcome.PASSED_AS_EQUAL:
            why = f"the self-test failed: {test.words}; nothing that it shows can be believed"
            return Finding(Verdict.ERROR, why, only_real, self_test=test)
        found = self._on_generated(pair, real, comparison, unstable, limits, hits)
        return replace(found, self_test=test)

    def _on_generated(
        self,
        pair: Pair,
        real: Trial,
        comparison: Comparison,
        unstable: frozenset[str],
        limits: Limits,
        hits: set[Hit],
    ) -> Finding:
        readable = self._data_files(pair, real.old)
        files = readable[:MAX_DATA_FILES]
        known = {path: sample for path in files if (sample := self._sample(path)) is not None}
        texts = [a for a in _arguments(pair) if isinstance(a, str)]
        cases = (
            generate(known, find_constants(pair.trees, texts), self.max_cases - 1)
            if known and self.max_cases > 1
            else ()
        )
        narrowed = watching(pair, Reached(self.changed, frozenset(hits)).unreached())
        tried, unstable = self._try(narrowed, cases, real, limits, unstable)
        for entry in tried:
            hits.update(entry.trial.new.reached or ())
        self._note_real_lines(pair, real, hits, limits)
        tried.insert(0, Tried(Case("real", "the real data", {}), real, comparison))
        found = self.search.smallest(pair, tried, files, limits, unstable)
        counts = Counter(entry.case.kind for entry in tried)
        classes = tuple(CaseClass(kind, count) for kind, count in counts.items())
        raised = sum(entry.trial.raised_alike for entry in tried)
        reaches_out = any(
            side.refused for entry in tried for side in (entry.trial.old, entry.trial.new)
        )
        if found is not None:
            where = found.differences[0]
            explanation = f"{where.place}: {where.old} → {where.new}"
            return Finding(Verdict.DIFFERENT, explanation, classes, raised, found)
        runs = [side for entry in tried for side in (entry.trial.old, entry.trial.new)]
        coverage = self._coverage(pair, tried, limits)
        verdict, explanation = agreement(tried, unstable, known, raised, coverage)
        advice = traces(runs) + _left_out(real) + coverage.one_sided[:3]
        if len(readable) > MAX_DATA_FILES:
            advice += (
                f"{len(readable)} JSON files are read: made-up data replaces {MAX_DATA_FILES}",
            )
        mutants = None
        if self.mutation is not None and verdict is Verdict.EQUAL:
            mutants = self.mutation.examine(pair, tried, unstable, limits)
            explanation += f"; {mutants.words}"
        return Finding(
            verdict,
            explanation,
            classes,
            raised,
            None,
            advice,
            reaches_out,
            data_files=tuple(known),
            mutants=mutants,
            starts_programs=starts_programs(runs),
        )

    def _note_real_lines(self, pair: Pair, real: Trial, hits: set[Hit], limits: Limits) -> None:
        """Which lines run on the real data, where noting them slows this Python down.

        That is done only where generated data has not run all of them.
        """
        unreached = Reached(self.changed, frozenset(hits)).unreached()
        if unreached and real.new.reached is None:
            run = watching(pair, unreached).runs["new"].counting_filters()
            with self.lab.slot() as slot:
                hits.update(self.lab.runner.run(run, slot, "new", {}, limits).reached or ())

    def again(self, pair: Pair, kind: str, files: Mapping[str, bytes]) -> Finding:
        """Run one stored input again and judge it alone."""
        limits = Limits(pair.check.timeout or self.timeout, self.memory)
        trial = self.lab.trial(pair, files, limits, twice=True).result()
        classes = (CaseClass(kind, 1),)
        if trial.stopped:
            return Finding(Verdict.INCONCLUSIVE, trial.stopped, classes)
        comparison, unstable = judge(pair, trial)
        if comparison.differences:
            where = comparison.differences[0]
            found = self.search.counterexample(pair, kind, files, comparison.differences)
            return Finding(
                Verdict.DIFFERENT,
                f"{where.place}: {where.old} → {where.new}",
                classes,
                counterexample=found,
            )
        if unstable or comparison.opaque or trial.old.tests is not None:
            verdict, explanation = agreement(
                [Tried(Case(kind, "", {}), trial, comparison)], unstable, {}, 0, total(())
            )
            return Finding(verdict, explanation, classes)
        return Finding(Verdict.EQUAL, "both sides agree on this input now", classes)

    def _coverage(self, pair: Pair, tried: Sequence[Tried], limits: Limits) -> Coverage:
        """What the new side's filters did on all inputs, the real data included."""
        counts = [entry.trial.new.filtered for entry in tried]
        found = total(counts)
        if found.gap and counts[0] is None:
            # Counting slows this Python down, so it is done only where it decides something.
            run = pair.runs["new"].counting_filters()
            with self.lab.slot() as slot:
                counts.append(self.lab.runner.run(run, slot, "new", {}, limits).filtered)
            found = total(counts)
        return found

    # inputs

    def _data_files(self, pair: Pair, old: Observed) -> list[str]:
        master = self.lab.workspace.masters["old"]
        # Tests know what is in their data: other data is used where it is asked for, only.
        wanted = [] if is_tests(pair.runs["new"].target) else list(old.opened)
        if pair.check.data:
            wanted += named(pair.check.data, walk(master), pair.runs["old"].directory)
        return [
            path
            for path in dict.fromkeys(wanted)
            if (master / path).is_file() and samples.looks_like_json(master / path)
        ]

    def _sample(self, path: str) -> Any:
        file = self.lab.workspace.masters["old"] / path
        status = file.stat()
        key = (path, status.st_size, status.st_mtime_ns)
        if key not in self._samples:
            try:
                self._samples[key] = samples.sample(file)
            except ValueError:
                self._samples[key] = None
        return self._samples[key]

    def _try(
        self,
        pair: Pair,
        cases: Sequence[Case],
        real: Trial,
        limits: Limits,
        unstable: frozenset[str],
    ) -> tuple[list[Tried], frozenset[str]]:
        """Each case tried, and where old disagreed with itself, on the real data or on these."""
        twice = bool(unstable)
        # Generated files are small: what takes much longer than the real data hangs.
        shorter = Limits(min(limits.timeout, 5 + 10 * real.old.seconds), limits.memory)
        deadline = time.monotonic() + 2 * limits.timeout
        running: list[tuple[Case, Future[Trial]]] = []
        tried: list[Tried] = []

        def collect() -> None:
            nonlocal unstable
            case, future = running.pop(0)
            trial = future.result()
            comparison, unstable = judge(pair, trial, unstable)
            tried.append(Tried(case, trial, comparison))

        for case in cases:
            if time.monotonic() > deadline:
                break
            if len(running) >= 2 * self.lab.jobs:
                collect()
            running.append(
                (
                    case,
                    self.lab.trial(pair, contents(case.documents, case.kind), shorter, twice=twice),
                )
            )
        while running:
            collect()
        return tried, unstable


def _left_out(real: Trial) -> tuple[str, ...]:
    if real.old.tests is None or real.new.tests is None:
        return ()
    return tested.advice(real.old.tests, real.new.tests)


def _arguments(pair: Pair) -> Sequence[object]:
    target = pair.runs["new"].target
    if isinstance(target, Call):
        return (*target.args, *target.kwargs.values())
    return target.args
