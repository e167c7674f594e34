"""Growth: what is run at which size, what is left out and why, and the line through the rest."""

from __future__ import annotations

import json
from typing import Any

import pytest

from loadstream.verify import Verdict, to_json
from loadstream.verify.growth import expected, fit, why_skipped
from loadstream.verify.model import GrowthPoint, Sample
from loadstream.verify.watch import Limits

MB = 2**20
GENEROUS = Limits(60, 2**40)


def point(scale: int, *megabytes: float, seconds: float = 1.0, **fields: Any) -> GrowthPoint:
    samples = tuple(Sample(10 * MB + int(m * MB), 10 * MB, seconds) for m in megabytes)
    return GrowthPoint(scale, 100 * scale, MB * scale, samples, **fields)


# the line


def test_the_line_has_the_bytes_and_seconds_of_one_record_and_what_is_fixed():
    line = fit([point(s, 3 + 2 * s, seconds=0.5 + s / 10) for s in (1, 5, 10, 100)])
    assert line is not None
    assert line.bytes_per_record == pytest.approx(2 * MB / 100)
    assert line.fixed_bytes == pytest.approx(3 * MB)
    assert line.seconds_per_record == pytest.approx(0.001)
    assert line.fixed_seconds == pytest.approx(0.5)


def test_the_line_goes_through_medians_and_leaves_out_what_was_skipped():
    points = [point(1, 1, 1, 50), point(10, 1, 1, 90), point(100, skipped="it is too large")]
    line = fit(points)
    assert line is not None
    assert line.bytes_per_record == pytest.approx(0)
    assert fit(points[:1]) is None
    assert fit([points[0], points[2]]) is None


# what is to be expected


def test_with_one_point_a_figure_is_taken_to_grow_with_the_data():
    assert expected([(2, 10)], 20) == 100


def test_with_more_points_it_is_taken_from_their_line_and_never_shrinks():
    assert expected([(1, 10), (5, 18)], 10) == pytest.approx(28)
    assert expected([(1, 10), (5, 8)], 10) == 8


def test_a_size_that_would_go_over_the_ceiling_is_skipped_with_both_figures():
    limits = Limits(60, 200 * MB)
    points = [point(1, 20), point(5, 100)]
    # 10 MB of baseline and 20 MB for each size
    assert why_skipped(points, point(9), limits) == ""
    why = why_skipped(points, point(10), limits)
    assert why == "it is expected to need 210.0 MB, over the ceiling of 200.0 MB"


def test_a_stream_is_run_where_a_load_is_skipped():
    limits = Limits(60, 200 * MB)
    assert why_skipped([point(1, 1.5), point(5, 1.6)], point(100), limits) == ""


def test_a_size_that_would_take_too_long_is_skipped_with_both_figures():
    points = [point(1, 1, seconds=1.0), point(5, 1, seconds=5.0)]
    assert why_skipped(points, point(60), Limits(60, 2**40)) == ""
    why = why_skipped(points, point(100), Limits(60, 2**40))
    assert why == "it is expected to take 1 min 40 s, over the timeout of 60.00 s"


def test_what_was_left_out_at_one_size_is_left_out_at_larger_ones():
    points = [point(1, 1), point(5, skipped="it did not end within 60 s")]
    why = why_skipped(points, point(10), GENEROUS)
    assert why == "it was not measured at 5x: it did not end within 60 s"


# with both sides run

LOADS = """
import json

with open("data/sessions.json") as handle:
    sessions = json.load(handle)["sessions"]
print(len(sessions), len({s["session_id"] for s in sessions}))
"""
STREAMS = """
from common import stream_sessions

sessions = list(stream_sessions())
print(len(sessions), len({s["session_id"] for s in sessions}))
"""


def grown(repository: Any, **settings: Any) -> Any:
    given = {"pairs": 1, "traced": False, "max_cases": 4, "scales": (1, 3, 6), **settings}
    return repository.result(**given)


def test_both_sides_are_measured_on_the_real_data_and_on_more_of_it(changed):
    repository = changed(LOADS, STREAMS)
    data = repository.root / "data" / "sessions.json"
    before = data.read_bytes()
    result = grown(repository)
    assert result.verdict is Verdict.EQUAL, result.explanation
    for side in (result.growth.old, result.growth.new):
        assert [point.scale for point in side.points] == [1, 3, 6]
        assert [point.records for point in side.points] == [9, 27, 54]
        assert [len(point.samples) for point in side.points] == [1, 2, 2]
        assert side.fit is not None
        one, three, six = (point.data_bytes for point in side.points)
        assert one == len(before)
        assert 2.5 * one < three < six / 1.8
    assert result.growth.data_files == ("data/sessions.json",)
    assert data.read_bytes() == before


def test_a_side_that_does_not_end_as_before_is_left_out_and_where_they_part_is_different(changed):
    repository = changed(LOADS, STREAMS + "assert len(sessions) < 1500, 'too many'\n")
    result = grown(repository, scales=(2, 200))
    assert result.verdict is Verdict.DIFFERENT
    assert "on the real data 200 times over" in result.explanation
    assert "too many" in result.growth.new.points[2].skipped
    assert result.growth.old.points[2].samples


