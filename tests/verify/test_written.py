"""What a run leaves on the disk is compared, wherever it left it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loadstream.verify import Verdict
from loadstream.verify.compare_output import files
from loadstream.verify.compare_values import Opaque
from loadstream.verify.ignoring import Ignore
from loadstream.verify.observed import UNREADABLE, FileChange
from loadstream.verify.written import read_file

Changed = Callable[[str, str], Any]
BASE = "from common import load_sessions\nimport os\nprint(len(load_sessions()))\n"

OTHER_TRACES = {
    "another folder": ("os.mkdir('out')", "os.mkdir('out2')", "folder out"),
    "a folder removed": ("", "os.mkdir('x'); os.rmdir('data/sub')", "folder data/sub"),
    "the mode of a file": ("os.chmod('common.py', 0o600)", "os.chmod('common.py', 0o755)", "file"),
    "the mode of a new file": (
        "open('x', 'w').close()",
        "open('x', 'w').close(); os.chmod('x', 0o755)",
        "file x mode",
    ),
    "below a folder that is not copied": (
        "os.mkdir('node_modules'); open('node_modules/x', 'w').write('1')",
        "os.mkdir('node_modules'); open('node_modules/x', 'w').write('2')",
        "file node_modules/x line 1",
    ),
    "a link": ("os.symlink('a', 'x')", "os.symlink('b', 'x')", "file x"),
}


@pytest.mark.skipif(os.name == "nt", reason="modes and links")
@pytest.mark.parametrize("trace", OTHER_TRACES)
def test_another_trace_in_the_tree_is_different(changed: Changed, trace: str) -> None:
    old, new, place = OTHER_TRACES[trace]
    repository = changed(f"{BASE}{old}\n", f"{BASE}{new}\n")
    (repository.root / "data" / "sub").mkdir()
    result = repository.result(max_cases=2)
    assert result.verdict is Verdict.DIFFERENT, result.explanation
    assert result.counterexample.differences[0].place.startswith(place)


SAME = (
    "os.mkdir('out'); os.chmod('out', 0o700); os.chmod('common.py', 0o755); "
    "os.mkdir('.venv'); open('.venv/x', 'w').write('1'); os.rmdir('data/sub'); "
    "os.symlink('common.py', 'x')\n"
)


@pytest.mark.skipif(os.name == "nt", reason="modes and links")
def test_the_same_traces_are_equal(changed: Changed) -> None:
    repository = changed(BASE + SAME, BASE + "print(end='')\n" + SAME)
    (repository.root / "data" / "sub").mkdir()
    result = repository.result(max_cases=4)
    assert result.verdict is Verdict.EQUAL, result.explanation


# beyond the tree


def outside(tmp_path: Path) -> Path:
    place = tmp_path / "elsewhere"
    place.mkdir()
    return place


@pytest.mark.parametrize("how", ["w", "a"])
def test_another_file_outside_of_the_tree_is_different(
    changed: Changed, tmp_path: Path, how: str
) -> None:
    file = outside(tmp_path) / "out.txt"
    write = f"open({str(file)!r}, {how!r}).write('%s')\n"
    result = changed(BASE + write % "one", BASE + write % "two").result(max_cases=4)
    assert result.verdict is Verdict.DIFFERENT, result.explanation
    assert result.counterexample.differences[0].place == f"file {file} line 1"


@pytest.mark.parametrize("how", ["w", "a"])
def test_the_same_file_outside_of_the_tree_is_equal_and_said(
    changed: Changed, tmp_path: Path, how: str
) -> None:
    file = outside(tmp_path) / "out.txt"
    write = f"open({str(file)!r}, {how!r}).write('one')\n"
    result = changed(BASE + write, BASE + "pass\n" + write).result(max_cases=6, jobs=2)
    assert result.verdict is Verdict.EQUAL, result.explanation
    assert any(f"writes {file} outside of the tree" in line for line in result.advice)
    assert file.exists()


def test_a_file_outside_that_only_one_side_writes_is_different(
    changed: Changed, tmp_path: Path
) -> None:
    file = outside(tmp_path) / "out.txt"
    result = changed(BASE + f"open({str(file)!r}, 'w').close()\n", BASE).result(max_cases=2)
    assert result.verdict is Verdict.DIFFERENT, result.explanation


def test_what_depends_on_an_earlier_run_is_never_equal_or_different(
    changed: Changed, tmp_path: Path
) -> None:
    file = outside(tmp_path) / "count"
    count = (
        f"import pathlib\np = pathlib.Path({str(file)!r})\n"
        "p.write_text(str(int(p.read_text()) + 1) if p.exists() else '0')\n"
    )
    result = changed(BASE + count, BASE + "pass\n" + count).result(max_cases=2)
    assert result.verdict is Verdict.NOT_COMPARABLE, result.explanation


def test_files_beside_the_tree_are_compared(changed: Changed) -> None:
    write = "open('../out.txt', 'w').write('%s')\n"
    result = changed(BASE + write % "one", BASE + write % "two").result(max_cases=2)
    assert result.verdict is Verdict.DIFFERENT
    assert result.counterexample.differences[0].place == "file ../out.txt line 1"


TEMPORARY = {
    "a name of its own": "open(os.path.join(tempfile.gettempdir(), 'x.txt'), 'w').write({!r})",
    "a made-up name": "tempfile.NamedTemporaryFile('w', delete=False).write({!r})",
    "in a made-up folder": "open(os.path.join(tempfile.mkdtemp(), 'x'), 'w').write({!r})",
}


@pytest.mark.parametrize("how", TEMPORARY)
def test_what_is_left_among_temporary_files_is_compared(changed: Changed, how: str) -> None:
    write = f"import tempfile\n{TEMPORARY[how]}\n"
    old, new = (BASE + write.format(text) for text in ("one", "two"))
    repository = changed(old, new)
    result = repository.result(max_cases=2)
    assert result.verdict is Verdict.DIFFERENT, result.explanation
    assert result.counterexample.differences[0].place.startswith("file <tmp>/")
    repository.write(analyze_py=old + "pass\n")
    same = repository.result(max_cases=4)
    assert same.verdict is Verdict.EQUAL, same.explanation


def test_temporary_files_that_are_gone_at_the_end_are_nobodys_business(changed: Changed) -> None:
    new = BASE + "import tempfile\nwith tempfile.TemporaryFile() as f: f.write(b'x')\n"
    result = changed(BASE, new).result(max_cases=4)
    assert result.verdict is Verdict.EQUAL, result.explanation


def test_a_file_that_cannot_be_read_has_no_equality(tmp_path: Path) -> None:
    sides = [read_file(tmp_path / "gone-or-locked", "x") for _ in range(2)]
    assert [side.digest for side in sides] == ["special file"] * 2
    locked = FileChange("x", 0, UNREADABLE, None)
    (found,) = files([locked], [locked], Ignore())
    assert isinstance(found, Opaque)
    assert list(files(sides, sides, Ignore())) == []


def test_a_file_without_permission_to_read_is_compared_by_content(changed: Changed) -> None:
    write = "open('x', 'w').write('%s'); os.chmod('x', 0)\n"
    result = changed(BASE + write % "one", BASE + write % "two").result(max_cases=2)
    assert result.verdict is Verdict.DIFFERENT
    assert result.counterexample.differences[0].place == "file x line 1"


# the user's own tree

AT_EXIT = "import atexit\natexit.register(lambda: open({!r}, 'w').write('x'))\n"
DEEDS = {
    "at the end": AT_EXIT,
    "by a folder that is open": (
        "folder = os.open(os.path.dirname({!r}), os.O_RDONLY)\n"
        "os.symlink('x', 'hacked', dir_fd=folder)\n"
    ),
    "by another thread": (
        "import threading\nt = threading.Thread(target=lambda: open({!r}, 'w'))\n"
        "t.start(); t.join()\n"
    ),
    "by a link": "os.symlink('x', {!r})\n",
    "by a second name": "os.link('common.py', {!r})\n",
}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc for a folder")
@pytest.mark.parametrize("deed", DEEDS)
def test_the_users_own_tree_stays_unwritten(changed: Changed, deed: str) -> None:
    repository = changed(BASE, BASE)
    target = repository.root / "hacked"
    repository.write(analyze_py=BASE + DEEDS[deed].format(str(target)))
    result = repository.result(max_cases=2)
    assert result.verdict is Verdict.DIFFERENT, result.explanation
    assert not target.exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc for a folder")
def test_a_folder_of_the_user_cannot_be_removed(changed: Changed) -> None:
    repository = changed(BASE, BASE)
    precious = repository.root / "precious"
    precious.mkdir()
    (precious / "file").write_text("mine", encoding="utf-8")
    remove = f"import shutil\nshutil.rmtree({str(precious)!r}, ignore_errors=True)\n"
    repository.write(analyze_py=BASE + remove)
    repository.result(max_cases=2)
    assert (precious / "file").read_text("utf-8") == "mine"


@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
def test_a_program_that_writes_the_users_own_tree_is_never_equal_and_reported(
    changed: Changed,
) -> None:
    repository = changed(BASE, BASE)
    script = "import subprocess\nsubprocess.run(['sh', '-c', {!r}], check=True)\n"
    repository.write(analyze_py=BASE + script.format(f"echo x > '{repository.root}/hacked'"))
    report = repository.verify(max_cases=4)
    assert report.verdict is Verdict.NOT_COMPARABLE
    assert "hacked" in report.checks[0].explanation
    assert any("hacked" in note for note in report.notes)
    (repository.root / "hacked").unlink()
    repository.write(analyze_py=BASE + script.format("echo x > /dev/null"))
    again = repository.verify(max_cases=4)
    assert again.verdict is Verdict.EQUAL, again.checks[0].explanation
    assert not any("was written" in note for note in again.notes)
    assert any("starts other processes" in line for line in again.checks[0].advice)
