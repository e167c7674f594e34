"""How lint says what it found: colours, silence, details, fixes."""

import json
import re
import sys
from pathlib import Path

import pytest

from loadstream.cli import colour
from loadstream.cli import progress as progress_module
from loadstream.cli.lint_output import Output

PLAIN = re.compile(r"\x1b\[[\d;]*m")


class Stream:
    def __init__(self, terminal):
        self.terminal = terminal
        self.text = ""

    def isatty(self):
        return self.terminal

    def write(self, text):
        self.text += text

    def flush(self):
        pass


@pytest.mark.parametrize(
    ("choice", "environment", "terminal", "wanted"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"NO_COLOR": "0"}, True, False),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": ""}, False, False),
        ("auto", {"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
        ("always", {"NO_COLOR": "1", "TERM": "dumb"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_who_decides_about_colours(monkeypatch, choice, environment, terminal, wanted):
    monkeypatch.delenv("TERM", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert colour.wants_colour(choice, Stream(terminal)) is wanted


def test_what_is_not_for_a_terminal_has_no_colours(run, project):
    project("filter")
    assert "\x1b" not in run("lint").out


def test_colours_can_be_asked_for(run, project, monkeypatch):
    project("filter")
    plain = run("lint").out
    for coloured in (run("lint", "--color", "always").out, forced(run, monkeypatch)):
        assert "\x1b[1;31mLS101\x1b[0m" in coloured
        assert PLAIN.sub("", coloured) == plain


def forced(run, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    return run("lint").out


@pytest.mark.parametrize("output_format", ["json", "sarif", "junit", "github"])
def test_formats_of_programs_never_have_colours(run, project, output_format):
    project("filter")
    assert "\x1b" not in run("lint", "--color", "always", "--format", output_format).out


def test_quiet_leaves_the_exit_status_and_errors(run, project):
    folder = project("filter")
    (folder / "docs").mkdir()
    outcome = run("lint", "-q", "filter.py", "docs")
    assert (outcome.status, outcome.out, outcome.err) == (1, "", "")
    assert run("lint", "-q", "data.py").status == 0
    assert run("lint", "-q", "nope.py").error == "nope.py: no such file or folder"


def test_quiet_and_verbose_contradict_each_other(run, project):
    project()
    assert "contradict" in run("lint", "-q", "-v").error


def test_verbose_says_what_is_judged_what_is_not_and_why(run, project):
    folder = project("filter", "plain")
    (folder / "pyproject.toml").write_text("[tool.loadstream]\n")
    outcome = run("lint", "--verbose")
    first, *files, last = outcome.err.splitlines()
    assert first == f"configuration: pyproject.toml; imports are followed inside {folder}"
    assert files == [
        "data.py: judged",
        "filter.py: judged",
        "plain.py: passed over: holds no loader's name and no JSON load",
    ]
    assert re.fullmatch(r"2 of 3 files judged in \d+\.\d\d s", last)
    assert outcome.out == run("lint").out


def test_fixes_are_shown_on_request(run, project):
    project("filter", "unsafe")
    assert "stream_rows(filter_func=lambda" not in run("lint").out
    lines = run("lint", "--show-fixes").out.splitlines()
    at = lines.index("  fix:")
    assert lines[at + 1 : at + 8] == [
        "  1 - from data import load_rows",
        "    + from data import stream_rows",
        "  2 |",
        '  3 - print([row for row in load_rows() if row["n"] > 3])',
        '    + print(list(stream_rows(filter_func=lambda row: row["n"] > 3)))',
        "  4 |",
        "",
    ]
    assert "  fix (with --unsafe):" in lines


def test_fixes_are_shown_of_a_text_on_stdin(run, project):
    project("filter")
    text = Path("filter.py").read_text().replace("> 3", "> 7")
    out = run("lint", "-", "--stdin-filename", "filter.py", "--show-fixes", stdin=text).out
    assert 'lambda row: row["n"] > 7' in out


def test_fixes_are_shown_in_text_only(run, project):
    project()
    assert "--show-fixes" in run("lint", "--show-fixes", "--format", "json").error


def test_without_libcst_findings_are_without_fixes(run, project, monkeypatch):
    project("filter")
    monkeypatch.setattr("loadstream.lint.fixes.can_fix", lambda: False)
    outcome = run("lint", "--show-fixes")
    assert outcome.status == 1
    assert "  fix:" not in outcome.out
    assert outcome.err.startswith("warning: ")
    assert "pip install 'loadstream[rewrite]'" in outcome.err
    [result] = json.loads(run("lint", "--format", "sarif").out)["runs"][0]["results"]
    assert "fixes" not in result


@pytest.mark.parametrize(("head", "end"), [(b"", b"\n"), (b"", b"\r\n"), (b"\xef\xbb\xbf", b"\n")])
def test_a_fix_in_sarif_is_what_rewrite_makes(run, project, head, end):
    project("filter")
    file = Path("filter.py")
    text = file.read_bytes().replace(b"print(", "print('é', ".encode()).replace(b"\n", end)
    file.write_bytes(head + text)
    [result] = json.loads(run("lint", "--format", "sarif").out)["runs"][0]["results"]
    [change] = result["fixes"][0]["artifactChanges"]
    text = file.read_bytes().removeprefix(head).decode()
    for replacement in reversed(change["replacements"]):
        region = replacement["deletedRegion"]
        start = offset(text, region["startLine"], region["startColumn"])
        stop = offset(text, region["endLine"], region["endColumn"])
        text = text[:start] + replacement["insertedContent"]["text"] + text[stop:]
    assert run("rewrite").status == 0
    assert file.read_bytes() == head + text.encode()


def offset(text, line, column):
    return sum(map(len, text.splitlines(keepends=True)[: line - 1])) + column - 1


def test_progress_says_how_many_files_are_done(monkeypatch):
    terminal = Stream(True)
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress_module, "_QUIET_SECONDS", -1.0)
    with output().progress() as tell:
        tell(1, 2000)
        tell(2, 2000)
    assert "lint: 1 of 2,000 files" in terminal.text
    assert "lint: 2 of 2,000 files" in terminal.text


@pytest.mark.parametrize(("terminal", "quiet"), [(False, False), (True, True)])
def test_nobody_is_told_of_progress_who_did_not_ask(monkeypatch, terminal, quiet):
    monkeypatch.setattr(sys, "stderr", Stream(terminal))
    with output(quiet=quiet).progress() as tell:
        assert tell is None


def output(**given):
    said = dict.fromkeys(Output._fields, False)
    return Output(**{**said, "output_format": "text", "colours": "auto", **given})
