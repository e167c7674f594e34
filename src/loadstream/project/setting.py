"""One value of `[tool.loadstream]`, read as what it should be, or refused with its place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from loadstream.project.errors import InputError
from loadstream.project.places import place

_TOML_NAMES: dict[type, str] = {
    bool: "a boolean",
    dict: "a table",
    float: "a float",
    int: "an integer",
    list: "a list",
    str: "a string",
}


class Setting(NamedTuple):
    """One value of a table, with what an error about it has to say.

    `table` is the table's heading as it is written, `[tool.loadstream]`.
    """

    file: Path
    key: str
    value: object
    table: str = "[tool.loadstream]"

    def wrong(self, expected: str) -> InputError:
        """The error for a value of another type than `expected`."""
        found = _TOML_NAMES.get(type(self.value), type(self.value).__name__)
        return InputError(
            f"{self._place()}: {self.table} {self.key} must be {expected}, not {found}"
        )

    def refused(self, cause: str) -> InputError:
        """The error for a string that means nothing."""
        return InputError(f'{self._place()}: {self.table} {self.key}: "{self.value}" {cause}')

    def _place(self) -> str:
        return place(self.file, self.table, self.key, self.value)

    def string(self) -> str:
        """The value, a string. Raises InputError, as all of these do."""
        if not isinstance(self.value, str):
            raise self.wrong("a string")
        return self.value

    def boolean(self) -> bool:
        """The value, true or false."""
        if not isinstance(self.value, bool):
            raise self.wrong("true or false")
        return self.value

    def strings(self) -> tuple[str, ...]:
        """The value, a list of strings."""
        if not isinstance(self.value, list):
            raise self.wrong("a list of strings")
        for item in self.value:
            if not isinstance(item, str):
                raise Setting(self.file, self.key, item, self.table).wrong("a list of strings")
        return tuple(self.value)

    def tables(self) -> tuple[Mapping[str, object], ...]:
        """The value, a list of tables."""
        if not isinstance(self.value, list) or not all(isinstance(i, dict) for i in self.value):
            raise self.wrong(f"a list of tables, [[tool.loadstream.{self.key}]]")
        return tuple(self.value)
