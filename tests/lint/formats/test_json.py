import json

from loadstream.lint.formats import json as json_format


def test_the_document_has_exactly_the_keys_that_are_promised(result):
    document = json.loads(json_format.render(result, result.findings))
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


def test_values_keep_their_types(result):
    safe, unsafe, *_, kept, _ = json.loads(json_format.render(result, result.findings))["findings"]
    assert (safe["fix"], unsafe["fix"], kept["fix"]) == ("safe", "unsafe", None)
    assert kept["reasons"] == ["multi-pass", "escapes"]
    assert safe["line"] == 3


def test_only_the_findings_that_are_shown_are_in_it(result):
    assert json.loads(json_format.render(result, ()))["findings"] == []
