"""What the analysis costs beside parsing: milliseconds for each 1,000 lines.

    python benchmarks/analysis_speed.py [FOLDER …] [--rounds N] [--quick]

The folders default to the sample repository and this project's own sources; behind them stand files
of 3,000 lines that are made up, with few and with many sites. Measured are, in this
order: the search in the bytes that tells which files are parsed at all; `ast.parse` and `symtable`
of those; and `find_sites`, which is given the tree, makes the scopes that it needs, and reads the
modules that the files import from (anew in each round). Parsing is the yardstick: no tool that
looks at code can be faster. The table has the first round and the median of the others.
"""

from __future__ import annotations

import argparse
import ast
import gc
import symtable
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from documents import ROOT
from tables import print_machine, print_table

from loadstream.analysis.candidates import words_of
from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import find_sites
from loadstream.analysis.source import SourceError, SourceFile, decode, parse
from loadstream.analysis.worth_parsing import is_worth_parsing
from loadstream.charts.units import count_text, seconds_text

WITHOUT_SITE = '''

def helper_<n>(values, limit=10):
    """Count what is below a limit."""
    total, names = 0, []
    for value in values:
        if value is None or value == limit:
            continue
        total += len(str(value))
        names.append(str(value).strip().lower())
    result = {"total": total, "names": sorted(names), "limit": limit}
    if total > limit:
        print("too many", total)
    return result
'''
WITH_SITE = """

def report_<n>(path):
    with open(path, encoding="utf-8") as handle:
        rows = json.load(handle)["items"]
    found = []
    for row in rows:
        if row["a"] > <n>:
            found.append(row["b"])
    return found
"""
SKIPPED = {".git", ".venv", "node_modules", "__pycache__"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = [ROOT / "fixtures" / "session_logs", ROOT / "src", ROOT / "codemods"]
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", default=default)
    parser.add_argument("--rounds", type=int, help="default: 7; with --quick 2")
    parser.add_argument("--quick", action="store_true", help="2 rounds")
    options = parser.parse_args()
    rounds = options.rounds or (2 if options.quick else 7)
    for folder in options.folders:
        if not folder.is_dir():
            raise SystemExit(f"error: {folder} is no folder")
        measure(folder, rounds)
    for sites in (5, 30, 180):
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made, f"{sites}-sites")
            folder.mkdir()
            (folder / "reports.py").write_text(long_file(3_000, sites), encoding="utf-8")
            measure(folder, rounds)
    print_machine()


def long_file(lines: int, sites: int) -> str:
    """A module of at least that many lines, with a load in every so-many-th function."""
    parts, length, number = ["import json\n"], 1, 0
    every = max(1, lines // (13 * sites))
    while length < lines:
        template = WITH_SITE if number % every == 0 and number < sites * every else WITHOUT_SITE
        parts.append(template.replace("<n>", str(number)))
        length += parts[-1].count("\n")
        number += 1
    return "".join(parts)


def measure(folder: Path, rounds: int) -> None:
    """Print the table of one folder."""
    paths = [p for p in sorted(folder.rglob("*.py")) if not SKIPPED & set(p.parts)]
    contents = {path: path.read_bytes() for path in paths}
    if not contents:
        raise SystemExit(f"error: {folder} has no Python file")
    all_lines = sum(data.count(b"\n") for data in contents.values())
    around = Repository(folder)
    candidates = {p: data for p, data in contents.items() if is_worth_parsing(data, around)}
    texts, failed = _texts(candidates)
    lines = sum(text.count("\n") for text in texts.values())
    sites = 0
    steps: dict[str, list[float]] = {}

    def step(name: str, work: Callable[[], Any]) -> Any:
        gc.collect()
        started = time.perf_counter()
        result = work()
        steps.setdefault(name, []).append(time.perf_counter() - started)
        return result

    for _ in range(rounds):
        step("search in the bytes", lambda: [words_of(data) for data in contents.values()])
        step("ast.parse", lambda: [ast.parse(text) for text in texts.values()])
        step("symtable", lambda: [symtable.symtable(t, "f", "exec") for t in texts.values()])
        sources = [parse(text, path) for path, text in texts.items()]
        # A new repository each round: what it has read of imported modules is part of the cost.
        repository = Repository(folder)
        sites = step("find_sites", partial(_count_sites, sources, repository))
    rows: list[tuple[str, ...]] = [("", "time", "ms per 1,000 lines", "first round")]
    for name, seconds in steps.items():
        over = all_lines if name == "search in the bytes" else lines
        typical = median(seconds[1:] or seconds)
        per_thousand = f"{typical * 1e6 / over:.2f}" if over else "–"
        rows.append((name, seconds_text(typical), per_thousand, seconds_text(seconds[0])))
    print_table(
        f"{folder}: {count_text(len(paths), 'file')}, {all_lines:,} lines; parsed are "
        f"{count_text(len(texts), 'file')}, {lines:,} lines, with {count_text(sites, 'site')}",
        rows,
    )
    for line in failed:
        print(f"  not parsed: {line}")


def _texts(contents: dict[Path, bytes]) -> tuple[dict[Path, str], list[str]]:
    """The text of each file that parses, and what is wrong with each of the others."""
    texts: dict[Path, str] = {}
    failed = []
    for path, data in contents.items():
        text_or_error = _text(path, data)
        if isinstance(text_or_error, SourceError):
            failed.append(f"{path}:{text_or_error.line}: {text_or_error.cause}")
        else:
            texts[path] = text_or_error
    return texts, failed


def _text(path: Path, data: bytes) -> str | SourceError:
    try:
        text = decode(data)
        parse(text, path)
    except SourceError as error:
        return error
    return text


def _count_sites(sources: list[SourceFile], repository: Repository) -> int:
    return sum(len(find_sites(source, repository)) for source in sources)


if __name__ == "__main__":
    main()
