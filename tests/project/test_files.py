import os
import sys
from pathlib import Path

import pytest

from loadstream.project import git as project_git
from loadstream.project.config import Configuration
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


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("nope.py", "no such file or folder"),
        ("dangling.py", "a link to nothing"),
        ("a.py/x", "Not a directory"),
        ("a\0b", "no file can be called so: there is a NUL in the name"),
        pytest.param(
            "pipe.py",
            "neither a file nor a folder",
            marks=pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes"),
        ),
    ],
)
def test_a_path_that_cannot_be_used_is_a_problem_and_the_others_are_found(tree, path, fault):
    root = tree("a.py", "pkg/b.py")
    (root / "dangling.py").symlink_to(root / "gone.py")
    if path == "pipe.py":
        os.mkfifo(root / path)
    found = find_files([path, "a.py", "pkg"], Configuration(root))
    assert [file.path.as_posix() for file in found.files] == ["a.py", "pkg/b.py"]
    assert found.problems == (f"{path}: {fault}",)
    assert found.empty_folders == ()


def test_a_folder_that_cannot_be_opened_is_a_problem(tree, monkeypatch):
    root = tree("a.py", "closed/b.py")
    scandir = os.scandir

    def refuse(path):
        if os.fspath(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = find_files(["."], Configuration(root))
    assert [file.path.name for file in found.files] == ["a.py"]
    assert found.problems == ("closed: Permission denied, so the files in it were not looked at",)


def test_a_folder_that_git_cannot_open_is_a_problem(tree, git, monkeypatch):
    root = tree("a.py", "closed/b.py")
    git("init", "-q")
    listing = project_git.Listing(("a.py",), ("closed",))
    monkeypatch.setattr(project_git, "files_of_folder", lambda _folder: listing)
    found = find_files(["."], Configuration(root))
    assert found.problems == ("closed: git cannot open it, so the files in it were not looked at",)


def test_where_git_says_no_the_folder_is_walked_and_that_is_said(tree, git, monkeypatch):
    root = tree("a.py", "ignored.py")
    (root / ".gitignore").write_text("ignored.py\n")
    git("init", "-q")
    monkeypatch.setenv("PATH", "")
    found = find_files(["."], Configuration(root))
    assert [file.path.name for file in found.files] == ["a.py", "ignored.py"]
    (doubt,) = found.doubts
    assert doubt.startswith(".: what is ignored there is not known: git was not found")


def test_ignored_files_stay_out_wherever_they_are_ignored(tree, git, monkeypatch):
    root = tree("a.py", "one.py", "sub/two.py", "sub/two/two.py", "three.py", "four.py")
    git("init", "-q")
    (root / ".gitignore").write_text("/one.py\n")
    (root / "sub/.gitignore").write_text("two*\n!two/\n")
    (root / ".git/info/exclude").write_text("three.py\n")
    (root / "everywhere").write_text("four.py\n")
    (root / "home").mkdir()
    (root / "home/.gitconfig").write_text(f"[core]\n\texcludesFile = {root}/everywhere\n")
    monkeypatch.setenv("HOME", str(root / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    assert names() == ["a.py"]
    assert names("one.py", "sub/two.py", "three.py", "four.py") == [
        "four.py",
        "one.py",
        "sub/two.py",
        "three.py",
    ]


def test_an_ignored_file_that_is_tracked_counts(tree, git):
    root = tree("a.py")
    git("init", "-q")
    git("add", "a.py")
    (root / ".gitignore").write_text("a.py\n")
    assert names() == ["a.py"]


def test_include_adds_files_without_a_suffix_and_exclude_wins(tree, git):
    root = tree("a.py", "bin/tool", "bin/old", "bin/readme.txt", "ignored", "b.pyi", "scripts/x.in")
    (root / ".gitignore").write_text("ignored\n")
    include = ("bin/*", "ignored", "*.in")
    exclude = ("*.txt", "old")
    for _ in range(2):
        found = find_files(["."], Configuration(root, include=include, exclude=exclude))
        walked = [file.path.as_posix() for file in found.files]
        assert [name for name in walked if name != "ignored"] == [
            "a.py",
            "bin/tool",
            "scripts/x.in",
        ]
        git("init", "-q")
    assert "ignored" not in walked


def test_include_is_relative_to_the_configuration(tree, monkeypatch):
    root = tree("bin/tool", "other/bin/tool")
    monkeypatch.chdir(root / "bin")
    found = find_files(["..", "."], Configuration(root, include=("/bin/*",)))
    assert [file.path.as_posix() for file in found.files] == ["tool"]


def test_force_exclude_holds_for_named_files_too(tree):
    root = tree("a.py", "vendor/b.py", "vendor/deep/c.py")
    configuration = Configuration(root, exclude=("vendor/",), force_exclude=True)
    found = find_files(["a.py", "vendor/b.py", "vendor/deep", "nope.py"], configuration)
    assert [file.path.as_posix() for file in found.files] == ["a.py"]
    assert found.problems == ("nope.py: no such file or folder",)


def test_a_submodule_is_entered_and_one_that_is_not_there_yet_is_passed_over(
    tree, git, tmp_path_factory
):
    library = tmp_path_factory.mktemp("library")
    (library / "b.py").write_text("")
    git("init", "-q", str(library))
    git("-C", str(library), "add", ".")
    git("-C", str(library), "commit", "-q", "-m", "first")
    tree("a.py")
    git("init", "-q")
    for name in ("lib", "lib.py"):
        git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(library), name)
    assert names() == ["a.py", "lib.py/b.py", "lib/b.py"]
    git("submodule", "deinit", "-q", "-f", "lib")
    assert names() == ["a.py", "lib.py/b.py"]
    assert names("lib.py") == ["lib.py/b.py"]


def test_a_repository_below_a_folder_that_is_none_says_what_it_ignores(tree, git):
    root = tree("a.py", "inner/b.py", "inner/ignored.py", "inner/.gitignore")
    (root / "inner/.gitignore").write_text("ignored.py\n")
    git("init", "-q", "inner")
    assert names() == ["a.py", "inner/b.py"]


def test_a_folder_that_a_link_has_replaced_is_not_followed(tree, git, tmp_path_factory):
    root = tree("a.py", "pkg/b.py")
    git("init", "-q")
    git("add", ".")
    outside = tmp_path_factory.mktemp("outside")
    (root / "pkg").rename(outside / "pkg")
    (root / "pkg").symlink_to(outside / "pkg")
    assert names() == ["a.py"]


def test_a_second_working_tree_is_listed_as_the_first(tree, git, tmp_path_factory, monkeypatch):
    root = tree("a.py")
    (root / ".gitignore").write_text("ignored.py\n")
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    second = tmp_path_factory.mktemp("trees") / "second"
    git("worktree", "add", "-q", str(second))
    (second / "ignored.py").write_text("")
    (second / "new.py").write_text("")
    monkeypatch.chdir(second)
    assert names() == ["a.py", "new.py"]


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="names are text there")
@pytest.mark.parametrize("in_git", [True, False])
def test_a_name_that_is_no_text_is_found(tree, git, in_git):
    root = tree("a.py")
    (root / os.fsdecode(b"caf\xe9.py")).write_text("")
    if in_git:
        git("init", "-q")
    assert [os.fsencode(name) for name in names()] == [b"a.py", b"caf\xe9.py"]


def test_only_changed_files_are_taken(tree):
    root = tree("a.py", "b.py", "c.py")
    found = find_changed(["."], Configuration(root), [root / "b.py", root / "elsewhere.py"])
    assert [file.path.name for file in found.files] == ["b.py"]
