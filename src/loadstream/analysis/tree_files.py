"""The files of a repository that can be imported from, or that say something of those."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_SUFFIXES = (".py", ".ipynb")
_NEVER_SOURCES = frozenset({"node_modules", "__pycache__", "site-packages"})
_PROJECT_MARKS = frozenset({".git", "pyproject.toml", "setup.py", "setup.cfg"})


def source_files(root: Path) -> Iterator[os.DirEntry[str]]:
    """Every Python file and notebook below `root` in a stable order, and links to folders.

    Links to folders are not followed. Where `root` is no project itself (a folder of downloads, a
    temporary one), the projects below it are left out: nothing here imports from them.
    """
    is_project = any((root / mark).exists() for mark in _PROJECT_MARKS)
    yield from _below(str(root), is_project, is_root=True)


def _below(folder: str, is_project: bool, *, is_root: bool = False) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except OSError:
        return
    if not (is_project or is_root) and not _PROJECT_MARKS.isdisjoint(e.name for e in entries):
        return
    folders: list[os.DirEntry[str]] = []
    for entry in entries:
        name = entry.name
        if entry.is_symlink() and leads_to_folder(entry):
            yield entry
        elif entry.is_dir(follow_symlinks=False):
            if not name.startswith(".") and name not in _NEVER_SOURCES:
                folders.append(entry)
        elif name.endswith(_SUFFIXES):
            yield entry
    for entry in folders:
        yield from _below(entry.path, is_project)


def leads_to_folder(entry: os.DirEntry[str]) -> bool:
    """Whether this is a folder or a link to one; a link to itself is none."""
    try:
        return entry.is_dir()
    except OSError:
        return False
