import json
from pathlib import Path

import pytest


def test_findings_are_printed_and_exit_with_1(run, project):
    project("filter", "kept")
    outcome = run("lint")
    assert outcome.status == 1
    first, *excerpt, blank, found, kept = outcome.out.splitlines()
    assert first.startswith("filter.py:3:23: LS101 [*] `load_rows()` is loaded whole")
    assert excerpt == [
        "    |",
        '  3 | print([row for row in load_rows() if row["n"] > 3])',
        "    |                       ^^^^^^^^^^^",
    ]
    assert blank == ""
    assert found.startswith("Found 3 sites in 3 files: 1 fixable (loadstream rewrite), 2 kept")
    assert kept == "Kept for: escapes 1, random-access 1."


def test_nothing_to_report_exits_with_0(run, project):
    project("plain")
    outcome = run("lint", "plain.py")
    assert (outcome.status, outcome.out) == (0, "No load sites in 1 file.\n")


def test_a_loader_of_which_nothing_is_to_be_said_is_no_finding(run, project):
    project("plain")
    outcome = run("lint")
    assert outcome.status == 0
    assert [line for line in outcome.out.splitlines() if "LS" in line] == []
    assert outcome.out.startswith("Found 1 site in 2 files: 1 kept")


def test_kept_loads_are_shown_on_request_and_never_change_the_exit_code(run, project):
    project("kept")
    assert run("lint").status == 0
    outcome = run("lint", "--show-kept")
    assert outcome.status == 0
    loader, kept, *_ = [line for line in outcome.out.splitlines() if "LS300" in line]
    assert loader.startswith("data.py:8:16: LS300 kept `json.load()`: ")
    assert "is returned at line 8 (escapes)" in loader
    assert kept.startswith("kept.py:3:8: LS300 kept `load_rows()`: ")
    assert "(random-access)" in kept


def test_a_syntax_error_is_a_finding_and_the_others_go_on(run, project):
    project("broken", "filter")
    outcome = run("lint")
    assert outcome.status == 1
    assert outcome.out.startswith("broken.py:3:7: LS000 cannot be analysed: invalid syntax")
    assert "filter.py:3:23: LS101" in outcome.out


def test_a_folder_without_python_is_one_warning(run, project):
    folder = project() / "docs"
    folder.mkdir()
    outcome = run("lint", "docs")
    assert outcome.status == 0
    assert outcome.err == "warning: no Python files under docs\n"


def test_a_missing_path_is_one_line_and_the_others_are_linted(run, project):
    root = project("filter")
    (root / "dangling.py").symlink_to("gone.py")
    outcome = run("lint", "filter.py", "nope", "dangling.py")
    assert outcome.status == 2
    assert "filter.py:3:23: LS101" in outcome.out
    assert outcome.err.splitlines() == [
        "error: nope: no such file or folder",
        "error: dangling.py: a link to nothing",
    ]


def test_a_file_that_is_excluded_and_named_counts_unless_that_is_forced(run, project):
    project("filter")
    Path("pyproject.toml").write_text('[tool.loadstream]\nexclude = ["filter.py"]\n')
    assert run("lint", "filter.py").status == 1
    assert run("lint", "--force-exclude", "filter.py").status == 0
    Path("pyproject.toml").write_text(
        '[tool.loadstream]\nexclude = ["filter.py"]\nforce-exclude = true\n'
    )
    assert run("lint", "filter.py").status == 0


def test_a_script_without_a_suffix_is_linted_where_include_matches(run, project):
    root = project("filter")
    (root / "filter.py").rename(root / "tool")
    assert run("lint").status == 0
    Path("pyproject.toml").write_text('[tool.loadstream]\ninclude = ["tool"]\n')
    assert run("lint").out.startswith("tool:3:23: LS101")


def test_a_broken_configuration_is_one_line(run, project):
    project("filter")
    Path("pyproject.toml").write_text('[tool.loadstream]\nexlude = ["a"]\n')
    outcome = run("lint")
    assert outcome.status == 2
    assert 'did you mean "exclude"?' in outcome.error


def test_excluded_files_are_left_out_unless_they_are_named(run, project):
    project("filter")
    Path("pyproject.toml").write_text('[tool.loadstream]\nexclude = ["filter.py"]\n')
    assert run("lint").status == 0
    assert run("lint", "filter.py").status == 1


