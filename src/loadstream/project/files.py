"""Which files a command works on: what the user named, and what is found in named folders.

A folder in a git repository is listed by git, so that ignored files stay out, also where they are
ignored by a global list; elsewhere it is walked, leaving out dot folders, virtual environments and
caches. Only `*.py`, `*.ipynb` and what `include` matches are taken from a folder, without what
`exclude` matches; a file that is named is always taken, unless `exclude` is to hold for it too
(`--force-exclude`). Links met on the way are not followed: what they lead to is either in the tree
already or not in it. A path that cannot be used does not end the run over the others.
"""

# Thousands of paths: strings are several times faster here than Path objects.
# ruff: noqa: PTH100, PTH110, PTH112, PTH114, PTH116, PTH118

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from loadstream.project.config import Configuration
from loadstream.project.shown import relative, shown

_FOREIGN = frozenset(
    {"__pycache__", "node_modules", "site-packages", ".venv", ".ipynb_checkpoints"}
)
_MARKS = ("pyvenv.cfg", ".loadstream_backup")  # what marks an environment, and old contents
_SUFFIXES = (".py", ".ipynb")


class FoundFile(NamedTuple):
    """One file to work on. `path` is relative to the working directory where that is possible.

    `named` tells that the user gave this very file, so that it is read whatever it holds.
    """

    path: Path
    named: bool


class Found(NamedTuple):
    """The files in order, and the named folders in which there was no Python file.

    `problems` are one line for each path or folder that could not be looked at: the command cannot
    end well. `doubts` are one line for each folder whose ignored files are not known.
    """

    files: tuple[FoundFile, ...]
    empty_folders: tuple[str, ...]
    problems: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def find_files(paths: Sequence[str], configuration: Configuration) -> Found:
    """Every file that `paths` (files and folders) stand for, each once, sorted by path."""
    named: list[str] = []
    walked: list[str] = []
    empty: list[str] = []
    notes = _Notes()
    for path in paths:
        if os.path.isdir(path):
            found = list(_in_folder(path, configuration, notes))
            walked.extend(found)
            if not found and not notes.problems:
                empty.append(relative(path))
        elif fault := _fault_of_file(path):
            notes.problems.append(f"{path}: {fault}")
        elif not (configuration.force_exclude and _is_excluded(path, configuration)):
            named.append(relative(path))
    files = [*((path, True) for path in named), *((path, False) for path in walked)]
    if len(paths) > 1:
        files = list(_once(files))
    files.sort(key=lambda file: file[0].replace(os.sep, "/"))
    return Found(
        tuple(FoundFile(Path(path), named=is_named) for path, is_named in files),
        tuple(empty),
        tuple(notes.problems),
        tuple(notes.doubts),
    )


def find_changed(
    paths: Sequence[str], configuration: Configuration, changed: Iterable[Path]
) -> Found:
    """Those files of `find_files` that are among `changed` (absolute paths)."""
    wanted = {os.path.realpath(path) for path in changed}
    found = find_files(paths, configuration)
    files = tuple(f for f in found.files if os.path.realpath(f.path) in wanted)
    return Found(files, (), found.problems, found.doubts)


class _Notes:
    """What went wrong on the way."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.doubts: list[str] = []

    def unread(self, folder: str, cause: str) -> None:
        self.problems.append(f"{shown(folder)}: {cause}, so the files in it were not looked at")


def _fault_of_file(path: str) -> str:
    """Why `path` is no file that can be worked on; empty if it is one."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return "a link to nothing" if os.path.islink(path) else "no such file or folder"
    except OSError as error:
        return error.strerror or str(error)
    except ValueError:
        return "no file can be called so: there is a NUL in the name"
    return "" if stat.S_ISREG(mode) else "neither a file nor a folder"


def _is_excluded(path: str, configuration: Configuration) -> bool:
    return configuration.excluded.matches(_from_root(path, configuration))


def _from_root(path: str, configuration: Configuration) -> str:
    """`path` as the patterns of the configuration see it."""
    try:
        return os.path.relpath(path, configuration.root).replace(os.sep, "/")
    except ValueError:  # on another drive
        return path.replace(os.sep, "/")


