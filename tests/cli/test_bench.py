import json
from pathlib import Path

import pytest


def test_it_measures_a_file_and_writes_its_results(run, project):
    root = project()
    rows = [{"n": n, "text": "x" * 50} for n in range(500)]
    (root / "rows.json").write_text(json.dumps({"rows": rows}))
    arguments = ("--data", "rows.json", "--path", "$.rows", "--scales", "1", "--runs", "1")
    outcome = run("bench", *arguments, "--filter", "lambda r: r['n'] < 5", "--out", "out")
    assert outcome.status == 0, outcome
    assert "json.load" in outcome.out
    assert "loadstream" in outcome.out
    json.loads(Path("out/streaming_benchmark_results.json").read_text())


@pytest.mark.parametrize("scales", ["", "a", "0", "1,-5", "1;5"])
def test_scales_that_are_none_are_one_line(run, project, scales):
    project()
    outcome = run("bench", "--scales", scales)
    assert outcome.status == 2
    assert "--scales" in outcome.error


def test_missing_data_is_one_line(run, project):
    project()
    outcome = run("bench", "--data", "nope.json")
    assert outcome.status == 2
    assert "nope.json" in outcome.error


def test_data_that_is_no_json_is_one_line(run, project):
    (project() / "broken.json").write_text("{")
    outcome = run("bench", "--data", "broken.json", "--scales", "1", "--runs", "1", "--out", "out")
    assert outcome.status == 2
    assert "broken.json" in outcome.error


def test_a_path_without_data_is_refused(run, project):
    project()
    assert "--data" in run("bench", "--path", "$.rows").error
