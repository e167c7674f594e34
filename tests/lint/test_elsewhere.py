"""Judging by a cluster gives the findings that judging here gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadstream.analysis.settings import Settings
from loadstream.lint.run import lint_files
from loadstream.lint.selection import select
from loadstream.project.config import Configuration
from loadstream.project.files import find_files
from tests.machine.by_value import ByValue

SCRIPT = "import json\nfor x in json.load(open('a.json')):\n    print(x)\n"
PATCH = "import json\njson.load = lambda f: []\n"


def both(root: Path, settings: Settings | None = None):
    cluster = ByValue()
    files = find_files((".",), Configuration(root)).files
    here = lint_files(files, root, select((), ()), settings)
    there = lint_files(files, root, select((), ()), settings, cluster=cluster)
    return here, there, cluster


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").touch()
    for number in range(9):
        (tmp_path / f"script{number}.py").write_text(SCRIPT)
    return tmp_path


def test_the_findings_are_the_same_and_in_the_same_order(root):
    (root / "broken.py").write_text("import json\ndef (:\n  json.load(f)\n")
    here, there, cluster = both(root)
    assert here == there
    assert len(there.findings) == 10
    assert cluster.sent > 1


def test_what_another_file_does_is_known_there_too(root):
    (root / "tests.py").write_text(PATCH)
    here, there, _ = both(root)
    assert here == there
    of_scripts = [one for one in there.findings if one.path.startswith("script")]
    assert len(of_scripts) == 9
    assert all("patched" in one.reasons for one in of_scripts)


def test_where_data_is_measured_it_is_done_here(root):
    here, there, cluster = both(root, Settings(min_size=3))
    assert here == there
    assert not cluster.sent


def test_a_link_out_of_the_tree_is_followed_here(root, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "other.py"
    outside.write_text(SCRIPT)
    (root / "link.py").symlink_to(outside)
    here, there, cluster = both(root)
    assert here == there
    assert not cluster.sent
