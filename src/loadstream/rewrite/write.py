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
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from loadstream.rewrite.results import Changed, FileResult, NotWritten, WriteResult, Written

CACHE_FOLDER = ".loadstream_cache"
_PREFIX, _SUFFIX = ".loadstream-", ".tmp"
_WRITE_BITS = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def write(results: Iterable[FileResult], *, root: Path) -> tuple[WriteResult, ...]:
    """Replace each changed file by its new content; one outcome for each `Changed`, in order.

    A file that changed since it was read, a read-only file and one that cannot be written keep
    their content and are `NotWritten`, and so are those that require one of them; the others are
    written all the same. Temporary files live in `.loadstream_cache` under `root`. Raises nothing
    of its own.
    """
    changed = [result for result in results if isinstance(result, Changed)]
    if not changed:
        return ()
    cache = root / CACHE_FOLDER
    _sweep({cache, *(Path(os.path.realpath(result.path)).parent for result in changed)})
    outcomes = _blocked(changed)
    for result in _required_first(changed):
        if result.path not in outcomes:
            outcomes[result.path] = _missing(result, outcomes) or _outcome(result, cache)
    return tuple(outcomes[result.path] for result in changed)


def _blocked(changed: Sequence[Changed]) -> dict[Path, WriteResult]:
    """The files that plainly cannot be written, and all that require one of them."""
    found = (_fault(result) for result in changed)
    outcomes: dict[Path, WriteResult] = {fault.path: fault for fault in found if fault is not None}
    pending = True
    while pending:
        missing = [
            outcome
            for result in changed
            if result.path not in outcomes and (outcome := _missing(result, outcomes)) is not None
        ]
        outcomes.update((outcome.path, outcome) for outcome in missing)
        pending = bool(missing)
    return outcomes


def _fault(result: Changed) -> NotWritten | None:
    try:
        _check(result, _target(result))
    except OSError as error:
        return NotWritten(result.path, error.strerror or str(error))
    return None


def _missing(result: Changed, outcomes: Mapping[Path, WriteResult]) -> NotWritten | None:
    """Why `result` cannot be written, if something that it requires was not."""
    for path in sorted(result.requires):
        if isinstance(outcomes.get(path), NotWritten):
            return NotWritten(result.path, f"it calls what {path.name} should get, which was not")
    return None


def _required_first(changed: Sequence[Changed]) -> list[Changed]:
    """`changed` so that what is required comes before what requires it, where that is possible."""
    by_path = {result.path: result for result in changed}
    ordered: dict[Path, Changed] = {}
    visited: set[Path] = set()

    def visit(result: Changed) -> None:
        if result.path in visited:
            return
        visited.add(result.path)
        for path in sorted(result.requires & by_path.keys()):
            visit(by_path[path])
        ordered[result.path] = result

    for result in changed:
        visit(result)
    return list(ordered.values())


def _outcome(result: Changed, cache: Path) -> WriteResult:
    try:
        _replace(result, cache)
    except OSError as error:
        return NotWritten(result.path, error.strerror or str(error))
    return Written(result.path)


def _replace(result: Changed, cache: Path) -> None:
    """Put the new content in place. Raises OSError; then the old content is still there."""
    target = _target(result)
    _check(result, target)
    for folder in (_cache_folder(cache), target.parent):
        temporary = folder / f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}"
        try:
            _write_through(temporary, result.new, target)
            _check(result, target)
            temporary.replace(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
        else:
            return
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)


def _target(result: Changed) -> Path:
    """The file itself: a symbolic link stays one."""
    return Path(os.path.realpath(result.path))


def _check(result: Changed, target: Path) -> None:
    """Raise OSError where the file cannot be written, or is not the one that was read."""
    # The bits, not os.access: the superuser may write everywhere and should not.
    if not target.stat().st_mode & _WRITE_BITS or not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "read-only: make it writable, then run again")
    if target.read_bytes() != result.old:
        raise OSError(errno.EBUSY, "it changed while it was being read: run again")


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
