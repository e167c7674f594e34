"""`# loadstream: keep` in every command that looks at sites."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

HEAD = "from data import load_rows, stream_rows\n\n"
SUPPRESSED = HEAD + "print(sum(load_rows()))  # loadstream: keep the list is cached below\n"
UNUSED = "print(1)  # loadstream: keep\n"
DEAR = HEAD + "print(list(stream_rows(filter_func=lambda r: f(r) and r['n'] > 3)))\n"


def findings(outcome) -> list[dict[str, object]]:
    return json.loads(outcome.out)["findings"]


def test_a_suppressed_load_is_kept_and_exits_with_0(run, project):
    project(script=SUPPRESSED)
    outcome = run("lint", "script.py")
    assert outcome.status == 0
    assert outcome.out.endswith("Kept for: suppressed 1.\n")
    shown = run("lint", "--show-kept", "script.py").out.splitlines()[0]
    assert shown == (
        "script.py:3:11: LS300 kept `load_rows()`: the comment at line 3 says so: the list is "
        "cached below (suppressed). loadstream explain suppressed"
    )
    (finding,) = findings(run("lint", "--show-kept", "--format", "json", "script.py"))
    assert (finding["code"], finding["reasons"]) == ("LS300", ["suppressed"])


@pytest.mark.parametrize("option", [[], ["--unsafe"], ["--select", "LS104"]])
def test_rewrite_leaves_it_and_says_why(run, project, option):
    project(script=SUPPRESSED)
    outcome = run("rewrite", "script.py", *option)
    assert outcome.status == 0
    assert Path("script.py").read_text() == SUPPRESSED
    assert "kept 1 site: suppressed 1" in outcome.out


def test_other_sites_of_the_file_are_rewritten_around_the_comment(run, project):
    project(script=SUPPRESSED + "print(len(load_rows()))\n")
    assert run("rewrite").status == 0
    text = Path("script.py").read_text()
    assert text == SUPPRESSED + "print(sum(1 for _ in stream_rows()))\n"
    assert run("rewrite", "--check").status == 0


def test_a_comment_that_keeps_nothing_is_found_in_a_file_without_loads(run, project):
    project(script=UNUSED)
    outcome = run("lint")
    assert outcome.status == 1
    assert outcome.out.startswith("script.py:1:11: LS901 the comment keeps nothing: no load")
    (finding,) = findings(run("lint", "--format", "json"))
    assert (finding["rule"], finding["fix"]) == ("unused-suppression", None)
    assert (finding["loader"], finding["stream"], finding["reasons"]) == (None, None, [])
    assert (finding["line"], finding["column"], finding["end_column"]) == (1, 11, 29)


@pytest.mark.parametrize("output", ["github", "sarif"])
def test_every_format_can_say_it(run, project, output):
    project(script=UNUSED)
    outcome = run("lint", "--format", output)
    assert outcome.status == 1
    assert "LS901" in outcome.out


def test_codes_that_are_not_asked_for_are_not_told(run, project):
    project(script=UNUSED, dear=DEAR)
    assert run("lint", "--ignore", "LS901,LS205").status == 0
    assert "LS901" not in run("lint", "--select", "LS205").out
    assert "LS205" not in run("lint", "--select", "unused-suppression").out


def test_a_misspelt_comment_names_the_nearest_word(run, project):
    project(script=SUPPRESSED.replace("keep", "kepp"))
    outcome = run("lint")
    assert outcome.status == 1
    assert 'LS901 `loadstream: kepp` means nothing; did you mean "keep"?' in outcome.out


def test_a_costly_condition_is_reported_beside_the_plan_and_never_edited(run, project):
    text = HEAD + "print([r for r in load_rows() if f(r) and r['n'] > 3])\n"
    project(script=text)
    found = findings(run("lint", "--format", "json", "script.py"))
    assert [(f["code"], f["fix"]) for f in found] == [("LS101", "safe"), ("LS205", None)]
    assert found[1]["message"] == "`f(r)` is called before the cheaper `r['n'] > 3` is compared"
    rewritten = run("rewrite")
    assert rewritten.status == 0
    assert "1 to mend by hand" in rewritten.out
    (left,) = findings(run("lint", "--format", "json", "script.py"))
    assert left["message"] == found[1]["message"]
    assert run("rewrite", "--check").status == 0


def test_statistics_count_the_calls_of_a_loader_once(run, project):
    project(script=HEAD + "print([r for r in load_rows() if f(r) and r['n'] > 3])\n")
    assert "1  calls of  data.load_rows" in run("lint", "--statistics").out


@pytest.mark.parametrize("topic", ["LS204", "LS205", "LS901", "suppressed", "costly-first"])
def test_each_has_its_page(run, topic):
    outcome = run("explain", topic)
    assert outcome.status == 0
    assert outcome.out.count("\n") > 4


LONE = """\
import json


