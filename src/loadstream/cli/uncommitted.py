"""What to say before files are written that git could not give back as they were."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from loadstream.project import git


def uncommitted(paths: Sequence[Path], root: Path) -> str:
    """One line where `paths`, or other files of the repository at `root`, are not committed.

    Empty where all are, where nothing is to be written, and where there is no git to say so.
    """
    if not paths or not git.inside_repository(root):
        return ""
    try:
        top = Path(os.path.realpath(git.top_folder(root)))
        changed = _changed(top)
        tracked = _names(git.git(top, "ls-files", "-z"))
    except git.GitError:
        return ""
    real = [Path(os.path.realpath(path)) for path in paths]
    names = {path.relative_to(top).as_posix() for path in real if path.is_relative_to(top)}
    if own := len(names & changed) + len(names - tracked):
        which = f"{own} of the {len(paths)} files" if len(paths) > 1 else "the file"
        verb = "are" if own > 1 else "is"
        return f"{which} to be rewritten {verb} not committed, so git cannot undo this alone"
    if changed:
        return "the git tree has uncommitted changes, which the rewrites will be mixed with"
    return ""


def _changed(top: Path) -> set[str]:
    """The tracked files that differ from the last commit."""
    said = git.git(
        top, "--no-optional-locks", "status", "--porcelain", "-z", "-uno", "--no-renames"
    )
    return {entry[3:] for entry in _names(said)}


def _names(listed: bytes) -> set[str]:
    return {os.fsdecode(name) for name in listed.split(b"\0") if name}
