"""What an index costs and gains: its pass beside a pass of a stream, and an element by its number.

    python benchmarks/index_speed.py [--size 2G] [--rounds N] [--gets N] [--cpu] [--quick]

In each round one stream of the whole file and one pass that makes the index run one after the
other, the other one first each time; the ratio is that of the same round. Then elements are taken
by random numbers, each timed by itself, and every one is compared with what a stream of the file
has at that place. Memory is that of a process of its own over its imports (VmHWM). A file of each
kind is made in a temporary folder, one at a time.

Give `--cpu` where other work runs on the machine: then CPU time is measured throughout.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from documents import grown_records, grown_sessions
from runtime_memory import parse_size
from tables import print_machine, print_table, save

from loadstream import Dataset, stream_json
from loadstream.bench.approaches import Source
from loadstream.charts.units import bytes_text, seconds_text

KINDS: dict[str, Callable[[Path, int], Source]] = {
    "sessions": grown_sessions,
    "records": grown_records,
}
MEMORY = """
import json, re, sys
from loadstream import Dataset
from loadstream.runtime import access
def high(): return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) * 1024
open("/proc/self/clear_refs", "w").write("5")
before = high()
Dataset(sys.argv[1], sys.argv[2]).index(sys.argv[3])
print(high() - before)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", default="2G", help="default: 2G")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--gets", type=int, default=1000, help="elements taken by their number")
    parser.add_argument("--cpu", action="store_true", help="CPU time instead of elapsed time")
    parser.add_argument("--quick", action="store_true", help="50M")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples there")
    options = parser.parse_args()
    size = parse_size("50M" if options.quick else options.size)
    clock = time.process_time if options.cpu else time.perf_counter
    results = {}
    for name, write in KINDS.items():
        with tempfile.TemporaryDirectory(prefix="loadstream-benchmark-") as folder:
            source = write(Path(folder) / "data.json", size)
            results[name] = measure(name, source, options.rounds, options.gets, clock)
    print_machine()
    save(options.json, {"index": results})


def measure(
    name: str, source: Source, rounds: int, gets: int, clock: Callable[[], float]
) -> dict[str, Any]:
    """Measure one file and print its tables."""
    file = Path(source.file)
    streams, passes = [], []
    dataset = Dataset(file, source.path)
    for turn in range(rounds):
        Path(default_place(dataset)).unlink(missing_ok=True)
        steps = [lambda: streams.append(timed(lambda: count(source), clock))]
        steps.append(lambda: passes.append(timed(dataset.index, clock)))
        for step in steps if turn % 2 else reversed(steps):
            gc.collect()
            step()
    index = dataset.index()
    share = Path(index.place).stat().st_size / file.stat().st_size
    ratios = [took / base for took, base in zip(passes, streams, strict=True)]
    rows: list[tuple[str, ...]] = [("", "median", "min", "max")]
    rows.append(("a stream of all", *spread(streams)))
    rows.append(("the pass of the index", *spread(passes)))
    rows.append(("ratio", *(f"{f(ratios):.2f}" for f in (median, min, max))))
    numbers = random.Random(1).sample(range(len(dataset)), min(gets, len(dataset)))
    taken = {}

    def take(number: int) -> None:
        taken[number] = dataset[number]

    took = [timed(lambda number=number: take(number), clock) for number in numbers]  # type: ignore[misc]
    rows.append((f"dataset[i], {len(numbers):,} random i", *spread(took)))
    sampled = [timed(lambda: dataset.sample(len(numbers)), clock) for _ in range(rounds)]
    rows.append((f"dataset.sample({len(numbers):,})", *spread(sampled)))
    print_table(
        f"{name}: {bytes_text(file.stat().st_size)}, {len(dataset):,} elements, index of "
        f"{bytes_text(Path(index.place).stat().st_size)} ({share:.4%})",
        rows,
    )
    same = sum(taken[n] == e for n, e in enumerate(stream_json(file, source.path)) if n in taken)
    print(f"  equal to what the stream has there: {same:,} of {len(taken):,}")
    index_memory = memory(source)
    print(f"  memory of the pass over the imports: {bytes_text(index_memory)}")
    return {
        "bytes": file.stat().st_size,
        "share": share,
        "stream_seconds": streams,
        "index_seconds": passes,
        "get_seconds": took,
        "equal": same,
        "index_memory": index_memory,
    }


def default_place(dataset: Dataset[Any]) -> str:
    """Where the index is kept."""
    from loadstream.runtime.index_file import default_place
    from loadstream.runtime.paths import parse_path

    return default_place(dataset.source, parse_path(dataset.path).outer)


def count(source: Source) -> int:
    """Stream all elements."""
    return sum(1 for _ in stream_json(source.file, source.path))


def timed(action: Callable[[], object], clock: Callable[[], float]) -> float:
    """Seconds that it takes."""
    started = clock()
    action()
    return clock() - started


def memory(source: Source) -> int:
    """Bytes over the imports, in a process of its own."""
    command = [sys.executable, "-c", MEMORY, source.file, source.path, f"{source.file}.other"]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return int(json.loads(done.stdout))


def spread(seconds: list[float]) -> tuple[str, str, str]:
    """Median, minimum, maximum."""
    return seconds_text(median(seconds)), seconds_text(min(seconds)), seconds_text(max(seconds))


if __name__ == "__main__":
    main()
