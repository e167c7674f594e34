"""A filter over one large file as a Dask bag: one worker against two, and what a task costs.

    python benchmarks/cluster_speed.py [--size 2G] [--rounds N] [--quick]

In each round the same bag is computed by a cluster of one process and by one of two on this
machine, the other one first each time; both count the same elements, and the ratio is that of the
same round. What a task costs is the CPU time of the scheduler, over many partitions that hold next
to nothing. The last table calculates from these figures, and says so, how long a file of 1 TB would
take. Nothing else should run on the machine: two processes get more of a busy one than one.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from distributed import Client, LocalCluster
from documents import grown_sessions
from runtime_memory import parse_size
from tables import print_machine, print_table, save

from loadstream import Dataset
from loadstream.charts.units import bytes_text, seconds_text

TERABYTE = 10**12
PARTITIONS = 32


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", default="2G", help="default: 2G")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="300M, 1 round")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples there")
    options = parser.parse_args()
    if options.quick:
        options.size, options.rounds = "300M", 1
    with tempfile.TemporaryDirectory(prefix="loadstream-benchmark-") as folder:
        source = grown_sessions(Path(folder) / "data.json", parse_size(options.size))
        dataset = Dataset(source.file, source.path)
        indexing = timed(dataset.index)
        few = Path(folder) / "few.jsonl"
        few.write_text("1\n" * 1000)
        with cluster(1) as one, cluster(2) as two:
            results = measure(dataset, one, two, options.rounds)
            results["task_seconds"] = overhead(Dataset(few), one)
    results["index_seconds"] = indexing
    table(results, results["bytes"])
    print_machine()
    save(options.json, {"cluster": results})


def cluster(workers: int) -> Client:
    """A client of a cluster of so many processes, each with one thread."""
    return Client(
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
        )
    )


def measure(dataset: Dataset[Any], one: Client, two: Client, rounds: int) -> dict[str, Any]:
    """Compute the same bag on both, round by round."""
    size = Path(dataset.source).stat().st_size
    kept = dataset.to_dask_bag(
        lambda session: len(session.get("delegations", [])) > 20, bytes=size // PARTITIONS
    )
    count = kept.count()
    seconds: dict[int, list[float]] = {1: [], 2: []}
    found = set()
    for client in (one, two):  # every worker has imported and the file is in the page cache
        found.add(client.compute(count).result())
    for turn in range(rounds):
        for workers, client in ((1, one), (2, two)) if turn % 2 else ((2, two), (1, one)):
            seconds[workers].append(timed(lambda client=client: client.compute(count).result()))  # type: ignore[misc]
    if len(found) != 1:
        raise SystemExit(f"error: the clusters counted {found}")
    return {
        "bytes": size,
        "partitions": kept.npartitions,
        "one": seconds[1],
        "two": seconds[2],
    }


def overhead(few: Dataset[Any], client: Client) -> float:
    """CPU seconds of the scheduler, which runs in this process, for one task more."""
    many, one = few.to_dask_bag(bytes=2).count(), few.to_dask_bag().count()
    client.compute(many).result()
    took = timed(lambda: client.compute(many).result(), time.process_time)
    whole = timed(lambda: client.compute(one).result(), time.process_time)
    return (took - whole) / len(few.partitions(2))


def table(results: dict[str, Any], size: int) -> None:
    """What was measured, and what follows for a terabyte."""
    one, two = results["one"], results["two"]
    ratios = [a / b for a, b in zip(one, two, strict=True)]
    rows: list[tuple[str, ...]] = [("", "median", "min", "max")]
    for name, seconds in (("1 worker", one), ("2 workers", two)):
        rows.append((name, *(seconds_text(f(seconds)) for f in (median, min, max))))
    rows.append(("1 worker / 2 workers", *(f"{f(ratios):.2f}" for f in (median, min, max))))
    print_table(f"a filter over {bytes_text(size)} in {results['partitions']} partitions", rows)
    task = results["task_seconds"]
    rate = size / median(one)
    indexing = results["index_seconds"] / size * TERABYTE
    print(f"  one task: {seconds_text(task)}; one worker: {bytes_text(rate)}/s")
    rows = [("1 TB, calculated", "workers read", "scheduler", "in all", "after an index")]
    tasks = TERABYTE / 128e6
    for workers in (1, 10, 100, 1000):
        reading, scheduling = TERABYTE / rate / workers, tasks * task
        whole = max(reading, scheduling)
        cells = (reading, scheduling, whole, whole + indexing)
        rows.append((f"{workers:,} workers", *(seconds_text(cell) for cell in cells)))
    print_table("if storage gives every worker all that it can read, partitions of 128 MB", rows)


def timed(action: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds that it takes."""
    started = clock()
    action()
    return clock() - started


if __name__ == "__main__":
    main()
