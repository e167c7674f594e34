"""What a file costs `lint` and `rewrite` in a small tree and in a large one.

    python benchmarks/tree_growth.py [--sizes N,N,…] [--rounds N] [--json FILE] [--quick]

The trees are those of rewrite_speed.py: scripts of 120 lines with three sites each. Each command is
run whole, by one process and without its cache; `rewrite` writes nothing (`--diff`). What counts is
its CPU time by the file, and its peak memory. The ratios are to the smallest tree of the same
round: 1.00 everywhere is a command whose work grows as the tree does.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import NamedTuple

from sample_tree import make_tree
from tables import print_machine, print_table, save

COMMANDS = {
    "lint": ["lint", ".", "--no-cache", "--jobs", "1"],
    "rewrite": ["rewrite", ".", "--diff", "--jobs", "1"],
}


class Cost(NamedTuple):
    """Of one run: CPU seconds by the file, and the most memory that it had."""

    seconds: float
    megabytes: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", help="files; default: 300,1000,2000,4000; with --quick 2,4")
    parser.add_argument("--rounds", type=int, help="default: 3; with --quick 1")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample there")
    parser.add_argument("--quick", action="store_true", help="2 and 4 files, 1 round")
    options = parser.parse_args()
    said = options.sizes or ("2,4" if options.quick else "300,1000,2000,4000")
    sizes = [int(size) for size in said.split(",")]
    rounds = options.rounds or (1 if options.quick else 3)
    costs: dict[str, dict[int, list[Cost]]] = {
        name: {size: [] for size in sizes} for name in COMMANDS
    }
    with tempfile.TemporaryDirectory() as made:
        trees = {size: Path(made) / str(size) for size in sizes}
        for size, tree in trees.items():
            make_tree(tree, size)
        for name, arguments in COMMANDS.items():
            run(arguments, trees[sizes[0]])  # so that its bytecode is there
            for _ in range(rounds):
                for size, tree in trees.items():
                    used = run(arguments, tree)
                    costs[name][size].append(used._replace(seconds=used.seconds / size))
    for name, by_size in costs.items():
        print_table(
            f"{name}, {rounds} rounds",
            [
                ("files", "CPU ms/file: min", "median", "max", "times: min", "median", "max", "MB"),
                *(row(size, runs, by_size[sizes[0]]) for size, runs in by_size.items()),
            ],
        )
    print_machine()
    save(options.json, {"cost": costs})


def row(size: int, runs: list[Cost], smallest: list[Cost]) -> tuple[str, ...]:
    each = [one.seconds for one in runs]
    ratios = [one / first.seconds for one, first in zip(each, smallest, strict=True)]
    return (
        f"{size:,}",
        *(f"{of(each) * 1000:.1f}" for of in (min, median, max)),
        *(f"{of(ratios):.2f}" for of in (min, median, max)),
        f"{max(one.megabytes for one in runs):,.0f}",
    )


def run(arguments: list[str], tree: Path) -> Cost:
    """What the command costs there, all files together."""
    command = [sys.executable, "-m", "loadstream", *arguments]
    nowhere = subprocess.DEVNULL
    child = subprocess.Popen(command, cwd=tree, stdout=nowhere, stderr=nowhere)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        raise SystemExit(f"error: {command} ended with {child.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6)


if __name__ == "__main__":
    main()
