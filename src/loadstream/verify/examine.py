"""The comparing pass of one check: real data, generated data, the verdict, the smallest input.

A `Lab` owns the slots: one *trial* takes one slot and runs old, perhaps old again, and new there
one after the other, so that both sides see the same paths. Trials run side by side.
"""

from __future__ import annotations

import json
import queue
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from loadstream.verify import samples
from loadstream.verify.checks import Call
from loadstream.verify.compare import Comparison, compare, shorten, unstable_places
from loadstream.verify.constants import find_constants
from loadstream.verify.counterexamples import Stored, store
from loadstream.verify.model import CaseClass, Counterexample, Difference, Verdict
from loadstream.verify.observed import Observed
from loadstream.verify.runner import Runner
from loadstream.verify.shrink import Documents, shrink
from loadstream.verify.sides import Pair
from loadstream.verify.slots import Slot
from loadstream.verify.trees import walk
from loadstream.verify.variants import Case, generate
from loadstream.verify.watch import Limits
from loadstream.verify.workspace import Workspace

_MAX_DATA_FILES = 6
_PREVIEW = 1200


@dataclass(frozen=True, slots=True)
class Trial:
    """Both sides on one input; `again` is the second run of old, where there was one."""

    old: Observed
    again: Observed | None
    new: Observed

    @property
    def stopped(self) -> str:
        """Which side met which limit, empty if both ended."""
        for side, observed in (("old", self.old), ("old", self.again), ("new", self.new)):
            if observed is not None and observed.stopped:
                return f"{side} {observed.stopped}"
        return ""

    @property
    def raised_alike(self) -> bool:
        """True where both sides ended in the same exception."""
        return self.old.raised is not None and self.old.raised == self.new.raised


class Lab:
    """Runs trials in its slots. `close` ends all of it; a context manager does so too."""

    def __init__(self, runner: Runner, workspace: Workspace, jobs: int) -> None:
        self.runner = runner
        self.workspace = workspace
        self.jobs = jobs
        self._slots: queue.SimpleQueue[Slot] = queue.SimpleQueue()
        for slot in workspace.slots(jobs):
            self._slots.put(slot)
        self._pool = ThreadPoolExecutor(jobs, thread_name_prefix="verify")

    def close(self) -> None:
        """Kill what runs, start nothing more, wait for the threads."""
        self.runner.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)

    @contextmanager
    def slot(self) -> Iterator[Slot]:
        """A slot of one's own."""
        slot = self._slots.get()
        try:
            yield slot
        finally:
            self._slots.put(slot)

    def trial(
        self, pair: Pair, files: Mapping[str, bytes], limits: Limits, *, twice: bool = False
    ) -> Future[Trial]:
        """Start a trial with some data files replaced on both sides."""
        return self._pool.submit(self._trial, pair, files, limits, twice)

    def _trial(self, pair: Pair, files: Mapping[str, bytes], limits: Limits, twice: bool) -> Trial:
        with self.slot() as slot:
            old = self.runner.run(pair.runs["old"], slot, "old", files, limits)
            again = None
            if twice and not old.stopped:
                again = self.runner.run(pair.runs["old"], slot, "old", files, limits)
            new = self.runner.run(pair.runs["new"], slot, "new", files, limits)
        return Trial(old, again, new)


@dataclass(frozen=True, slots=True)
class Origin:
    """What a counterexample must name to be run again, and the folder that it is kept in."""

    mode: str
    base: str
    old: str
    new: str
    cache: Path
    shown_from: Path


@dataclass(frozen=True, slots=True)
class Finding:
    """What the comparing pass of a check showed.

    `reaches_out` is True where the code was seen to write into the user's own tree.
    """

    verdict: Verdict
    explanation: str
    cases: tuple[CaseClass, ...]
    raised: int = 0
    counterexample: Counterexample | None = None
    advice: tuple[str, ...] = ()
    reaches_out: bool = False


