import os
import sys
from pathlib import Path

import pytest

from loadstream.project import git as project_git
from loadstream.project.git import GitError


@pytest.fixture
def repository(tree, git):
    root = tree("a.py", "b.py", "sub/c.py")
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    return root


def test_what_changed_is_edited_staged_and_new_but_not_deleted(repository, git):
    Path("a.py").write_text("edited")
    Path("sub/c.py").write_text("staged")
    git("add", "sub/c.py")
    Path("new.py").write_text("")
    Path("b.py").unlink()
    changed = project_git.files_changed_since(repository / "sub", "HEAD")
    assert [path.relative_to(repository.resolve()).as_posix() for path in changed] == [
        "a.py",
        "new.py",
        "sub/c.py",
    ]


def test_a_renamed_file_is_there_under_its_new_name(repository, git):
    git("mv", "sub/c.py", "sub/été d.py")
    changed = project_git.files_changed_since(repository / "sub", "HEAD")
    assert [path.name for path in changed] == ["été d.py"]


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="names are text there")
def test_a_file_whose_name_is_no_text_is_among_the_changed(repository):
    name = os.fsdecode(b"caf\xe9.py")
    (repository / name).write_text("")
    assert [p.name for p in project_git.files_changed_since(repository, "HEAD")] == [name]


def test_nothing_changed_is_an_empty_list(repository):
    assert project_git.files_changed_since(repository, "HEAD") == []


def test_an_unknown_revision_is_named(repository):
    with pytest.raises(GitError, match='no revision "mian"'):
        project_git.files_changed_since(repository, "mian")


def test_a_revision_that_looks_like_an_option_is_no_option(repository):
    with pytest.raises(GitError, match="no revision"):
        project_git.files_changed_since(repository, "--output=x")
    assert not Path("x").exists()


def test_outside_a_repository_it_says_so(tree):
    with pytest.raises(GitError, match="not in a git repository"):
        project_git.files_changed_since(tree(), "HEAD")


def test_old_text_comes_from_the_revision(repository):
    Path("a.py").write_text("new")
    assert project_git.text_at(repository, "HEAD", "a.py") == b""
    assert project_git.text_at(repository, "HEAD", "nope.py") is None


def test_without_git_files_are_not_listed(repository, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(GitError, match="git was not found"):
        project_git.files_of_folder(repository)
    with pytest.raises(GitError, match="git was not found"):
        project_git.top_folder(repository)
