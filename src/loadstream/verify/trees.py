"""Walks and copies the trees that workspace.py is made of.

A copy shares its blocks with the original where the filesystem can (btrfs, XFS, APFS by way of
the kernel), and is always a file of its own: what is written to one never shows in the other.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from loadstream.verify.model import VerifyError

_MAX_FILES = 100_000
_CACHES = frozenset(
    "__pycache__ .loadstream_cache .mypy_cache .ruff_cache .pytest_cache .hypothesis".split()
)
# Not copied: they are large, or not the user's own work. What a run writes there is compared.
_SKIPPED = _CACHES | frozenset(".git .hg .svn .venv venv .tox .nox node_modules .idea".split())


def walk(root: Path) -> Iterator[str]:
    """Every file of the tree at `root` as a relative path with `/`, without caches and venvs.

    A linked folder outside of the tree (data on another disk) counts as a part of it.
    """
    return (path for path in entries(root) if not path.endswith("/"))


def folders(root: Path) -> Iterator[str]:
    """Every folder below `root` as a relative path, outer ones first."""
    return (path[:-1] for path in entries(root) if path.endswith("/"))


def entries(root: Path) -> Iterator[str]:
    """Files, and folders with a `/` at their end.

    Raises `VerifyError` for a tree of too many files.
    """
    pending = [""]
    count = 0
    while pending:
        folder = pending.pop()
        for entry in os.scandir(root / folder):
            relative = f"{folder}{entry.name}"
            if entry.is_dir() and (not entry.is_symlink() or _leads_out(Path(entry), root)):
                if entry.name not in _SKIPPED and not (Path(entry) / "pyvenv.cfg").exists():
                    pending.append(relative + "/")
                    yield relative + "/"
                continue
            count += 1
            if count > _MAX_FILES:
                raise VerifyError(
                    f"{root} holds more than {_MAX_FILES:,} files: run verify in a smaller folder"
                )
            yield relative


def own_entries(tree: Path) -> Iterator[str]:
    """All that a run has left in its tree: files, and folders with a `/` at their end.

    No link is followed: one that a run has made may lead to the user's own files. Nothing is
    skipped but what is in caches (`is_cache`), so that what is written to a venv or to
    `node_modules` counts.
    """
    pending = [""]
    while pending:
        folder = pending.pop()
        with suppress(PermissionError):
            for entry in os.scandir(tree / folder):
                relative = f"{folder}{entry.name}"
                if not entry.is_dir(follow_symlinks=False):
                    yield relative
                    continue
                if entry.name not in _CACHES:
                    pending.append(relative + "/")
                yield relative + "/"


def is_cache(folder: str) -> bool:
    """Whether a folder holds nothing that says what the code does: bytecode, test caches."""
    return folder.rstrip("/").rpartition("/")[2] in _CACHES


def _leads_out(link: Path, root: Path) -> bool:
    target, home = link.resolve(), root.resolve()
    return not target.is_relative_to(home) and not home.is_relative_to(target)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells that a file was touched. Times are in nanoseconds.

    `changed` (the inode's own time) moves with every write, even where the time of modification
    is set back afterwards; it also moves for changes that leave the content as it was.
    """

    size: int
    modified: int
    changed: int
    inode: int
    mode: int

    def shows_a_write(self, later: Stamp) -> bool:
        """True where more than the inode's own time differs."""
        before = (self.size, self.modified, self.inode, self.mode)
        return before != (later.size, later.modified, later.inode, later.mode)


def stamp_of(path: Path) -> Stamp:
    """The stamp of a file, or of a link itself."""
    status = path.lstat()
    return Stamp(
        status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_mode
    )


def mode_of(path: Path) -> int:
    """The permissions of a file or folder, or of a link itself."""
    return stat.S_IMODE(path.lstat().st_mode)


def copy_entry(source: Path, target: Path) -> None:
    """Copy a file with its times and mode, or a link as a link.

    Raises `VerifyError` where the disk is full.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_symlink():
        target.symlink_to(source.readlink())
        return
    try:
        _copy_blocks(source, target)
        shutil.copystat(source, target)
    except OSError as error:
        with suppress(OSError):
            target.unlink()
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise VerifyError(
            f"the disk is full: copying {source.name} ({source.stat().st_size >> 20:,} MB) to "
            f"{target.parent} failed; free some space or move large files out of the tree"
        ) from None


def _copy_blocks(source: Path, target: Path) -> None:
    copied = 0
    with source.open("rb") as reading, target.open("xb") as writing:
        size = os.fstat(reading.fileno()).st_size
        with suppress(AttributeError, OSError):
            # The kernel shares the blocks where it can, and else copies without our help.
            while copied < size:
                count = os.copy_file_range(reading.fileno(), writing.fileno(), size - copied)
                if not count:
                    break
                copied += count
        # Wherever that stopped (another filesystem, a system without it), the rest by hand.
        reading.seek(copied)
        writing.seek(copied)
        shutil.copyfileobj(reading, writing, 1 << 20)


def same_content(first: Path, second: Path) -> bool:
    """True where both files hold the same bytes; neither is held in memory."""
    with first.open("rb") as one, second.open("rb") as other:
        while True:
            block = one.read(1 << 20)
            if block != other.read(1 << 20):
                return False
            if not block:
                return True


def place_content(path: Path, content: bytes, modified: int) -> None:
    """Put a new file with this content and time at `path`, whatever stands there now."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        path.unlink()
    path.write_bytes(content)
    os.utime(path, ns=(modified, modified))


def remove_tree(folder: Path) -> None:
    """Delete `folder` with all in it, even where a run has taken the permission to write.

    What a link leads to stays as it is.
    """
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
        return
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        for place, _, _ in os.walk(folder):
            with suppress(OSError):
                Path(place).chmod(0o700)
        shutil.rmtree(folder, ignore_errors=True)