@dataclass(frozen=True, slots=True)
class _Tried:
    case: Case
    trial: Trial
    comparison: Comparison


@dataclass(slots=True)
class Examiner:
    """Compares one check after another; what was learnt of a data file is kept between them."""

    lab: Lab
    origin: Origin
    timeout: float
    memory: int
    max_cases: int
    shrink_seconds: float = 15.0
    _samples: dict[tuple[str, int, int], Any] = field(default_factory=dict)

    def examine(self, pair: Pair) -> Finding:
        """Run the check on the real data and on generated data, and judge."""
        check = pair.check
        limits = Limits(check.timeout or self.timeout, self.memory)
        real = self.lab.trial(pair, {}, limits, twice=True).result()
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
        comparison, unstable = self._judge(pair, real)
        files = self._data_files(pair, real.old)
        known = {path: sample for path in files if (sample := self._sample(path)) is not None}
        texts = [a for a in _arguments(pair) if isinstance(a, str)]
        cases = (
            generate(known, find_constants(pair.trees, texts), self.max_cases - 1) if known else ()
        )
        tried = self._try(pair, cases, real, limits, bool(unstable))
        tried.insert(0, _Tried(Case("real", "the real data", {}), real, comparison))
        found = self._difference(pair, tried, files, limits)
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
        verdict, explanation = _agreement(tried, unstable, known, raised)
        advice = tuple(
            f"writes {path} outside of the tree: what is written there is not compared"
            for path in dict.fromkeys(real.old.outside + real.new.outside)
        )[:3]
        return Finding(verdict, explanation, classes, raised, None, advice, reaches_out)

    def again(self, pair: Pair, kind: str, files: Mapping[str, bytes]) -> Finding:
        """Run one stored input again and judge it alone."""
        limits = Limits(pair.check.timeout or self.timeout, self.memory)
        trial = self.lab.trial(pair, files, limits, twice=True).result()
        classes = (CaseClass(kind, 1),)
        if trial.stopped:
            return Finding(Verdict.INCONCLUSIVE, trial.stopped, classes)
        comparison, unstable = self._judge(pair, trial)
        if comparison.differences:
            where = comparison.differences[0]
            found = self._counterexample(pair, kind, files, comparison.differences)
            return Finding(
                Verdict.DIFFERENT,
                f"{where.place}: {where.old} → {where.new}",
                classes,
                counterexample=found,
            )
        if unstable or comparison.opaque:
            verdict, explanation = _agreement(
                [_Tried(Case(kind, "", {}), trial, comparison)], unstable, {}, 0
            )
            return Finding(verdict, explanation, classes)
        return Finding(Verdict.EQUAL, "both sides agree on this input now", classes)

    # inputs

    def _data_files(self, pair: Pair, old: Observed) -> list[str]:
        master = self.lab.workspace.masters["old"]
        globs = pair.check.data
        wanted = list(old.opened)
        if globs:
            wanted += [path for path in walk(master) if any(fnmatch(path, g) for g in globs)]
        return [
            path
            for path in dict.fromkeys(wanted)
            if (master / path).is_file() and samples.looks_like_json(master / path)
        ][:_MAX_DATA_FILES]

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
        self, pair: Pair, cases: Sequence[Case], real: Trial, limits: Limits, twice: bool
    ) -> list[_Tried]:
        # Generated files are small: what takes much longer than the real data hangs.
        shorter = Limits(min(limits.timeout, 5 + 10 * real.old.seconds), limits.memory)
        deadline = time.monotonic() + 2 * limits.timeout
        running: list[tuple[Case, Future[Trial]]] = []
        tried: list[_Tried] = []

        def collect() -> None:
            case, future = running.pop(0)
            trial = future.result()
            tried.append(_Tried(case, trial, self._judge(pair, trial)[0]))

        for case in cases:
            if time.monotonic() > deadline:
                break
            if len(running) >= 2 * self.lab.jobs:
                collect()
            running.append((case, self.lab.trial(pair, _written(case), shorter, twice=twice)))
        while running:
            collect()
        return tried

    def _judge(self, pair: Pair, trial: Trial) -> tuple[Comparison, frozenset[str]]:
        ignore = pair.check.ignore
        unstable: frozenset[str] = frozenset()
        if trial.again is not None:
            unstable = unstable_places(trial.old, trial.again, ignore)
        if trial.stopped:
            return Comparison((), ()), unstable
        return compare(trial.old, trial.new, ignore=ignore, unstable=unstable), unstable

    # differences

    def _difference(
        self, pair: Pair, tried: Sequence[_Tried], files: Sequence[str], limits: Limits
    ) -> Counterexample | None:
        """The smallest confirmed difference, None if there is none."""
        differing = [entry for entry in tried if entry.comparison.differences]
        # Generated before real, because it is smaller; a wrong value before a crash.
        differing.sort(
            key=lambda entry: (
                not entry.case.documents,
                "exception" in entry.comparison.aspects,
                _size(entry.case),
            )
        )
        for entry in differing:
            documents: Documents = dict(entry.case.documents)
            if not documents:
                documents = self._real_documents(files)
            content = _bytes_of(documents, entry.case.kind)
            confirmed = self._confirm(pair, content, limits)
            if confirmed is None and entry.case.kind == "real":
                # What the real file says and its rewritten copy does not: keep the real one.
                documents, content = {}, {}
                confirmed = self._confirm(pair, content, limits)
            if confirmed is None:
                continue
            if documents:
                documents = self._shrink(pair, documents, confirmed, limits)
                smaller = _bytes_of(documents, "shrunk")
                shrunk = self._confirm(pair, smaller, limits)
                if shrunk is not None:
                    content, confirmed = smaller, shrunk
            return self._counterexample(pair, entry.case.kind, content, confirmed.differences)
        return None

    def _confirm(
        self, pair: Pair, content: Mapping[str, bytes], limits: Limits
    ) -> Comparison | None:
        trial = self.lab.trial(pair, content, limits, twice=True).result()
        comparison, _ = self._judge(pair, trial)
        return comparison if comparison.differences else None

    def _shrink(
        self, pair: Pair, documents: Documents, confirmed: Comparison, limits: Limits
    ) -> Documents:
        aspects = confirmed.aspects
        shorter = Limits(min(limits.timeout, 10.0), limits.memory)

        def still_differs(batch: Sequence[Documents]) -> list[bool]:
            trials = [self.lab.trial(pair, _bytes_of(docs, "shrunk"), shorter) for docs in batch]
            judged = [self._judge(pair, trial.result())[0] for trial in trials]
            # Nothing new may differ: a smaller input that merely crashes explains another fault.
            return [bool(found.aspects) and found.aspects <= aspects for found in judged]

        constants = find_constants(pair.trees, ())
        texts = frozenset(text for found in constants.texts.values() for text in found)
        return shrink(
            documents,
            still_differs,
            seconds=self.shrink_seconds,
            width=self.lab.jobs,
            keep_texts=texts,
        )

    def _real_documents(self, files: Sequence[str]) -> Documents:
        documents: Documents = {}
        for path in files:
            place = self.lab.workspace.masters["old"] / path
            if place.stat().st_size <= samples.WHOLE_FILE:
                try:
                    documents[path] = samples.read(place)
                except (ValueError, RecursionError, OSError, EOFError):
                    continue
        return documents

    def _counterexample(
        self,
        pair: Pair,
        kind: str,
        content: Mapping[str, bytes],
        differences: tuple[Difference, ...],
    ) -> Counterexample:
        origin = self.origin
        stored = Stored(origin.mode, pair.check, kind, origin.base, origin.old, origin.new, content)
        path = store(origin.cache, stored)
        shown = path
        if path.is_relative_to(origin.shown_from):
            shown = path.relative_to(origin.shown_from)
        name = shown.as_posix()
        quoted = f'"{name}"' if " " in name else name
        return Counterexample(
            case=kind,
            data_files=tuple(content),
            differences=differences,
            replay=f"loadstream verify --replay {quoted}",
            preview=_preview(content),
        )


