"""Shows for each check that its comparison can fail: old against a sabotaged old."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from loadstream.verify.checks import Call
from loadstream.verify.compare import compare
from loadstream.verify.lab import Lab
from loadstream.verify.observed import Observed
from loadstream.verify.sabotage import Fault, plain_faults
from loadstream.verify.sides import Pair
from loadstream.verify.tests_fault import faulty_test
from loadstream.verify.watch import Limits


class Outcome(Enum):
    """What became of a self-test."""

    NOTICED = "noticed"
    PASSED_AS_EQUAL = "passed as equal"
    NOT_DONE = "not done"


@dataclass(frozen=True, slots=True)
class SelfTest:
    """What the self-test of one check did; `words` are the fault, or why there was none."""

    outcome: Outcome
    words: str


def self_test(
    lab: Lab,
    pair: Pair,
    sources: Mapping[str, str],
    sound: Observed,
    unstable: frozenset[str],
    limits: Limits,
) -> SelfTest:
    """Compare what old showed (`sound`, on the real data) with what a sabotaged old shows."""
    run = pair.runs["old"]
    path = run.target.path or ""
    if sound.tests is not None:
        found = faulty_test(lab.workspace.masters["old"], sound)
        if found is None:
            return SelfTest(Outcome.NOT_DONE, "no test that passes can be broken")
        faults: Iterable[Fault] = [found]
    elif path in sources:
        faults = plain_faults(path, sources[path], run.target)
    else:
        return SelfTest(Outcome.NOT_DONE, "what it runs is no file of the tree that can be broken")
    label = ""
    for fault in faults:
        replaced = {fault.path: fault.source.encode("utf-8", "surrogateescape")}
        with lab.slot() as slot:
            broken = lab.runner.run(run, slot, "old", replaced, limits)
        if broken.stopped or compare(sound, broken, unstable=unstable).differences:
            return SelfTest(Outcome.NOTICED, fault.label)
        label = label or fault.label
    if isinstance(run.target, Call) and sound.raised is not None:
        return SelfTest(Outcome.NOT_DONE, f"old raised {sound.raised[0]} before it was called")
    return SelfTest(Outcome.PASSED_AS_EQUAL, f"old with {label} passed as equal")


def summary(done: Iterable[tuple[str, SelfTest | None]]) -> str:
    """What the self-tests of all checks showed, by the checks' names, in one line."""
    tests = [(name, test) for name, test in done if test is not None]
    noticed = [test for _, test in tests if test.outcome is Outcome.NOTICED]
    parts = []
    if noticed:
        checks = f"{len(noticed)} of {len(tests)} check{'' if len(tests) == 1 else 's'}"
        parts.append(
            f"a sabotaged old version came out different in {checks}, as it must "
            f"({noticed[0].words})"
        )
    parts += [
        f"{name} failed its own: {test.words}"
        for name, test in tests
        if test.outcome is Outcome.PASSED_AS_EQUAL
    ]
    missing = [(name, test) for name, test in tests if test.outcome is Outcome.NOT_DONE]
    for name, test in missing[:1]:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        parts.append(f"not done for {name}{more}: {test.words}")
    return "; ".join(parts) or "not done: no old side ran to its end"
