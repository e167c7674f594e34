"""`loadstream init`, from a repository to its pyproject.toml."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from loadstream.project.config import find_configuration

CALLER = "from data import load_rows\n\nprint(sum(load_rows()))\nprint(load_rows()[0])\n"


@pytest.fixture
def repository(project):
    """A pair with small data, a caller, and a vendored file."""
    root = project(caller=CALLER)
    (root / "rows.json").write_text("[1, 2, 3]")
    (root / "vendor").mkdir()
    (root / "vendor/theirs.py").write_text("print(1)\n")
    return root


def test_it_shows_what_is_there_and_writes_nothing_unless_told_to(run, repository):
    outcome = run("init")
    assert (outcome.status, outcome.err) == (0, "")
    assert ": 3 Python files, 2 JSON loads\n" in outcome.out
    assert "data.load_rows  streams with stream_rows()" in outcome.out
    assert "  9 B  rows.json  read by load_rows()\n" in outcome.out
    assert (
        "Proposed for pyproject.toml, which would be new:\n\n  [tool.loadstream]\n" in outcome.out
    )
    assert "Nothing was written: loadstream init --yes writes it.\n" in outcome.out
    assert outcome.out.endswith(
        "Next:\n"
        "  loadstream lint              the 1 of 2 loads that could stream\n"
        "  loadstream lint --show-kept  the others, each with its reason\n"
        "  loadstream rewrite --diff    what would change; nothing is written\n"
    )
    assert not (repository / "pyproject.toml").exists()


def test_with_yes_a_new_file_is_made_that_lint_understands(run, repository):
    outcome = run("init", "--yes")
    assert outcome.status == 0
    assert "Wrote pyproject.toml.\n" in outcome.out
    configuration = find_configuration(["."])
    assert configuration.exclude == ("vendor/",)
    assert [pair.data for pair in configuration.pairs] == ["rows.json"]
    assert "small-data 2" in run("lint").out
    assert sorted(path.name for path in repository.iterdir() if path.name.startswith(".")) == []


def test_every_other_byte_of_the_file_stays_and_a_second_run_adds_nothing(run, repository):
    old = b"# \xc3\xa9\r\n[project]\r\nname = 'x'   \r\n\r\n[tool.ruff]\r\nline-length=3"
    file = repository / "pyproject.toml"
    file.write_bytes(old)
    file.chmod(0o640)
    assert run("init", "--yes").status == 0
    new = file.read_bytes()
    assert new.startswith(old + b"\r\n\r\n[tool.loadstream]\r\n")
    assert b"\n" not in new.replace(b"\r\n", b"")
    assert file.stat().st_mode & 0o777 == 0o640
    outcome = run("init", "--yes")
    assert "has [tool.loadstream] already; it needs nothing else.\n\nNext:" in outcome.out
    assert file.read_bytes() == new


def test_what_an_existing_table_lacks_is_shown_and_not_written(run, repository):
    file = repository / "pyproject.toml"
    file.write_text('[tool.loadstream]\nexclude = ["old/"]\n')
    outcome = run("init", "--yes")
    assert outcome.status == 0
    assert (
        "pyproject.toml has [tool.loadstream] already; this could be changed by hand:\n\n"
        '  - exclude = ["old/"]\n  + exclude = ["old/", "vendor/"]  #'
    ) in outcome.out
    assert file.read_text() == '[tool.loadstream]\nexclude = ["old/"]\n'


def test_in_a_folder_below_it_is_about_the_whole_repository(run, repository, git, monkeypatch):
    git("init", "-q")
    monkeypatch.chdir(repository / "vendor")
    outcome = run("init", "--yes")
    assert "Wrote ../pyproject.toml.\n" in outcome.out
    assert (repository / "pyproject.toml").exists()


def test_an_empty_folder_is_no_mistake(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    outcome = run("init")
    assert outcome.status == 0
    assert "there is nothing to move" in outcome.out
    assert "loadstream demo" in outcome.out


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"[project\n", "pyproject.toml:1:9: broken TOML: "),
        (b"# caf\xe9\n", "pyproject.toml:1: not UTF-8 text"),
        (b"\xef\xbb\xbf[project]\n", "pyproject.toml:1: begins with a byte order mark"),
        (b"[a]\nb = 1\nb = 2\n", "broken TOML: Cannot overwrite a value"),
        (b"tool = { ruff = {} }\n", "write it by hand"),
        (b"[tool.loadstream]\nexlude = []\n", 'did you mean "exclude"?'),
    ],
)
def test_a_file_that_is_of_no_use_is_one_line(run, repository, content, cause):
    file = repository / "pyproject.toml"
    file.write_bytes(content)
    outcome = run("init", "--yes")
    assert outcome.status == 2
    assert cause in outcome.error
    assert file.read_bytes() == content


def test_a_folder_and_a_dangling_link_of_that_name_are_one_line(run, repository):
    file = repository / "pyproject.toml"
    file.symlink_to("gone.toml")
    assert run("init").error == "pyproject.toml: a link to nothing: mend or remove it"
    file.unlink()
    file.mkdir()
    outcome = run("init")
    assert outcome.status == 2
    assert outcome.error == "pyproject.toml: a folder, not a file: give it another name"


def test_a_read_only_file_is_not_replaced(run, repository):
    file = repository / "pyproject.toml"
    file.write_text("[project]\n")
    file.chmod(0o444)
    outcome = run("init", "--yes")
    assert outcome.status == 2
    assert outcome.error.startswith("pyproject.toml: not written: read-only")
    assert file.read_text() == "[project]\n"


def test_a_disk_that_is_full_leaves_nothing_behind(run, repository, monkeypatch):
    def refuse(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    outcome = run("init", "--yes")
    assert outcome.error == "pyproject.toml: not written: No space left on device"
    assert sorted(path.name for path in repository.iterdir()) == [
        "caller.py",
        "data.py",
        "rows.json",
        "vendor",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("answer", "written"), [("y", True), ("n", False), ("", False)])
def test_on_a_terminal_it_asks(repository, answer, written):
    import pty

    main, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "loadstream", "init"],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        cwd=repository,
    )
    os.close(terminal)
    os.write(main, f"{answer}\n".encode())
    said = b""
    while True:
        try:
            part = os.read(main, 4096)
        except OSError:  # the other side is closed
            break
        if not part:
            break
        said += part
    os.close(main)
    assert process.wait(timeout=60) == 0
    assert b"Write it? [y/N]" in said
    assert (b"Wrote pyproject.toml." in said) == written
    assert Path(repository / "pyproject.toml").exists() == written


def test_names_that_are_no_text_end_nothing(run, repository):
    pair = (repository / "data.py").read_bytes()
    folder = repository / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    (folder / "my-data.py").write_bytes(pair)
    (folder / os.fsdecode(b"\xff.json")).write_text("[]")
    (folder / "new\nline.json").write_text("[]")
    outcome = run("init", "--yes")
    assert (outcome.status, outcome.err) == (0, "")
    assert "new\\nline.json" in outcome.out
    assert [pair.load for pair in find_configuration(["."]).pairs] == ["data.load_rows"]
