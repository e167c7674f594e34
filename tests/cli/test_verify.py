import json
from pathlib import Path

import pytest

SCRIPT = """\
import json


def large():
    with open("rows.json", encoding="utf-8") as handle:
        rows = json.load(handle)
    return [row["n"] for row in rows if row["n"] > 3]


if __name__ == "__main__":
    print(large())
"""
QUICK = ("--cases", "4", "--runs", "0", "--no-tracemalloc")


@pytest.fixture
def committed(project, git):
    """A repository with a script over eight rows, committed."""
    root = project("filter", script=SCRIPT)
    rows = [{"n": n, "name": f"row {n}"} for n in range(8)]
    (root / "rows.json").write_text(json.dumps(rows))
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "all")
    return root


def edit(old: str, new: str) -> None:
    path = Path("script.py")
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_what_is_equal_exits_with_0_and_says_on_how_many_cases(run, committed):
    edit("return [row", "return [r2 for r2 in [row")
    edit("> 3]", "> 3]]")
    outcome = run("verify", *QUICK)
    assert outcome.status == 0
    assert "script.py" in outcome.out
    assert "equal" in outcome.out
    assert "real 1" in outcome.out
    assert " equal." in outcome.out


def test_a_difference_exits_with_1_and_shows_input_values_and_replay(run, committed):
    edit("> 3", ">= 3")
    outcome = run("verify", "script.py", *QUICK)
    assert outcome.status == 1
    assert "script.py: different: " in outcome.out
    assert "  input (" in outcome.out
    assert "old: " in outcome.out
    assert "new: " in outcome.out
    replay = next(line for line in outcome.out.splitlines() if "  replay: " in line)
    words = replay.partition("replay: ")[2].split()
    assert words[:3] == ["loadstream", "verify", "--replay"]
    again = run(*words[1:])
    assert again.status == 1
    assert "different" in again.out
    assert f"  keep as a test: {' '.join(words)} --save-test tests/test_" in outcome.out
    kept = run(*words[1:], "--save-test", "test_kept.py")
    assert kept.status == 1
    assert kept.out.startswith("wrote test_kept.py\n")
    assert "assert_replay(COUNTEREXAMPLE, ROOT)" in Path("test_kept.py").read_text()
    refused = run(*words[1:], "--save-test", "test_kept.py")
    assert refused.status == 2
    assert "test_kept.py is there already: give another name" in refused.err


def test_a_test_is_kept_of_a_replay_only(run, committed):
    outcome = run("verify", "--save-test", "test_kept.py")
    assert outcome.status == 2
    assert "--save-test needs --replay FILE" in outcome.err


def test_the_rewritten_sites_are_named_with_their_rule(run, committed):
    assert run("rewrite").status == 0
    outcome = run("verify", "filter.py", "--format", "json", *QUICK)
    assert outcome.status == 0
    (check,) = json.loads(outcome.out)["checks"]
    (site,) = check["sites"]
    assert (site["path"], site["line"], site["code"]) == ("filter.py", 3, "LS101")
    assert site["rule"] == "filter-collect"
    assert "-print([row for row in load_rows()" in site["diff"]
    assert "+print(list(stream_rows(" in site["diff"]


def test_a_report_is_written_in_three_forms(run, committed):
    edit("> 3", "> 2")
    outcome = run("verify", "script.py", "--report", "out", *QUICK)
    assert outcome.status == 1
    assert {path.name for path in Path("out").iterdir()} == {
        "report.html",
        "report.json",
        "report.md",
    }
    assert "wrote out/report.html" in outcome.out
    assert json.loads(Path("out/report.json").read_text())["verdict"] == "different"


def test_json_alone_is_on_stdout(run, committed):
    edit("> 3", "> 2")
    outcome = run("verify", "script.py", "--format", "json", "--report", "out", *QUICK)
    document = json.loads(outcome.out)
    assert document["version"] == 1
    assert document["verdict"] == "different"
    assert "wrote out/report.json" in outcome.err


def test_memory_is_measured_on_request(run, committed):
    edit("> 3", "> 3 and True")
    outcome = run("verify", "script.py", "--cases", "4", "--runs", "1", "--no-tracemalloc")
    assert outcome.status == 0
    assert "B → " in outcome.out.splitlines()[3]


def test_nothing_changed_is_one_line(run, committed):
    outcome = run("verify")
    assert outcome.status == 2
    assert "nothing to verify" in outcome.error


def test_no_repository_is_one_line(run, project):
    project("filter")
    outcome = run("verify")
    assert outcome.status == 2
    assert "not in a git repository" in outcome.error


def test_an_unknown_revision_is_one_line(run, committed):
    outcome = run("verify", "--base", "mian")
    assert outcome.status == 2
    assert 'no revision "mian"' in outcome.error


def test_data_that_is_missing_on_both_sides_is_never_agreement(run, committed, git):
    git("rm", "-q", "rows.json")
    git("commit", "-q", "-m", "no data")
    edit("> 3", "> 3 and True")
    outcome = run("verify", "script.py", *QUICK)
    assert outcome.status == 2
    assert "script.py: inconclusive: " in outcome.out
    assert "rows.json" in outcome.out


def test_a_missing_script_is_one_line(run, committed):
    outcome = run("verify", "nope.py")
    assert (outcome.status, outcome.error) == (2, "nope.py: no such script")


def test_a_configured_check_is_run_by_its_name(run, committed):
    Path("pyproject.toml").write_text(
        '[[tool.loadstream.checks]]\nname = "large"\ncall = "script:large"\n'
        '[[tool.loadstream.checks]]\nname = "other"\nrun = "filter.py"\n'
    )
    edit("> 3", ">= 3")
    outcome = run("verify", "--check", "large", *QUICK)
    assert outcome.status == 1
    assert "large" in outcome.out
    assert "other" not in outcome.out
    assert 'did you mean "large"?' in run("verify", "--check", "larg").error


def test_a_check_that_means_nothing_is_one_line_with_the_file(run, committed):
    Path("pyproject.toml").write_text('[[tool.loadstream.checks]]\nname = "x"\nrnu = "a"\n')
    outcome = run("verify")
    assert outcome.status == 2
    assert outcome.error.startswith("pyproject.toml: ")
    assert "rnu" in outcome.error
