"""How fast objects of S3 are streamed: with reading ahead, without, and beside fsspec + json.load.

    python benchmarks/remote_speed.py [--quick] [--objects N] [--size MB] [--rounds N] [--json FILE]

The server is moto's, in a process of its own on loopback (needs `moto[server]` and `s3fs`): it has
no distance and is slow itself, so the ratios are what counts, not the megabytes a second. All
approaches run in one process, one after the other in each round, another one first each time. A
ratio is taken to fsspec + json.load of the same round; the table has the median of these ratios,
their minimum and maximum. One round is run before and thrown away.

Peak memory is that of Python's own objects (tracemalloc), from one more run that is not timed.
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from documents import grown_sessions
from tables import print_machine, print_table, save

from loadstream import Dataset, Url
from loadstream.charts.units import bytes_text, seconds_text

MB = 1_000_000
REFERENCE = "fsspec + json.load"
SERVER = """
import sys, time
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="4 objects of 2 MB, 3 rounds")
    parser.add_argument("--objects", type=int, help="default: 8; with --quick 4")
    parser.add_argument("--size", type=float, help="of each, in MB; default: 20, with --quick 2")
    parser.add_argument("--rounds", type=int, help="default: 7; with --quick 3")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples there")
    options = parser.parse_args()
    objects = options.objects or (4 if options.quick else 8)
    size = int((options.size or (2 if options.quick else 20)) * MB)
    rounds = options.rounds or (3 if options.quick else 7)
    with object_store() as port:
        storage = {"endpoint_url": f"http://127.0.0.1:{port}", "key": "a", "secret": "b"}
        path, in_all = fill(storage, objects, size)
        works = approaches(storage, path)
        seconds = timed(works, rounds)
        peaks = {name: peak_of(work) for name, work in works.items()}
    print_table(
        f"{objects} objects, {bytes_text(in_all)} in all",
        table(seconds, peaks, in_all),
    )
    print_machine()
    save(options.json, {"seconds": seconds, "peaks": peaks, "bytes": in_all})


@contextmanager
def object_store() -> Iterator[int]:
    """A server of S3 in a process of its own. Gives its port."""
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    try:
        port = server.stdout.readline()
        if not port:
            raise SystemExit("the server did not start: pip install 'moto[server]' s3fs")
        yield int(port)
    finally:
        server.kill()
        server.communicate()


def fill(storage: dict[str, Any], objects: int, size: int) -> tuple[str, int]:
    """Put the same document under several names. Gives the path of its array, and all bytes."""
    import s3fs

    fs = s3fs.S3FileSystem(**storage)
    fs.mkdir("benchmark")
    with tempfile.TemporaryDirectory(prefix="loadstream-benchmark-") as folder:
        file = Path(folder) / "sessions.json"
        path = grown_sessions(file, size).path
        for number in range(objects):
            fs.put_file(str(file), f"benchmark/part-{number:03}.json")
        return path, objects * file.stat().st_size


def approaches(storage: dict[str, Any], path: str) -> dict[str, Callable[[], int]]:
    """What is compared: each visits every record and gives their number."""
    key = path.removeprefix("$.")
    pattern = "s3://benchmark/part-*.json"

    def whole() -> int:
        import fsspec

        files = fsspec.open_files(pattern, "rb", **storage)
        count = 0
        for file in files:
            with file as opened:
                count += sum(1 for _ in json.load(opened)[key])
        return count

    def streamed(read_ahead: int) -> int:
        url = Url(pattern, read_ahead=read_ahead, storage_options=storage)
        return sum(1 for _ in Dataset(url, path).stream())

    return {
        REFERENCE: whole,
        "loadstream, no reading ahead": lambda: streamed(0),
        "loadstream": lambda: streamed(8 * 1024 * 1024),
    }


def timed(works: dict[str, Callable[[], int]], rounds: int) -> dict[str, list[float]]:
    """The seconds of each run of each approach."""
    expected = works[REFERENCE]()
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(rounds + 1):
        order = list(works)
        for name in order[turn % len(order) :] + order[: turn % len(order)]:
            gc.collect()
            started = time.perf_counter()
            count = works[name]()
            took = time.perf_counter() - started
            if count != expected:
                raise SystemExit(f"{name} saw {count} records, {REFERENCE} {expected}")
            if turn:
                seconds[name].append(took)
    return seconds


def peak_of(work: Callable[[], int]) -> int:
    """The most that Python's objects take at a time."""
    gc.collect()
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def table(
    seconds: dict[str, list[float]], peaks: dict[str, int], in_all: int
) -> list[tuple[str, ...]]:
    """Time, speed, the ratio to the reference round by round, and memory."""
    rows: list[tuple[str, ...]] = [("", "time", "MB/s", "ratio", "min", "max", "peak memory")]
    for name, runs in seconds.items():
        found = [took / base for took, base in zip(runs, seconds[REFERENCE], strict=True)]
        rows.append(
            (
                name,
                seconds_text(median(runs)),
                f"{in_all / MB / median(runs):.0f}",
                f"{median(found):.2f}",
                f"{min(found):.2f}",
                f"{max(found):.2f}",
                bytes_text(peaks[name]),
            )
        )
    return rows


if __name__ == "__main__":
    main()
