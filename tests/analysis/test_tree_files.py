"""The files of a repository that the analysis reads."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from loadstream.analysis.repository import Repository
from loadstream.analysis.tree_files import source_files


def make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")


def found(root: Path) -> list[str]:
    return [Path(entry.path).relative_to(root).as_posix() for entry in source_files(root)]


def test_python_files_and_notebooks_are_found_in_a_stable_order(tmp_path):
    make(tmp_path, "b.py", "a.py", "c.ipynb", "pkg/z.py", "pkg/a.py", "x.txt", "x.pyi")
    assert found(tmp_path) == ["a.py", "b.py", "c.ipynb", "pkg/a.py", "pkg/z.py"]


def test_hidden_and_foreign_folders_are_left_out(tmp_path):
    make(tmp_path, "a.py", ".venv/b.py", "site-packages/c.py", "node_modules/d.py")
    assert found(tmp_path) == ["a.py"]


def test_links_to_folders_are_told_and_not_followed(tmp_path):
    make(tmp_path, "pkg/a.py")
    (tmp_path / "linked").symlink_to(tmp_path / "pkg")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert found(tmp_path) == ["linked", "loop", "pkg/a.py"]
    assert [path.name for path in Repository(tmp_path).texts] == ["a.py"]


def test_in_a_folder_that_is_no_project_the_projects_below_are_left_out(tmp_path):
    make(tmp_path, "a.py", "tools/b.py", "other/setup.py", "other/c.py", "deep/er/pyproject.toml")
    make(tmp_path, "deep/er/d.py")
    assert found(tmp_path) == ["a.py", "tools/b.py"]
    make(tmp_path, "pyproject.toml")
    assert found(tmp_path) == ["a.py", "deep/er/d.py", "other/c.py", "other/setup.py", "tools/b.py"]


def test_a_link_to_itself_and_names_that_are_no_utf_8_are_no_obstacle(tmp_path):
    make(tmp_path, "pkg/a.py", "b.py")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "loop.py").symlink_to("loop.py")
    bad = os.fsdecode(b"caf\xe9.py")
    (tmp_path / bad).write_text("from pkg import *\nimport json\nx = json.load(open('a'))\n")
    repository = Repository(tmp_path)
    assert sorted(path.name for path in repository.texts) == ["a.py", "b.py", bad]
    assert repository.takes_from(tmp_path / bad, "json") is False
    assert repository.patches(tmp_path / bad, "json") is False
    assert repository.importers_mention(tmp_path / bad, "x") is False


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    make(tmp_path, "a.py")
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "to_pipe.py").symlink_to(tmp_path / "pipe.py")
    assert found(tmp_path) == ["a.py", "to_pipe.py"]
    assert [path.name for path in Repository(tmp_path).texts] == ["a.py"]
