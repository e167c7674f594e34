import pytest

from loadstream.machine.line import fit_line


def test_a_line_through_points_on_a_line_is_that_line():
    line = fit_line([(1, 5_300), (5, 25_300), (100, 500_300)])
    assert line is not None
    assert line.each == pytest.approx(5_000)
    assert line.fixed == pytest.approx(300)
    assert line.at(10) == pytest.approx(50_300)


def test_a_line_lies_between_points_that_are_on_none():
    line = fit_line([(0, 0), (1, 3), (2, 3)])
    assert line is not None
    assert (line.each, line.fixed) == (pytest.approx(1.5), pytest.approx(0.5))


def test_points_at_one_place_make_no_line():
    assert fit_line([]) is None
    assert fit_line([(3, 1), (3, 2)]) is None
