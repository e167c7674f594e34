"""The reference of the configuration, from the table beside its readers."""

from __future__ import annotations

from collections.abc import Iterator

from generated.prose import fence, inline
from loadstream.project.keys import TABLES, Key, Table

_HEAD = """\
# Configuration

All of it stands in one `pyproject.toml`: the nearest one above what a command is given that has a
`[tool.loadstream]`. Nothing needs to be set: pairs are found by their names, data by what the code
opens; `loadstream init` shows what it finds and proposes a table. An unknown key is an error, with
the nearest known name.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *("\n".join(_table(table)) for table in TABLES)])


def _table(table: Table) -> Iterator[str]:
    yield f"## {table.name.strip('[]')}\n"
    yield f"{inline(table.meaning)}\n"
    for key in table.keys:
        yield from _key(table, key)


def _key(table: Table, key: Key) -> Iterator[str]:
    yield f"### {key.name}\n"
    yield f"{inline(key.meaning)}\n"
    default = f"`{key.default}`" if key.default else "none"
    yield f"**Type:** {inline(key.type)} · **Default:** {default}\n"
    yield fence("toml", f"{table.name}\n{key.example}")
