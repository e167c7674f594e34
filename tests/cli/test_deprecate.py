"""`loadstream rewrite --deprecate`."""

import json
from pathlib import Path

MARK = 'warnings.warn(\n        "load_rows() is deprecated: use stream_rows()", '


def test_loaders_are_marked_on_request_only(run, project):
    project("filter", "kept")
    run("rewrite")
    assert "deprecated" not in Path("data.py").read_text()
    outcome = run("rewrite", "--deprecate")
    assert outcome.status == 0
    assert outcome.out.splitlines()[0] == "rewrote data.py: LS108 (deprecated) at line 6"
    assert MARK in Path("data.py").read_text()
    assert "Nothing to rewrite in 3 files" in run("rewrite", "--deprecate").out


def test_the_oldest_python_of_the_project_decides_on_the_mark(run, project):
    project("filter")
    Path("pyproject.toml").write_text('[project]\nname = "x"\nrequires-python = ">=3.13"\n')
    run("rewrite", "--deprecate")
    assert '@deprecated("use stream_rows()")\ndef load_rows' in Path("data.py").read_text()


def test_a_diff_and_a_check_show_the_marks_and_write_nothing(run, project):
    project()
    before = Path("data.py").read_text()
    outcome = run("rewrite", "--deprecate", "--diff")
    assert outcome.status == 1
    assert "+import warnings\n" in outcome.out
    assert outcome.out.count("\n-") == 0
    outcome = run("rewrite", "--deprecate", "--check")
    assert outcome.status == 1
    assert "would rewrite data.py: LS108 (deprecated) at line 6" in outcome.out
    assert Path("data.py").read_text() == before


def test_json_has_a_finding_for_each_mark(run, project):
    project()
    outcome = run("rewrite", "--deprecate", "--check", "--format", "json")
    [finding, _] = json.loads(outcome.out)["findings"]
    assert {key: finding[key] for key in ("code", "line", "loader", "stream", "fix")} == {
        "code": "LS108",
        "line": 6,
        "loader": "data.load_rows",
        "stream": "data.stream_rows",
        "fix": "safe",
    }
    assert finding["message"] == ("`load_rows()` is to be deprecated: `stream_rows()` streams it")


def test_lint_never_asks_for_it(run, project):
    project()
    assert "deprecat" not in run("lint", "--show-kept").out


def test_without_ls108_it_is_refused(run, project):
    project()
    outcome = run("rewrite", "--deprecate", "--ignore", "LS108")
    assert outcome.status == 2
    assert "--deprecate is part of LS108" in outcome.error
    assert run("rewrite", "--deprecate", "--select", "stream-twin").status == 0


def test_help_and_the_rule_page_speak_of_it(run):
    assert "--deprecate" in run("rewrite", "--help").out
    assert "rewrite --deprecate" in run("explain", "LS108").out
