"""Shows before a batch that the comparison can fail: old against a sabotaged old."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loadstream.verify.compare import compare
from loadstream.verify.lab import Lab
from loadstream.verify.sabotage import Mutant, dropped_elements, flipped_comparisons, plain_fault
from loadstream.verify.selection import Code
from loadstream.verify.sides import Pair
from loadstream.verify.watch import Limits


@dataclass(frozen=True, slots=True)
class SelfTest:
    """What the self-test did, in words; `failed` where a fault passed as equal."""

    words: str
    failed: bool


_FAULTS_TRIED = 5


def self_test(lab: Lab, pairings: Sequence[Pair], old: Code, limits: Limits) -> SelfTest:
    """Compare old with a sabotaged old: it must come out different."""
    for pairing in pairings:
        run = pairing.runs["old"]
        path = run.target.path or ""
        if path not in old.sources:
            continue
        with lab.slot() as slot:
            sound = lab.runner.run(run, slot, "old", {}, limits)
            if sound.stopped or sound.raised is not None:
                continue
            last = plain_fault(path, old.sources[path], run.target)
            for mutant in (*_faults(pairing, old), last):
                replaced = {mutant.path: mutant.source.encode("utf-8")}
                broken = lab.runner.run(run, slot, "old", replaced, limits)
                found = compare(sound, broken).differences
                if found or broken.stopped:
                    place = found[0].place if found else broken.stopped
                    return SelfTest(
                        f"old {pairing.check.name} with {mutant.label}: came out different "
                        f"({place}), as it must",
                        failed=False,
                    )
            return SelfTest(
                f"old {pairing.check.name} with {last.label} passed as equal", failed=True
            )
    return SelfTest("not done: no old side ran to its end", failed=False)


def _faults(pairing: Pair, old: Code) -> list[Mutant]:
    files = dict.fromkeys((pairing.runs["old"].target.path or "", *pairing.check.files))
    found: list[Mutant] = []
    for path in files:
        source = old.sources.get(path)
        if source is not None:
            found.extend(flipped_comparisons(path, source))
            found.extend(dropped_elements(path, source))
    return found[:_FAULTS_TRIED]
