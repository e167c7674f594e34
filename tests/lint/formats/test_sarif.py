import json

from loadstream import __version__
from loadstream.lint.formats import sarif


def log(result):
    return json.loads(sarif.render(result, result.findings))


def test_it_is_one_run_of_sarif_2_1_0(result):
    document = log(result)
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    assert run["tool"]["driver"]["name"] == "loadstream"
    assert run["tool"]["driver"]["version"] == __version__
    assert run["columnKind"] == "unicodeCodePoints"


def test_each_result_refers_to_its_rule(result):
    (run,) = log(result)["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) == len(result.findings)
    for one, finding in zip(run["results"], result.findings, strict=True):
        assert one["ruleId"] == finding.code == rules[one["ruleIndex"]]["id"]
    assert len({rule["id"] for rule in rules}) == len(rules)


def test_levels_tell_errors_findings_and_kept_loads_apart(result):
    (run,) = log(result)["runs"]
    levels = [one["level"] for one in run["results"]]
    assert levels == ["warning", "warning", "warning", "error", "note", "note"]


def test_places_are_urls_and_regions(result):
    (run,) = log(result)["runs"]
    place = run["results"][3]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "pkg/%C3%A9.py"
    assert place["region"] == {"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 15}


def test_no_finding_is_a_run_without_results(result):
    (run,) = json.loads(sarif.render(result, ()))["runs"]
    assert run["results"] == []
    assert run["tool"]["driver"]["rules"] == []
