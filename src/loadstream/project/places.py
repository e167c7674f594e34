"""Where a setting stands in a TOML file: for errors, as the parser keeps no places.

A line is believed where what is above it parses and does not have the setting, and where the next
lines that parse with it do. Only errors pay for this.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from loadstream.project.shown import shown

_LONGEST_VALUE = 60  # lines


def place(file: Path, table: str, key: str, value: object) -> str:
    """`pyproject.toml:12`: the line of `key` in `table`, a heading with its brackets.

    Of several tables with that heading, the first in which it has that value. The line of a string
    in a list is its own. Without a line where none is certain.
    """
    try:
        text = file.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return shown(file)
    line = _line(text.split("\n"), table.strip("[]").split("."), key, value)
    return f"{shown(file)}:{line}" if line else shown(file)


def _line(lines: Sequence[str], table: Sequence[str], key: str, value: object) -> int | None:
    names = re.findall(r"\w+", key) or [key]
    for index, line in enumerate(lines):
        if not any(name in line for name in names):
            continue
        if _holds(lines[:index], table, key, value) is not False:
            continue
        for end in range(index + 1, min(index + _LONGEST_VALUE, len(lines)) + 1):
            holds = _holds(lines[:end], table, key, value)
            if holds:
                return _own_line(lines, index, end, value)
            if holds is False:
                break
    return None


def _own_line(lines: Sequence[str], first: int, end: int, value: object) -> int:
    """The line of a string among those of its list, else the first one; counted from 1."""
    if isinstance(value, str):
        for index in range(first, end):
            if re.search(rf"""["']{re.escape(value)}["']""", lines[index]):
                return index + 1
    return first + 1


def _holds(lines: Sequence[str], table: Sequence[str], key: str, value: object) -> bool | None:
    """Whether a text has that setting; None where it is no TOML."""
    toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        document = toml.loads("\n".join(lines))
    except toml.TOMLDecodeError:
        return None
    return any(_has(one, key, value) for one in _tables(document, table))


def _tables(document: Any, names: Sequence[str]) -> Iterator[Any]:
    """The tables of that name: one, or all of a list of tables."""
    if isinstance(document, list):
        for one in document:
            yield from _tables(one, names)
    elif not names:
        yield document
    elif isinstance(document, dict) and names[0] in document:
        yield from _tables(document[names[0]], names[1:])


def _has(table: Any, key: str, value: object) -> bool:
    """Whether `key`, which may be dotted, has the value there, or something that holds it.

    Of a table, which may go on in other lines, the key is enough.
    """
    if not isinstance(table, dict):
        return False
    if key in table:
        found = table[key]
        if isinstance(value, dict) or (isinstance(value, list) and _are_tables(value)):
            return True
        return bool(found == value or _is_inside(value, found))
    outer, dot, inner = key.partition(".")
    return bool(dot) and outer in table and _has(table[outer], inner, value)


def _are_tables(value: Sequence[object]) -> bool:
    return bool(value) and all(isinstance(one, dict) for one in value)


def _is_inside(value: object, found: object) -> bool:
    if isinstance(found, dict):
        return isinstance(value, str) and value in found
    return isinstance(found, list) and value in found
