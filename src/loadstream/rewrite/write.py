"""Changed files to disk: each whole or not at all.

The new content is written to a temporary file in `.loadstream_cache/` first, never beside the
source, and then takes the source's place in one step. Where the cache folder is on another file
system that step is not possible; the temporary file then lies in the target's own folder, under a
name that a next run sweeps too.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path

from loadstream.rewrite.results import Changed, FileResult, NotWritten, WriteResult, Written

CACHE_FOLDER = ".loadstream_cache"
_PREFIX, _SUFFIX = ".loadstream-", ".tmp"
_WRITE_BITS = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def write(results: Iterable[FileResult], *, root: Path) -> tuple[WriteResult, ...]:
    """Replace each changed file by its new content; one outcome for each `Changed`, in order.

    A file that changed since it was read, a read-only file and one that cannot be written keep
    their content and are `NotWritten`; the others are written all the same. Temporary files live
    in `.loadstream_cache` under `root`. Raises nothing of its own.
    """
    changed = [result for result in results if isinstance(result, Changed)]
    if not changed:
        return ()
    cache = root / CACHE_FOLDER
    _sweep({cache, *(Path(os.path.realpath(result.path)).parent for result in changed)})
    return tuple(_outcome(result, cache) for result in changed)


def _outcome(result: Changed, cache: Path) -> WriteResult:
    try:
        _replace(result, cache)
    except OSError as error:
        return NotWritten(result.path, error.strerror or str(error))
    return Written(result.path)


def _replace(result: Changed, cache: Path) -> None:
    """Put the new content in place. Raises OSError; then the old content is still there."""
    target = Path(os.path.realpath(result.path))  # a symbolic link stays one
    mode = stat.S_IMODE(target.stat().st_mode)
    # The bits, not os.access: the superuser may write everywhere and should not.
    if not mode & _WRITE_BITS or not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "read-only: make it writable, then run again")
    for folder in (_cache_folder(cache), target.parent):
        temporary = folder / f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}"
        try:
            _write_through(temporary, result.new, target)
            if target.read_bytes() != result.old:
                raise OSError(errno.EBUSY, "it changed while it was being read: run again")
            temporary.replace(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
        else:
            return
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)


def _write_through(temporary: Path, content: bytes, target: Path) -> None:
    """Write `content` down to the disk, with the permissions of `target`."""
    status = target.stat()
    with temporary.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    if hasattr(os, "chown"):
        with contextlib.suppress(OSError):  # another's file: it becomes ours, as editors do
            os.chown(temporary, status.st_uid, status.st_gid)
    temporary.chmod(stat.S_IMODE(status.st_mode))


def _cache_folder(cache: Path) -> Path:
    """The folder for temporary files, which tells git to ignore it."""
    cache.mkdir(parents=True, exist_ok=True)
    ignore = cache / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    return cache


def _sweep(folders: set[Path]) -> None:
    """Delete what a run that was killed has left."""
    for folder in folders:
        for left_over in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
            with contextlib.suppress(OSError):
                left_over.unlink()
