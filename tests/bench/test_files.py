import dataclasses
import json
from xml.etree import ElementTree

import pytest

from loadstream.bench.files import render_markdown, to_json, write_files
from loadstream.bench.fit import fit_growth
from loadstream.bench.model import BenchError


@pytest.fixture
def fitted(results):
    return dataclasses.replace(results, fits=fit_growth(results.sizes))


def test_every_raw_sample_is_in_the_json(fitted, tmp_path):
    write_files(fitted, tmp_path / "new" / "folder")
    path = tmp_path / "new" / "folder" / "streaming_benchmark_results.json"
    found = json.loads(path.read_text("utf-8"))
    assert found == json.loads(json.dumps(to_json(fitted)))
    first = found["sizes"][0]["approaches"]
    assert [sample["seconds"] for sample in first[0]["samples"]] == [0.1, 0.2, 0.1]
    assert first[1]["time_ratio"] == {"median": 0.5, "minimum": 0.5, "maximum": 1.0}
    assert first[2]["skipped"] == "not installed"
    assert found["growth"][0]["bytes_per_record"] == pytest.approx(80 * 1024**2 / 400)


def test_the_report_has_both_tables_the_filter_and_the_machine(fitted):
    text = render_markdown(fitted)
    assert "| title of loadstream | 100 | 2.0 MB | 2.0 MB | 50 ms | 0.50× | 0.50–1.00× |" in text
    assert "| title of json.load | 20.0 MB | 100.0 MB | 209,715 | 500 ms |" in text
    assert "160.0% of the time of streaming without it. Put its cheapest test first" in text
    assert "title of orjson at 1x was not run: not installed." in text
    assert "- processor: one" in text


def test_the_chart_is_a_picture_that_stands_alone(fitted, tmp_path):
    write_files(fitted, tmp_path)
    root = ElementTree.fromstring((tmp_path / "streaming_benchmark.svg").read_text("utf-8"))
    words = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "title of json.load" in words
    assert "streaming_benchmark.svg" in (tmp_path / "STREAMING_BENCHMARK_REPORT.md").read_text()


def test_no_half_written_file_is_left(fitted, tmp_path):
    names = {path.name for path in write_files(fitted, tmp_path)}
    assert {path.name for path in tmp_path.iterdir()} == names


def test_a_folder_that_cannot_be_written_is_one_clear_error(fitted, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BenchError, match="cannot write to"):
        write_files(fitted, tmp_path / "file")
