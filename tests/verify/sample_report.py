"""A realistic report with every verdict, for the tests of the report renderers.

Load it with `runpy.run_path`; run it (`python tests/verify/sample_report.py DIR`) to look at it.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from loadstream.verify.model import (
    CaseClass,
    CheckResult,
    Counterexample,
    Difference,
    Growth,
    GrowthFit,
    GrowthPoint,
    GrowthSide,
    LinesRun,
    Measurements,
    MutantResult,
    Mutants,
    Report,
    Sample,
    SiteChange,
    Verdict,
)

MB = 1024 * 1024
CASES = tuple(
    CaseClass(name, count)
    for name, count in (
        ("real", 1),
        ("empty", 1),
        ("one", 1),
        ("missing-key", 6),
        ("null", 6),
        ("wrong-type", 6),
        ("duplicates", 2),
        ("unicode", 2),
        ("boundary", 9),
    )
)
FILTER_DIFF = """\
--- analyze_marathons.py
+++ analyze_marathons.py
@@ -1,13 +1,13 @@
-from common.data_repository import load_sessions
+from common.data_repository import stream_sessions


 def find_marathons():
-    sessions = load_sessions()
     # a marathon is more than twenty delegations
-    return [s for s in sessions if len(s.get("delegations", [])) > 20]
+    return list(stream_sessions(filter_func=lambda s: len(s.get("delegations", [])) > 20))
"""
COUNT_DIFF = """\
--- count_agents.py
+++ count_agents.py
@@ -4,7 +4,7 @@
 def count_agents():
     counts = Counter()
-    for delegation in load_delegations():
+    for delegation in stream_delegations():
         counts[delegation.get("agent_type")] += 1
     return counts
