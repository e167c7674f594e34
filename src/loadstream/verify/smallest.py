"""Finds the smallest input on which both sides differ, and keeps it as a counterexample."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from loadstream.verify import samples
from loadstream.verify.cases import SHRUNK, contents
from loadstream.verify.compare import Comparison, general, unstable_places
from loadstream.verify.constants import find_constants
from loadstream.verify.counterexamples import Stored, store
from loadstream.verify.judgement import Tried, judge
from loadstream.verify.lab import Lab
from loadstream.verify.model import Counterexample, Difference
from loadstream.verify.observed import Observed
from loadstream.verify.shrink import Documents, shrink
from loadstream.verify.sides import Pair
from loadstream.verify.watch import Limits

_PREVIEW = 1200
_CONFIRMATIONS = 3
_CONFIRM_SECONDS = 10.0  # then the confirmations that were had are enough


@dataclass(frozen=True, slots=True)
class Origin:
    """What a counterexample must name to be run again, and the folder that it is kept in."""

    mode: str
    base: str
    old: str
    new: str
    cache: Path
    shown_from: Path
    contents: Mapping[str, bytes] = field(default_factory=dict)  # of new files not written yet


@dataclass(frozen=True, slots=True)
class Search:
    """Looks for small counterexamples, each confirmed with old run twice."""

    lab: Lab
    origin: Origin
    shrink_seconds: float = 15.0

    def smallest(
        self,
        pair: Pair,
        tried: Sequence[Tried],
        files: Sequence[str],
        limits: Limits,
        unstable: frozenset[str] = frozenset(),
    ) -> Counterexample | None:
        """The smallest confirmed difference, None if there is none.

        `unstable` are the kinds of places at which old disagrees with itself.
        """
        differing = [entry for entry in tried if entry.comparison.differences]
        # Generated before real, because it is smaller; a wrong value before a crash.
        differing.sort(
            key=lambda entry: (
                not entry.case.documents,
                "exception" in entry.comparison.aspects,
                entry.case.size,
            )
        )
        for entry in differing:
            documents: Documents = dict(entry.case.documents)
            if not documents:
                documents = self._real_documents(files)
            content = contents(documents, entry.case.kind)
            confirmed = self._confirm(pair, content, limits, unstable)
            if confirmed is None and entry.case.kind == "real":
                # What the real file says and its rewritten copy does not: keep the real one.
                documents, content = {}, {}
                confirmed = self._confirm(pair, content, limits, unstable)
            if confirmed is None:
                continue
            if documents:
                documents = self._shrink(pair, documents, confirmed, limits, unstable)
                smaller = contents(documents, SHRUNK)
                shrunk = self._confirm(pair, smaller, limits, unstable)
                if shrunk is not None:
                    content, confirmed = smaller, shrunk
            return self.counterexample(pair, entry.case.kind, content, confirmed.differences)
        return None

    def _confirm(
        self,
        pair: Pair,
        content: Mapping[str, bytes],
        limits: Limits,
        unstable: frozenset[str],
    ) -> Comparison | None:
        """The difference, if it is there each time and old never disagrees with itself there."""
        begun = time.monotonic()
        found: list[Difference] = []
        known = unstable
        earlier: list[Observed] = []
        for turn in range(_CONFIRMATIONS):
            trial = self.lab.trial(pair, content, limits, twice=True).result()
            if trial.stopped:
                return None
            for other in earlier:
                known |= unstable_places(other, trial.old, pair.check.ignore)
            comparison, known = judge(pair, trial, known)
            places = {general(difference) for difference in comparison.differences}
            found = [
                one for one in (found if turn else comparison.differences) if general(one) in places
            ]
            if not found:
                return None
            earlier.append(trial.old)
            if time.monotonic() - begun > _CONFIRM_SECONDS:
                break
        return Comparison(tuple(found), ())

    def _shrink(
        self,
        pair: Pair,
        documents: Documents,
        confirmed: Comparison,
        limits: Limits,
        unstable: frozenset[str],
    ) -> Documents:
        aspects = confirmed.aspects
        shorter = Limits(min(limits.timeout, 10.0), limits.memory)

        def still_differs(batch: Sequence[Documents]) -> list[bool]:
            trials = [self.lab.trial(pair, contents(docs, SHRUNK), shorter) for docs in batch]
            judged = [judge(pair, trial.result(), unstable)[0] for trial in trials]
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

    def counterexample(
        self,
        pair: Pair,
        kind: str,
        content: Mapping[str, bytes],
        differences: tuple[Difference, ...],
    ) -> Counterexample:
        """Store an input on which the sides differ, and say how to run it again."""
        origin = self.origin
        stored = Stored(
            origin.mode,
            pair.check,
            kind,
            origin.base,
            origin.old,
            origin.new,
            content,
            origin.contents,
        )
        return Counterexample(
            case=kind,
            data_files=tuple(content),
            differences=differences,
            replay=replay_of(store(origin.cache, stored), origin.shown_from),
            preview=_preview(content),
        )


def replay_of(path: Path, shown_from: Path) -> str:
    """The command that runs the counterexample in the file `path` again."""
    shown = path.relative_to(shown_from) if path.is_relative_to(shown_from) else path
    name = shown.as_posix()
    quoted = f'"{name}"' if " " in name else name
    return f"loadstream verify --replay {quoted}"


def _preview(content: Mapping[str, bytes]) -> str:
    parts = []
    for path, data in content.items():
        text = data.decode("utf-8", "replace").strip()
        with suppress(ValueError, RecursionError):
            text = json.dumps(json.loads(text), ensure_ascii=False)
        parts.append(f"{path}: {text}")
    text = "\n".join(parts)
    return text if len(text) <= _PREVIEW else f"{text[:_PREVIEW]} …"
