"""Old against old: what `loadstream verify` says where nothing differs, and what it measures there.

    python benchmarks/verify_control.py [--runs 20] [--pairs 5] [--quick] [SCRIPT ...]

The sample repository is committed, and every script that loads data is verified against itself
over and over. It must never come out `different`; the memory ratio of the two sides, which are the
same, shows how far apart two figures of one program are.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path
from statistics import median
from typing import Any

from tables import print_machine, print_table, save

from loadstream.charts.units import bytes_text
from loadstream.demo.commands import run_script
from loadstream.demo.prepare import commit_all, copy_sample
from loadstream.verify import Check, Script, Settings, verify_revisions
from loadstream.verify.budgets import GRAIN, NOISE, control_of, growth
from loadstream.verify.model import CheckResult

SKIPPED = ("generate_data.py",)
QUICK = ("analyze_p4_marathons.py", "token_totals.py", "slow_delegations.py")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scripts", nargs="*", metavar="SCRIPT", help="default: all")
    parser.add_argument("--runs", type=int, default=20, help="verifications; default: 20")
    parser.add_argument("--pairs", type=int, default=5, help="measured pairs in each; default: 5")
    parser.add_argument("--cases", type=int, default=4, help="inputs in each; default: 4")
    parser.add_argument("--quick", action="store_true", help="three scripts, two runs of 3 pairs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    options = parser.parse_args()
    if options.quick:
        options.scripts, options.runs, options.pairs = list(QUICK), 2, 3
    with tempfile.TemporaryDirectory(prefix="loadstream-control-") as place:
        folder = Path(place)
        prepare(folder)
        names = options.scripts or sorted(p.name for p in folder.glob("*.py"))
        names = [name for name in names if name not in SKIPPED]
        rounds = []
        for turn in range(options.runs):
            print(f"verification {turn + 1} of {options.runs}", file=sys.stderr, flush=True)
            rounds.append(verify(folder, names, options))
    report(names, rounds, options)


def prepare(folder: Path) -> None:
    """The sample repository with its data, committed; a file that nothing reads is new."""
    copy_sample(folder)
    made = run_script(folder, "generate_data.py")
    assert made.status == 0, made.errors
    commit_all(folder)
    (folder / "NOTES.txt").write_text("nothing that runs has changed\n", encoding="utf-8")


def verify(folder: Path, names: list[str], options: argparse.Namespace) -> dict[str, CheckResult]:
    """One verification of all scripts against themselves."""
    report = verify_revisions(
        folder,
        Settings(pairs=options.pairs, max_cases=options.cases, traced=False),
        checks=[Check(name, Script(name)) for name in names],
    )
    return {check.name: check for check in report.checks}


def ratio(check: CheckResult) -> float | None:
    """New to old in peak memory, both of which are old."""
    if check.old is None or check.new is None or not growth(check.old):
        return None
    return growth(check.new) / growth(check.old)


def report(
    names: list[str], rounds: list[dict[str, CheckResult]], options: argparse.Namespace
) -> None:
    """Print a row for each script, and what all of them say together."""
    verdicts = Counter(check.verdict.value for checks in rounds for check in checks.values())
    rows: list[tuple[str, ...]] = []
    figures: list[dict[str, Any]] = []
    off = 0
    for name in names:
        measured = [c for checks in rounds if (c := checks[name]).old and c.new and growth(c.old)]
        ratios = [found for c in measured if (found := ratio(c)) is not None]
        apart = [abs(growth(c.new) - growth(c.old)) for c in measured if c.old and c.new]
        memory = median(growth(c.old) for c in measured if c.old) if measured else 0
        beyond = sum(abs(r - 1) > NOISE for r in ratios)
        told = sum(control_of(c.old, c.new).noisy for c in measured if c.old and c.new)
        off += told
        rows.append(
            (
                name,
                bytes_text(memory),
                f"{min(ratios, default=1):.3f}–{max(ratios, default=1):.3f}",
                bytes_text(max(apart, default=0)),
                str(beyond),
                str(told),
            )
        )
        found = dict(Counter(checks[name].verdict.value for checks in rounds))
        figures.append({"script": name, "memory": memory, "ratios": ratios, "verdicts": found})
    print_machine()
    print_table(
        "New against old, both the same program",
        [
            ("script", "peak memory", "ratio, min–max", "apart at most", "beyond 3 %", "noise"),
            *rows,
        ],
    )
    print(
        f"\n{options.runs} verifications of {len(names)} scripts, {options.pairs} pairs each: "
        + ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
        + f"; {off} memory ratios are noise beyond 3 % and {bytes_text(GRAIN)}."
    )
    save(options.json, {"control": figures, "verdicts": dict(verdicts)})


if __name__ == "__main__":
    main()