def test_json_has_exactly_the_promised_keys(run, project):
    project("filter", "kept", "broken")
    outcome = run("lint", "--format", "json")
    assert outcome.status == 1
    document = json.loads(outcome.out)
    assert list(document) == ["version", "files", "findings"]
    assert document["files"] == 4
    broken, found = document["findings"]
    assert found == {
        "path": "filter.py",
        "line": 3,
        "column": 23,
        "end_line": 3,
        "end_column": 34,
        "code": "LS101",
        "rule": "filter-collect",
        "message": "`load_rows()` is loaded whole, then filtered: use `stream_rows(filter_func=…)`",
        "loader": "data.load_rows",
        "stream": "data.stream_rows",
        "fix": "safe",
        "reasons": [],
    }
    assert (broken["code"], broken["fix"], broken["loader"]) == ("LS000", None, None)
    with_kept = json.loads(run("lint", "--format", "json", "--show-kept").out)["findings"]
    assert [finding["code"] for finding in with_kept] == ["LS000", "LS300", "LS101", "LS300"]


@pytest.mark.parametrize(
    ("output_format", "begins"), [("github", "::"), ("sarif", "{"), ("junit", "<")]
)
def test_other_formats_are_nothing_but_that_format(run, project, output_format, begins):
    project("filter")
    outcome = run("lint", "--format", output_format)
    assert outcome.status == 1
    assert outcome.out.startswith(begins)
    assert "Found" not in outcome.out


def test_the_concise_form_has_no_excerpt(run, project):
    project("filter")
    first, found, *_ = run("lint", "--format", "concise").out.splitlines()
    assert first.startswith("filter.py:3:23: LS101 [*] ")
    assert found.startswith("Found ")


def test_codes_can_be_selected_and_ignored(run, project):
    project("filter")
    assert run("lint", "--select", "LS102").status == 0
    assert run("lint", "--select", "LS1").status == 1
    assert run("lint", "--ignore", "filter-collect").status == 0


def test_an_unknown_code_is_refused(run, project):
    project("filter")
    outcome = run("lint", "--select", "LS10l")
    assert outcome.status == 2
    assert 'did you mean "LS10' in outcome.error


def test_statistics_replace_the_list(run, project):
    project("filter", "kept")
    outcome = run("lint", "--statistics")
    assert outcome.status == 1
    assert "1  LS101  filter-collect" in outcome.out
    assert "1  kept for  random-access" in outcome.out
    assert "filter.py" not in outcome.out


def test_statistics_say_how_much_streams_already_and_how_much_could(run, project):
    project(
        "filter", "kept", "unsafe", streams="from data import stream_rows\nprint(*stream_rows())\n"
    )
    share = [line for line in run("lint", "--statistics").out.splitlines() if " places " in line]
    assert share == [
        "Of 6 places where data is read: 33% stream already (2), 17% could (1), "
        "17% could, unsafe (1), 33% are kept (2)."
    ]


def test_statistics_in_json_are_beside_the_findings(run, project):
    project("filter")
    document = json.loads(run("lint", "--statistics", "--format", "json").out)
    assert [finding["code"] for finding in document["findings"]] == ["LS101"]
    assert document["statistics"]["codes"]["LS101"]["safe"] == 1
    assert document["statistics"]["places"] == {
        "streaming": 1,
        "safe": 1,
        "unsafe": 0,
        "kept": 1,
    }


def test_statistics_have_no_other_format(run, project):
    project()
    assert "--statistics" in run("lint", "--statistics", "--format", "sarif").error


def test_stdin_counts_as_the_file_that_it_is_said_to_be(run, project):
    project("filter")
    text = Path("filter.py").read_text()
    Path("filter.py").unlink()
    outcome = run("lint", "-", "--stdin-filename", "filter.py", stdin=text)
    assert outcome.status == 1
    assert outcome.out.startswith("filter.py:3:23: LS101")


def test_stdin_stands_alone(run, project):
    project("filter")
    assert "stands alone" in run("lint", "-", "filter.py", stdin="").error
    assert "--stdin-filename" in run("lint", "--stdin-filename", "x.py").error


def test_only_changed_files_are_looked_at(run, project, git):
    project("filter", "kept")
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "all")
    assert run("lint", "--changed").out == "No load sites in 0 files.\n"
    project(new="from data import load_rows\n\nprint(len(load_rows()))\n")
    outcome = run("lint", "--changed", "HEAD")
    assert outcome.status == 1
    assert "new.py:3:11: LS106" in outcome.out
    assert "filter.py" not in outcome.out


def test_changed_needs_a_revision_that_git_knows(run, project, git):
    project("filter")
    assert "not in a git repository" in run("lint", "--changed").error
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "all")
    assert 'no revision "mian"' in run("lint", "--changed=mian").error
    assert "--changed=HEAD filter.py" in run("lint", "--changed", "filter.py").error


def test_real_exit_codes_and_streams(spawn, project):
    project("filter")
    outcome = spawn("lint")
    assert (outcome.status, outcome.err) == (1, "")
    assert spawn("lint", "nope.py").error == "nope.py: no such file or folder"


def test_output_survives_a_terminal_that_cannot_show_it(spawn, project):
    project("filter")
    outcome = spawn("lint", "--show-kept", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert outcome.status == 1
    assert "LS101" in outcome.out
