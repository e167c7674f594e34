"""The files of a repository that can be imported from, or that say something of those."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_SUFFIXES = (".py", ".ipynb")
_NEVER_SOURCES = frozenset({"node_modules", "__pycache__", "site-packages"})
_PROJECT_MARKS = frozenset({".git", "pyproject.toml", "setup.py", "setup.cfg"})


def source_files(root: Path) -> Iterator[os.DirEntry[str]]:
    """Every Python file and notebook below `root` in a stable order, and links.

    Links to folders are not followed. Where `root` is no project itself (a folder of downloads, a
    temporary one), the projects below it are left out: nothing here imports from them.
    """
    is_project = any((root / mark).exists() for mark in _PROJECT_MARKS)
    pending = [str(root)]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(folder) as scan:
                entries = sorted(scan, key=_name)
        except OSError:
            continue
        is_above = is_project or folder == str(root)
        if not is_above and not _PROJECT_MARKS.isdisjoint(map(_name, entries)):
            continue
        folders: list[str] = []
        for entry in entries:
            name = entry.name
            if entry.is_dir(follow_symlinks=False):
                if not name.startswith(".") and name not in _NEVER_SOURCES:
                    folders.append(entry.path)
            elif entry.is_symlink():
                if name.endswith(_SUFFIXES) or leads_to_folder(entry):
                    yield entry
            elif name.endswith(_SUFFIXES) and entry.is_file(follow_symlinks=False):
                yield entry  # and no pipe, which would be waited for
        pending += reversed(folders)


def is_source(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a file or leads to one; a link to nothing or to itself does not."""
    try:
        return entry.is_file()
    except OSError:
        return False


def leads_to_folder(entry: os.DirEntry[str]) -> bool:
    """Whether this is a folder or a link to one; a link to itself is none."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name
