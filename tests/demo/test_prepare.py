import subprocess
from pathlib import Path

import pytest

from loadstream.demo.prepare import changed_files, commit_all, copy_sample, new_folder
from loadstream.demo.sample import sample_repository
from loadstream.project.errors import InputError


def test_a_temporary_folder_is_made_where_none_is_named():
    folder = new_folder(None)
    assert list(folder.iterdir()) == []
    folder.rmdir()


def test_a_named_folder_is_made_with_those_above_it(tmp_path):
    assert new_folder(tmp_path / "a" / "b").is_dir()


def test_an_empty_folder_will_do(tmp_path):
    assert new_folder(tmp_path) == tmp_path.resolve()


def test_a_folder_with_something_in_it_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("")
    with pytest.raises(InputError, match="is not empty"):
        new_folder(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is a file"):
        new_folder(tmp_path / "file")
    with pytest.raises(InputError):
        new_folder(tmp_path / "file" / "below")


def test_the_sample_is_copied_without_what_was_generated_in_it(tmp_path):
    count = copy_sample(tmp_path)
    assert count > 20
    assert (tmp_path / "common" / "data_repository.py").is_file()
    assert (tmp_path / "registry" / "agents.json").is_file()
    assert not (tmp_path / "data").exists()
    assert not list(tmp_path.rglob("__pycache__"))


def test_the_sample_itself_is_never_worked_in(tmp_path):
    copy_sample(tmp_path)
    assert sample_repository() not in (tmp_path, *tmp_path.parents)


def test_the_copy_is_committed_whatever_git_is_configured_to(tmp_path, monkeypatch):
    home = tmp_path / "home"
    hooks = home / "hooks"
    hooks.mkdir(parents=True)
    (hooks / "pre-commit").write_text("#!/bin/sh\nexit 1\n")
    (hooks / "pre-commit").chmod(0o755)
    (home / ".gitconfig").write_text(
        f"[commit]\n\tgpgsign = true\n"
        f"[core]\n\thooksPath = {hooks}\n\texcludesFile = {home}/ignore\n"
    )
    (home / "ignore").write_text("*.py\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    folder = tmp_path / "copy"
    folder.mkdir()
    (folder / "a.py").write_text("")
    commit_all(folder)
    monkeypatch.delenv("GIT_DIR")
    listed = subprocess.run(
        ["git", "ls-tree", "--name-only", "HEAD"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert listed.stdout.split() == ["a.py"]
    (folder / "a.py").write_text("x = 1\n")
    assert changed_files(folder) == ["a.py"]


def test_without_git_it_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="the demo needs git"):
        commit_all(tmp_path)


def test_the_sample_is_found_in_a_checkout():
    assert Path(sample_repository(), "generate_data.py").is_file()


def test_the_sample_is_found_in_an_installed_package(tmp_path, monkeypatch):
    from loadstream.demo import sample

    inside = tmp_path / "fixtures" / "session_logs"
    inside.mkdir(parents=True)
    (inside / "generate_data.py").write_text("")
    monkeypatch.setattr(sample, "_PLACES", (tmp_path / "nope", inside))
    assert sample_repository() == inside


def test_a_missing_sample_is_said(tmp_path, monkeypatch):
    from loadstream.demo import sample

    monkeypatch.setattr(sample, "_PLACES", (tmp_path,))
    with pytest.raises(InputError, match="reinstall"):
        sample_repository()
