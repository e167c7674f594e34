"""Old contents in a folder of their own."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from loadstream.project.config import find_configuration
from loadstream.project.files import find_files
from loadstream.rewrite import BackupError, Changed, NotWritten, Written, write


def changed(path: Path, new: bytes = b"new\n") -> Changed:
    return Changed(path, path.read_bytes(), new, (), ())


@pytest.fixture
def two(tmp_path):
    root = tmp_path / "root"
    paths = [root / "a.py", root / "sub" / "b.py"]
    paths[1].parent.mkdir(parents=True)
    for path in paths:
        path.write_bytes(f"old {path.name}\r\n".encode())
    return paths


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*.py"))
    }


@pytest.mark.parametrize("inside", [True, False])
def test_every_file_that_is_written_has_its_old_content_at_the_same_path(tmp_path, two, inside):
    root = tmp_path / "root"
    folder = (root if inside else tmp_path) / "kept" / "today"
    os.utime(two[0], (1_000_000, 1_000_000))
    outcomes = write([changed(path) for path in two], root=root, backup=folder)
    assert outcomes == (Written(two[0]), Written(two[1]))
    assert contents(folder) == {"a.py": b"old a.py\r\n", "sub/b.py": b"old b.py\r\n"}
    assert (folder / "a.py").stat().st_mtime == 1_000_000
    assert [path.read_bytes() for path in two] == [b"new\n"] * 2
    assert two[0].stat().st_mtime > 1_000_000


def test_a_file_that_is_not_written_is_not_kept_either(tmp_path, two):
    results = [changed(path) for path in two]
    two[0].write_bytes(b"somebody's work\n")
    write(results, root=tmp_path / "root", backup=tmp_path / "kept")
    assert contents(tmp_path / "kept") == {"sub/b.py": b"old b.py\r\n"}


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_what_only_its_owner_may_read_stays_so(tmp_path, two):
    two[0].chmod(0o600)
    write([changed(two[0])], root=tmp_path / "root", backup=tmp_path / "kept")
    assert stat.S_IMODE((tmp_path / "kept" / "a.py").stat().st_mode) == 0o600


def test_another_backup_of_the_file_is_not_overwritten_and_nothing_is_written(tmp_path, two):
    folder = tmp_path / "kept"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "b.py").write_bytes(b"older\n")
    with pytest.raises(BackupError) as caught:
        write([changed(path) for path in two], root=tmp_path / "root", backup=folder)
    assert f"it holds another {Path('sub', 'b.py')} already" in str(caught.value)
    assert contents(folder) == {"sub/b.py": b"older\n"}
    assert [path.read_bytes() for path in two] == [b"old a.py\r\n", b"old b.py\r\n"]


def test_the_same_backup_may_be_there_already(tmp_path, two):
    folder = tmp_path / "root" / "kept"
    write([changed(two[0])], root=tmp_path / "root", backup=folder)
    assert write([changed(two[1])], root=tmp_path / "root", backup=folder) == (Written(two[1]),)
    two[0].write_bytes(b"old a.py\r\n")
    assert write([changed(two[0])], root=tmp_path / "root", backup=folder) == (Written(two[0]),)
    assert contents(folder) == {"a.py": b"old a.py\r\n", "sub/b.py": b"old b.py\r\n"}


@pytest.mark.parametrize("name", [".", "sub"])
def test_a_folder_of_sources_is_no_place_for_backups(tmp_path, two, name):
    with pytest.raises(BackupError):
        write([changed(two[0])], root=tmp_path / "root", backup=tmp_path / "root" / name)
    assert two[0].read_bytes() == b"old a.py\r\n"
    assert sorted(path.name for path in two[1].parent.iterdir()) == ["b.py"]


def test_a_file_outside_of_the_root_has_no_place(tmp_path, two):
    with pytest.raises(BackupError) as caught:
        write([changed(two[0])], root=two[1].parent, backup=tmp_path / "kept")
    assert "is not below" in str(caught.value)
    assert two[0].read_bytes() == b"old a.py\r\n"


def test_a_file_in_the_way_is_told(tmp_path, two):
    (tmp_path / "kept").write_bytes(b"")
    with pytest.raises(BackupError) as caught:
        write([changed(two[0])], root=tmp_path / "root", backup=tmp_path / "kept")
    assert "cannot be written" in str(caught.value)


def test_a_full_disk_is_told_before_anything_is_rewritten(tmp_path, two, monkeypatch):
    def full(*_args):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(BackupError) as caught:
            write([changed(two[0])], root=tmp_path / "root", backup=tmp_path / "kept")
    assert os.strerror(errno.ENOSPC) in str(caught.value)
    assert two[0].read_bytes() == b"old a.py\r\n"
    assert contents(tmp_path / "kept") == {}


def test_a_backup_on_another_file_system_is_got_around(tmp_path, two, monkeypatch):
    real = Path.replace
    cache = tmp_path / "root" / ".loadstream_cache"

    def link(*_args):
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    def replace(self, target):
        if self.parent == cache and target.is_relative_to(tmp_path / "kept"):
            link()
        return real(self, target)

    os.utime(two[0], (1_000_000, 1_000_000))
    monkeypatch.setattr(os, "link", link)
    monkeypatch.setattr(Path, "replace", replace)
    write([changed(path) for path in two], root=tmp_path / "root", backup=tmp_path / "kept")
    assert contents(tmp_path / "kept") == {"a.py": b"old a.py\r\n", "sub/b.py": b"old b.py\r\n"}
    assert (tmp_path / "kept" / "a.py").stat().st_mtime == 1_000_000
    left = [path.name for path in tmp_path.rglob("*") if path.name.startswith(".loadstream")]
    assert left == [".loadstream_cache"]


@pytest.mark.parametrize("in_git", [True, False])
def test_a_folder_in_the_tree_is_no_part_of_it(tmp_path, two, monkeypatch, in_git):
    root = tmp_path / "root"
    if in_git:
        subprocess.run(["git", "init", "-q", root], check=True)
    write([changed(path) for path in two], root=root, backup=root / "kept")
    monkeypatch.chdir(root)
    found = find_files(["."], find_configuration(["."]))
    assert [file.path.as_posix() for file in found.files] == ["a.py", "sub/b.py"]


def test_a_link_is_kept_as_the_file_that_is_written(tmp_path, two):
    link = tmp_path / "root" / "link.py"
    try:
        link.symlink_to(two[1])
    except OSError:
        pytest.skip("no symbolic links here")
    write([changed(link)], root=tmp_path / "root", backup=tmp_path / "kept")
    assert contents(tmp_path / "kept") == {"sub/b.py": b"old b.py\r\n"}


def test_nothing_is_made_where_nothing_can_be_written(tmp_path, two):
    two[0].chmod(0o444)
    [outcome] = write([changed(two[0])], root=tmp_path / "root", backup=tmp_path / "kept")
    assert isinstance(outcome, NotWritten)
    assert not (tmp_path / "kept").exists()
