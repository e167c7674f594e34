import itertools
import math

from hypothesis import given
from hypothesis import strategies as st

from loadstream.charts.scales import Scale, ticks


def test_marks_are_round_numbers_that_reach_the_highest_value():
    assert ticks(21.2) == (0.0, 10.0, 20.0, 30.0)
    assert ticks(0.3) == (0.0, 0.1, 0.2, 0.3)
    assert ticks(0) == (0.0, 1.0)


@given(st.floats(min_value=1e-6, max_value=1e12), st.integers(3, 8))
def test_marks_start_at_zero_rise_evenly_and_cover_every_value(high, wanted):
    marks = ticks(high, wanted)
    steps = [b - a for a, b in itertools.pairwise(marks)]
    assert marks[0] == 0
    assert marks[-1] >= high * (1 - 1e-6)
    assert all(math.isclose(step, steps[0], rel_tol=1e-6, abs_tol=1e-11) for step in steps)
    assert 1 <= len(steps) <= wanted + 1


def test_a_scale_maps_both_ends_and_survives_an_empty_range():
    scale = Scale(0, 10, 50, 250)
    assert scale.pixel(0) == 50
    assert scale.pixel(10) == 250
    assert Scale(3, 3, 50, 250).pixel(3) == 50
