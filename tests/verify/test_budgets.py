"""What figures say: budgets gate or advise, and keep still where a figure is too small or noise."""

from __future__ import annotations

import pytest

from loadstream.verify.budgets import control_of, over_budget
from loadstream.verify.checks import Budget
from loadstream.verify.model import Measurements, Sample

MB = 2**20


def taken(*megabytes: float, seconds: float = 1.0) -> Measurements:
    samples = tuple(Sample(10 * MB + int(m * MB), 10 * MB, seconds) for m in megabytes)
    return Measurements(samples, None, "VmHWM")


def test_memory_over_its_budget_gates_with_both_figures():
    gates, advice = over_budget(taken(20), taken(12), taken(20), Budget(peak_memory=0.5))
    assert gates == ("peak memory is 0.60× of old (12.0 MB, old 20.0 MB); the budget is 0.5x",)
    assert advice == ()


@pytest.mark.parametrize("new", [0, 5, 10])
def test_memory_within_its_budget_says_nothing(new):
    assert over_budget(taken(20), taken(new), taken(20), Budget(peak_memory=0.5)) == ((), ())


def test_it_is_the_median_that_is_held_against_the_budget():
    old, new = taken(20, 20, 20), taken(9, 9, 500)
    assert over_budget(old, new, old, Budget(peak_memory=0.5)) == ((), ())


def test_time_over_its_budget_is_advice():
    old, new = taken(20), taken(20, seconds=3.0)
    gates, advice = over_budget(old, new, old, Budget(time=2.0))
    assert gates == ()
    assert advice == ("time is 3.00× of old (3.00 s, old 1.00 s); the budget is 2x",)


def test_below_the_floor_a_memory_budget_is_not_applied_and_it_is_said():
    gates, advice = over_budget(taken(0.2), taken(0.3), taken(0.2), Budget(peak_memory=0.5))
    assert gates == ()
    (line,) = advice
    assert line.startswith("the memory budget was not applied: both sides need less than 1.0 MB")


def test_with_one_side_above_the_floor_the_budget_is_applied():
    gates, _ = over_budget(taken(0.2), taken(1.3), taken(0.2), Budget(peak_memory=0.5))
    assert len(gates) == 1


def test_less_than_what_old_differs_from_itself_is_not_held_against_new():
    gates, advice = over_budget(taken(20), taken(21), taken(22), Budget(peak_memory=1.0))
    assert gates == ()
    assert advice[0].startswith("noise: old against old is 1.10×")
    assert "old differs from itself by more" in advice[1]
    gates, _ = over_budget(taken(20), taken(23), taken(22), Budget(peak_memory=1.0))
    assert len(gates) == 1


@pytest.mark.parametrize(
    ("old", "again", "noisy"),
    [
        (20, 20.5, False),
        (20, 20.7, True),
        (20, 19.3, True),
        (2.0, 2.2, False),  # 10 %, but of next to nothing
        (2.0, 2.3, True),
        (0, 0, False),
    ],
)
def test_old_against_old_is_noisy_beyond_3_percent_and_256_kilobytes(old, again, noisy):
    assert control_of(taken(old), taken(again)).noisy is noisy


def test_the_control_has_the_ratios_of_both_figures():
    control = control_of(taken(20, seconds=2.0), taken(21, seconds=3.0))
    assert control.memory == pytest.approx(1.05)
    assert control.time == pytest.approx(1.5)
    assert control_of(taken(0), taken(1)).memory is None


def test_noise_of_next_to_nothing_is_not_mentioned():
    assert over_budget(taken(0.2), taken(0.1), taken(0.4), Budget()) == ((), ())
