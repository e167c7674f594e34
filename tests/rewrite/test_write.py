"""Each file whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from loadstream.rewrite import Changed, Failed, NotWritten, Unchanged, Written, write
from loadstream.rewrite.staging import Staging

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and links")


def changed(path: Path, new: bytes = b"new\n") -> Changed:
    return Changed(path, path.read_bytes(), new, (), ())


def litter(root: Path) -> list[str]:
    return [p.name for p in root.rglob("*") if p.name.startswith(".loadstream-")]


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
    cache, beside = tmp_path / ".loadstream_cache", two[1].parent / ".loadstream_cache"
    left_over = [cache / ".loadstream-0123.tmp", beside / ".loadstream-4567.tmp"]
    mine = cache / "notes.txt"
    for path in (*left_over, mine):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    write([changed(two[1])], root=tmp_path)
    assert not any(path.exists() for path in left_over)
    assert mine.exists()


@posix_only
def test_what_another_run_is_writing_is_not_swept(tmp_path, two):
    with Staging(tmp_path) as other:
        other.open(two[:1])
        waiting = other.stage(b"its new content\n", two[0])
        assert write([changed(two[1])], root=tmp_path) == (Written(two[1]),)
        assert waiting.exists()
    assert litter(tmp_path) == []


def test_an_ignore_file_that_a_killed_run_left_empty_is_mended(tmp_path, two):
    ignore = tmp_path / ".loadstream_cache" / ".gitignore"
    ignore.parent.mkdir()
    ignore.touch()
    write([changed(two[0])], root=tmp_path)
    assert ignore.read_text(encoding="utf-8") == "*\n"


@posix_only
@pytest.mark.parametrize("mode", [0o644, 0o755, 0o600, 0o664, 0o2755])
def test_permissions_stay(tmp_path, two, mode):
    two[0].chmod(mode)
    write([changed(two[0])], root=tmp_path)
    assert stat.S_IMODE(two[0].stat().st_mode) == mode


@posix_only
def test_new_content_is_never_open_to_others_before_it_is_in_place(tmp_path, two, monkeypatch):
    two[0].chmod(0o600)
    modes = []
    real = os.fsync

    def fsync(descriptor):
        modes.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    write([changed(two[0])], root=tmp_path)
    assert modes == [0o600]


needs_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may give files away"
)


@needs_root
def test_the_owner_stays_where_we_may_set_it(tmp_path, two):
    os.chown(two[0], 12345, 54321)
    write([changed(two[0])], root=tmp_path)
    status = two[0].stat()
    assert (status.st_uid, status.st_gid) == (12345, 54321)
    assert two[0].read_bytes() == b"new\n"


@needs_root
@pytest.mark.parametrize(("mode", "after"), [(0o664, 0o644), (0o660, 0o600), (0o4755, 0o755)])
def test_where_we_may_not_a_strange_group_gets_no_more_than_all_others(
    tmp_path, two, monkeypatch, mode, after
):
    os.chown(two[0], 12345, 54321)
    two[0].chmod(mode)

    def refused(*_args):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "chown", refused)
    assert write([changed(two[0])], root=tmp_path) == (Written(two[0]),)
    assert two[0].stat().st_uid == os.geteuid()
    assert stat.S_IMODE(two[0].stat().st_mode) == after


@posix_only
def test_of_a_file_with_two_names_only_the_given_one_gets_the_new_content(tmp_path, two):
    other = tmp_path / "other.py"
    other.hardlink_to(two[0])
    assert write([changed(two[0])], root=tmp_path) == (Written(two[0]),)
    assert (two[0].read_bytes(), other.read_bytes()) == (b"new\n", b"old\r\n")


@posix_only
def test_a_file_in_a_read_only_folder_is_not_replaced_and_the_others_are(tmp_path, two):
    folder = two[1].parent
    folder.chmod(0o555)
    try:
        results = write([changed(two[1]), changed(two[0])], root=tmp_path)
    finally:
        folder.chmod(0o755)
    assert isinstance(results[0], NotWritten)
    assert "its folder is read-only" in results[0].cause
    assert results[1] == Written(two[0])
    assert two[1].read_bytes() == b"old\r\n"
    assert [path.name for path in folder.iterdir()] == ["b.py"]


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


def full(*_args, **_kwargs):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("step", ["fsync", "open", "utime", "fdopen"])
@pytest.mark.parametrize("after", [0, 1])
def test_a_full_disk_leaves_every_old_content_and_no_litter(
    tmp_path, two, monkeypatch, step, after
):
    results = [changed(two[0]), changed(two[1])]
    real, calls = getattr(os, step), []

    def sometimes(*args, **kwargs):
        calls.append(args)
        mine = step != "open" or str(args[0]).endswith(".tmp")
        calls[:] = calls if mine else calls[:-1]
        return full() if mine and len(calls) > after else real(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(os, step, sometimes)
        outcomes = write(results, root=tmp_path)
    assert [outcome.cause for outcome in outcomes] == [
        "the disk is full: make room, then run again"
    ] * 2
    assert [path.read_bytes() for path in two] == [b"old\r\n", b"old\r\n"]
    assert litter(tmp_path) == []


@pytest.mark.parametrize("step", ["replace", "mkdir", "write_text"])
def test_a_disk_that_is_full_for_names_leaves_the_old_content(tmp_path, two, monkeypatch, step):
    with monkeypatch.context() as patch:
        patch.setattr(Path, step, full)
        outcomes = write([changed(two[0])], root=tmp_path)
    assert [type(outcome) for outcome in outcomes] == [NotWritten]
    assert two[0].read_bytes() == b"old\r\n"
    assert litter(tmp_path) == []


def test_all_new_contents_are_on_the_disk_before_the_first_file_is_replaced(
    tmp_path, two, monkeypatch
):
    real, seen = Path.replace, []

    def replace(self, target):
        seen.append(len(litter(tmp_path)))
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    write([changed(path) for path in two], root=tmp_path)
    assert seen == [2, 1]


def test_a_cache_on_another_file_system_is_got_around(tmp_path, two, monkeypatch):
    real = Path.replace

    def replace(self, target):
        if self.parent == tmp_path / ".loadstream_cache":
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    assert write([changed(two[1])], root=tmp_path) == (Written(two[1]),)
    assert two[1].read_bytes() == b"new\n"
    assert [path.name for path in two[1].parent.iterdir()] == ["b.py"]
    assert litter(tmp_path) == []


@posix_only
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write everywhere")
def test_a_root_that_cannot_be_written_is_got_around(tmp_path, two):
    tmp_path.chmod(0o555)
    try:
        assert write([changed(two[1])], root=tmp_path) == (Written(two[1]),)
    finally:
        tmp_path.chmod(0o755)
    assert [path.name for path in two[1].parent.iterdir()] == ["b.py"]


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
