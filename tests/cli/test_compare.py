import json

import pytest

OLD = """\
import json


def names():
    with open("rows.json", encoding="utf-8") as handle:
        return [row["name"] for row in json.load(handle) if row["n"] > 3]
"""
QUICK = ("--cases", "4", "--runs", "0", "--no-tracemalloc")


@pytest.fixture
def data(project):
    root = project(
        old=OLD,
        same=OLD.replace("[row[", "[item[")
        .replace("for row", "for item")
        .replace("if row", "if item"),
    )
    (root / "other.py").write_text(OLD.replace("> 3", ">= 3"))
    rows = [{"n": n, "name": f"row {n}"} for n in range(8)]
    (root / "rows.json").write_text(json.dumps(rows))
    return root


def test_two_functions_that_agree_exit_with_0(run, data):
    outcome = run("compare", "old.py:names", "same.py:names", *QUICK)
    assert outcome.status == 0, outcome
    assert "equal" in outcome.out


def test_two_functions_that_differ_exit_with_1(run, data):
    outcome = run("compare", "old.py:names", "other.py:names", *QUICK)
    assert outcome.status == 1
    assert "different" in outcome.out


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("nope.py", "old.py", "nope.py"),
        ("old.py:nope", "same.py:names", "nope"),
        ("old.py", "same.py:names", "function"),
    ],
)
def test_what_cannot_be_compared_is_one_line(run, data, old, new, words):
    outcome = run("compare", old, new)
    assert outcome.status == 2
    assert words in outcome.error


def test_a_missing_argument_is_one_line(run, data):
    outcome = run("compare", "old.py:names")
    assert outcome.status == 2
    assert "NEW" in outcome.error