def _once(files: Iterable[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    seen: set[str] = set()
    for path, is_named in files:  # named ones come first, so that being named wins
        identity = os.path.realpath(path)
        if identity not in seen:
            seen.add(identity)
            yield path, is_named


def _in_folder(folder: str, configuration: Configuration, notes: _Notes) -> Iterator[str]:
    """The Python files below `folder`, as they are shown, without what `exclude` matches."""
    prefix = relative(folder)
    prefix = "" if prefix == os.curdir else prefix + os.sep
    above = prefix.startswith(os.pardir)
    absolute = os.path.abspath(folder)
    to_root = _from_root(absolute, configuration)
    to_root = "" if to_root == "." else to_root + "/"
    excluded, included = configuration.excluded.matches, configuration.included.matches

    def is_wanted(name: str) -> bool:
        path = to_root + name
        return (name.endswith(_SUFFIXES) or included(path)) and not excluded(path)

    for name in _files_below(absolute, "", is_wanted, notes):
        name = name.replace("/", os.sep)
        yield relative(os.path.join(absolute, name)) if above else prefix + name


_IsWanted = Callable[[str], bool]


def _files_below(top: str, inner: str, is_wanted: _IsWanted, notes: _Notes) -> Iterator[str]:
    """The wanted files below `inner` (empty, or ending with `/`) of `top`, from there, with `/`."""
    from loadstream.project import git

    folder = f"{top}/{inner}"
    place = Path(folder)
    if not os.access(folder, os.R_OK | os.X_OK):
        notes.unread(folder, "Permission denied")
        return
    if not git.inside_repository(place):
        yield from _walk(top, inner, is_wanted, notes)
        return
    try:
        listed = git.files_of_folder(place)
    except git.GitError as error:
        if "not a git repository" not in str(error):
            notes.doubts.append(f"{shown(folder)}: what is ignored there is not known: {error}")
        yield from _walk(top, inner, is_wanted, notes)
        return
    for name in listed.unread:
        notes.unread(f"{folder}{name}", "git cannot open it")
    modules = git.has_submodules(place)
    left_out: dict[str, bool] = {}
    for name in dict.fromkeys(listed.names):  # an unmerged file is listed once for each side
        path = inner + name
        if name.endswith("/") or (modules and os.path.isdir(f"{folder}/{name}")):
            # A repository of its own, not listed by this one.
            name = name.removesuffix("/")
            is_there = os.path.exists(f"{folder}/{name}/.git")  # not so before it is initialised
            if is_there and not _is_left_out(folder, name, left_out):
                yield from _files_below(top, f"{inner}{name}/", is_wanted, notes)
        elif (
            is_wanted(path)
            and not _is_left_out(folder, name.rpartition("/")[0], left_out)
            and _is_regular(folder, name)
        ):
            yield path


def _is_left_out(folder: str, inner: str, known: dict[str, bool]) -> bool:
    """Tell whether a listed folder is an environment or a cache that somebody forgot to ignore.

    Or whether a link has taken its place.
    """
    if not inner:
        return False
    if inner not in known:
        outer, _, name = inner.rpartition("/")
        known[inner] = (
            _is_left_out(folder, outer, known)
            or _is_foreign(f"{folder}/{outer}", name)
            or os.path.islink(f"{folder}/{inner}")
        )
    return known[inner]


def _is_regular(folder: str, name: str) -> bool:
    """Tell whether a listed name is still there and a file itself, with no link on the way."""
    try:
        return stat.S_ISREG(os.lstat(f"{folder}/{name}").st_mode)
    except OSError:
        return False


def _walk(top: str, inner: str, is_wanted: _IsWanted, notes: _Notes) -> Iterator[str]:
    pending = [inner]
    while pending:
        below = pending.pop()
        place = f"{top}/{below}".rstrip("/") or "/"
        try:
            with os.scandir(place) as scan:
                entries = list(scan)
        except FileNotFoundError:  # it vanished
            continue
        except OSError as error:
            notes.unread(place, error.strerror or str(error))
            continue
        for entry in entries:
            path = below + entry.name
            if not entry.is_dir(follow_symlinks=False):
                if is_wanted(path) and entry.is_file(follow_symlinks=False):
                    yield path
            elif not _is_entered(place, entry.name):
                pass
            elif os.path.exists(f"{entry.path}/.git"):
                yield from _files_below(top, f"{path}/", is_wanted, notes)
            else:
                pending.append(f"{path}/")


def _is_entered(place: str, name: str) -> bool:
    return not name.startswith(".") and not _is_foreign(place, name)


def _is_foreign(place: str, name: str) -> bool:
    if name in _FOREIGN:
        return True
    return any(os.path.exists(os.path.join(place, name, mark)) for mark in _MARKS)