def _agreement(
    tried: Sequence[_Tried], unstable: frozenset[str], known: Mapping[str, Any], raised: int
) -> tuple[Verdict, str]:
    """The verdict of a check without a difference, and why."""
    stopped = next((entry for entry in tried if entry.trial.stopped), None)
    if stopped is not None:
        why = f"on {stopped.case.kind} data ({stopped.case.detail}) {stopped.trial.stopped}"
        return Verdict.INCONCLUSIVE, why
    real = tried[0].trial
    if raised == len(tried):
        assert real.old.raised is not None
        cause = ": ".join(real.old.raised)
        if "FileNotFoundError" in real.old.raised[0]:
            return Verdict.INCONCLUSIVE, (
                f"data is missing ({shorten(cause)}): put the file where the code looks for it"
            )
        return Verdict.INCONCLUSIVE, f"every case raised, alike on both sides: {shorten(cause)}"
    if not any(_shows_anything(entry.trial) for entry in tried):
        return Verdict.INCONCLUSIVE, "nothing to compare: no output, no result, no file was written"
    opaque = [place for entry in tried for place in entry.comparison.opaque]
    if unstable:
        places = ", ".join(sorted(unstable)[:3])
        return Verdict.NOT_COMPARABLE, f"old disagrees with itself at {places}; the rest agrees"
    if opaque:
        return Verdict.NOT_COMPARABLE, f"{opaque[0].place} has no equality ({opaque[0].old})"
    if len(tried) > 2 and len({_fingerprint(entry.trial.new) for entry in tried}) == 1:
        return Verdict.INCONCLUSIVE, (
            f"the outcome was the same for all {len(tried)} inputs: nothing depended on the data"
        )
    classes = len({entry.case.kind for entry in tried})
    text = f"agree on {_plural(len(tried), 'input')} of {_plural(classes, 'class', 'classes')}"
    if raised:
        text += f" ({raised} raised the same exception on both sides)"
    if not known:
        text += "; no JSON file was read, so no data was generated"
    return Verdict.EQUAL, f"{text}; old agreed with itself twice"


