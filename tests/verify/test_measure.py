"""The protocol: who runs when, what each sample holds, and what is not measured."""

from __future__ import annotations

import gc
import sys
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from loadstream.verify import Verdict, check_from_config
from loadstream.verify.child_meter import Meter
from loadstream.verify.measure import Unmeasured, measure
from loadstream.verify.observed import Measured, Observed, Output
from loadstream.verify.watch import Limits

NOTHING = Output(b"", 0, "")
LOADS = "import json\nrows = json.load(open('data/sessions.json'))['sessions']\nprint(len(rows))\n"
STREAMS = "from common import stream_sessions\nrows = list(stream_sessions())\nprint(len(rows))\n"


def observed(measured: Measured | None = None, stopped: str = "", **fields: Any) -> Observed:
    names = "arguments written opened outside refused escaped"
    given: dict[str, Any] = dict.fromkeys(names.split(), ())
    given.update(raised=None, returned=None, variables={}, filtered=None, code=0, complete=True)
    given.update(stdout=NOTHING, stderr=NOTHING, seconds=0.1, stopped=stopped, measured=measured)
    return Observed(**{**given, **fields})


class Runner:
    """Answers at once and remembers what it was asked."""

    least = 0
    grain = 1

    def __init__(self, answers: Mapping[str, Observed] | None = None) -> None:
        self.asked: list[tuple[str, str]] = []
        self.limits: list[Limits] = []
        self.answers = answers or {}

    def run(self, run: Any, _slot: Any, side: str, replaced: Any, limits: Limits) -> Observed:
        assert not replaced
        self.asked.append((side, run))
        self.limits.append(limits)
        number = len(self.asked)
        peak = 100 + self.least + self.grain * number
        measured = Measured(0.5, 100, peak, number, f"counter {number}", ((0.0, 100),))
        return self.answers.get(side, observed(measured))


RUNS: Any = {
    side: SimpleNamespace(measuring=lambda how, side=side: f"{side} {how}")
    for side in ("old", "new")
}


def test_after_a_warm_up_old_new_and_old_again_take_turns_and_another_begins_each_time():
    runner = Runner()
    taken = measure(runner, None, RUNS, Limits(1, 1), 3, False)
    sides = [side for side, _ in runner.asked]
    assert sides[:2] == ["old", "new"]
    assert sides[2:] == ["old", "new", "old", "new", "old", "old", "old", "old", "new"]
    # The warm-up (runs 1 and 2) is in no sample.
    peaks = [[s.growth_bytes for s in side.samples] for side in (taken.old, taken.new)]
    assert peaks == [[3, 8, 10], [4, 6, 11]]
    assert [s.growth_bytes for s in taken.control.samples] == [5, 7, 9]
    assert all(run.endswith("memory") for _, run in runner.asked)


@pytest.mark.parametrize(
    ("least", "grain", "pairs"),
    [
        (2**24, 2**19, 3),  # each run needs 512 KB more: old and control are 1 MB apart, of 16 MB
        (2**24, 2**10, 1),
        (2**21, 2**10, 3),  # 2 MB, of which 3 % are less than what is rounded off
        (2**19, 2**16, 1),  # too little for a ratio at all
    ],
)
def test_where_three_percent_cannot_be_told_more_than_twice_as_many_pairs_are_taken(
    least, grain, pairs
):
    runner = Runner()
    runner.least, runner.grain = least, grain
    taken = measure(runner, None, RUNS, Limits(1, 1), 1, False)
    assert len(taken.old.samples) == len(taken.new.samples) == len(taken.control.samples) == pairs
    assert len(runner.asked) == 2 + 3 * pairs


def test_each_sample_names_the_counter_that_it_was_read_from():
    taken = measure(Runner(), None, RUNS, Limits(1, 1), 2, False)
    names = [sample.reading for side in (taken.old, taken.new) for sample in side.samples]
    assert len(set(names)) == 4


def test_tracemalloc_has_a_pass_of_its_own_after_the_others_with_more_time():
    runner = Runner()
    taken = measure(runner, None, RUNS, Limits(2, 1), 1, True)
    assert [run for _, run in runner.asked[-2:]] == ["old traced", "new traced"]
    assert not any("traced" in run for _, run in runner.asked[:-2])
    assert [limits.timeout for limits in runner.limits[-2:]] == [8, 8]
    assert taken.old.traced_peak_bytes == len(runner.asked) - 1
    assert taken.control.traced_peak_bytes is None


