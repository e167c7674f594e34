"""`[[tool.loadstream.pairs]]`: loaders and streamers that are paired by the user.

Only the form is checked here. Whether there are such functions is asked where the code is read.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from loadstream.project.errors import InputError, nearest
from loadstream.project.places import place
from loadstream.project.setting import Setting

TABLE = "[[tool.loadstream.pairs]]"
_KEYS = ("load", "stream", "filter-parameter", "data", "arguments")
_MAP_EXAMPLE = 'arguments = { source = { raw = { enriched = false } } } or { path = "file" }'


@dataclass(frozen=True)
class PairTable:
    """One pair as it is configured. `load` and `stream` are dotted names, the last one's own.

    `data` is a path or glob, relative to the configuration's folder. `arguments` has for a
    parameter of the loader either its name in the streamer, or for each constant given to it the
    keywords that the streamer gets instead.
    """

    load: str
    stream: str
    filter_parameter: str | None = None
    data: str | None = None
    arguments: Mapping[str, str | Mapping[str, Mapping[str, object]]] = field(default_factory=dict)


def pairs(setting: Setting) -> tuple[PairTable, ...]:
    """The pairs of the configuration. Raises InputError for what is no pair."""
    read = tuple(_pair(setting.file, table) for table in setting.tables())
    for index, pair in enumerate(read):
        if any(pair.load == other.load for other in read[:index]):
            where = place(setting.file, TABLE, "load", pair.load)
            raise InputError(f'{where}: {TABLE} load = "{pair.load}" stands twice')
    return read


def _pair(file: Path, table: Mapping[str, object]) -> PairTable:
    for key in table:
        if key not in _KEYS:
            hint = nearest(key, _KEYS) or f"; known: {', '.join(_KEYS)}"
            where = place(file, TABLE, key, table[key])
            raise InputError(f'{where}: {TABLE} has no key "{key}"{hint}')
    for key, other in (("load", "stream"), ("stream", "load")):
        if key not in table:
            of = f' {other} = "{table[other]}"' if other in table else ""
            where = place(file, TABLE, other, table.get(other))
            raise InputError(
                f'{where}: {TABLE}{of} needs {key} too, such as {key} = "module.{key}_x"'
            )
    settings = {key: Setting(file, key, value, TABLE) for key, value in table.items()}
    return PairTable(
        _dotted(settings["load"]),
        _dotted(settings["stream"]),
        _name(settings["filter-parameter"]) if "filter-parameter" in settings else None,
        _data(settings["data"]) if "data" in settings else None,
        _arguments(settings["arguments"]) if "arguments" in settings else {},
    )


def _dotted(setting: Setting) -> str:
    parts = setting.string().split(".")
    if len(parts) < 2 or not all(part.isidentifier() for part in parts):
        raise setting.refused(
            f'is no dotted name: write it with its module, such as "module.{setting.key}_x" or '
            f'"module.Class.{setting.key}_x"'
        )
    return setting.string()


def _name(setting: Setting) -> str:
    if not setting.string().isidentifier():
        raise setting.refused("is no name of a parameter")
    return setting.string()


def _data(setting: Setting) -> str:
    if not setting.string().strip():
        raise setting.refused('is no path: write one such as "data/rows.json"')
    return setting.string()


def _arguments(setting: Setting) -> Mapping[str, str | Mapping[str, Mapping[str, object]]]:
    if not isinstance(setting.value, dict):
        raise setting.wrong(f"a table: {_MAP_EXAMPLE}")
    for name, mapped in setting.value.items():
        inner = Setting(setting.file, f"arguments.{name}", mapped, TABLE)
        if isinstance(mapped, str):
            _name(inner)
            continue
        if not isinstance(mapped, dict):
            raise inner.wrong(f"a name or a table: {_MAP_EXAMPLE}")
        for given, keywords in mapped.items():
            _check_keywords(Setting(setting.file, f"arguments.{name}.{given}", keywords, TABLE))
    return setting.value


def _check_keywords(setting: Setting) -> None:
    if not isinstance(setting.value, dict):
        raise setting.wrong(f"a table of the streamer's arguments: {_MAP_EXAMPLE}")
    for name, value in setting.value.items():
        one = Setting(setting.file, f"{setting.key}.{name}", value, TABLE)
        if not name.isidentifier():
            where = place(setting.file, TABLE, one.key, value)
            raise InputError(f'{where}: {TABLE} {setting.key}: "{name}" is no name')
        if not isinstance(value, bool | int | str) and not (
            isinstance(value, float) and math.isfinite(value)
        ):
            raise one.wrong("a string, a number or a boolean")
