import json

from loadstream.lint.formats import json as json_format
from loadstream.lint.report import Report
from loadstream.lint.statistics import statistics_of


def test_the_document_has_exactly_the_keys_that_are_promised(report):
    document = json.loads(json_format.render(report()))
    assert list(document) == ["version", "files", "findings"]
    assert document["version"] == 1
    assert document["files"] == 7
    for finding in document["findings"]:
        assert list(finding) == [
            "path",
            "line",
            "column",
            "end_line",
            "end_column",
            "code",
            "rule",
            "message",
            "loader",
            "stream",
            "fix",
            "reasons",
        ]


def test_values_keep_their_types(report):
    safe, unsafe, *_, kept, _ = json.loads(json_format.render(report()))["findings"]
    assert (safe["fix"], unsafe["fix"], kept["fix"]) == ("safe", "unsafe", None)
    assert kept["reasons"] == ["multi-pass", "escapes"]
    assert safe["line"] == 3


def test_only_the_findings_that_are_shown_are_in_it(result):
    assert json.loads(json_format.render(Report(result, ())))["findings"] == []


def test_statistics_are_a_member_of_their_own_where_they_are_asked_for(report, result):
    document = json.loads(json_format.render(report(statistics=statistics_of(result, 2))))
    assert list(document) == ["version", "files", "findings", "statistics"]
    statistics = document["statistics"]
    assert statistics["codes"]["LS104"] == {
        "rule": "single-pass",
        "count": 1,
        "safe": 0,
        "unsafe": 1,
    }
    assert statistics["kept_for"] == {"multi-pass": 2, "escapes": 1}
    assert statistics["unsafe_for"] == {"partial-effects": 1}
    assert statistics["places"] == {"streaming": 2, "safe": 1, "unsafe": 1, "kept": 2}
