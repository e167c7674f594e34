import json
from pathlib import Path

import pytest

from loadstream.bench import BenchError, run_bench
from loadstream.bench.model import Measured, Skipped

SAMPLE = Path(__file__).parents[2] / "fixtures" / "session_logs"


def test_generated_data_is_measured_at_every_size_and_fitted(tmp_path):
    told = []
    results = run_bench(
        sample_repository=SAMPLE, scales=(2, 1), rounds=1, out=tmp_path, progress=told.append
    )
    assert [size.scale for size in results.sizes] == [1, 2]
    first, second = results.sizes
    full, flat = first.row("json.load"), first.row("loadstream-flattened")
    assert isinstance(full, Measured)
    assert isinstance(flat, Measured)
    assert (full.records, flat.records) == (85, 1355)
    assert second.row("json.load").records == 170
    assert 0 < first.row("loadstream-filtered").records < 85
    # A document of 8 MB cannot be held in less than itself; no machine is that good.
    assert full.memory.median > first.file_bytes
    assert full.traced_peak_bytes > first.file_bytes
    fit = next(fit for fit in results.fits if fit.approach == "json.load")
    assert fit.bytes_per_record > first.file_bytes / 85
    assert len(told) >= 3
    assert json.loads((tmp_path / "streaming_benchmark_results.json").read_text("utf-8"))


def test_the_users_own_file_is_measured_and_grown_by_repeating_its_records(events_file):
    results = run_bench(data=events_file, path="$.log.events", scales=(1, 3), rounds=1)
    assert [size.row("loadstream").records for size in results.sizes] == [3_000, 9_000]
    assert results.sizes[0].row("loadstream-filtered").records == 300
    assert results.filter_seconds is not None
    assert results.sizes[0].row("loadstream-flattened") is None


def test_a_full_load_over_the_ceiling_is_skipped_and_said(events_file):
    results = run_bench(
        data=events_file, path="$.log.events", scales=(1,), rounds=1, memory_ceiling=1024
    )
    row = results.sizes[0].row("json.load")
    assert isinstance(row, Skipped)
    assert "over the ceiling of 1.0 KB" in row.why
    assert isinstance(results.sizes[0].row("loadstream"), Measured)


def test_records_that_cannot_be_repeated_leave_their_size_out_with_a_note(tmp_path):
    file = tmp_path / "object.json"
    file.write_text('{"a": 1, "b": 2}')
    results = run_bench(data=file, scales=(1, 5), rounds=1)
    assert [size.scale for size in results.sizes] == [1]
    assert any("5x is left out" in note for note in results.notes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "--data FILE"),
        ({"data": Path("no such.json")}, "no such file"),
        ({"sample_repository": Path("nowhere")}, "generate_data.py: no such file"),
        ({"sample_repository": SAMPLE, "scales": ()}, "scales"),
        ({"sample_repository": SAMPLE, "rounds": 0}, "rounds"),
    ],
)
def test_what_cannot_be_measured_is_one_clear_error(options, message):
    with pytest.raises(BenchError, match=message):
        run_bench(**options)


@pytest.mark.parametrize(
    ("path", "filter_source", "message"),
    [
        ("events", None, "does not begin with"),
        ("$.nothing", None, "cannot be read: KeyError: 'nothing'"),
        ("$.log.events", "lambda e: e['x']", "the filter .* raised KeyError"),
        ("$.log.events", "e[", "is not valid"),
        ("$.log.events[0].tags[0]", None, None),
    ],
)
def test_a_wrong_path_or_filter_is_one_clear_error(events_file, path, filter_source, message):
    def run():
        return run_bench(
            data=events_file, path=path, filter_source=filter_source, scales=(1,), rounds=1
        )

    if message is None:
        assert run().sizes[0].row("loadstream").records == 1
    else:
        with pytest.raises(BenchError, match=message) as caught:
            run()
        assert "\n" not in str(caught.value)


def test_a_file_without_records_is_an_error(tmp_path):
    file = tmp_path / "empty.json"
    file.write_text("[]")
    with pytest.raises(BenchError, match="there is no record"):
        run_bench(data=file, scales=(1,), rounds=1)


def test_a_child_that_takes_too_long_is_not_waited_for(events_file):
    with pytest.raises(BenchError, match="took longer than"):
        run_bench(data=events_file, path="$.log.events", scales=(1,), rounds=1, timeout=0.001)
