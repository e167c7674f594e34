"""Read, give to LibCST, write: do the very same bytes come out?

    python benchmarks/round_trip.py [FOLDER …] [--files N] [--seed N] [--quick]

The files are those of the standard library and of the packages of the running interpreter, and of
other interpreters installed beside it; FOLDERs come instead. Of more than N a sample is taken.
Each goes the way of a file that is rewritten, with an edit that changes nothing: bytes, text,
LibCST's module, its text, bytes again. Refused are the files that cannot go that way (no text, no
Python); of these `rewrite` says so and leaves them alone. Exits with 1 if a single one comes out
different.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import libcst as cst
from tables import print_table

from loadstream.analysis.source import SourceError, decode, parse
from loadstream.rewrite.encoding import encoded
from loadstream_codemods.errors import UnreadableError
from loadstream_codemods.nesting import on_large_stack
from loadstream_codemods.parsing import parsed

IDENTICAL, DIFFERENT = "identical", "different"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--files", type=int, help="default: 5,000; with --quick 60")
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--jobs", type=int, default=None)
    parser.add_argument("--quick", action="store_true", help="60 files")
    options = parser.parse_args()
    wanted = options.files or (60 if options.quick else 5_000)
    found = sorted(python_files(options.folders or installed()))
    paths = random.Random(options.seed).sample(found, min(wanted, len(found)))
    with ProcessPoolExecutor(options.jobs) as pool:
        ends = dict(zip(paths, pool.map(round_trip, paths, chunksize=20), strict=True))
    counts = Counter(kind(end) for end in ends.values())
    print_table(f"{len(paths):,} of {len(found):,} files", [("came out", "files"), *rows(counts)])
    for path, end in ends.items():
        if end.startswith(DIFFERENT) or "LibCST" in end:
            print(f"  {path}: {end}")
    return int(counts[DIFFERENT] > 0 or not counts[IDENTICAL])


def rows(counts: Counter[str]) -> list[tuple[str, ...]]:
    """Identical and different first, then the refusals."""
    first = {name: counts[name] for name in (IDENTICAL, DIFFERENT)}
    return [
        (name, f"{number:,}") for name, number in (first | dict(sorted(counts.items()))).items()
    ]


def kind(end: str) -> str:
    """Without what is different in each file."""
    return re.sub(r"'[^']*'|\d+|error at .*", "…", end)


def round_trip(path: Path) -> str:
    """What becomes of the file: `identical`, `different: …` or `refused: …`."""
    try:
        data = path.read_bytes()
        text = decode(data)
        parse(text, path)
        new = encoded(edited(text), text, data)
    except (SourceError, UnreadableError) as error:
        return f"refused: {error.cause}"
    except OSError as error:
        return f"refused: {error.strerror}"
    return IDENTICAL if new == data else f"{DIFFERENT}: {len(data)} bytes to {len(new)}"


@on_large_stack
def edited(text: str) -> str:
    """`text`, every node of it made anew."""
    module, tail = parsed(text)
    return module.visit(Nothing()).code + tail


class Nothing(cst.CSTTransformer):
    """The edit that changes nothing, and is carried out all the same."""

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> cst.CSTNode:
        return updated_node.with_changes() if original_node.children else updated_node


def installed() -> Iterator[Path]:
    """The folders of libraries of this interpreter, and of those installed beside it."""
    for name in ("stdlib", "purelib", "platlib"):
        yield Path(sysconfig.get_path(name))
    for beside in Path(sys.base_prefix).resolve().parent.iterdir():
        yield from beside.glob("lib/python3*")


def python_files(folders: Iterable[Path]) -> set[Path]:
    """Every `*.py` below `folders`, each once."""
    return {path.resolve() for folder in folders for path in folder.rglob("*.py")}


if __name__ == "__main__":
    sys.exit(main())
