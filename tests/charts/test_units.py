import pytest

from loadstream.charts.units import bytes_text, count_text, ratio_text, seconds_text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 KB"),
        (100, "0.1 KB"),
        (1024, "1.0 KB"),
        (1023 * 1024, "1,023.0 KB"),
        (1024 * 1024 - 1, "1.0 MB"),
        (20.9 * 1024**2, "20.9 MB"),
        (2.1 * 1024**3, "2.1 GB"),
        (5000 * 1024**3, "5,000.0 GB"),
    ],
)
def test_bytes_have_one_decimal_in_the_largest_unit_that_fits(count, text):
    assert bytes_text(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.000027, "27 µs"),
        (0, "0.0 ms"),
        (0.0042, "4.2 ms"),
        (0.0099, "9.9 ms"),
        (0.129, "129 ms"),
        (1.534, "1.53 s"),
    ],
)
def test_seconds_are_written_in_the_unit_that_people_use(seconds, text):
    assert seconds_text(seconds) == text


def test_minutes_carry_over_when_seconds_round_up():
    assert seconds_text(119.7) == "2 min 00 s"
    assert seconds_text(125) == "2 min 05 s"


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (0, "0.00×"),
        (0.0001, "under 0.001×"),
        (0.0012, "0.001×"),
        (0.068, "0.07×"),
        (1.92, "1.92×"),
        (14.51, "14.5×"),
        (1204.0, "1,204×"),
    ],
)
def test_ratios_lose_decimals_as_they_grow(ratio, text):
    assert ratio_text(ratio) == text


def test_counts_agree_with_their_noun():
    assert count_text(1, "case") == "1 case"
    assert count_text(1204, "case") == "1,204 cases"
    assert count_text(2, "entry", "entries") == "2 entries"
