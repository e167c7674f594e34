"""Which files a command works on: what the user named, and what is found in named folders.

A folder in a git repository is listed by git, so that ignored files stay out; elsewhere it is
walked, leaving out dot folders, virtual environments and caches. Only `*.py` and `*.ipynb` are
taken from a folder; a file that is named is always taken. Links met on the way are not followed:
what they lead to is either in the tree already or not in it.
"""

# Thousands of paths: strings are several times faster here than Path objects.
# ruff: noqa: PTH100, PTH110, PTH112, PTH114, PTH116, PTH118

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from loadstream.project.config import Configuration
from loadstream.project.errors import InputError
from loadstream.project.shown import relative

_FOREIGN = frozenset(
    {"__pycache__", "node_modules", "site-packages", ".venv", ".ipynb_checkpoints"}
)
_MARKS = ("pyvenv.cfg", ".loadstream_backup")  # what marks an environment, and old contents
_SUFFIXES = (".py", ".ipynb")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One file to work on. `path` is relative to the working directory where that is possible.

    `named` tells that the user gave this very file, so that it is read whatever it holds.
    """

    path: Path
    named: bool


@dataclass(frozen=True, slots=True)
class Found:
    """The files in order, and the named folders in which there was no Python file."""

    files: tuple[FoundFile, ...]
    empty_folders: tuple[str, ...]


def find_files(paths: Sequence[str], configuration: Configuration) -> Found:
    """Every file that `paths` (files and folders) stand for, each once, sorted by path.

    Raises InputError for a path that does not exist or is neither file nor folder.
    """
    named: list[str] = []
    walked: list[str] = []
    empty: list[str] = []
    for path in paths:
        if os.path.isdir(path):
            found = sorted(_in_folder(path, configuration))
            walked.extend(found)
            if not found:
                empty.append(relative(path))
        else:
            _require_file(path)
            named.append(relative(path))
    files = [FoundFile(Path(path), named=True) for path in named]
    files += [FoundFile(Path(path), named=False) for path in walked]
    if len(paths) > 1:
        files = list(_once(files))
    return Found(tuple(sorted(files, key=lambda file: file.path.as_posix())), tuple(empty))


def find_changed(
    paths: Sequence[str], configuration: Configuration, changed: Iterable[Path]
) -> Found:
    """Those files of `find_files` that are among `changed` (absolute paths)."""
    wanted = {os.path.realpath(path) for path in changed}
    found = find_files(paths, configuration)
    return Found(tuple(f for f in found.files if os.path.realpath(f.path) in wanted), ())


def _require_file(path: str) -> None:
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file or folder") from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    if not stat.S_ISREG(mode):
        raise InputError(f"{path}: neither a file nor a folder")


def _once(files: Iterable[FoundFile]) -> Iterator[FoundFile]:
    seen: set[str] = set()
    for file in files:  # named ones come first, so that being named wins
        identity = os.path.realpath(file.path)
        if identity not in seen:
            seen.add(identity)
            yield file


def _in_folder(folder: str, configuration: Configuration) -> Iterator[str]:
    """The Python files below `folder`, as they are shown, without what `exclude` matches."""
    prefix = relative(folder)
    prefix = "" if prefix == os.curdir else prefix + os.sep
    absolute = os.path.abspath(folder)
    to_root = os.path.relpath(absolute, configuration.root).replace(os.sep, "/")
    to_root = "" if to_root == "." else to_root + "/"
    excluded = configuration.excluded.matches
    for name in _python_files(absolute):
        if not excluded(to_root + name.replace(os.sep, "/")):
            above = prefix.startswith(os.pardir)
            yield relative(os.path.join(absolute, name)) if above else prefix + name


def _python_files(folder: str) -> Iterator[str]:
    from loadstream.project import git

    place = Path(folder)
    listed = git.files_of_folder(place) if git.inside_repository(place) else None
    if listed is None:
        yield from _walk(folder)
        return
    left_out: dict[str, bool] = {}
    for name in dict.fromkeys(listed):  # an unmerged file is listed once for each side
        if name.endswith("/"):  # a repository of its own, not listed by this one
            for inner in _python_files(os.path.join(folder, name)):
                yield name.replace("/", os.sep) + inner
        elif (
            name.endswith(_SUFFIXES)
            and not _is_left_out(folder, name.rpartition("/")[0], left_out)
            and _is_regular(folder, name)
        ):
            yield name.replace("/", os.sep)


def _is_left_out(folder: str, inner: str, known: dict[str, bool]) -> bool:
    """Tell whether a listed folder is an environment or a cache that somebody forgot to ignore."""
    if not inner:
        return False
    if inner not in known:
        outer, _, name = inner.rpartition("/")
        known[inner] = _is_left_out(folder, outer, known) or _is_foreign(f"{folder}/{outer}", name)
    return known[inner]


def _is_regular(folder: str, name: str) -> bool:
    """Tell whether a listed name is still there and a file itself, with no link on the way."""
    try:
        return stat.S_ISREG(os.lstat(f"{folder}/{name}").st_mode)
    except OSError:
        return False


def _walk(folder: str) -> Iterator[str]:
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if _is_entered(place, name)]
        inner = os.path.relpath(place, folder)
        for name in files:
            path = os.path.join(place, name)
            if name.endswith(_SUFFIXES) and not os.path.islink(path):
                yield name if inner == os.curdir else os.path.join(inner, name)


def _is_entered(place: str, name: str) -> bool:
    return not name.startswith(".") and not _is_foreign(place, name)


def _is_foreign(place: str, name: str) -> bool:
    if name in _FOREIGN:
        return True
    return any(os.path.exists(os.path.join(place, name, mark)) for mark in _MARKS)
