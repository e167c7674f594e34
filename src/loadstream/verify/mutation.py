"""Breaks the new code of an equal check, and sees whether its inputs would have shown that.

Each mutant stands in for the new side's file and is run on the check's own inputs, generated
ones first, until something differs from what old showed in the comparing pass. Nothing is shrunk
and old is not run again.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

from loadstream.verify.cases import contents
from loadstream.verify.checks import Call, Script
from loadstream.verify.compare import compare
from loadstream.verify.judgement import Tried
from loadstream.verify.lab import Lab
from loadstream.verify.model import MutantResult, Mutants
from loadstream.verify.mutants import Mutant, TargetFile, mutants
from loadstream.verify.observed import Observed
from loadstream.verify.runner import Run
from loadstream.verify.selection import Code
from loadstream.verify.sides import Pair
from loadstream.verify.slots import Slot
from loadstream.verify.watch import Limits

# A mutant that ends so is no change of behaviour but text that makes no sense.
_NONSENSE = ("NameError", "UnboundLocalError", "SyntaxError", "ImportError", "ModuleNotFoundError")


@dataclass(frozen=True, slots=True)
class _Input:
    """One input of a check, as files, and what old did on it."""

    kind: str
    files: dict[str, bytes]
    old: Observed


@dataclass(frozen=True, slots=True)
class Mutation:
    """`count` mutants for each check; `named` where two callables anywhere are compared."""

    lab: Lab
    old: Code
    new: Code
    count: int
    named: bool = False

    def examine(
        self, pair: Pair, tried: Sequence[Tried], unstable: frozenset[str], limits: Limits
    ) -> Mutants:
        """The fate of each mutant of the code that the check runs."""
        run = replace(pair.runs["new"], predicates=())
        documents = [entry.case.documents for entry in tried]
        chosen = self._chosen(pair, run, _floats(documents) if len(tried) > 1 else None)
        # The real data is the largest input: last.
        inputs = [
            _Input(e.case.kind, contents(e.case.documents, e.case.kind), e.trial.old)
            for e in (*tried[1:], *tried[:1])
        ]
        slowest = max((entry.old.seconds for entry in inputs), default=0.0)
        shorter = Limits(min(limits.timeout, 5 + 10 * slowest), limits.memory)

        def fate_of(mutant: Mutant) -> Future[MutantResult]:
            return self.lab.start(
                lambda slot: self._fate(mutant, slot, pair, run, inputs, unstable, shorter)
            )

        futures = [fate_of(mutant) for mutant in chosen]
        return Mutants(tuple(future.result() for future in futures))

    def _fate(
        self,
        mutant: Mutant,
        slot: Slot,
        pair: Pair,
        run: Run,
        inputs: Sequence[_Input],
        unstable: frozenset[str],
        limits: Limits,
    ) -> MutantResult:
        diff = mutant.diff(self.new.sources[mutant.path])

        def ended(outcome: str, why: str) -> MutantResult:
            place = (mutant.path, mutant.line, mutant.operator, mutant.label)
            return MutantResult(*place, outcome, why, diff)

        if mutant.broken:
            return ended("could-not-run", mutant.broken)
        broken = {mutant.path: mutant.source.encode("utf-8")}
        for entry in inputs:
            shown = self.lab.runner.run(run, slot, "new", {**entry.files, **broken}, limits)
            if shown.stopped:
                return ended("could-not-run", f"on {entry.kind} data it {shown.stopped}")
            if shown.raised is not None and entry.old.raised is None:
                kind = shown.raised[0].rpartition(".")[2]
                if kind in _NONSENSE:
                    return ended("could-not-run", ": ".join(shown.raised))
            found = compare(entry.old, shown, ignore=pair.check.ignore, unstable=unstable)
            if found.differences:
                return ended("killed", f"{entry.kind}: {found.differences[0].place}")
        return ended("survived", "")

    def _chosen(
        self, pair: Pair, run: Run, floats: frozenset[str] | None = None
    ) -> tuple[Mutant, ...]:
        target = run.target
        path = target.path or ""
        reached = self.new.imported_by(path) if path else tuple(self.new.trees)
        code = {file: self.new.trees[file] for file in reached if file in self.new.trees}
        start = list(run.functions)
        if isinstance(target, Call):
            start += target.function.split(".")
        files = [
            TargetFile(
                file,
                self.new.sources[file],
                self._before(file, pair, path),
                file == path and isinstance(target, Script),
            )
            for file in code
            if self._is_broken(file, path)
        ]
        script = path if isinstance(target, Script) else ""
        return mutants(files, code, start, script, self.count, floats)

    def _before(self, file: str, pair: Pair, path: str) -> str | None:
        if self.named and file == path:
            return self.old.sources.get(pair.runs["old"].target.path or "")
        return self.old.sources.get(file)

    def _is_broken(self, file: str, path: str) -> bool:
        """Whether mutants are made of a file: one that changed, read as it is on the disk."""
        text = self.new.sources[file]
        if text.startswith("\ufeff") or (self.new.root / file).read_bytes() != text.encode():
            return False
        if self.named:
            return file == path
        before = self.old.trees.get(file)
        return before is None or ast.dump(before) != ast.dump(self.new.trees[file])


def _floats(value: Any) -> frozenset[str]:
    """The keys below which there is a float, at any depth."""
    found: set[str] = set()

    def has(item: Any) -> bool:
        if isinstance(item, Mapping):
            keys = [key for key, inner in item.items() if has(inner)]
            found.update(keys)
            return bool(keys)
        if isinstance(item, list):
            return sum(map(has, item)) > 0
        return isinstance(item, float)

    has(value)
    return frozenset(found)
