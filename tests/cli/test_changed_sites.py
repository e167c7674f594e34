from pathlib import Path

import pytest

from loadstream.cli.changed_sites import changed_sites
from loadstream.project.git import GitError

TWO = """\
from data import load_rows

print([row for row in load_rows() if row["n"] > 3])


def count():
    rows = load_rows()
    return len(rows)
"""


@pytest.fixture
def committed(project, git):
    root = project(two=TWO)
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "all")
    return root


def test_nothing_changed_has_no_site(committed):
    assert changed_sites(committed, "HEAD") == {}


def test_each_rewritten_site_has_its_place_rule_and_lines(run, committed):
    run("rewrite")
    sites = changed_sites(committed, "HEAD")["two.py"]
    assert [(site.line, site.code) for site in sites] == [(3, "LS101"), (7, "LS106")]
    assert "-    rows = load_rows()" in sites[1].diff
    assert "load_rows() if row" not in sites[1].diff or sites[0].diff == sites[1].diff


def test_a_site_whose_lines_are_as_before_is_not_among_them(run, committed):
    run("rewrite", "--select", "LS106")
    (site,) = changed_sites(committed, "HEAD")["two.py"]
    assert (site.line, site.code) == (7, "LS106")


def test_an_edit_elsewhere_in_the_file_counts_for_nothing(committed):
    Path("two.py").write_text(f"{TWO}\n\nprint('more')\n")
    assert changed_sites(committed, "HEAD") == {}


def test_what_is_only_reported_counts_for_nothing(run, committed, git):
    Path("two.py").write_text(TWO.replace('if row["n"] > 3', 'if f(row) and row["n"] > 3'))
    git("commit", "-qam", "more")
    run("rewrite")
    sites = changed_sites(committed, "HEAD")["two.py"]
    assert [(site.line, site.code) for site in sites] == [(3, "LS101"), (7, "LS106")]


OWN_LOADER = """\
import json


def load_names():
    with open("names.json", encoding="utf-8") as handle:
        return json.load(handle)["names"]
"""


def test_a_loader_that_was_given_a_twin_is_among_them_and_so_is_its_caller(project, run, git):
    root = project(
        names=OWN_LOADER, caller="from names import load_names\nprint(len(load_names()))\n"
    )
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "all")
    run("rewrite")
    sites = changed_sites(root, "HEAD")
    assert {path: [(s.line, s.code) for s in found] for path, found in sites.items()} == {
        "names.py": [(4, "LS108")],
        "caller.py": [(2, "LS106")],
    }
    assert "+def stream_names(" in sites["names.py"][0].diff


def test_plain_loads_are_among_them(project, run, git):
    texts = {
        "moved": 'import json\nwith open("a.json") as f:\n    data = json.load(f)\n'
        'for row in data["rows"]:\n    print(row)\n',
        "pairs": "import json\nfrom pathlib import Path\n"
        'rows = json.loads(Path("a.json").read_text())\nfor key, row in rows.items():\n'
        "    print(key, row)\n",
    }
    root = project(**texts)
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "all")
    run("rewrite")
    sites = changed_sites(root, "HEAD")
    assert {path: [(s.line, s.code) for s in found] for path, found in sites.items()} == {
        "moved.py": [(3, "LS104")],
        "pairs.py": [(3, "LS107")],
    }


def test_new_broken_and_other_files_are_passed_over(committed):
    Path("new.py").write_text(TWO)
    Path("two.py").write_text("def f(:\n")
    Path("notes.txt").write_text("x")
    changed_sites(committed, "HEAD")


def test_a_repository_that_is_a_folder_of_another_names_paths_from_itself(run, committed, git):
    Path("sub").mkdir()
    for name in ("data.py", "two.py"):
        Path(name).rename(Path("sub", name))
    git("add", ".")
    git("commit", "-q", "-m", "sub")
    run("rewrite", "sub")
    assert list(changed_sites(committed / "sub", "HEAD")) == ["two.py"]


def test_outside_of_git_it_says_so(project):
    with pytest.raises(GitError):
        changed_sites(project(), "HEAD")


def test_an_edit_of_a_site_that_is_no_rewrite_of_ours_counts_for_nothing(committed):
    Path("two.py").write_text(TWO.replace("len(rows)", "len(list(rows))"))
    assert changed_sites(committed, "HEAD") == {}


def test_a_rewrite_that_was_changed_afterwards_is_not_ours_any_more(run, committed):
    run("rewrite")
    text = Path("two.py").read_text()
    Path("two.py").write_text(text.replace("> 3", ">= 3"))
    (site,) = changed_sites(committed, "HEAD")["two.py"]
    assert site.code == "LS106"


def test_formatting_afterwards_keeps_it_a_rewrite(run, committed):
    run("rewrite")
    text = Path("two.py").read_text()
    Path("two.py").write_text(text.replace("sum(", "sum(\n        "))
    assert [site.code for site in changed_sites(committed, "HEAD")["two.py"]] == ["LS101", "LS106"]


def test_a_site_knows_the_lines_that_it_has_become(run, committed):
    run("rewrite")
    text = Path("two.py").read_text().splitlines()
    first, second = changed_sites(committed, "HEAD")["two.py"]
    assert [text[line - 1] for line in first.new_lines] == [
        'print(list(stream_rows(filter_func=lambda row: row["n"] > 3)))'
    ]
    assert [text[line - 1] for line in second.new_lines] == [
        "    return sum(1 for _ in stream_rows())"
    ]
