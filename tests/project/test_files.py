import os
from pathlib import Path

import pytest

from loadstream.project.config import Configuration
from loadstream.project.errors import InputError
from loadstream.project.files import find_changed, find_files


def names(*paths: str, exclude: tuple[str, ...] = ()) -> list[str]:
    found = find_files(paths or (".",), Configuration(Path.cwd(), exclude=exclude))
    return [file.path.as_posix() for file in found.files]


def test_a_folder_gives_its_python_files_sorted(tree):
    tree("b.py", "a.py", "pkg/c.py", "notes.txt", "stub.pyi", "data.json")
    assert names() == ["a.py", "b.py", "pkg/c.py"]


def test_dot_folders_environments_and_caches_are_left_out(tree):
    tree(
        "a.py",
        ".hidden/x.py",
        "__pycache__/x.py",
        "node_modules/p/x.py",
        "env/pyvenv.cfg",
        "env/lib/x.py",
        "lib/site-packages/x.py",
    )
    assert names() == ["a.py"]


def test_in_a_repository_git_says_what_counts(tree, git):
    tree("tracked.py", "new.py", "ignored.py", "build/gen.py", ".ci/check.py")
    Path(".gitignore").write_text("ignored.py\nbuild/\n")
    git("init", "-q")
    git("add", "tracked.py", ".ci")
    assert names() == [".ci/check.py", "new.py", "tracked.py"]


def test_an_environment_that_nobody_ignores_is_left_out_of_a_repository_too(tree, git):
    tree("a.py", "env/pyvenv.cfg", "env/lib/deep/x.py", "site-packages/x.py")
    git("init", "-q")
    assert names() == ["a.py"]


def test_a_tracked_file_that_was_deleted_is_not_found(tree, git):
    tree("a.py", "gone.py")
    git("init", "-q")
    git("add", ".")
    Path("gone.py").unlink()
    assert names() == ["a.py"]


def test_a_folder_inside_a_repository_is_listed_from_there(tree, git):
    tree("a.py", "sub/b.py", "sub/deep/c.py")
    git("init", "-q")
    assert names("sub") == ["sub/b.py", "sub/deep/c.py"]


def test_a_repository_inside_a_repository_is_entered(tree, git):
    tree("a.py", "inner/b.py")
    git("init", "-q", "inner")
    git("init", "-q")
    assert names() == ["a.py", "inner/b.py"]


def test_the_environment_of_a_git_hook_does_not_mislead(tree, git, monkeypatch):
    tree("a.py")
    git("init", "-q")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    assert names() == ["a.py"]


def test_exclude_is_relative_to_the_configuration(tree, monkeypatch):
    root = tree("pkg/a.py", "pkg/vendor/b.py", "vendor/c.py")
    monkeypatch.chdir(root / "pkg")
    found = find_files([".", "../vendor"], Configuration(root, exclude=("/pkg/vendor",)))
    assert [file.path.as_posix() for file in found.files] == ["../vendor/c.py", "a.py"]


def test_a_named_file_always_counts(tree):
    tree("vendor/a.py", "script", ".hidden/b.py")
    assert names("vendor/a.py", "script", ".hidden/b.py", exclude=("vendor/",)) == [
        ".hidden/b.py",
        "script",
        "vendor/a.py",
    ]


def test_a_file_that_is_named_and_found_counts_once_as_named(tree):
    tree("pkg/a.py", "pkg/b.py")
    found = find_files(["pkg", "pkg/a.py", "./pkg/../pkg/a.py"], Configuration(Path.cwd()))
    assert [(f.path.as_posix(), f.named) for f in found.files] == [
        ("pkg/a.py", True),
        ("pkg/b.py", False),
    ]


def test_links_met_on_the_way_are_not_followed(tree, tmp_path_factory):
    root = tree("a.py")
    outside = tmp_path_factory.mktemp("outside")
    (outside / "x.py").write_text("")
    (root / "folder").symlink_to(outside)
    (root / "file.py").symlink_to(outside / "x.py")
    (root / "loop").symlink_to(root)
    assert names() == ["a.py"]
    assert names("file.py") == ["file.py"]


def test_links_in_a_repository_are_not_followed_either(tree, git):
    root = tree("a.py")
    (root / "loop").symlink_to(root)
    (root / "b.py").symlink_to(root / "a.py")
    git("init", "-q")
    assert names() == ["a.py"]


def test_names_with_spaces_newlines_and_other_scripts_are_found(tree, git):
    tree("with space.py", "new\nline.py", "été.py")
    git("init", "-q")
    assert names() == ["new\nline.py", "with space.py", "été.py"]


def test_paths_are_shown_relative_to_the_working_directory(tree, monkeypatch):
    root = tree("pkg/a.py", "other/b.py")
    monkeypatch.chdir(root / "pkg")
    assert names(str(root)) == ["../other/b.py", "a.py"]


def test_a_folder_without_python_is_named(tree):
    root = tree("docs/readme.md", "a.py")
    found = find_files([str(root / "docs"), "a.py"], Configuration(root))
    assert found.empty_folders == ("docs",)
    assert len(found.files) == 1


def test_a_missing_path_is_refused(tree):
    tree()
    with pytest.raises(InputError, match=r"^nope\.py: no such file or folder$"):
        names("nope.py")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_refused_instead_of_waited_for(tree):
    root = tree()
    os.mkfifo(root / "pipe.py")
    with pytest.raises(InputError, match="neither a file nor a folder"):
        names("pipe.py")


def test_only_changed_files_are_taken(tree):
    root = tree("a.py", "b.py", "c.py")
    found = find_changed(["."], Configuration(root), [root / "b.py", root / "elsewhere.py"])
    assert [file.path.name for file in found.files] == ["b.py"]