def _plural(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"


def _shows_anything(trial: Trial) -> bool:
    sides = (trial.old, trial.new)
    return any(
        side.stdout.size
        or side.stderr.size
        or side.returned is not None
        or side.variables
        or side.written
        or side.code
        for side in sides
    )


def _fingerprint(observed: Observed) -> str:
    parts = [
        observed.stdout.digest,
        observed.code,
        observed.raised,
        observed.returned,
        observed.variables,
        [(change.path, change.digest) for change in observed.written],
    ]
    return json.dumps(parts, sort_keys=True)


def _arguments(pair: Pair) -> Sequence[object]:
    target = pair.runs["new"].target
    if isinstance(target, Call):
        return (*target.args, *target.kwargs.values())
    return target.args


def _written(case: Case) -> dict[str, bytes]:
    return _bytes_of(case.documents, case.kind)


def _bytes_of(documents: Mapping[str, Any], kind: str) -> dict[str, bytes]:
    # The spelling varies with the class, because streams cut their windows by it.
    return {
        path: samples.write(
            path, document, readable=kind in ("few", "one", "shrunk"), plain=kind == "unicode"
        )
        for path, document in documents.items()
    }


def _size(case: Case) -> int:
    return sum(len(repr(document)) for document in case.documents.values())


def _preview(content: Mapping[str, bytes]) -> str:
    parts = []
    for path, data in content.items():
        text = data.decode("utf-8", "replace").strip()
        with suppress(ValueError, RecursionError):
            text = json.dumps(json.loads(text), ensure_ascii=False)
        parts.append(f"{path}: {text}")
    text = "\n".join(parts)
    return text if len(text) <= _PREVIEW else f"{text[:_PREVIEW]} …"
