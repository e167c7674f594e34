"""Mutates the bytes of real documents and holds every stream of them against `json.load`.

    python -m tests.fuzz.bytes --seconds 600 --seed 1

The same values by type and order, or the same exception by class, message and position, and the
same elements before it: over random windows, paths, sources and chunks, with and without the fast
parser. What differs, or takes too long, is made small and printed as a program; exit code 1 then.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from tests.fuzz.cases import BINARY, EACH, NO_DEFAULT, PATHS, TEXT, Case, Hang, Step, streamed
from tests.fuzz.expected import expected, text_of
from tests.fuzz.mutations import mutate
from tests.fuzz.seeds import documents, lines_of
from tests.fuzz.shrink import smallest
from tests.fuzz.types import TYPES

_LONGEST = 64 * 1024
_READINGS = 3  # of each mutated document
_SHOWN = 2  # differences of one kind that are made small and printed


@dataclass(slots=True)
class Tally:
    """What a run came to."""

    cases: int = 0
    rejected: int = 0
    with_elements: int = 0
    near_the_limit: int = 0
    seconds: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)
    shown: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        kinds = "".join(f"\n  {count} × {kind}" for kind, count in self.kinds.most_common())
        return (
            f"{self.cases:,} cases in {self.seconds:.0f} s: {self.with_elements:,} gave elements, "
            f"{self.rejected:,} ended with an exception, {self.near_the_limit:,} too near the "
            f"recursion limit to compare; {self.kinds.total():,} differences{kinds}"
        )


def run(dice: Random, folder: Path, *, seconds: float = 0.0, cases: int = 0) -> Tally:
    """Compare for some seconds, or so many cases."""
    tally, start = Tally(), time.monotonic()
    for case in random_cases(dice):
        tally.seconds = time.monotonic() - start
        if (cases and tally.cases >= cases) or (seconds and tally.seconds >= seconds):
            return tally
        tally.cases += 1
        kind = _judge(case, folder, tally)
        if kind:
            tally.kinds[kind] += 1
            if tally.kinds[kind] <= _SHOWN:
                tally.shown.append(program(case, kind, folder))
                print(tally.shown[-1], flush=True)
    raise AssertionError("there is always another case")


def random_cases(dice: Random) -> Iterator[Case]:
    """Mutated documents without end, each read in a few ways."""
    seeds = documents()
    values = [_value(raw) for raw in seeds]
    containers = [
        number for number, value in enumerate(values) if value and len(seeds[number]) > 99
    ]
    while True:
        number = dice.randrange(len(seeds)) if dice.random() < 0.3 else dice.choice(containers)
        if dice.random() < 0.2:
            raw = mutate(lines_of(dice), dice.choice(seeds), dice)[:_LONGEST]
            for _ in range(_READINGS):
                yield _dressed(Case(raw, form="lines"), dice)
            continue
        raw = mutate(seeds[number], dice.choice(seeds), dice)[:_LONGEST]
        for _ in range(_READINGS):
            path, form = _path(values[number], dice)
            default = dice.choice((NO_DEFAULT, NO_DEFAULT, NO_DEFAULT, (), (7,)))
            yield _dressed(Case(raw, path=path, form=form, default=default), dice)


def _dressed(case: Case, dice: Random) -> Case:
    """The case from a random source, in random windows, in pages or with a type perhaps."""
    page, type_name = 0, ""
    if case.default is NO_DEFAULT and case.form in ("iter", "lines") and dice.random() < 0.2:
        page = dice.choice((1, 2, 3, 10, 500))
    if case.form != "items" and dice.random() < 0.2:
        type_name = dice.choice((*TYPES, "a union", "Any"))
    return replace(
        case,
        source=dice.choice(PATHS if page else (*TEXT, *BINARY)),
        window=_window(len(case.raw), dice),
        chunks=dice.randrange(1000),
        fast=dice.random() < 0.75,
        page=page,
        type=type_name,
    )


def difference(case: Case, folder: Path) -> str:
    """In a few words what is wrong with a case; empty if nothing is."""
    return _judge(case, folder, Tally())


def _judge(case: Case, folder: Path, tally: Tally) -> str:
    wanted = expected(case)
    try:
        got = streamed(case, folder)
    except Hang:
        return "hang"
    tally.with_elements += bool(got.elements)
    tally.rejected += bool(got.ending)
    found = wanted.difference(got)
    if "RecursionError" in found and _near_the_limit(case, (*wanted.endings, got.ending)):
        tally.near_the_limit += 1
        return ""
    return found


def program(case: Case, kind: str, folder: Path) -> str:
    """A small case with the same thing wrong, and both outcomes."""
    small = smallest(case, lambda simpler: difference(simpler, folder) == kind)
    wanted = expected(small)
    try:
        got: Any = streamed(small, folder)
    except Hang:
        got = "hang"
    endings = " or ".join(map(repr, wanted.endings))
    return (
        f"--- {kind}\n{small!r}  # query {small.query}\n"
        f"  expected {wanted.elements!r:.1000} (maybe {wanted.maybe!r:.200})\n"
        f"           and then {endings:.1000}\n"
        f"  got      {got!r:.1500}"
    )


def _value(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _path(value: Any, dice: Random) -> tuple[tuple[Step, ...], str]:
    """A path that leads to something in the value, mostly, and the form to read it in."""
    steps: list[Step] = []
    while isinstance(value, (list, dict)) and value and dice.random() < 0.6:
        step: Step = dice.choice(list(value)) if isinstance(value, dict) else _index(value, dice)
        inside = value[step]  # type: ignore[index]
        if not isinstance(inside, (list, dict)) and dice.random() < 0.8:
            break
        each = isinstance(value, list) and dice.random() < 0.4
        steps.append(EACH if each else step)
        value = inside
    if dice.random() < 0.1:
        steps.append(dice.choice(("missing", "a", 0, 3, EACH)))
    forms = ("iter", "items", "values") if isinstance(value, dict) else ("iter",)
    return tuple(steps), dice.choice(forms if dice.random() < 0.95 else ("items", "values"))


def _index(value: list[Any], dice: Random) -> int:
    return dice.randrange(len(value))


def _window(length: int, dice: Random) -> int:
    if dice.random() < 0.3:
        return dice.randint(16, max(17, min(2 * length, 65_536)))
    return dice.choice((16, 17, 24, 32, 61, 128, 500, 4096, 65_536))


@lru_cache(1)
def _limit() -> int:
    """The least depth that `json` refuses."""
    low, high = 100, 1_000_000
    while high - low > 1:
        depth = (low + high) // 2
        try:
            json.loads("[" * depth + "]" * depth)
        except RecursionError:
            high = depth
        else:
            low = depth
    return high


def _near_the_limit(case: Case, endings: tuple[tuple[Any, ...], ...]) -> bool:
    """Whether the depth is one that depends on how deep the caller's own stack is."""
    text = text_of(case)
    for ending in endings:
        if ending and ending[0] is json.JSONDecodeError:
            text = text[: ending[2]]  # what stands behind the error opens nothing
    depth = deepest = 0
    for char in text:
        depth += (char in "[{") - (char in "]}")
        deepest = max(deepest, depth)
    return abs(deepest - _limit()) < 150


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="how long (default: 60)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same cases")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tally = run(Random(options.seed), Path(folder), seconds=options.seconds)
    print(f"seed {options.seed}: {tally}")
    return 1 if tally.kinds else 0


if __name__ == "__main__":
    sys.exit(main())
