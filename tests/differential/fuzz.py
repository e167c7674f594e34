"""Many generated programs: `python -m tests.differential.fuzz --programs 100000`.

Prints each divergence as it is found, and at the end how many programs were rewritten and what
became of their sites. Exits 1 if old and new ever parted.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.differential.harness import Workshop
from tests.differential.programs import generate


def shares(counts: Counter[str]) -> str:
    total = sum(counts.values()) or 1
    return ", ".join(f"{name} {n} ({n / total:.1%})" for name, n in counts.most_common())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=int, default=10_000)
    parser.add_argument("--first-seed", type=int, default=0)
    options = parser.parse_args()
    divergences = 0
    with tempfile.TemporaryDirectory() as folder:
        workshop = Workshop(Path(folder))
        for seed in range(options.first_seed, options.first_seed + options.programs):
            found = workshop.divergence(generate(random.Random(seed)))
            if found is not None:
                divergences += 1
                print(f"seed {seed}: {found}\n", flush=True)
    tally = workshop.tally
    share = tally.rewritten / max(tally.programs, 1)
    print(
        f"{divergences} divergences; {tally.rewritten} of {tally.programs} rewrites ({share:.0%})"
    )
    print("patterns:", shares(tally.codes))
    print("reasons: ", shares(tally.reasons))
    sys.exit(divergences > 0)


if __name__ == "__main__":
    main()