def test_a_run_without_figures_ends_the_measuring_and_is_named():
    runner = Runner({"new": observed(stopped="did not end within 1 s")})
    taken = measure(runner, None, RUNS, Limits(1, 1), 3, True)
    assert taken == Unmeasured("new did not end within 1 s")


def test_the_baseline_is_subtracted_and_imports_and_garbage_are_not_counted():
    order: list[str] = []
    memory = SimpleNamespace(
        forget_peak=lambda: order.append("forget") or True,
        resident_bytes=lambda: order.append("resident") or 1_000,
        peak_bytes=lambda: order.append("peak") or (5_000, "VmHWM"),
    )
    collected = gc.get_stats()[2]["collections"]
    meter = Meter("memory", memory)
    assert gc.get_stats()[2]["collections"] > collected
    order.append("work")
    read = meter.stop()
    assert order == ["forget", "resident", "work", "peak"]
    assert (read["baseline"], read["peak"], read["reading"]) == (1_000, 5_000, "VmHWM")
    assert read["traced"] is None


def test_a_peak_that_could_not_be_forgotten_is_named_so():
    memory = SimpleNamespace(
        forget_peak=lambda: False, resident_bytes=lambda: 9, peak_bytes=lambda: (9, "ru_maxrss")
    )
    assert Meter("memory", memory).stop()["reading"] == "ru_maxrss, imports included"


# with children


@pytest.mark.skipif(sys.platform != "linux", reason="reads VmHWM")
def test_a_generator_is_consumed_before_the_peak_is_read_and_nothing_is_encoded(repository):
    code = "def rows():\n    yield 1\n    yield len(bytearray(b'x') * 30_000_000)\n"
    repository.write(lib_py=code)
    repository.commit()
    repository.write(lib_py=code + "\n\nCHANGED = 1\n")
    check = check_from_config({"call": "lib:rows"})
    (result,) = repository.verify(checks=[check], pairs=1, traced=False, max_cases=1).checks
    for side in (result.old, result.new, result.control):
        (sample,) = side.samples
        assert 29_000_000 < sample.growth_bytes < 40_000_000
        assert sample.reading == "VmHWM"


@pytest.mark.skipif(sys.platform != "linux", reason="reads VmHWM")
def test_old_against_old_is_measured_and_is_within_3_percent_or_the_grain(changed):
    code = "rows = [str(n) for n in range(60_000)]\nprint(len(rows))\n"
    repository = changed(code, code + "\n")
    check = check_from_config({"run": "analyze.py"})
    (result,) = repository.verify(checks=[check], pairs=3, traced=False, max_cases=1).checks
    assert result.verdict is not Verdict.DIFFERENT
    assert len(result.control.samples) == 7
    assert not any(line.startswith("noise") for line in result.advice)


@pytest.mark.parametrize(
    ("settings", "why"),
    [({"pairs": 0}, "nothing was measured"), ({"pairs": 1, "timeout": 0.4}, "is not measured")],
)
def test_a_memory_budget_that_was_not_measured_is_never_passed(changed, settings, why):
    slow = "import time\ntime.sleep(5)\n" if "timeout" in settings else ""
    repository = changed(LOADS, slow + STREAMS)
    check = check_from_config({"run": "analyze.py", "budget": {"peak-memory": "0.5x"}})
    report = repository.verify(checks=[check], max_cases=2, traced=False, **settings)
    (result,) = report.checks
    assert result.budget_unmeasured.startswith("the memory budget of 0.5x was not measured")
    assert why in result.budget_unmeasured
    assert report.exit_code == 2


def test_a_time_budget_that_was_not_measured_is_advice(changed):
    repository = changed(LOADS, STREAMS)
    check = check_from_config({"run": "analyze.py", "budget": {"time": "2x"}})
    (result,) = repository.verify(checks=[check], max_cases=4, pairs=0).checks
    assert result.budget_unmeasured == ""
    assert "the time budget of 2x was not measured: nothing was measured (--runs 0)" in (
        result.advice
    )


def test_a_budget_on_next_to_nothing_is_not_applied_and_it_is_said(changed):
    repository = changed(LOADS, STREAMS)
    check = check_from_config({"run": "analyze.py", "budget": {"peak-memory": "0.01x"}})
    report = repository.verify(checks=[check], max_cases=4, pairs=1, traced=False)
    (result,) = report.checks
    assert result.over_budget == ()
    assert any("was not applied" in line for line in result.advice)
    assert report.exit_code == 0
