"""Changed files to disk: each whole or not at all, and none before all that can be known is.

    changed files → those that can be written → backups → all new contents, as temporary files
    → each takes its file's place in one step

A kill at any moment leaves every file either old or new.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from loadstream.rewrite.backup import Backup
from loadstream.rewrite.results import Changed, FileResult, NotWritten, WriteResult, Written
from loadstream.rewrite.staging import Staging

_WRITE_BITS = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_NO_ROOM = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}

_Outcomes = dict[Path, WriteResult]


def write(
    results: Iterable[FileResult], *, root: Path, backup: Path | None = None
) -> tuple[WriteResult, ...]:
    """Replace each changed file by its new content; one outcome for each `Changed`, in order.

    A file that changed since it was read, one that is read-only or in a read-only folder, and one
    that cannot be written keep their content and are `NotWritten`, and so are those that require
    one of them; the others are written all the same. Where the disk has no room for all, none is.
    `backup` is a folder for the old content of all that is written. Raises BackupError before
    anything is written, and else nothing of its own.

    Permissions and owner stay, as far as possible; a symbolic link stays one, and what it leads to
    is replaced. Of a file with several hard links only the name that was given gets the new
    content: the others may lie outside of the repository.
    """
    changed = [result for result in results if isinstance(result, Changed)]
    if not changed:
        return ()
    outcomes = _with_missing(changed, _faults(changed))
    with Staging(root) as staging:
        staging.open(_target(result) for result in changed)
        if backup is not None:
            kept = [result for result in changed if result.path not in outcomes]
            Backup(backup, root).keep({_target(one): one for one in kept}, staging)
        temporaries = _staged(changed, outcomes, staging)
        outcomes = _with_missing(changed, outcomes)
        for result in _required_first(changed):
            if result.path not in outcomes:
                outcomes[result.path] = _missing(result, outcomes) or _outcome(
                    result, temporaries[result.path], staging
                )
    return tuple(outcomes[result.path] for result in changed)


def _faults(changed: Iterable[Changed]) -> _Outcomes:
    """The files that plainly cannot be written."""
    found = (_fault(result) for result in changed)
    return {fault.path: fault for fault in found if fault is not None}


def _fault(result: Changed) -> NotWritten | None:
    try:
        _check(result, _target(result))
    except OSError as error:
        return NotWritten(result.path, _cause(error))
    return None


def _staged(changed: Iterable[Changed], outcomes: _Outcomes, staging: Staging) -> dict[Path, Path]:
    """The temporary file of each that is not in `outcomes`; those that fail come in there."""
    staged: dict[Path, Path] = {}
    waiting = [result for result in changed if result.path not in outcomes]
    for result in waiting:
        new = _new(result, staging)
        if isinstance(new, Path):
            staged[result.path] = new
        elif new.errno in _NO_ROOM:
            outcomes.update({one.path: NotWritten(one.path, _cause(new)) for one in waiting})
            return {}
        else:
            outcomes[result.path] = NotWritten(result.path, _cause(new))
    return staged


def _new(result: Changed, staging: Staging) -> Path | OSError:
    try:
        return staging.stage(result.new, _target(result))
    except OSError as error:
        return error


def _with_missing(changed: Sequence[Changed], outcomes: _Outcomes) -> _Outcomes:
    """`outcomes` with all that require a file which cannot be written."""
    found = dict(outcomes)
    pending = True
    while pending:
        missing = [
            outcome
            for result in changed
            if result.path not in found and (outcome := _missing(result, found)) is not None
        ]
        found.update((outcome.path, outcome) for outcome in missing)
        pending = bool(missing)
    return found


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


def _outcome(result: Changed, temporary: Path, staging: Staging) -> WriteResult:
    target = _target(result)
    try:
        _check(result, target)
        staging.put(temporary, target)
    except OSError as error:
        return NotWritten(result.path, _cause(error))
    return Written(result.path)


def _target(result: Changed) -> Path:
    """The file itself: a symbolic link stays one."""
    return Path(os.path.realpath(result.path))


def _check(result: Changed, target: Path) -> None:
    """Raise OSError where the file cannot be written, or is not the one that was read."""
    if not _is_writable(target):
        raise PermissionError(errno.EACCES, "read-only: make it writable, then run again")
    if not _is_writable(target.parent):
        cause = "its folder is read-only: make that writable, then run again"
        raise PermissionError(errno.EACCES, cause)
    if target.read_bytes() != result.old:
        raise OSError(errno.EBUSY, "it changed while it was being read: run again")


def _is_writable(path: Path) -> bool:
    # The bits, not os.access alone: the superuser may write everywhere and should not.
    return bool(path.stat().st_mode & _WRITE_BITS) and os.access(path, os.W_OK)


def _cause(error: OSError) -> str:
    if error.errno in _NO_ROOM:
        return "the disk is full: make room, then run again"
    return error.strerror or str(error)
