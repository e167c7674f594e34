"""Many generated programs: `python -m tests.differential.fuzz --programs 100000 --jobs 2`.

Prints each divergence as it is found, shrunk, and at the end how many programs were rewritten and
what became of their sites. Exits 1 if old and new ever parted.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.differential import documents, filters, loaders, programs
from tests.differential.harness import Tally, Workshop
from tests.differential.model import Divergence, Program
from tests.differential.shrink import shrink

FAMILIES: dict[str, Callable[[random.Random], Program]] = {
    "pairs": programs.generate,
    "documents": documents.generate,
    "loaders": loaders.generate,
    "filters": filters.generate,
}
_PORTION = 250
_SHRUNK_EACH = 3  # of each kind in a portion; the others are printed as they are


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=int, default=10_000)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--family", choices=[*FAMILIES, "all"], default="all")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--stop-after", type=int, default=50, help="divergences")
    options = parser.parse_args()
    families = list(FAMILIES) if options.family == "all" else [options.family]
    tallies = {family: Tally() for family in families}
    divergences, begun = 0, time.monotonic()
    for family, tally, found in _portions(options, families):
        tallies[family].add(tally)
        for seed, text in found:
            divergences += 1
            print(f"===== {family} seed {seed}: {text}\n", flush=True)
        if divergences >= options.stop_after:
            break
    seconds = time.monotonic() - begun
    total = sum(tally.programs for tally in tallies.values())
    for family, tally in tallies.items():
        print(f"{family}: {_summary(tally)}")
    print(f"{divergences} divergences in {total} programs; {total / seconds:.0f} a second")
    sys.exit(divergences > 0)


Portion = tuple[str, Tally, list[tuple[int, str]]]


def _portions(options: argparse.Namespace, families: list[str]) -> Iterator[Portion]:
    end = options.first_seed + options.programs // len(families)
    tasks = [
        (family, range(first, min(first + _PORTION, end)))
        for first in range(options.first_seed, end, _PORTION)
        for family in families
    ]
    if options.jobs == 1:
        yield from map(run, tasks)
        return
    with multiprocessing.Pool(options.jobs) as pool:
        yield from pool.imap_unordered(run, tasks)


def run(task: tuple[str, range]) -> Portion:
    """The programs of some seeds, in a folder of their own."""
    family, seeds = task
    gc.freeze()  # what stands already is not looked through after each program
    found, shrunk = [], Counter[str]()
    quick = "/dev/shm" if Path("/dev/shm").is_dir() else None  # files in memory, where there are
    with tempfile.TemporaryDirectory(dir=quick) as folder:
        workshop = Workshop(Path(folder))
        for seed in seeds:
            divergence = workshop.divergence(FAMILIES[family](random.Random(seed)))
            if divergence is None:
                continue
            shrunk[divergence.kind] += 1
            if shrunk[divergence.kind] <= _SHRUNK_EACH:
                divergence = _shrunk(divergence, workshop)
            found.append((seed, str(divergence)))
        return family, workshop.tally, found


def _shrunk(found: Divergence, workshop: Workshop) -> Divergence:
    counted, workshop.tally = workshop.tally, Tally()
    try:
        return shrink(found, workshop.divergence)
    finally:
        workshop.tally = counted


def _summary(tally: Tally) -> str:
    share = tally.rewritten / max(tally.programs, 1)
    safe = tally.safe / max(tally.programs, 1)
    head = f"{tally.rewritten} of {tally.programs} rewritten ({share:.1%}; safe {safe:.1%})"
    return f"{head}\n  patterns: {_shares(tally.codes)}\n  reasons: {_shares(tally.reasons)}"


def _shares(counts: Counter[str]) -> str:
    total = sum(counts.values()) or 1
    return ", ".join(f"{name} {n} ({n / total:.1%})" for name, n in counts.most_common())


if __name__ == "__main__":
    main()