def test_output_that_differs_only_on_more_data_is_different(changed):
    repository = changed(LOADS, STREAMS + "if len(sessions) > 1500: print('many')\n")
    result = grown(repository, scales=(2, 200))
    assert result.verdict is Verdict.DIFFERENT
    assert result.explanation.startswith("on the real data 200 times over, stdout line 2")


@pytest.mark.parametrize(("more", "samples"), [("", 1), ("if len(sessions) > 1500: print(1)\n", 2)])
def test_large_data_is_read_once_and_again_only_where_output_differs(
    changed, monkeypatch, more, samples
):
    monkeypatch.setattr("loadstream.verify.growth._LARGE", 0)
    result = grown(changed(LOADS, STREAMS + more), scales=(200,))
    assert [len(s.points[1].samples) for s in (result.growth.old, result.growth.new)] == (
        [samples] * 2
    )
    assert (result.verdict is Verdict.DIFFERENT) == bool(more)


def test_a_size_over_the_ceiling_is_skipped_for_the_side_that_needs_too_much(changed):
    waste = "waste = [bytearray(b'x') * 100_000 for _ in sessions]\n"
    repository = changed(LOADS + waste, STREAMS)
    # 9 sessions take 0.9 MB; 9,000 would take 900.
    result = grown(repository, scales=(1, 1000), memory_ceiling=200 * MB)
    old, new = (side.points[-1] for side in (result.growth.old, result.growth.new))
    assert old.samples == ()
    assert "over the ceiling of 200.0 MB" in old.skipped
    assert new.samples
    assert new.skipped == ""
    assert result.growth.ceiling_bytes == 200 * MB
    assert result.verdict is Verdict.EQUAL


def test_the_ceiling_holds_where_what_was_expected_was_wrong(changed):
    sudden = "if len(sessions) > 20:\n    waste = bytearray(b'x') * 300_000_000\n"
    sudden = f"import time\n{sudden}    time.sleep(1)\n"
    repository = changed(LOADS, STREAMS + sudden)
    result = grown(repository, scales=(3, 4), memory_ceiling=150 * MB)
    three, four = result.growth.new.points[1:]
    assert three.skipped == "it used more than 150 MB of memory"
    assert four.skipped == "it was not measured at 3x: it used more than 150 MB of memory"
    assert result.growth.old.points[2].samples


def test_where_the_disk_is_full_nothing_is_written_and_it_is_said(changed, monkeypatch):
    repository = changed(LOADS, STREAMS)
    monkeypatch.setattr("loadstream.verify.growth.no_room", lambda *_: "it does not fit")
    written = []
    monkeypatch.setattr("loadstream.verify.growth.write_scaled", written.append)
    result = grown(repository)
    _, three, six = result.growth.old.points
    assert three.skipped == "it does not fit"
    assert six.skipped == "it was not measured at 3x: it does not fit"
    assert written == []


def test_a_check_that_writes_into_its_data_is_measured_on_the_real_data_only(changed):
    writes = "with open('data/sessions.json', 'a') as handle:\n    handle.write(' ')\n"
    result = grown(changed(LOADS + writes, STREAMS + writes), scales=(3,))
    assert "writes into its own data" in result.growth.old.points[-1].skipped


def test_settings_beside_the_data_are_not_repeated_and_it_is_said(changed):
    repository = changed(
        LOADS + "print(json.load(open('data/kinds.json')))\n",
        STREAMS + "import json\nprint(json.load(open('data/kinds.json')))\n",
    )
    (repository.root / "data" / "kinds.json").write_text('["a"]')
    result = grown(repository, scales=(2,))
    assert result.growth.data_files == ("data/sessions.json",)
    assert any("data/kinds.json is not scaled" in note for note in result.growth.notes)


def test_without_data_growth_is_not_measured_and_it_is_said(changed):
    result = grown(changed("print(sum(range(9)))\n", "print(sum(range(9)) + 0)\n"))
    assert result.growth is None
    assert any("growth was not measured" in line for line in result.advice)


def test_every_sample_of_every_size_is_in_the_report(changed):
    report = changed(LOADS, STREAMS).verify(pairs=1, traced=False, max_cases=4, scales=(1, 3))
    (check,) = json.loads(json.dumps(to_json(report)))["checks"]
    growth = check["growth"]
    assert growth["data_files"] == ["data/sessions.json"]
    assert growth["ceiling_bytes"] > 0
    for side in ("old", "new"):
        assert set(growth[side]["fit"]) == {
            "bytes_per_record",
            "fixed_bytes",
            "seconds_per_record",
            "fixed_seconds",
        }
        for entry, scale in zip(growth[side]["points"], (1, 3), strict=True):
            assert (entry["scale"], entry["records"]) == (scale, 9 * scale)
            assert entry["skipped"] is None
            for sample in entry["samples"]:
                assert sample["reading"]
                assert sample["peak_memory_bytes"] >= sample["baseline_memory_bytes"] > 0
    control = check["measurements"]["control"]
    assert control["noisy"] is False
    assert {"memory_ratio", "time_ratio", "samples"} <= set(control)
