"""From what the trials of a check showed to its verdict: the rules, and the evidence in words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loadstream.verify import tested
from loadstream.verify.cases import Case
from loadstream.verify.compare import Comparison, compare, unstable_places
from loadstream.verify.compare_values import shorten
from loadstream.verify.lab import Trial
from loadstream.verify.model import CaseClass, Counterexample, Mutants, Verdict
from loadstream.verify.observed import Observed
from loadstream.verify.predicates import Coverage
from loadstream.verify.reached import Hit
from loadstream.verify.self_test import SelfTest
from loadstream.verify.sides import Pair


@dataclass(frozen=True, slots=True)
class Finding:
    """What the comparing pass of a check showed.

    `reaches_out` is True where the code was seen to write into the user's own tree. `reached` are
    the changed lines that ran. `data_files` are those that generated data replaced, as paths of
    the tree. `starts_programs` is True where the code was seen to start other processes.
    """

    verdict: Verdict
    explanation: str
    cases: tuple[CaseClass, ...]
    raised: int = 0
    counterexample: Counterexample | None = None
    advice: tuple[str, ...] = ()
    reaches_out: bool = False
    data_files: tuple[str, ...] = ()
    reached: frozenset[Hit] = frozenset()
    self_test: SelfTest | None = None
    mutants: Mutants | None = None
    starts_programs: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """A case with what both sides did on it and where they differ."""

    case: Case
    trial: Trial
    comparison: Comparison


def judge(
    pair: Pair, trial: Trial, known: frozenset[str] = frozenset()
) -> tuple[Comparison, frozenset[str]]:
    """How the sides of a trial differ, and where old disagreed with itself, here or as `known`."""
    ignore = pair.check.ignore
    unstable = known
    if trial.again is not None:
        unstable |= unstable_places(trial.old, trial.again, ignore)
    if trial.stopped:
        return Comparison((), ()), unstable
    return compare(trial.old, trial.new, ignore=ignore, unstable=unstable), unstable


def agreement(
    tried: Sequence[Tried],
    unstable: frozenset[str],
    known: Mapping[str, Any],
    raised: int,
    coverage: Coverage,
) -> tuple[Verdict, str]:
    """The verdict of a check without a difference, and why."""
    stopped = next((entry for entry in tried if entry.trial.stopped), None)
    if stopped is not None:
        why = f"on {stopped.case.kind} data ({stopped.case.detail}) {stopped.trial.stopped}"
        return Verdict.INCONCLUSIVE, why
    unconfirmed = [place for entry in tried for place in entry.comparison.differences]
    if unconfirmed:
        return Verdict.NOT_COMPARABLE, (
            f"a difference at {unconfirmed[0].place} was seen and not seen again: old or new is "
            "not deterministic there"
        )
    real = tried[0].trial
    if real.old.tests is not None and real.new.tests is not None:
        return _tests(tried, unstable)
    if raised == len(tried):
        assert real.old.raised is not None
        cause = ": ".join(real.old.raised)
        if "FileNotFoundError" in real.old.raised[0]:
            return Verdict.INCONCLUSIVE, (
                f"data is missing ({shorten(cause)}): put the file where the code looks for it"
            )
        return Verdict.INCONCLUSIVE, f"every case raised, alike on both sides: {shorten(cause)}"
    if all(_only_fails(entry.trial) for entry in tried):
        said = real.old.stderr.head.decode("utf-8", "replace").strip().rpartition("\n")[2]
        return Verdict.INCONCLUSIVE, (
            f"both sides only ended with exit code {real.old.code} ({shorten(said) or 'no word'}):"
            ' name a check with what it needs: run = "script.py ARGUMENTS"'
        )
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
    if coverage.gap:
        return Verdict.INCONCLUSIVE, f"{coverage.gap}: give data on which they do both"
    classes = len({entry.case.kind for entry in tried})
    text = f"agree on {_plural(len(tried), 'input')} of {_plural(classes, 'class', 'classes')}"
    if raised:
        text += f" ({raised} raised the same exception on both sides)"
    if coverage.counts:
        text += f"; the filters kept {coverage.kept} and rejected "
        text += _plural(coverage.rejected, "element")
    if not known:
        text += "; no JSON file was read, so no data was generated"
    return Verdict.EQUAL, f"{text}; old agreed with itself twice"


def _tests(tried: Sequence[Tried], unstable: frozenset[str]) -> tuple[Verdict, str]:
    """The verdict of a check that runs the user's tests, none of which came out otherwise."""
    real = tried[0].trial
    assert real.old.tests is not None
    assert real.new.tests is not None
    said = real.old.stderr.head.decode("utf-8", "replace")
    if vacuous := tested.nothing_shown(real.old.tests, real.new.tests, said):
        return Verdict.INCONCLUSIVE, vacuous
    if unstable:
        places = ", ".join(sorted(unstable)[:3])
        return Verdict.NOT_COMPARABLE, f"old disagrees with itself at {places}; the rest agrees"
    text = tested.agreement(real.old.tests, real.new.tests)
    if len(tried) > 1:
        text += f", and the same outcomes on both sides for {_plural(len(tried) - 1, 'more input')}"
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


def _only_fails(trial: Trial) -> bool:
    """Whether both sides did nothing but end with a bad exit code, as for a wrong usage."""
    return all(
        side.code and not side.stdout.size and not side.written and side.returned is None
        for side in (trial.old, trial.new)
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
