"""`loadstream rewrite` beside the same codemods under LibCST's own tool, with scope metadata.

    python benchmarks/rewrite_speed.py [--files N] [--rounds N] [--jobs N] [--as-shipped]
                                       [--json FILE] [--quick]

The tree is 300 scripts of 120 lines with three sites each (LS101, LS102, LS104), and the module
that they load from. Both sides are whole commands, on a fresh copy of the tree, writing:

    loadstream        loadstream rewrite --select LS101,LS102,LS104
    libcst.tool       python -m libcst.tool codemod --no-format, once for each of three codemods,
                      each of which declares `METADATA_DEPENDENCIES = (ScopeProvider,)`
    scope metadata    the same tool once, with a codemod that asks for that metadata and edits
                      nothing: what any codemod of the usual kind costs before it begins

All have as many processes as there are cores, or --jobs. Our codemods know a repository by looking
through all its files. As they are shipped they do so for each file that the tool gives them, which
is most of the work; here they do it once in each process of the tool, so that what is compared is
the editing. --as-shipped leaves them as they are. The ratios are taken within each round.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from sample_tree import make_tree
from tables import print_machine, print_table, save

from loadstream.charts.units import seconds_text

CODES = {"LS101": "FilterCollect", "LS102": "FilterLoop", "LS104": "SinglePass"}
COMMANDS = """
from functools import lru_cache

from libcst.codemod import CodemodCommand
from libcst.metadata import ScopeProvider

from loadstream_codemods import command, filter_collect, filter_loop, single_pass

if not {as_shipped}:
    command.Repository = lru_cache(maxsize=None)(command.Repository)


class FilterCollect(filter_collect.FilterCollect):
    METADATA_DEPENDENCIES = (ScopeProvider,)


class FilterLoop(filter_loop.FilterLoop):
    METADATA_DEPENDENCIES = (ScopeProvider,)


class SinglePass(single_pass.SinglePass):
    METADATA_DEPENDENCIES = (ScopeProvider,)


class Nothing(CodemodCommand):
    DESCRIPTION = "nothing"
    METADATA_DEPENDENCIES = (ScopeProvider,)

    def transform_module_impl(self, tree):
        return tree
"""
OURS, TOOL, SCOPES = "loadstream", "libcst.tool", "scope metadata"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, help="default: 300; with --quick 6")
    parser.add_argument("--rounds", type=int, help="default: 5; with --quick 1")
    parser.add_argument("--jobs", type=int, help="processes of either side")
    parser.add_argument("--as-shipped", action="store_true", help="see above")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample there")
    parser.add_argument("--quick", action="store_true", help="6 files, 1 round")
    options = parser.parse_args()
    files = options.files or (6 if options.quick else 300)
    rounds = options.rounds or (1 if options.quick else 5)
    seconds: dict[str, list[float]] = {OURS: [], TOOL: [], SCOPES: []}
    with tempfile.TemporaryDirectory() as made:
        bench = Bench(Path(made), files, options.jobs, options.as_shipped)
        for _ in range(rounds):
            seconds[OURS].append(bench.measured([bench.ours()]))
            new = bench.contents()
            seconds[TOOL].append(bench.measured([bench.tool(name) for name in CODES.values()]))
            same = sum(new[name] == text for name, text in bench.contents().items())
            seconds[SCOPES].append(bench.measured([bench.tool("Nothing")]))
    print_table(
        f"{files} files with 3 sites each, {rounds} rounds; {same} of {len(new)} files come out "
        f"the same from {OURS} and {TOOL}",
        [
            ("", "min", "median", "max", "times loadstream: min", "median", "max"),
            *(row(name, times, seconds[OURS]) for name, times in seconds.items()),
        ],
    )
    print_machine()
    save(options.json, {"files": files, "as_shipped": options.as_shipped, "seconds": seconds})


def row(name: str, times: list[float], ours: list[float]) -> tuple[str, ...]:
    ratios = [one / own for one, own in zip(times, ours, strict=True)]
    return (
        name,
        *(seconds_text(of(times)) for of in (min, median, max)),
        *(f"{of(ratios):.2f}" for of in (min, median, max)),
    )


class Bench:
    """The tree, a copy for each command, and the commands."""

    def __init__(self, home: Path, files: int, jobs: int | None, as_shipped: bool) -> None:
        self.original, self.copy = home / "original", home / "copy"
        self.jobs = jobs
        make_tree(self.original, files)
        (home / "scoped_codemods.py").write_text(
            COMMANDS.format(as_shipped=as_shipped), encoding="utf-8"
        )
        known = os.environ.get("PYTHONPATH")
        path = os.pathsep.join([str(home), *([known] if known else [])])
        self.environment = {**os.environ, "PYTHONPATH": path}

    def ours(self) -> list[str]:
        command = [sys.executable, "-m", "loadstream", "rewrite", "--select", ",".join(CODES)]
        return command if self.jobs is None else [*command, "--jobs", str(self.jobs)]

    def tool(self, name: str) -> list[str]:
        command = [sys.executable, "-m", "libcst.tool", "codemod", "--no-format", "--hide-progress"]
        if self.jobs is not None:
            command += ["--jobs", str(self.jobs)]
        return [*command, "-x", f"scoped_codemods.{name}", "."]

    def measured(self, commands: list[list[str]]) -> float:
        """The seconds of `commands`, one after the other, on a new copy."""
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(self.original, self.copy)
        started = time.perf_counter()
        for command in commands:
            done = subprocess.run(
                command, cwd=self.copy, env=self.environment, capture_output=True, check=False
            )
            if done.returncode:
                raise SystemExit(f"error: {command}: {done.stderr.decode()[-2000:]}")
        return time.perf_counter() - started

    def contents(self) -> dict[str, bytes]:
        paths = self.copy.rglob("*.py")
        return {path.relative_to(self.copy).as_posix(): path.read_bytes() for path in paths}


if __name__ == "__main__":
    main()
