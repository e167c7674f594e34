"""`[tool.loadstream]` of the nearest pyproject.toml: read, checked, and given its defaults.

A key that means nothing is an error, never silently ignored: a misspelt `exclude` would let
files be rewritten that were meant to stay.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from loadstream.project.checks import checks
from loadstream.project.errors import InputError, nearest
from loadstream.project.globs import Globs
from loadstream.project.line_length import find_line_length
from loadstream.project.pairs import PairTable, pairs
from loadstream.project.places import place
from loadstream.project.setting import Setting
from loadstream.project.shown import shown
from loadstream.project.sizes import size

FILE_NAME = "pyproject.toml"
HEADING = "[tool.loadstream]"
_ROOT_MARKS = (".git", FILE_NAME, "setup.py", "setup.cfg")


@dataclass(frozen=True)
class Configuration:
    """The settings in force. `root` is the top folder: of imports, and of `exclude`'s patterns.

    `file` is the pyproject.toml that they were read from, None where all are defaults. `checks` are
    the tables of `[[tool.loadstream.checks]]` as they stand there: `verify` gives them a meaning.
    `include` are patterns of files that are taken from folders besides Python's; `force_exclude`
    lets `exclude` hold for files that are named too. `select`, `ignore` and `per_file_ignores`
    (codes by patterns) are as they are written: `lint` and `rewrite` know the codes.
    `min_size` is in bytes: a pair whose data is known to be smaller is kept (None: no pair is).
    `strict` refuses rewrites after which a broken file would be noticed later than before.
    `line_length` is the formatter's, which is set elsewhere; None where it is nowhere.
    """

    root: Path
    file: Path | None = None
    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    force_exclude: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    checks: tuple[Mapping[str, object], ...] = ()
    pairs: tuple[PairTable, ...] = ()
    min_size: int | None = None
    strict: bool = False
    line_length: int | None = None

    @cached_property
    def excluded(self) -> Globs:
        """The patterns of `exclude`, compiled."""
        return Globs(self.exclude)

    @cached_property
    def included(self) -> Globs:
        """The patterns of `include`, compiled."""
        return Globs(self.include)

    def place(self, key: str, value: object) -> str:
        """`file:line: [tool.loadstream] key`: where `value` stands, for an error about it."""
        assert self.file is not None
        return f"{place(self.file, HEADING, key, value)}: {HEADING} {key}"


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
        while not os.path.isdir(absolute) and absolute != absolute.parent:  # noqa: PTH112
            absolute = absolute.parent  # of a file, or of what is not there or not to be looked at
        folders.append(absolute)
    try:
        return Path(os.path.commonpath(folders))
    except ValueError:  # several drives
        return folders[0]


def _root_without_configuration(start: Path) -> Path:
    for folder in (start, *start.parents):
        if any(os.path.exists(folder / mark) for mark in _ROOT_MARKS):  # noqa: PTH110
            return folder
    here = Path.cwd()
    return here if here in start.parents else start


def _table_of(file: Path) -> Mapping[str, object] | None:
    """`[tool.loadstream]` of `file`; None where there is no such file or table."""
    document = document_of(file, holding=b"loadstream")
    return None if document is None else _table_in(file, document)


def configuration_in(file: Path, document: Mapping[str, object]) -> Configuration:
    """The configuration that `document`, the content of `file`, holds. Raises InputError."""
    return _checked(file, _table_in(file, document) or {})


def _table_in(file: Path, document: Mapping[str, object]) -> Mapping[str, object] | None:
    tool = document.get("tool")
    table = tool.get("loadstream") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        where = place(file, "[tool]", "loadstream", table)
        raise InputError(f"{where}: tool.loadstream must be a table: {HEADING}")
    return table


def document_of(file: Path, holding: bytes = b"") -> Mapping[str, object] | None:
    """What stands in a TOML file; None where there is none, or its text does not hold `holding`.

    Raises InputError where it cannot be read.
    """
    try:
        data = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except IsADirectoryError as error:
        raise InputError(f"{shown(file)}: a folder, not a file: give it another name") from error
    except OSError as error:
        raise InputError(f"{shown(file)}: {error.strerror}") from error
    if _in_two_bytes(holding) in data:
        raise InputError(f"{shown(file)}: not UTF-8 text but UTF-16: save it as UTF-8")
    return (
        document_in(file, data) if holding in data else None
    )  # a TOML parser takes time to import


def _in_two_bytes(text: bytes) -> bytes:
    """What stands in a UTF-16 file for ASCII text of several characters, whichever the order."""
    return b"\0".join(bytes([byte]) for byte in text) if len(text) > 1 else b"\0\xd8\0\xdc"


def document_in(file: Path, data: bytes) -> dict[str, object]:
    """What `data`, the content of a TOML file, says. Raises InputError where it is none."""
    import codecs
    import importlib

    if data.startswith(codecs.BOM_UTF8):
        cause = "begins with a byte order mark, which TOML does not know: save it as UTF-8 without"
        raise InputError(f"{shown(file)}:1: {cause}")
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


def _per_file(setting: Setting) -> Mapping[str, tuple[str, ...]]:
    """Codes by patterns."""
    if not isinstance(setting.value, dict):
        raise setting.wrong('a table of patterns, such as { "tests/*" = ["LS104"] }')
    for pattern in setting.value:
        _globs(Setting(setting.file, setting.key, [pattern]))
    table = f"[tool.loadstream.{setting.key}]"
    return {
        pattern: Setting(setting.file, pattern, codes, table).strings()
        for pattern, codes in setting.value.items()
    }


_READERS: dict[str, Callable[[Setting], object]] = {
    "checks": checks,
    "exclude": _globs,
    "force-exclude": Setting.boolean,
    "ignore": Setting.strings,
    "include": _globs,
    "min-size": size,
    "pairs": pairs,
    "per-file-ignores": _per_file,
    "select": Setting.strings,
    "strict": Setting.boolean,
}


def _checked(file: Path, table: Mapping[str, object]) -> Configuration:
    for key in table:
        if key not in _READERS:
            hint = nearest(key, _READERS) or f"; known: {', '.join(sorted(_READERS))}"
            where = place(file, HEADING, key, table[key])
            raise InputError(f'{where}: {HEADING} has no key "{key}"{hint}')
    settings: dict[str, Any] = {
        key.replace("-", "_"): _READERS[key](Setting(file, key, value))
        for key, value in table.items()
    }
    return Configuration(root=file.parent, file=file, **settings)
