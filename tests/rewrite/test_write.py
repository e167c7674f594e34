"""Each file whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from loadstream.rewrite import Changed, Failed, NotWritten, Unchanged, Written, write

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and links")


def changed(path: Path, new: bytes = b"new\n") -> Changed:
    return Changed(path, path.read_bytes(), new, (), ())


def litter(root: Path) -> list[str]:
    return [p.name for p in root.rglob("*") if p.suffix == ".tmp"]


@pytest.fixture
def two(tmp_path):
    paths = [tmp_path / "a.py", tmp_path / "sub" / "b.py"]
    paths[1].parent.mkdir()
    for path in paths:
        path.write_bytes(b"old\r\n")
    return paths


def test_changed_files_get_their_new_bytes_and_the_others_are_left(tmp_path, two):
    untouched = tmp_path / "c.py"
    untouched.write_bytes(b"same\n")
    results = [
        changed(two[0], b"\xef\xbb\xbfnew\r\n"),
        Unchanged(untouched, ()),
        Failed(tmp_path / "d.py", 1, 1, "no"),
        changed(two[1]),
    ]
    assert write(results, root=tmp_path) == (Written(two[0]), Written(two[1]))
    assert two[0].read_bytes() == b"\xef\xbb\xbfnew\r\n"
    assert two[1].read_bytes() == b"new\n"
    assert untouched.read_bytes() == b"same\n"
    assert litter(tmp_path) == []


def test_the_cache_folder_ignores_itself_and_comes_only_when_needed(tmp_path, two):
    assert write([Unchanged(two[0], ())], root=tmp_path) == ()
    assert not (tmp_path / ".loadstream_cache").exists()
    write([changed(two[0])], root=tmp_path)
    assert (tmp_path / ".loadstream_cache" / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_what_a_killed_run_left_is_swept(tmp_path, two):
    cache = tmp_path / ".loadstream_cache"
    cache.mkdir()
    left_over = [cache / ".loadstream-0123.tmp", two[1].parent / ".loadstream-4567.tmp"]
    mine = cache / "notes.txt"
    for path in (*left_over, mine):
        path.write_bytes(b"x")
    write([changed(two[1])], root=tmp_path)
    assert not any(path.exists() for path in left_over)
    assert mine.exists()


@posix_only
@pytest.mark.parametrize("mode", [0o644, 0o755, 0o600, 0o664])
def test_permissions_stay(tmp_path, two, mode):
    two[0].chmod(mode)
    write([changed(two[0])], root=tmp_path)
    assert stat.S_IMODE(two[0].stat().st_mode) == mode


@posix_only
def test_a_link_stays_a_link_and_its_target_is_rewritten(tmp_path, two):
    link = tmp_path / "link.py"
    link.symlink_to(Path("sub") / "b.py")
    assert write([changed(link)], root=tmp_path) == (Written(link),)
    assert link.is_symlink()
    assert two[1].read_bytes() == b"new\n"


@posix_only
def test_a_read_only_file_is_not_replaced_and_the_others_are(tmp_path, two):
    two[0].chmod(0o444)
    results = write([changed(two[0]), changed(two[1])], root=tmp_path)
    assert isinstance(results[0], NotWritten)
    assert "read-only" in results[0].cause
    assert results[1] == Written(two[1])
    assert two[0].read_bytes() == b"old\r\n"
    assert stat.S_IMODE(two[0].stat().st_mode) == 0o444


def test_a_file_that_changed_since_it_was_read_is_not_overwritten(tmp_path, two):
    result = changed(two[0])
    two[0].write_bytes(b"somebody's work\n")
    [outcome] = write([result], root=tmp_path)
    assert isinstance(outcome, NotWritten)
    assert "changed" in outcome.cause
    assert two[0].read_bytes() == b"somebody's work\n"
    assert litter(tmp_path) == []


def test_a_file_that_is_gone_is_told(tmp_path, two):
    result = changed(two[0])
    two[0].unlink()
    assert write([result], root=tmp_path) == (NotWritten(two[0], "No such file or directory"),)
    assert not two[0].exists()


@pytest.mark.parametrize("step", ["fsync", "replace", "write", "chmod"])
def test_a_full_disk_leaves_the_old_content_and_no_litter(tmp_path, two, monkeypatch, step):
    def full(*_args, **_kwargs):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    results = [changed(two[0]), changed(two[1])]
    with monkeypatch.context() as patch:
        if step == "fsync":
            patch.setattr(os, "fsync", full)
        elif step == "write":
            patch.setattr(Path, "open", full)
        else:
            patch.setattr(Path, step, full)
        outcomes = write(results, root=tmp_path)
    assert [outcome.cause for outcome in outcomes] == [os.strerror(errno.ENOSPC)] * 2
    assert [path.read_bytes() for path in two] == [b"old\r\n", b"old\r\n"]
    assert litter(tmp_path) == []


def test_a_cache_on_another_file_system_is_got_around(tmp_path, two, monkeypatch):
    real = Path.replace

    def replace(self, target):
        if self.parent.name == ".loadstream_cache":
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    assert write([changed(two[1])], root=tmp_path) == (Written(two[1]),)
    assert two[1].read_bytes() == b"new\n"
    assert litter(tmp_path) == []


def test_an_interrupted_write_leaves_no_litter(tmp_path, two, monkeypatch):
    def interrupted(_descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write([changed(two[0])], root=tmp_path)
    assert two[0].read_bytes() == b"old\r\n"
    assert litter(tmp_path) == []


def test_a_cache_folder_that_cannot_be_made_is_an_outcome_not_a_traceback(tmp_path, two):
    (tmp_path / ".loadstream_cache").write_bytes(b"a file is in the way")
    [outcome] = write([changed(two[0])], root=tmp_path)
    assert isinstance(outcome, NotWritten)
    assert two[0].read_bytes() == b"old\r\n"
