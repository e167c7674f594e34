"""A repository of files that look like what people write: a script with three loads each."""

from __future__ import annotations

from pathlib import Path

DATA = '''"""The data of the repository."""

import json


def load_sessions(enriched=True):
    """All sessions."""
    with open("sessions.json", encoding="utf-8") as handle:
        return json.load(handle)


def stream_sessions(filter_func=None, enriched=True):
    """Session by session."""
    for session in load_sessions(enriched):
        if filter_func is None or filter_func(session):
            yield session
'''
SCRIPT = '''"""Report number <n> about the sessions of a week, and what was annotated in them."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

from data import load_sessions

LIMIT_<n> = 90.0
NAMES = {"short": 1, "long": 2, "marathon": 3}


class Report:
    """What was found, to be printed."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.lines: list[str] = []
        self.totals: dict[str, float] = defaultdict(float)

    def add(self, name: str, value: float, unit: str = "min") -> None:
        """One line; values under a tenth are left out."""
        if value < 0.1:
            return
        self.lines.append(f"{name:<20} {value:>10.2f} {unit}")
        self.totals[unit] += value

    def print(self) -> None:
        """The whole report."""
        print(self.title)
        print("-" * len(self.title))
        for line in self.lines:
            print("  " + line)
        for unit, total in sorted(self.totals.items()):
            print(f"total: {total:.1f} {unit}")


def duration_in_minutes(session):
    """Minutes between the first and the last message."""
    started, ended = session.get("started"), session.get("ended")
    if started is None or ended is None:
        return 0.0
    return (ended - started) / 60


def marathons(minimum):
    """The long sessions."""
    sessions = load_sessions(enriched=False)
    # A session without an end is still going on.
    return [s for s in sessions if s["ended"] is not None and s["minutes"] > minimum]


def histogram(values, width=10):
    """How many values there are in each range of `width`."""
    counts = Counter(int(value // width) for value in values)
    rows = []
    for key in sorted(counts):
        label = f"{key * width:>4}–{(key + 1) * width}"
        bar = "#" * min(counts[key], 60)
        rows.append((label, counts[key], bar))
    return rows


def errors_by_tool(path: Path):
    """How often each tool failed in the messages at `path`."""
    failed = Counter()
    with open(path, encoding="utf-8") as handle:
        messages = json.load(handle)
    for message in messages:
        if message["type"] != "tool":
            continue
        if message["status"] == "error":
            failed[message["tool"]] += 1
    return failed


def annotations(path: Path):
    """The labels that were given, each with how often."""
    with open(path, encoding="utf-8") as handle:
        document = json.load(handle)
    labels = defaultdict(int)
    for annotation in document["annotations"]:
        labels[annotation["label"]] += annotation.get("count", 1)
    return dict(labels)


def main() -> int:
    """Print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minimum", type=float, default=LIMIT_<n>)
    parser.add_argument("--messages", type=Path, default=Path("messages.json"))
    parser.add_argument("--annotations", type=Path, default=Path("annotations.json"))
    options = parser.parse_args()
    report = Report("Marathons")
    for session in marathons(options.minimum):
        report.add(session["id"], duration_in_minutes(session))
    report.print()
    for label, count, bar in histogram([1, 2, 3]):
        print(label, count, bar)
    for tool, count in errors_by_tool(options.messages).most_common():
        print(f"{tool:<20} {count:>6,}")
    print(annotations(options.annotations))
    return 0


if __name__ == "__main__":
    sys.exit(main())
'''


def make_tree(root: Path, files: int) -> list[Path]:
    """`files` scripts with three sites each in a package of twenty, and the module that they use.

    Gives the scripts.
    """
    root.mkdir(parents=True, exist_ok=True)
    (root / "pyproject.toml").write_text("[tool.loadstream]\n", encoding="utf-8")
    (root / "data.py").write_text(DATA, encoding="utf-8")
    paths = []
    for number in range(files):
        path = root / f"week_{number // 20:02}" / f"report_{number:03}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(SCRIPT.replace("<n>", str(number)), encoding="utf-8")
        paths.append(path)
    return paths