def load_users():{}
    with open("users.json", encoding="utf-8") as handle:
        return json.load(handle)
"""
CALLER = "from lone import load_users\n\nprint(sum(user['n'] for user in load_users()))\n"


@pytest.mark.parametrize("said", ["keep", "keep[LS108]", "keep[LS104, LS108] small"])
def test_a_loader_can_be_kept_without_a_twin(run, project, said):
    project(lone=LONE.format(""), script=CALLER)
    assert "LS108" in run("lint", "lone.py").out
    project(lone=LONE.format(f"  # loadstream: {said}"))
    outcome = run("lint", "lone.py")
    assert outcome.status == 0
    assert "suppressed 1" in outcome.out
    assert run("rewrite").status == 0
    assert Path("lone.py").read_text() == LONE.format(f"  # loadstream: {said}")
    assert Path("script.py").read_text() == CALLER


def test_a_comment_above_a_decorator_is_about_the_loader_too(run, project):
    in_class = (
        "import json\n\n\nclass Users:\n{}    @staticmethod\n    def load_users():\n"
        "        with open('u.json') as handle:\n            return json.load(handle)\n\n\n"
        "print(sum(Users.load_users()))\n"
    )
    project(lone=in_class.format(""))
    assert "LS108" in run("lint", "lone.py").out
    project(lone=in_class.format("    # loadstream: keep[LS108]\n"))
    assert run("lint", "lone.py").status == 0


def test_add_keep_writes_a_comment_at_each_finding_and_lint_is_clean(run, project):
    root = project("filter", "unsafe", "kept", "plain", lone=LONE.format(""), script=CALLER)
    untouched = [(root / f"{name}.py").read_bytes() for name in ("kept", "plain", "script")]
    outcome = run("lint", "--add-keep")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out == "Kept 3 findings by comments in 3 files.\n"
    assert (
        'load_rows() if row["n"] > 3])  # loadstream: keep[LS101]' in Path("filter.py").read_text()
    )
    assert Path("lone.py").read_text() == LONE.format("  # loadstream: keep[LS108]")
    assert [(root / f"{n}.py").read_bytes() for n in ("kept", "plain", "script")] == untouched
    assert run("lint").status == 0
    texts = {path: path.read_bytes() for path in root.glob("*.py")}
    assert run("lint", "--add-keep").out == "Nothing to keep.\n"
    assert {path: path.read_bytes() for path in root.glob("*.py")} == texts
    left = [path.suffix for path in (root / ".loadstream_cache").iterdir()]
    assert ".tmp" not in left


def test_add_keep_tells_what_no_comment_keeps(run, project):
    project("filter", "broken", script=UNUSED)
    outcome = run("lint", "--add-keep")
    assert outcome.status == 2
    assert outcome.error == "broken.py:3:7: invalid syntax"
    assert outcome.out.splitlines()[0].startswith("script.py:1:11: LS901 the comment keeps")
    assert outcome.out.endswith("in 1 file; 1 left that no comment keeps.\n")
    assert run("lint", "--add-keep", "script.py").status == 1


def test_add_keep_leaves_a_file_that_is_read_only(run, project):
    root = project("filter")
    (root / "filter.py").chmod(0o444)
    outcome = run("lint", "--add-keep")
    assert outcome.status == 2
    assert outcome.error == "filter.py: not written: read-only: make it writable, then run again"
    assert outcome.out == "Nothing was kept.\n"


def test_add_keep_minds_the_codes_that_count(run, project):
    project("filter")
    Path("pyproject.toml").write_text('[tool.loadstream]\nignore = ["LS101"]\n')
    assert run("lint", "--add-keep").out == "Nothing to keep.\n"
    assert run("lint", "--add-keep", "--select", "LS104").out == "Nothing to keep.\n"


@pytest.mark.parametrize("option", [["-"], ["--statistics"], ["--format", "json"]])
def test_add_keep_edits_files_and_prints_no_findings(run, project, option):
    project("filter")
    outcome = run("lint", "--add-keep", *option, stdin="")
    assert outcome.status == 2
    assert "--add-keep edits files" in outcome.error


def test_a_caller_that_is_kept_asks_for_no_twin(run, project):
    kept = CALLER.replace("()))\n", "()))  # loadstream: keep\n")
    project(lone=LONE.format(""), script=kept)
    assert run("lint").status == 0
    assert run("rewrite").status == 0
    assert Path("script.py").read_text() == kept
