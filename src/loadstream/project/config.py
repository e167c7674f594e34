"""`[tool.loadstream]` of the nearest pyproject.toml: read, checked, and given its defaults.

A key that means nothing is an error, never silently ignored: a misspelt `exclude` would let
files be rewritten that were meant to stay.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from loadstream.project.errors import InputError, nearest
from loadstream.project.globs import Globs
from loadstream.project.line_length import find_line_length
from loadstream.project.pairs import PairTable, pairs
from loadstream.project.setting import Setting
from loadstream.project.shown import shown
from loadstream.project.sizes import size

FILE_NAME = "pyproject.toml"
_ROOT_MARKS = (".git", FILE_NAME, "setup.py", "setup.cfg")


@dataclass(frozen=True)
class Configuration:
    """The settings in force. `root` is the top folder: of imports, and of `exclude`'s patterns.

    `file` is the pyproject.toml that they were read from, None where all are defaults. `checks` are
    the tables of `[[tool.loadstream.checks]]` as they stand there: `verify` gives them a meaning.
    `min_size` is in bytes: a pair whose data is known to be smaller is kept (None: no pair is).
    `strict` refuses rewrites after which a broken file would be noticed later than before.
    `line_length` is the formatter's, which is set elsewhere; None where it is nowhere.
    """

    root: Path
    file: Path | None = None
    exclude: tuple[str, ...] = ()
    checks: tuple[Mapping[str, object], ...] = ()
    pairs: tuple[PairTable, ...] = ()
    min_size: int | None = None
    strict: bool = False
    line_length: int | None = None

    @cached_property
    def excluded(self) -> Globs:
        """The patterns of `exclude`, compiled."""
        return Globs(self.exclude)


def find_configuration(paths: Sequence[str]) -> Configuration:
    """The configuration that holds for `paths`: searched upwards from their common folder.

    A pyproject.toml without `[tool.loadstream]` is passed over. Raises InputError, with file and
    key, for a setting that cannot be used.
    """
    start = _common_folder(paths)
    return replace(_configuration(start), line_length=find_line_length(start))


def _configuration(start: Path) -> Configuration:
    for folder in (start, *start.parents):
        file = folder / FILE_NAME
        table = _table_of(file)
        if table is not None:
            return _checked(file, table)
    return Configuration(root=_root_without_configuration(start))


def _common_folder(paths: Sequence[str]) -> Path:
    folders = []
    for path in paths or (".",):
        absolute = Path(os.path.abspath(path))  # noqa: PTH100  (links stay as they are named)
        folders.append(absolute if absolute.is_dir() else absolute.parent)
    try:
        return Path(os.path.commonpath(folders))
    except ValueError:  # several drives
        return folders[0]


def _root_without_configuration(start: Path) -> Path:
    for folder in (start, *start.parents):
        if any((folder / mark).exists() for mark in _ROOT_MARKS):
            return folder
    here = Path.cwd()
    return here if here in start.parents else start


def _table_of(file: Path) -> Mapping[str, object] | None:
    """`[tool.loadstream]` of `file`; None where there is no such file or table."""
    document = document_of(file, holding=b"loadstream")
    tool = None if document is None else document.get("tool")
    table = tool.get("loadstream") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise InputError(f"{shown(file)}: tool.loadstream must be a table: [tool.loadstream]")
    return table


def document_of(file: Path, holding: bytes = b"") -> Mapping[str, object] | None:
    """What stands in a TOML file; None where there is none, or its text does not hold `holding`.

    Raises InputError where it cannot be read.
    """
    try:
        data = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        raise InputError(f"{shown(file)}: {error.strerror}") from error
    return _parsed(file, data) if holding in data else None  # a TOML parser takes time to import


def _parsed(file: Path, data: bytes) -> Mapping[str, object]:
    import importlib

    toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        document: dict[str, object] = toml.loads(data.decode())
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{shown(file)}:{line}: not UTF-8 text: save it as UTF-8") from error
    except toml.TOMLDecodeError as error:
        cause = str(error)
        place = re.search(r" \(at line (\d+), column (\d+)\)$", cause)
        where = f"{shown(file)}:{place[1]}:{place[2]}" if place else shown(file)
        cause = cause[: place.start()] if place else cause
        raise InputError(f"{where}: broken TOML: {cause}") from error
    return document


def _globs(setting: Setting) -> tuple[str, ...]:
    patterns = setting.strings()
    for pattern in patterns:
        if not pattern.strip("/") or pattern.startswith("!"):
            one = Setting(setting.file, setting.key, pattern)
            raise one.refused('is no pattern: write a name or a path such as "vendor/"')
    return patterns


_READERS: dict[str, Callable[[Setting], object]] = {
    "exclude": _globs,
    "checks": Setting.tables,
    "min-size": size,
    "pairs": pairs,
    "strict": Setting.boolean,
}


def _checked(file: Path, table: Mapping[str, object]) -> Configuration:
    for key in table:
        if key not in _READERS:
            hint = nearest(key, _READERS) or f"; known: {', '.join(sorted(_READERS))}"
            raise InputError(f'{shown(file)}: [tool.loadstream] has no key "{key}"{hint}')
    settings: dict[str, Any] = {
        key.replace("-", "_"): _READERS[key](Setting(file, key, value))
        for key, value in table.items()
    }
    return Configuration(root=file.parent, file=file, **settings)
