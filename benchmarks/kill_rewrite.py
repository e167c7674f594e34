"""Kill `loadstream rewrite` at random moments and look at what it leaves.

    python benchmarks/kill_rewrite.py [--runs N] [--files N] [--seed N] [--quick]

Each run is a whole command over a git repository of small scripts, ended with SIGKILL after a
random time: half of the kills fall anywhere in the run, the other half while it writes. Every
second run has `--backup`. Then every file must be old or new and whole, every backup the old
content, and git (`status --ignored`) must know of nothing but changed scripts, `.loadstream_cache`
and the backups. A second run, not killed, must end the work and leave no temporary file at all.
Prints the counts; exits with 1 if one of them is not 0.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from sample_tree import DATA
from tables import print_table

from loadstream.project.git import environment

SITES = '''import json

from data import load_sessions

LIMIT = <n>


def long_ones():
    """Above the limit."""
    return [s for s in load_sessions() if s["minutes"] > LIMIT]


def total(path):
    """Minutes in a file."""
    with open(path, encoding="utf-8") as handle:
        rows = json.load(handle)
    return sum(row["minutes"] for row in rows)
'''
CACHE, BACKUP = ".loadstream_cache", "before"
PATIENCE = 120.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, help="default: 200; with --quick 4")
    parser.add_argument("--files", type=int, default=24, help="scripts in the repository")
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--quick", action="store_true", help="4 runs")
    options = parser.parse_args()
    runs = options.runs or (4 if options.quick else 200)
    dice = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as made:
        tree = Tree(Path(made), options.files)
        counts = Counter(tree.killed(dice, number) for number in range(runs))
    rows = [("killed", "runs"), *((moment, f"{n:,}") for moment, n in sorted(counts.items()))]
    print_table(f"{runs} runs over {options.files} files", rows)
    faults = (tree.torn, tree.litter, tree.unfinished)
    print(f"\n{tree.torn} torn, {tree.litter} litter, {tree.unfinished} not ended by the next run")
    return int(any(faults))


class Tree:
    """The repository: as it was, and as `rewrite` leaves it when nobody kills it."""

    def __init__(self, home: Path, files: int) -> None:
        self.root = home / "tree"
        self.root.mkdir()
        self.torn = self.litter = self.unfinished = 0
        (self.root / "data.py").write_text(DATA, encoding="utf-8")
        for number in range(files):
            folder = self.root / f"part_{number // 12}"
            folder.mkdir(exist_ok=True)
            text = SITES.replace("<n>", str(number))
            (folder / f"report_{number:03}.py").write_text(text, encoding="utf-8")
        self.git("init", "-q")
        self.git("add", ".")
        who = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
        self.git(*who, "commit", "-qm", "old")
        self.old = self.contents()
        subprocess.run(self.command(), cwd=self.root, check=True, capture_output=True)
        self.new = self.contents()
        if sum(self.old[name] != self.new[name] for name in self.old) != files:
            raise SystemExit("error: not every file was rewritten")
        self.reset()
        self.whole, self.writing = self.watched()

    def git(self, *arguments: str) -> bytes:
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, check=True, capture_output=True, env=environment()
        )
        return done.stdout

    def command(self, *options: str) -> list[str]:
        return [sys.executable, "-m", "loadstream", "rewrite", *options]

    def contents(self) -> dict[str, bytes]:
        paths = [path for path in self.root.rglob("*.py") if BACKUP not in path.parts]
        return {path.relative_to(self.root).as_posix(): path.read_bytes() for path in paths}

    def reset(self) -> None:
        self.git("checkout", "-q", ".")
        for folder in (CACHE, BACKUP):
            shutil.rmtree(self.root / folder, ignore_errors=True)

    def watched(self) -> tuple[float, float]:
        """How long a run takes, and after what time it begins to write."""
        started = time.monotonic()
        running = self.start()
        begun = self.begun(running) - started
        running.wait(PATIENCE)
        whole = time.monotonic() - started
        self.reset()
        return whole, begun

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command(*options),
            cwd=self.root,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def begun(self, running: subprocess.Popen[bytes]) -> float:
        """Wait for the first sign of writing; the time of it."""
        until = time.monotonic() + PATIENCE
        while running.poll() is None and time.monotonic() < until:
            if (self.root / CACHE).exists():
                break
            time.sleep(0.0005)
        return time.monotonic()

    def killed(self, dice: random.Random, number: int) -> str:
        """One run, killed; what it was doing."""
        options = ("--backup", BACKUP) if number % 2 else ()
        running = self.start(*options)
        if number % 4 < 2:
            time.sleep(dice.uniform(0, self.whole))
        else:
            self.begun(running)
            time.sleep(dice.uniform(0, 1.2 * (self.whole - self.writing)))
        ended = running.poll() is not None
        if not ended:
            os.killpg(running.pid, signal.SIGKILL)
        running.wait(PATIENCE)
        moment = self.look(ended)
        self.look_again(options)
        self.reset()
        return moment

    def look(self, ended: bool) -> str:
        now = self.contents()
        self.torn += now.keys() != self.old.keys()
        self.torn += sum(
            data not in (self.old.get(name), self.new.get(name)) for name, data in now.items()
        )
        kept = self.kept()
        self.torn += sum(data != self.old.get(name) for name, data in kept.items())
        self.litter += len(self.strange())
        written = sum(now[name] != self.old[name] for name in self.old)
        if ended:
            return "too late: it had ended"
        if written == len(self.old) - 1:
            return "after the last file was replaced"
        if written:
            return "while files were replaced"
        is_staging = (self.root / CACHE).exists()
        return "while new content was staged" if is_staging else "before anything was written"

    def kept(self) -> dict[str, bytes]:
        folder = self.root / BACKUP
        paths = list(folder.rglob("*.py"))
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}

    def strange(self) -> list[str]:
        """What git sees and neither was there nor was asked for."""
        said = self.git("status", "--porcelain", "--ignored", "-uall", "-z").decode()
        own = (f"{CACHE}/", f"{BACKUP}/")
        return [
            entry
            for entry in said.split("\0")
            if entry and not entry.startswith(" M ") and not entry[3:].startswith(own)
        ]

    def look_again(self, options: tuple[str, ...]) -> None:
        """The next run, which comes to its end."""
        done = subprocess.run(
            self.command(*options), cwd=self.root, capture_output=True, check=False
        )
        left = [path for path in self.root.rglob("*.tmp") if ".git" not in path.parts]
        kept = self.kept()
        rewritten = [name for name in self.old if self.old[name] != self.new[name]]
        complete = not options or all(kept.get(name) == self.old[name] for name in rewritten)
        self.unfinished += done.returncode != 0 or self.contents() != self.new or not complete
        self.litter += len(left) + len(self.strange())


if __name__ == "__main__":
    sys.exit(main())
