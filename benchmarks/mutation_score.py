"""How many small faults in migrated code the inputs of `loadstream verify` show.

    python benchmarks/mutation_score.py [--mutants 10] [--jobs 2]

Prepares the sample repository as the demo does (copied, given data, committed, rewritten), runs
`loadstream verify --mutants N` there, and prints the figure and every mutant that survived. What
could not run is counted apart. Takes some minutes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from loadstream.demo.commands import run_loadstream, run_script
from loadstream.demo.prepare import commit_all, copy_sample


def main() -> int:
    """Print the score; 0 if at least 95 % of the mutants that ran were killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=10, help="for each check")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="loadstream-mutants-") as folder:
        report = verified(Path(folder), arguments.mutants, arguments.jobs)
    return 0 if told(report["checks"]) >= 0.95 else 1


def verified(folder: Path, mutants: int, jobs: int) -> dict[str, Any]:
    """The report on the migrated sample repository."""
    copy_sample(folder)
    run_script(folder, "generate_data.py")
    commit_all(folder)
    run_loadstream(folder, "rewrite")
    options = ("--runs", "0", "--mutants", str(mutants), "--jobs", str(jobs), "--format", "json")
    ran = run_loadstream(folder, "verify", *options, live=True)
    if not ran.output:
        sys.exit("verify gave no report")
    report: dict[str, Any] = json.loads(ran.output)
    return report


def told(checks: list[dict[str, Any]]) -> float:
    """Print what became of the mutants of each check; the share that was killed."""
    killed = survived = lost = 0
    for check in checks:
        mutants = check["mutants"]
        if mutants is None:
            print(f"{check['name']}: {check['verdict']}, no mutants: {check['explanation']}")
            continue
        killed += mutants["killed"]
        survived += len(mutants["survived"])
        lost += mutants["could_not_run"]
        ran = mutants["killed"] + len(mutants["survived"])
        print(f"{check['name']}: {mutants['killed']} of {ran} killed")
        for mutant in mutants["survived"]:
            print(f"    survived: {mutant['label']}")
        for mutant in mutants["results"]:
            if mutant["outcome"] == "could-not-run":
                print(f"    could not run: {mutant['label']}: {mutant['why']}")
    share = killed / (killed + survived) if killed else 0.0
    print(f"{killed} of {killed + survived} mutants killed ({share:.1%}), {lost} could not run")
    return share


if __name__ == "__main__":
    sys.exit(main())
