"""The developers' benchmarks: their documents are what they say, and each script runs."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from loadstream.bench.approaches import prepare

FOLDER = Path(__file__).parents[2] / "benchmarks"
DOCUMENTS = runpy.run_path(str(FOLDER / "documents.py"))


def run(script: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, str(FOLDER / script), *arguments],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("document", DOCUMENTS["DOCUMENTS"], ids=lambda document: document.name)
def test_a_document_is_json_with_records_and_a_filter_that_keeps_some(tmp_path, document):
    file = tmp_path / "data.json"
    source = document.write(file, 0.03)
    records = prepare("json.load", source)()
    assert records >= 1
    assert prepare("loadstream", source)() == records
    if source.filter_source:
        assert 0 < prepare("loadstream-filtered", source)() < records


def test_a_document_is_the_same_each_time(tmp_path):
    for document in DOCUMENTS["DOCUMENTS"]:
        first, second = tmp_path / "1.json", tmp_path / "2.json"
        document.write(first, 0.02)
        document.write(second, 0.02)
        assert first.read_bytes() == second.read_bytes()


def test_grown_files_have_the_size_that_was_asked_for_and_are_json(tmp_path):
    file = tmp_path / "grown.json"
    for grow in (DOCUMENTS["grown_sessions"], DOCUMENTS["grown_element"]):
        source = grow(file, 3_000_000)
        assert 3_000_000 <= file.stat().st_size < 4_000_000
        assert json.loads(file.read_bytes())
        assert prepare("loadstream", source)() == prepare("json.load", source)()


def test_the_speed_script_prints_ratios_and_saves_every_sample(tmp_path):
    saved = tmp_path / "speed.json"
    output = run(
        "runtime_speed.py", "--quick", "--rounds", "1", "--only", "integers", "--json", str(saved)
    )
    assert "integers: 2 million integers" in output
    assert "loadstream" in output
    seconds = json.loads(saved.read_text())["seconds"]["integers"]
    assert [len(runs) for runs in seconds.values()] == [1] * len(seconds)


def test_the_memory_script_measures_files_and_one_huge_element():
    output = run("runtime_memory.py", "--sizes", "1M", "--element", "1M", "--rounds", "1")
    assert "sessions, file of 1.0 MB" in output
    assert "one element, file of 1.0 MB" in output


def test_the_remote_script_puts_streams_of_objects_beside_loading_them(tmp_path):
    pytest.importorskip("s3fs", reason="s3fs is not installed")
    pytest.importorskip("moto.server", reason="moto[server] is not installed")
    saved = tmp_path / "remote.json"
    options = ("--objects", "2", "--size", "0.2", "--rounds", "1", "--json", str(saved))
    output = run("remote_speed.py", *options)
    assert "2 objects, " in output
    assert "loadstream, no reading ahead" in output
    seconds = json.loads(saved.read_text())["seconds"]
    assert [len(runs) for runs in seconds.values()] == [1] * 3


def test_the_analysis_script_puts_the_analysis_beside_parsing(tmp_path):
    (tmp_path / "a.py").write_text("import json; x = json.load(open('x'))\n")
    (tmp_path / "b.py").write_text("json.load(\n")
    output = run("analysis_speed.py", "--quick", str(tmp_path))
    assert "2 files, 2 lines; parsed are 1 file, 1 lines" in output
    assert "ast.parse" in output
    assert "b.py:1:" in output


def test_the_control_script_finds_nothing_different_and_saves_every_ratio(tmp_path):
    saved = tmp_path / "control.json"
    options = ("--runs", "1", "--pairs", "1", "--cases", "1", "--json", str(saved))
    printed = run("verify_control.py", "dataset_size.py", *options)
    assert "1 verifications of 1 scripts" in printed
    assert "different" not in printed
    (script,) = json.loads(saved.read_text())["control"]
    assert len(script["ratios"]) == 1


def test_the_mutation_score_leaves_out_what_could_not_run(capsys):
    told = runpy.run_path(str(FOLDER / "mutation_score.py"))["told"]
    ran = {
        "killed": 19,
        "survived": [{"label": "> turned into >= at a.py:3", "diff": ""}],
        "could_not_run": 1,
        "results": [
            {"outcome": "could-not-run", "label": "and turned into or", "why": "NameError"}
        ],
    }
    none = {"name": "b.py", "verdict": "inconclusive", "explanation": "no data", "mutants": None}
    assert told([{"name": "a.py", "mutants": ran}, none]) == 0.95
    said = capsys.readouterr().out
    assert "survived: > turned into >= at a.py:3" in said
    assert "b.py: inconclusive, no mutants: no data" in said
    assert said.endswith("19 of 20 mutants killed (95.0%), 1 could not run\n")


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_the_kill_script_finds_nothing_torn_and_no_litter():
    output = run("kill_rewrite.py", "--quick", "--runs", "2", "--files", "2")
    assert "2 runs over 2 files" in output
    assert output.endswith("0 torn, 0 litter, 0 not ended by the next run\n")


def test_the_round_trip_of_a_sample_of_installed_files_is_identical():
    output = run("round_trip.py", "--quick", "--jobs", "1")
    counts = dict(line.rsplit(maxsplit=1) for line in output.splitlines() if line[-1:].isdigit())
    assert counts["  different"] == "0"
    assert int(counts["  identical"]) > 40


def test_the_rewrite_script_compares_the_same_edits(tmp_path):
    saved = tmp_path / "rewrite.json"
    output = run("rewrite_speed.py", "--quick", "--files", "2", "--json", str(saved))
    assert "3 of 3 files come out the same" in output
    assert [len(runs) for runs in json.loads(saved.read_text())["seconds"].values()] == [1] * 3


def test_the_lint_script_puts_whole_commands_beside_ruff(tmp_path):
    saved = tmp_path / "lint.json"
    output = run("lint_speed.py", "--quick", "--json", str(saved))
    assert "lint . --no-cache / ruff" in output
    assert "lint one file / python" in output
    samples = json.loads(saved.read_text())["seconds"]
    assert {len(times) for times in samples.values()} == {2}


def test_the_growth_script_compares_trees_by_the_file(tmp_path):
    saved = tmp_path / "growth.json"
    output = run("tree_growth.py", "--quick", "--json", str(saved))
    assert "lint, 1 rounds" in output
    assert "rewrite, 1 rounds" in output
    costs = json.loads(saved.read_text())["cost"]
    assert [[len(runs) for runs in by_size.values()] for by_size in costs.values()] == [[1, 1]] * 2
