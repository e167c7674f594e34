import pytest

from loadstream.bench.fit import fit_growth
from loadstream.bench.model import BenchSample, Measured, SizeResults


def size(scale: int, records: int, growth: int) -> SizeResults:
    sample = BenchSample(1, 0.1, 1000, 1000 + growth)
    return SizeResults(scale, scale, (Measured("a", "a", records, (sample,), None),))


def test_the_slope_is_bytes_per_record_and_the_rest_is_fixed():
    (fit,) = fit_growth([size(1, 100, 5_300), size(5, 500, 25_300), size(10, 1000, 50_300)])
    assert fit.bytes_per_record == pytest.approx(50)
    assert fit.fixed_bytes == pytest.approx(300)
    assert fit.points == ((100, 5300.0), (500, 25300.0), (1000, 50300.0))


def test_one_size_gives_no_line():
    assert fit_growth([size(1, 100, 5_000)]) == ()
    assert fit_growth([size(1, 100, 5_000), size(5, 100, 6_000)]) == ()
