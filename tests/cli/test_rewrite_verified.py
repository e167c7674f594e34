"""`rewrite --verify` writes what was seen to be equal, and keeps the rest with what was seen."""

import json

import pytest

CHANCE = """\
import random

from data import load_rows

print(random.random())
print([row for row in load_rows() if row["n"] > 3])
"""
UNUSED = """\
from data import load_rows


def chosen(least):
    return [row for row in load_rows() if row["n"] > least]
"""


@pytest.fixture
def rows(tmp_path):
    (tmp_path / "rows.json").write_text(json.dumps([{"n": n} for n in range(8)]))


@pytest.mark.usefixtures("rows")
def test_what_is_equal_is_written_and_the_rest_is_kept_with_the_reason(run, project):
    folder = project("filter", chance=CHANCE, unused=UNUSED)
    done = run("rewrite", "--verify")
    assert done.status == 0
    assert "stream_rows(" in (folder / "filter.py").read_text()
    assert (folder / "chance.py").read_text() == CHANCE
    assert (folder / "unused.py").read_text() == UNUSED
    assert "rewrote filter.py: LS101 at line 3" in done.out
    assert "chance.py:6:" in done.out
    assert "not-comparable: chance.py: old disagrees with itself" in done.out
    assert "name a check" in done.out
    assert "not-verified 2" in done.out


@pytest.mark.usefixtures("rows")
def test_with_check_and_diff_nothing_is_written(run, project):
    folder = project("filter", chance=CHANCE)
    before = (folder / "filter.py").read_text()
    shown = run("rewrite", "--verify", "--diff")
    assert shown.status == 1
    assert "+++ b/filter.py" in shown.out
    assert "chance.py" not in shown.out
    assert (folder / "filter.py").read_text() == before


def test_without_its_data_nothing_can_be_shown(run, project):
    folder = project("filter")
    before = (folder / "filter.py").read_text()
    done = run("rewrite", "--verify")
    assert done.status == 0
    assert "data is missing" in done.out
    assert (folder / "filter.py").read_text() == before


@pytest.mark.usefixtures("rows")
def test_the_findings_as_json_have_the_reason(run, project):
    project(chance=CHANCE)
    found = json.loads(run("rewrite", "--verify", "--format", "json").out)["findings"]
    assert [one["reasons"] for one in found if one["path"] == "chance.py"] == [["not-verified"]]
