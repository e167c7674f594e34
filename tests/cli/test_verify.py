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


def test_a_report_is_written_in_four_forms(run, committed):
    edit("> 3", "> 2")
    outcome = run("verify", "script.py", "--report", "out", *QUICK)
    assert outcome.status == 1
    assert {path.name for path in Path("out").iterdir()} == {
        "report.html",
        "report.json",
        "report.md",
        "report.xml",
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


def test_memory_above_the_ceiling_that_was_given_is_inconclusive(run, committed):
    edit("    return [row", "    held = [b'x' * 2_000_000 for _ in iter(int, 1)]\n    return [row")
    outcome = run("verify", "--memory", "200M", *QUICK)
    assert outcome.status == 2
    assert "new used more than 200 MB of memory" in outcome.out


@pytest.mark.parametrize("size", ["much", "0", "-1", "1.G", "5 EB"])
def test_a_size_that_is_none_is_one_line(run, committed, size):
    outcome = run("verify", f"--memory={size}")
    assert outcome.status == 2
    assert "is not a size: give it as 500M or 4G" in outcome.err


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


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        (
            'rnu = "a"',
            'pyproject.toml:3: [[tool.loadstream.checks]] has no key "rnu"; did you mean',
        ),
        ('run = "a"\ntimeout = 0', "pyproject.toml: [tool.loadstream] check 'x': timeout must be"),
    ],
)
def test_a_check_that_means_nothing_is_one_line_with_the_file(run, committed, lines, error):
    Path("pyproject.toml").write_text(f'[[tool.loadstream.checks]]\nname = "x"\n{lines}\n')
    outcome = run("verify")
    assert outcome.status == 2
    assert outcome.error.startswith(error)


def test_scales_measure_growth_and_the_table_shows_it(run, committed):
    edit("return [row", "return [r2 for r2 in [row")
    edit("> 3]", "> 3]]")
    options = ("--cases", "4", "--runs", "1", "--no-tracemalloc", "--scales", "1,3x")
    outcome = run("verify", "script.py", *options, "--memory-ceiling", "500")
    assert outcome.status == 0
    assert "old grows: 1x " in outcome.out
    assert ", 3x " in outcome.out
    assert "a record" in outcome.out


@pytest.mark.parametrize("scales", ["0", "x", "1,,5"])
def test_scales_that_are_none_are_one_clear_line(run, committed, scales):
    outcome = run("verify", "script.py", "--scales", scales)
    assert outcome.status == 2
    assert "is no list of multiples such as 1,5,10,100" in outcome.err


def test_an_analysis_that_fails_ends_nothing(run, committed, monkeypatch):
    def fail(*_arguments):
        raise RuntimeError("lost")

    monkeypatch.setattr("loadstream.cli.changed_sites.changed_sites", fail)
    edit("> 3]", ">= 4]")
    outcome = run("verify", "script.py", *QUICK)
    assert "script.py" in outcome.out
    assert "different" in outcome.out
    assert "the rewritten sites are not named: the analysis failed (RuntimeError: lost)" in (
        outcome.out
    )


def test_an_interpreter_that_is_not_there_is_one_line(run, committed):
    edit("> 3", "> 2")
    for command in (("verify",), ("compare", "script.py", "script.py")):
        outcome = run(*command, "--python", "./nowhere/python")
        assert outcome.status == 2
        assert outcome.error.startswith("there is no Python interpreter ./nowhere/python")


def test_the_lines_that_never_ran_are_printed(run, committed):
    edit("rows = json", "if handle is None:\n            return 1\n        rows = json")
    outcome = run("verify", "script.py", *QUICK)
    assert outcome.status == 0
    assert "1 of 2 changed lines ran on the new side; never: script.py line 7." in outcome.out


def test_one_case_is_one_input(run, committed):
    edit("> 3", "> 3 and True")
    outcome = run("verify", "script.py", "--cases", "1", "--runs", "0", "--format", "json")
    (check,) = json.loads(outcome.out)["checks"]
    assert check["cases"] == {"real": 1}


def test_a_script_that_is_named_twice_is_run_once(run, committed):
    edit("> 3", "> 2")
    outcome = run("verify", "script.py", "script.py", "--format", "json", *QUICK)
    assert len(json.loads(outcome.out)["checks"]) == 1
