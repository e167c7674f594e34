"""`--select`, `--ignore` and what the configuration says of codes: which of them a run is about."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from loadstream.lint.codes import KEPT, NAMES, UNREADABLE
from loadstream.project.config import Configuration
from loadstream.project.errors import InputError, nearest
from loadstream.project.globs import Globs


@dataclass(frozen=True, slots=True)
class Selection:
    """The codes that are wanted, spelt out, and those that are not in some files.

    `per_file` has patterns of paths below `root` with the codes that do not count there.
    """

    codes: frozenset[str]
    per_file: tuple[tuple[Globs, frozenset[str]], ...] = ()
    root: Path | None = None

    def __contains__(self, code: str) -> bool:
        """Tell whether findings of `code` are wanted, in some file at least."""
        return code in self.codes

    def of_file(self, path: Path | str) -> frozenset[str]:
        """The codes that are wanted in the file at `path`."""
        if not self.per_file or self.root is None:
            return self.codes
        try:
            below = os.path.relpath(path, self.root).replace(os.sep, "/")
        except ValueError:  # on another drive
            return self.codes
        return self.codes.difference(
            *(codes for globs, codes in self.per_file if globs.matches(below))
        )


def select(
    selected: Sequence[str], ignored: Sequence[str], configuration: Configuration | None = None
) -> Selection:
    """The codes of `selected` (none given: all) without those of `ignored`.

    An entry is a code, the beginning of codes (`LS1`), or a rule's name; several can stand in one
    entry, divided by commas. LS000 and LS300 stay unless they are ignored: they tell what a run
    could not do. These are the command line's: where it selects, the configuration's `select` and
    `ignore` do not count; what it ignores is ignored besides. Raises InputError for an entry that
    means nothing, wherever it stands.
    """
    every = frozenset(NAMES)
    given, without = _codes(selected, _option("--select")), _codes(ignored, _option("--ignore"))
    per_file: tuple[tuple[Globs, frozenset[str]], ...] = ()
    if configuration is not None:
        configured = _codes(configuration.select, _key(configuration, "select"))
        configured_without = _codes(configuration.ignore, _key(configuration, "ignore"))
        if not selected:
            given, without = configured, without | configured_without
        per_file = _per_file(configuration)
    wanted = given | {UNREADABLE, KEPT} if given else every
    root = None if configuration is None else configuration.root
    return Selection(wanted - without, per_file, root)


def _per_file(
    configuration: Configuration,
) -> tuple[tuple[Globs, frozenset[str]], ...]:
    table = configuration.per_file_ignores
    return tuple(
        (Globs([pattern]), _codes(entries, _key(configuration, f"per-file-ignores.{pattern}")))
        for pattern, entries in table.items()
    )


def _option(name: str) -> Callable[[str], str]:
    return lambda _entry: name


def _key(configuration: Configuration, key: str) -> Callable[[str], str]:
    return lambda entry: configuration.place(key, entry)


def _codes(entries: Sequence[str], place: Callable[[str], str]) -> frozenset[str]:
    """The codes that `entries` stand for; `place` says where one of them was written."""
    codes: set[str] = set()
    for text in entries:
        for entry in (part.strip() for part in text.split(",")):
            found = {
                code
                for code, name in NAMES.items()
                if name == entry or (entry and code.startswith(entry.upper()))
            }
            if not found:
                known = [word for both in NAMES.items() for word in both]
                raise InputError(
                    f'{place(text)}: no code or rule is called "{entry}"{nearest(entry, known)} '
                    "(loadstream explain lists all)"
                )
            codes |= found
    return frozenset(codes)
