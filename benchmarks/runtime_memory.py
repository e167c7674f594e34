"""What reading a file adds to a process that has only imported: flat for a stream, at any size.

    python benchmarks/runtime_memory.py [--sizes 20M,200M,2G] [--element 300M] [--quick]

Each figure comes from a process of its own: it imports, collects garbage, resets its peak, notes
what is resident, reads the whole file, and reads its peak (VmHWM). The table has the difference.
A full load that would need more memory than is free is left out, and the table says so. Files are
made in a temporary folder, one at a time.
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from documents import MB, grown_element, grown_sessions
from tables import print_machine, print_table, save

from loadstream.bench.approaches import APPROACHES, Approach, Source
from loadstream.bench.processes import Laboratory, NotRunError
from loadstream.charts.units import bytes_text, seconds_text
from loadstream.machine.description import free_memory

SLUGS = ("json.load", "msgspec", "ijson", "loadstream", "loadstream-flattened")
# A loaded document of sessions is about 3.7 times its file, its text included.
LOADED_PER_FILE_BYTE = 4.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="20M,200M,2G", help="default: 20M,200M,2G")
    parser.add_argument("--element", default="300M", help="size of the one huge element")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="5M and 20M, an element of 20M")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples there")
    options = parser.parse_args()
    if options.quick:
        options.sizes, options.element, options.rounds = "5M,20M", "20M", 1
    approaches = [a for a in APPROACHES if a.slug in SLUGS]
    laboratory = Laboratory(timeout=3600.0, memory_ceiling=int(free_memory() * 0.8))
    results: list[dict[str, Any]] = []
    for size in map(parse_size, options.sizes.split(",")):
        results += measure("sessions", grown_sessions, size, approaches, laboratory, options.rounds)
    element = [a for a in approaches if a.slug != "loadstream-flattened"]
    size = parse_size(options.element)
    results += measure("one element", grown_element, size, element, laboratory, options.rounds)
    print_machine()
    save(options.json, {"memory": results})


def measure(
    what: str,
    write: Callable[[Path, int], Source],
    size: int,
    approaches: list[Approach],
    laboratory: Laboratory,
    rounds: int,
) -> list[dict[str, Any]]:
    """Measure all approaches on one file and print its table."""
    rows: list[tuple[str, ...]] = [("", "over imports", "min", "max", "imports", "time")]
    results: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="loadstream-benchmark-") as folder:
        if size * 2.2 > shutil.disk_usage(folder).free:
            print(f"\n{what}, {bytes_text(size)}: left out, the disk has no room for it")
            return []
        source = write(Path(folder) / "data.json", size)
        for approach in approaches:
            if approach.whole and size * LOADED_PER_FILE_BYTE > laboratory.memory_ceiling:
                why = f"left out: needs about {bytes_text(size * LOADED_PER_FILE_BYTE)}"
                rows.append((approach.slug, why, "", "", "", ""))
                continue
            try:
                answers = [laboratory.measure(approach, source, turn) for turn in range(rounds)]
            except NotRunError as error:
                rows.append((approach.slug, f"left out: {error}", "", "", "", ""))
                continue
            samples = [answer.sample for answer in answers]
            growth = [sample.growth_bytes for sample in samples]
            rows.append(
                (
                    approach.slug,
                    bytes_text(median(growth)),
                    bytes_text(min(growth)),
                    bytes_text(max(growth)),
                    bytes_text(median(sample.baseline_memory_bytes for sample in samples)),
                    seconds_text(median(sample.seconds for sample in samples)),
                )
            )
            results.append(
                {
                    "what": what,
                    "file_bytes": size,
                    "approach": approach.slug,
                    "growth_bytes": growth,
                    "seconds": [sample.seconds for sample in samples],
                }
            )
    print_table(f"{what}, file of {bytes_text(size)}", rows)
    return results


def parse_size(text: str) -> int:
    """`20M` or `2G` in bytes."""
    match = re.fullmatch(r"(\d+)([MG])B?", text.strip(), re.IGNORECASE)
    if match is None:
        raise SystemExit(f"error: {text!r} is no size such as 20M or 2G")
    unit = MB if match[2].upper() == "M" else 1024 * MB
    return int(match[1]) * unit


if __name__ == "__main__":
    main()
