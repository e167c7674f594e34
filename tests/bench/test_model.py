from loadstream.bench.model import BenchSample, Measured


def row(slug: str, seconds: dict[int, float]) -> Measured:
    samples = tuple(BenchSample(turn, took, 10, 30) for turn, took in seconds.items())
    return Measured(slug, slug, 1, samples, None)


def test_memory_is_the_peak_without_what_was_there_before():
    assert BenchSample(1, 0.1, 100, 130).growth_bytes == 30
    assert BenchSample(1, 0.1, 130, 100).growth_bytes == 0


def test_time_ratios_are_taken_within_a_round():
    reference = row("json.load", {1: 1.0, 2: 10.0, 3: 1.0})
    other = row("x", {1: 0.5, 2: 5.0, 3: 0.8})
    ratio = other.time_ratio(reference)
    assert ratio is not None
    assert (ratio.median, ratio.minimum, ratio.maximum) == (0.5, 0.5, 0.8)


def test_rounds_without_a_partner_are_left_out_of_the_ratio():
    assert row("x", {4: 1.0}).time_ratio(row("json.load", {1: 1.0})) is None