"""
FIRST_DIFF = """\
--- find_first.py
+++ find_first.py
@@ -8,5 +8,5 @@
-    return next((s for s in load_sessions() if is_marathon(s)), None)
+    return next(stream_sessions(filter_func=is_marathon), None)
"""


def measured(peak_mb: float, seconds: float, seed: int, traced: float | None) -> Measurements:
    """Five samples around a peak, with memory that rises as a load or a stream does."""
    noise = random.Random(seed)
    samples = []
    for _ in range(5):
        baseline = int(14.2 * MB + noise.uniform(-0.1, 0.1) * MB)
        peak = peak_mb * MB * noise.uniform(0.99, 1.02)
        took = seconds * noise.uniform(0.93, 1.15)
        steps = 40
        timeline = tuple(
            (took * i / steps, baseline + int(peak * min(1.0, (i / steps) * 2.2 + 0.02 * (i % 3))))
            for i in range(steps + 1)
        )
        samples.append(Sample(baseline + int(peak), baseline, took, timeline))
    return Measurements(
        tuple(samples), None if traced is None else int(traced * MB), "VmHWM of /proc/self/status"
    )


def grown(bytes_per_record: float, fixed: float) -> GrowthSide:
    """A side at four sizes, the largest of which old was not given."""
    points = []
    for scale in (1, 5, 10, 100):
        records = 85 * scale
        peak = int(14 * MB + fixed + bytes_per_record * records)
        sample = Sample(peak, 14 * MB, 0.001 * records)
        large = peak > 500 * MB
        points.append(
            GrowthPoint(
                scale,
                records,
                90_000 * records,
                samples=() if large else (sample,),
                skipped="expected to need 2.9 GB" if large else "",
            )
        )
    return GrowthSide(tuple(points), GrowthFit(bytes_per_record, fixed, 0.001, 0.0))


GROWTH = Growth(
    grown(352_000, 0.2 * MB),
    grown(8_000, 1.9 * MB),
    ("data/sessions.json",),
    1 << 30,
    ("ids were made distinct",),
)
MUTANTS = Mutants(
    (
        MutantResult(
            "analyze_marathons.py", 6, "nudge", "> turned into >=", "killed", "boundary: stdout", ""
        ),
        MutantResult(
            "analyze_marathons.py",
            6,
            "constant",
            "20 turned into 21",
            "survived",
            "",
            "--- a\n+++ b\n@@ -6 +6 @@\n-20\n+21\n",
        ),
        MutantResult(
            "analyze_marathons.py", 9, "drop", "list() dropped", "could-not-run", "timed out", ""
        ),
    )
)


def sample_report() -> Report:
    """Six checks: two equal, and one of each other verdict."""
    return Report(
        base="HEAD (3f9c2ab)",
        checks=(
            CheckResult(
                name="analyze_marathons.py",
                verdict=Verdict.EQUAL,
                explanation="Same stdout, stderr and exit code on 34 inputs; the filter kept "
                "elements on 21 of them and rejected some on 29. Old agreed with itself twice.",
                files=("analyze_marathons.py",),
                cases=CASES,
                counterexample=None,
                old=measured(20.9, 0.131, 1, 20.4),
                new=measured(6.7, 0.094, 2, 6.2),
                sites=(
                    SiteChange("analyze_marathons.py", 5, "LS101", "filter-collect", FILTER_DIFF),
                ),
                lines=(LinesRun("analyze_marathons.py", (1, 6, 9), (1, 6)),),
                control=measured(20.8, 0.133, 9, None),
                growth=GROWTH,
                mutants=MUTANTS,
            ),
            CheckResult(
                name="count_agents.py",
                verdict=Verdict.EQUAL,
                explanation="Same stdout, stderr and exit code on 34 inputs. There is no filter. "
                "Old agreed with itself twice.",
                files=("count_agents.py", "common/data_repository.py"),
                cases=CASES,
                counterexample=None,
                old=measured(21.3, 0.118, 3, 20.6),
                new=measured(0.4, 0.081, 4, 0.2),
                sites=(
                    SiteChange("count_agents.py", 6, "LS104", "single-pass", COUNT_DIFF),
                    SiteChange("count_agents.py", 14, "LS106", "count", COUNT_DIFF),
                ),
                raised=12,
                advice=("time is 1.31× of old, over the budget of 1.2×",),
            ),
            CheckResult(
                name="summary:busiest_sessions",
                verdict=Verdict.DIFFERENT,
                explanation="The return value differs on 3 of 34 inputs.",
                files=("summary.py",),
                cases=CASES,
                counterexample=Counterexample(
                    case="boundary: one session with exactly 20 delegations",
                    data_files=("data/sessions.json",),
                    differences=(
                        Difference(
                            'result[0]["tokens"]', "12 (int)", "Decimal('12') (decimal.Decimal)"
                        ),
                        Difference("stdout line 3", "'20 sessions' (str)", "'21 sessions' (str)"),
                    ),
                    replay="loadstream verify --replay .loadstream_cache/busiest_sessions.json",
                    preview='{"sessions": [{"session_id": "s-1", "tokens": 12}]}',
                ),
                old=measured(20.8, 0.12, 5, 20.4),
                new=measured(6.9, 0.22, 6, None),
                sites=(SiteChange("summary.py", 21, "LS103", "accumulate-loop", FILTER_DIFF),),
            ),
            CheckResult(
                name="random_sample.py",
                verdict=Verdict.NOT_COMPARABLE,
                explanation="Old disagrees with itself: stdout line 1 changed from run to run.",
                files=("random_sample.py",),
                cases=(CaseClass("real", 2),),
                counterexample=None,
                old=None,
                new=None,
                sites=(SiteChange("random_sample.py", 3, "LS104", "single-pass", COUNT_DIFF),),
            ),
            CheckResult(
                name="find_first.py",
                verdict=Verdict.INCONCLUSIVE,
                explanation="The filter rejected every element of every input, so the inputs could "
                "not have shown a difference.",
                files=("find_first.py",),
                cases=CASES[:4],
                counterexample=None,
                old=measured(20.7, 0.109, 7, 20.3),
                new=measured(0.3, 0.004, 8, 0.1),
                sites=(SiteChange("find_first.py", 9, "LS105", "find-first", FIRST_DIFF),),
            ),
            CheckResult(
                name="export_report.py",
                verdict=Verdict.ERROR,
                explanation="The copy of the old tree could not be made: no space left on device.",
                files=("export_report.py",),
                cases=(),
                counterexample=None,
                old=None,
                new=None,
            ),
        ),
        machine={
            "processor": "AMD EPYC, 2 cores",
            "memory": "23.4 GB",
            "system": "Linux 6.1 x86_64",
            "Python": "CPython 3.11.7",
        },
        self_test="a sabotaged old version (one element dropped) was found different on 4 inputs",
        notes=("helpers.py: only a comment changed",),
        seconds=38.2,
        lines=(LinesRun("analyze_marathons.py", (1, 6, 9), (1, 6)),),
        unreached_sites=(SiteChange("old.py", 3, "LS104", "single-pass", COUNT_DIFF),),
    )


if __name__ == "__main__":
    from loadstream.verify import report_html, report_markdown

    folder = Path(sys.argv[1])
    (folder / "report.html").write_text(report_html.render(sample_report()), encoding="utf-8")
    (folder / "report.md").write_text(report_markdown.render(sample_report()), encoding="utf-8")
