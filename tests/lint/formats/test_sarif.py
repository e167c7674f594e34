import hashlib
import json
import re
from pathlib import Path
from urllib.parse import unquote, urljoin, urlparse

import jsonschema
import pytest

from loadstream import __version__
from loadstream.lint.fixes import Edit
from loadstream.lint.formats import sarif
from loadstream.lint.report import Report

SCHEMA = Path(__file__).with_name("sarif_schema") / "sarif-schema-2.1.0.json"
PLACE = ("a.py", None, 3, 5, "LS101")


@pytest.fixture(scope="module")
def validator():
    return jsonschema.Draft4Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


@pytest.fixture
def run_of(validator):
    """The one run of a log, after the log was checked against the schema."""

    def read(report):
        document = json.loads(sarif.render(report))
        validator.validate(document)
        assert document["version"] == "2.1.0"
        [run] = document["runs"]
        return run

    return read


def test_the_schema_is_the_one_that_its_origin_names():
    origin = SCHEMA.with_name("ORIGIN.md").read_text(encoding="utf-8")
    assert hashlib.sha256(SCHEMA.read_bytes()).hexdigest() in origin


def test_the_check_against_the_schema_can_fail(validator, report):
    document = json.loads(sarif.render(report()))
    document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["line"] = 3
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(document)


def test_it_is_one_run_of_sarif_2_1_0(run_of, report):
    run = run_of(report())
    assert run["tool"]["driver"]["name"] == "loadstream"
    assert run["tool"]["driver"]["version"] == __version__
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["invocations"] == [{"executionSuccessful": True}]


def test_each_result_refers_to_its_rule_and_the_rule_has_its_page(run_of, report, result):
    run = run_of(report())
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) == len(result.findings)
    for one, finding in zip(run["results"], result.findings, strict=True):
        assert one["ruleId"] == finding.code == rules[one["ruleIndex"]]["id"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["help"]["text"].startswith(f"{rule['id']} {rule['name']}: ")


def test_levels_tell_errors_findings_and_kept_loads_apart(run_of, report):
    run = run_of(report())
    levels = [one["level"] for one in run["results"]]
    assert levels == ["warning", "warning", "warning", "error", "note", "note"]
    rules = run["tool"]["driver"]["rules"]
    for one in run["results"]:
        assert rules[one["ruleIndex"]]["defaultConfiguration"]["level"] == one["level"]


def test_places_are_urls_and_regions(run_of, report, source):
    source("")  # in a folder of its own
    run = run_of(report())
    place = run["results"][3]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "pkg/%C3%A9.py", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 15}


@pytest.mark.parametrize("path", ["a b%41.py", "x:y.py", "pkg/#?.py", "../up.py", "é/\udcff.py"])
def test_a_url_leads_back_to_the_file(run_of, report, finding, source, path):
    source("")
    run = run_of(report(finding(path=path)))
    [location] = run["results"][0]["locations"]
    file = location["physicalLocation"]["artifactLocation"]
    base = run["originalUriBaseIds"]["%SRCROOT%"]["uri"]
    assert base.endswith("/")
    url = urlparse(urljoin(base, file["uri"]))
    assert (url.scheme, url.query, url.fragment) == ("file", "", "")
    assert ".." not in file["uri"]
    found = Path(unquote(url.path, errors="surrogateescape"))
    assert found == (Path.cwd().parent / path[3:] if path.startswith("../") else Path.cwd() / path)


def test_no_finding_is_a_run_without_results(run_of, result):
    run = run_of(Report(result, ()))
    assert run["results"] == []
    assert run["tool"]["driver"]["rules"] == []


def fingerprints(run):
    return [one["partialFingerprints"]["loadstream/v1"] for one in run["results"]]


def test_a_fingerprint_stays_when_lines_move_and_goes_with_its_line(
    run_of, report, finding, source
):
    source("a\nb\nx = load_rows()\n")
    [before] = fingerprints(run_of(report(finding())))
    source("new\n\na\nb\nif 1:\n    x  = load_rows()\n")
    [moved] = fingerprints(run_of(report(finding(line=6, end_line=6))))
    assert re.fullmatch(r"[0-9a-f]{16}:1", before)
    assert before.split(":")[0] == moved.split(":")[0]
    source("a\nb\ny = load_rows()\n")
    [other] = fingerprints(run_of(report(finding())))
    assert other != before


def test_equal_lines_of_one_file_have_fingerprints_of_their_own(run_of, report, finding, source):
    source("x = load_rows()\nx = load_rows()\n")
    found = (finding(line=1, end_line=1), finding(line=2, end_line=2))
    one, other = fingerprints(run_of(report(*found)))
    assert one != other


def test_a_safe_fix_is_carried(run_of, report, finding, source):
    source("import a\nb\nx = load_rows()\n")
    edits = (Edit(None, 1, 8, 1, 9, "é\r\n"), Edit(None, 3, 5, 3, 14, "stream_rows"))
    run = run_of(report(finding(), fixes={PLACE: edits}))
    [fix] = run["results"][0]["fixes"]
    [change] = fix["artifactChanges"]
    assert change["artifactLocation"] == {"uri": "a.py", "uriBaseId": "%SRCROOT%"}
    first, second = change["replacements"]
    assert first["insertedContent"] == {"text": "é\r\n"}
    assert second == {
        "deletedRegion": {"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 14},
        "insertedContent": {"text": "stream_rows"},
    }


def test_a_fix_that_needs_consent_or_is_of_a_notebook_is_not(run_of, report, finding):
    edits = (Edit(None, 3, 5, 3, 14, "stream_rows"),)
    run = run_of(report(finding(fix="unsafe"), fixes={PLACE: edits}))
    assert "fixes" not in run["results"][0]
    place = ("n.ipynb", 2, 3, 5, "LS101")
    run = run_of(report(finding(path="n.ipynb", cell=2), fixes={place: edits}))
    assert "fixes" not in run["results"][0]


def test_a_load_that_a_comment_keeps_is_suppressed_in_the_source(run_of, report, kept, finding):
    run = run_of(report(kept("suppressed"), kept("escapes"), finding()))
    suppressions = [one["suppressions"] for one in run["results"]]
    assert suppressions == [[{"kind": "inSource"}], [], []]
