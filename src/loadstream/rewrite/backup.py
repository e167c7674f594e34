"""The old content of every file that a run writes, on request, in a folder of its own.

A file has the path there that it has from the root. The folder is no part of the repository, if it
lies in it: git ignores it, and so does the search for files.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from loadstream.rewrite.results import BackupError, Changed
from loadstream.rewrite.staging import Staging

MARK = ".loadstream_backup"
_IGNORE = ".gitignore"


class Backup:
    """The backups in `folder` of files below `root`."""

    def __init__(self, folder: Path, root: Path) -> None:
        self._folder = folder
        self._root = Path(os.path.realpath(root))

    def keep(self, files: Mapping[Path, Changed], staging: Staging) -> None:
        """Put the old content of `files`, by the file that is written, into the folder.

        A backup that is there already stays. Raises BackupError, with nothing written but backups,
        where it has another content, the folder holds something else, or it cannot be written.
        """
        if not files:
            return
        try:
            places = {target: self._place(target, result) for target, result in files.items()}
            there = {
                target for target, place in places.items() if self._holds(place, files[target].old)
            }
            self._claim()
            for target, place in places.items():
                if target not in there:
                    place.parent.mkdir(parents=True, exist_ok=True)
                    staging.put_new(self._copy(files[target].old, target, staging), place)
        except OSError as error:
            raise self._error(f"cannot be written: {error.strerror or error}") from error

    def _error(self, cause: str) -> BackupError:
        return BackupError(f"--backup {self._folder}: {cause}; nothing was rewritten")

    def _place(self, target: Path, result: Changed) -> Path:
        named = Path(os.path.abspath(result.path))  # noqa: PTH100  (a link by its own name)
        for path in (target, named, Path(os.path.realpath(named.parent), named.name)):
            if path.is_relative_to(self._root):
                return self._folder / path.relative_to(self._root)
        raise self._error(f"{result.path} is not below {self._root}, so it has no place there")

    def _holds(self, place: Path, old: bytes) -> bool:
        """Whether the backup is there. Raises BackupError for another one."""
        if not os.path.lexists(place):
            return False
        if place.is_file() and place.read_bytes() == old:
            return True
        name = place.relative_to(self._folder)
        raise self._error(f"it holds another {name} already: name a new folder")

    def _claim(self) -> None:
        """Make the folder, and mark it. Raises BackupError for one of the user's in the tree."""
        real = Path(os.path.realpath(self._folder))
        if not real.is_relative_to(self._root):
            self._folder.mkdir(parents=True, exist_ok=True)
            return
        mark = real / MARK
        if not mark.exists() and real.is_dir() and any(real.iterdir()):
            raise self._error("it holds other files already: name a new folder")
        real.mkdir(parents=True, exist_ok=True)
        mark.touch()
        (real / _IGNORE).write_text("*\n", encoding="utf-8")

    @staticmethod
    def _copy(old: bytes, target: Path, staging: Staging) -> Path:
        status = target.stat()
        temporary = staging.stage(old, target)
        os.utime(temporary, ns=(status.st_atime_ns, status.st_mtime_ns))
        return temporary
