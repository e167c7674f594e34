"""How long it takes to visit every record: loadstream against json.load and other libraries.

    python benchmarks/runtime_speed.py [--quick] [--only NAME …] [--rounds N] [--json FILE]

All approaches run in one process, one after the other in each round, another one first each time;
the garbage is collected before each run. A ratio is taken to `json.load` of the same round, so
that a slow moment of the machine strikes both. The table has the median of these ratios, their
minimum and maximum. One round is run before and thrown away.

`fresh` is another measurement: a file of 100 KB read in a new process, from the start of Python to
its end, so that what a library's import costs is in it. It is given twice: in all, and over what a
process takes that only starts. It is CPU time, because a process's start waits for much else. The
modules' bytecode is kept between the runs, as it is of an installed package, even where the
environment says PYTHONDONTWRITEBYTECODE.

Give `--cpu` where other work runs on the machine: then CPU time is measured throughout.

Full loads of orjson and msgspec hold the whole document and are here for comparison; orjson reads
some numbers differently from `json`.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from statistics import median

from documents import DOCUMENTS, Document, small_file
from tables import print_machine, print_table, save

from loadstream.bench.approaches import (
    APPROACHES,
    FILTERED,
    FLATTENED,
    Source,
    UnavailableError,
    prepare,
)
from loadstream.charts.units import bytes_text, seconds_text

REFERENCE = "json.load"
FRESH = {
    "nothing": "pass",
    "json.load": "import json\nwith open(F, encoding='utf-8') as f:\n"
    " for s in json.load(f)[K]: pass",
    "loadstream": "from loadstream import stream_json\nfor s in stream_json(F, '$.' + K): pass",
    "ijson": "import ijson\nwith open(F, 'rb') as f:\n"
    " for s in ijson.items(f, K + '.item', use_float=True): pass",
    "msgspec": "import msgspec\nwith open(F, 'rb') as f:\n"
    " for s in msgspec.json.decode(f.read())[K]: pass",
    "orjson": "import orjson\nwith open(F, 'rb') as f:\n for s in orjson.loads(f.read())[K]: pass",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [document.name for document in DOCUMENTS] + ["fresh"]
    parser.add_argument("--quick", action="store_true", help="a tenth of the size, 3 rounds")
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--cpu", action="store_true", help="CPU time instead of elapsed time")
    parser.add_argument("--rounds", type=int, help="default: 9; with --quick 3")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples there")
    options = parser.parse_args()
    rounds = options.rounds or (3 if options.quick else 9)
    clock = time.process_time if options.cpu else time.perf_counter
    samples: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory(prefix="loadstream-benchmark-") as folder:
        for document in DOCUMENTS:
            if document.name in options.only:
                file = Path(folder) / f"{document.name}.json"
                source = document.write(file, 0.1 if options.quick else 1.0)
                samples[document.name] = speed_of(
                    document, source, file.stat().st_size, rounds, clock
                )
                file.unlink()
        if "fresh" in options.only:
            samples["fresh"] = speed_in_a_fresh_process(Path(folder), rounds)
    print_machine()
    save(options.json, {"seconds": samples})


def speed_of(
    document: Document, source: Source, size: int, rounds: int, clock: Callable[[], float]
) -> dict[str, list[float]]:
    """Measure every approach on one document, print its table, return the seconds of each run."""
    works, missing = prepared(source)
    expected = works[REFERENCE]()
    seconds: dict[str, list[float]] = {slug: [] for slug in works}
    for turn in range(rounds + 1):
        order = list(works)
        for slug in order[turn % len(order) :] + order[: turn % len(order)]:
            gc.collect()
            started = clock()
            count = works[slug]()
            took = clock() - started
            if count != expected and slug != "loadstream-filtered":
                raise SystemExit(f"{slug} saw {count} records, {REFERENCE} {expected}")
            if turn:
                seconds[slug].append(took)
    print_table(
        f"{document.name}: {document.what}; {bytes_text(size)}, {expected:,} records",
        ratios(seconds, seconds[REFERENCE]),
    )
    for line in missing:
        print(f"  {line}")
    return seconds


def prepared(source: Source) -> tuple[dict[str, Callable[[], int]], list[str]]:
    """The work of each approach that has a meaning for this document, and what is not installed."""
    works: dict[str, Callable[[], int]] = {}
    missing = []
    for approach in APPROACHES:
        if approach is FLATTENED or (approach is FILTERED and not source.filter_source):
            continue
        with suppress(UnavailableError):
            works[approach.slug] = prepare(approach.slug, source)
        if approach.slug not in works:
            missing.append(f"{approach.slug} is not installed")
    return works, missing


def speed_in_a_fresh_process(folder: Path, rounds: int) -> dict[str, list[float]]:
    """The same for a small file in a new process, imports included."""
    file = folder / "small.json"
    source = small_file(file)
    seconds: dict[str, list[float]] = {slug: [] for slug in FRESH}
    broken: set[str] = set()
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    for turn in range(rounds * 3 + 1):
        order = list(FRESH)
        for slug in order[turn % len(order) :] + order[: turn % len(order)]:
            if slug in broken:
                continue
            code = f"F, K = {source.file!r}, 'sessions'\n{FRESH[slug]}"
            started = children_seconds()
            command = [sys.executable, "-c", code]
            done = subprocess.run(command, capture_output=True, check=False, env=environment)
            took = children_seconds() - started
            if done.returncode:
                broken.add(slug)
            elif turn:
                seconds[slug].append(took)
    bare = seconds.pop("nothing")
    over = {
        slug: [max(0.0, took - start) for took, start in zip(runs, bare, strict=True)]
        for slug, runs in seconds.items()
        if slug not in broken
    }
    print_table(
        f"fresh: a file of {bytes_text(file.stat().st_size)} in a new process, over a bare start "
        f"of {seconds_text(median(bare))}",
        ratios(over, over[REFERENCE]),
    )
    whole = {slug: runs for slug, runs in seconds.items() if slug not in broken}
    print_table("the same, the start of Python included", ratios(whole, whole[REFERENCE]))
    return {"nothing": bare, **whole}


def children_seconds() -> float:
    """CPU time of all children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def ratios(seconds: dict[str, list[float]], reference: list[float]) -> list[tuple[str, ...]]:
    """The table: median time, and the ratio to the reference round by round."""
    rows: list[tuple[str, ...]] = [("", "time", "ratio", "min", "max")]
    for slug, runs in seconds.items():
        found = [took / base for took, base in zip(runs, reference, strict=True) if base]
        if not found:
            continue
        rows.append(
            (
                slug,
                seconds_text(median(runs)),
                f"{median(found):.2f}",
                f"{min(found):.2f}",
                f"{max(found):.2f}",
            )
        )
    return rows


if __name__ == "__main__":
    main()
