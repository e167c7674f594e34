"""Temporary files: new content on the disk, waiting to take its place in one step.

They lie in `.loadstream_cache/` at the root, never beside sources. Where that folder is on another
file system, or cannot be written, they lie in one of the same name in the target's own folder,
which goes when it is empty again. What a run that was killed has left in them is swept by the next.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from loadstream.machine.cache_folder import CACHE_FOLDER, make_self_ignoring

if sys.platform != "win32":
    import fcntl

_PREFIX, _SUFFIX = ".loadstream-", ".tmp"
_ELSEWHERE = {errno.EXDEV, errno.EACCES, errno.EPERM, errno.EROFS}


class Staging:
    """The temporary files of one run; what is still waiting at its end is deleted."""

    def __init__(self, root: Path) -> None:
        self._cache = root / CACHE_FOLDER
        self._waiting: set[Path] = set()
        self._local: set[Path] = set()
        self._held = ExitStack()

    def __enter__(self) -> Staging:
        return self

    def __exit__(self, *_: object) -> None:
        for temporary in tuple(self._waiting):
            self.drop(temporary)
        for folder in self._local:
            with contextlib.suppress(OSError):
                (folder / ".gitignore").unlink()
                folder.rmdir()
        self._held.close()

    def open(self, targets: Iterable[Path]) -> None:
        """Make the cache folder, and sweep what a killed run left there and beside `targets`.

        Where the folder cannot be made, `stage` does without it.
        """
        beside = {target.parent / CACHE_FOLDER for target in targets} - {self._cache}
        for folder in beside:
            if folder.is_dir():
                self._held.enter_context(_in_use(folder))
        with contextlib.suppress(OSError):
            self._held.enter_context(_in_use(make_self_ignoring(self._cache)))

    def stage(self, content: bytes, target: Path) -> Path:
        """A file with `content`, written through to the disk, like `target` in all else.

        Permissions, owner and extended attributes are those of `target`, as far as possible; an
        owner that we may not set is us then, as with editors. Raises OSError.
        """
        try:
            return self._staged(content, target, make_self_ignoring(self._cache))
        except OSError as error:
            if error.errno not in _ELSEWHERE:
                raise
        return self._staged_beside(content, target, target)

    def put(self, temporary: Path, target: Path) -> None:
        """Let `temporary` take the place of `target`, in one step. Raises OSError."""
        try:
            temporary.replace(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            again = self._staged_beside(temporary.read_bytes(), target, target)
            self.drop(temporary)
            again.replace(target)
            self._waiting.discard(again)
        self._waiting.discard(temporary)

    def put_new(self, temporary: Path, target: Path) -> None:
        """The same where there is no `target` yet. Raises FileExistsError if there is one."""
        try:
            os.link(temporary, target)
        except FileExistsError:
            raise
        except OSError:  # a file system without links, or another one
            if target.exists():
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
            try:
                temporary.replace(target)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                again = self._staged_beside(temporary.read_bytes(), target, temporary)
                status = temporary.stat()
                os.utime(again, ns=(status.st_atime_ns, status.st_mtime_ns))
                again.replace(target)
                self._waiting.discard(again)
        self.drop(temporary)

    def drop(self, temporary: Path) -> None:
        """Delete `temporary`, if it is there."""
        self._waiting.discard(temporary)
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)

    def _staged_beside(self, content: bytes, target: Path, like: Path) -> Path:
        folder = target.parent / CACHE_FOLDER
        if folder != self._cache and not folder.exists():
            self._local.add(folder)
        return self._staged(content, like, make_self_ignoring(folder))

    def _staged(self, content: bytes, like: Path, folder: Path) -> Path:
        temporary = folder / f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}"
        self._waiting.add(temporary)
        try:
            _write_through(temporary, content)
            _make_like(temporary, like)
        except BaseException:
            self.drop(temporary)
            raise
        return temporary


def _write_through(temporary: Path, content: bytes) -> None:
    """Write `content` down to the disk, where at first nobody else may read it."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(temporary, flags, 0o600), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _make_like(temporary: Path, target: Path) -> None:
    status = target.stat()
    own = temporary.stat()
    mode = stat.S_IMODE(status.st_mode)
    if sys.platform != "win32" and (own.st_uid, own.st_gid) != (status.st_uid, status.st_gid):
        mode = _owned_like(temporary, status)
    shutil.copystat(target, temporary)  # extended attributes, access lists among them
    os.utime(temporary)
    temporary.chmod(mode)


def _owned_like(temporary: Path, status: os.stat_result) -> int:
    """Give `temporary` owner and group of `status` where we may; the permissions it can have then.

    What the group could do is nothing for another group, and nobody runs as somebody else now.
    """
    mode = stat.S_IMODE(status.st_mode)
    if sys.platform == "win32":
        return mode
    try:
        os.chown(temporary, status.st_uid, status.st_gid)
    except OSError:
        mode &= ~(stat.S_ISUID | stat.S_ISGID)
        try:
            os.chown(temporary, -1, status.st_gid)
        except OSError:
            mode = mode & ~stat.S_IRWXG | (mode & stat.S_IRWXO) << 3
    return mode


@contextmanager
def _in_use(folder: Path) -> Iterator[None]:
    """Sweep `folder`, unless another run is at work in it, and keep others from doing so."""
    if sys.platform == "win32":
        _sweep(folder)
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        except OSError:  # a file system without locks
            _sweep(folder)
        else:
            _sweep(folder)
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def _sweep(folder: Path) -> None:
    for left_over in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
        with contextlib.suppress(OSError):
            left_over.unlink()
