"""`loadstream lint` on a large tree beside `ruff check`, each as a whole command.

    python benchmarks/lint_speed.py [--rounds 10] [--sites 20] [--json FILE]

The tree is a copy of this interpreter's standard library, with the tests it has, and `--sites`
scripts of the sample repository with their loaders. In each round take turns: ruff without its
cache, lint without its cache, lint with a warm one, lint of one file there and in a copy of the
scripts alone, and an interpreter that does nothing. A ratio is taken within a round. The commands'
output is thrown away; that lint finds the sites is checked once.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from statistics import median

from tables import print_machine, print_table, save

from loadstream.demo.sample import sample_repository

LINT = [sys.executable, "-m", "loadstream", "lint"]
RATIOS = (
    ("lint . --no-cache", "ruff"),
    ("lint .", "ruff"),
    ("lint one file of the scripts", "python"),
    ("lint one file", "python"),
    ("lint one file, no cache", "python"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10, help="default: 10")
    parser.add_argument("--sites", type=int, default=20, help="scripts with sites; default: 20")
    parser.add_argument("--quick", action="store_true", help="a part of the library, 2 rounds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples there")
    options = parser.parse_args()
    rounds = 2 if options.quick else options.rounds
    with tempfile.TemporaryDirectory(prefix="loadstream-lint-") as place:
        tree = Path(place) / "tree"
        files = make_tree(tree, options.sites, quick=options.quick)
        samples = measure(tree, rounds)
    print_machine()
    print(f"tree: {files:,} Python files")
    rows = [("command", "median", "min–max")]
    for name, times in samples.items():
        rows.append((name, _ms(median(times)), f"{_ms(min(times))}–{_ms(max(times))}"))
    print_table("Whole commands", rows)
    rows = [("ratio", "median", "min–max")]
    for name, beside in RATIOS:
        found = [a / b for a, b in zip(samples[name], samples[beside], strict=True)]
        row = (f"{name} / {beside}", f"{median(found):.2f}", f"{min(found):.2f}–{max(found):.2f}")
        rows.append(row)
    print_table("Within a round", rows)
    save(options.json, {"seconds": samples, "files": files})


def make_tree(tree: Path, sites: int, *, quick: bool) -> int:
    """Copy the library and the scripts; how many Python files there are."""
    library = Path(sysconfig.get_path("stdlib"))
    skipped = shutil.ignore_patterns("site-packages", "__pycache__", "*.so", "*.a", "config-*")
    if quick:
        for name in ("json", "email", "logging"):
            shutil.copytree(library / name, tree / "lib" / name, ignore=skipped)
    else:
        shutil.copytree(library, tree / "lib", ignore=skipped, symlinks=True)
    sample = sample_repository()
    shutil.copytree(sample / "common", tree / "scripts" / "common", ignore=skipped)
    scripts = [path for path in sorted(sample.glob("*.py")) if path.name != "generate_data.py"]
    for path in scripts[:sites]:
        shutil.copy(path, tree / "scripts" / path.name)
    return sum(1 for _ in tree.rglob("*.py"))


def measure(tree: Path, rounds: int) -> dict[str, list[float]]:
    """Seconds of every command in every round."""
    one = next((tree / "scripts").glob("*.py")).relative_to(tree)
    ruff = shutil.which("ruff", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if ruff is None:
        raise SystemExit("error: there is no ruff: install the dev extra")
    scripts = tree.parent / "scripts"
    shutil.copytree(tree / "scripts", scripts / "scripts")
    commands = {
        "ruff": [ruff, "check", "--select", "PERF,C4", "--no-cache", "."],
        "lint . --no-cache": [*LINT, ".", "--no-cache"],
        "lint .": [*LINT, "."],
        "lint one file of the scripts": [*LINT, str(one)],
        "lint one file": [*LINT, str(one)],
        "lint one file, no cache": [*LINT, str(one), "--no-cache"],
        "python": [sys.executable, "-c", "pass"],
    }
    found = run([*LINT, ".", "--format", "json", "--show-kept"], tree)[1]
    assert len(json.loads(found)["findings"]) >= 20, "the sites were not found"
    time.sleep(2.5)  # a file that was written just now is not trusted by the cache
    places = {name: scripts if name.endswith("scripts") else tree for name in commands}
    for name in ("lint .", "lint one file", "lint one file of the scripts", "ruff"):
        run(commands[name], places[name])
    samples: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(rounds):
        order = list(commands)
        for name in order[turn % len(order) :] + order[: turn % len(order)]:
            samples[name].append(run(commands[name], places[name])[0])
    return samples


def run(command: list[str], tree: Path) -> tuple[float, bytes]:
    started = time.perf_counter()
    # As installed by pip: with our modules compiled, which the first run sees to in a checkout.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, cwd=tree, capture_output=True, check=False, env=environment)
    seconds = time.perf_counter() - started
    assert done.returncode in (0, 1), done.stderr.decode()
    return seconds, done.stdout


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


if __name__ == "__main__":
    main()
