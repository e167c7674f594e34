"""`--select` and `--ignore`: which codes a run is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loadstream.lint.codes import KEPT, NAMES, UNREADABLE
from loadstream.project.errors import InputError, nearest


@dataclass(frozen=True, slots=True)
class Selection:
    """The codes that are wanted, spelt out."""

    codes: frozenset[str]

    def __contains__(self, code: str) -> bool:
        """Tell whether findings of `code` are wanted."""
        return code in self.codes


def select(selected: Sequence[str], ignored: Sequence[str]) -> Selection:
    """The codes of `selected` (none given: all) without those of `ignored`.

    An entry is a code, the beginning of codes (`LS1`), or a rule's name; several can stand in one
    entry, divided by commas. LS000 and LS300 stay unless they are ignored: they tell what a run
    could not do. Raises InputError for an entry that means nothing.
    """
    every = frozenset(NAMES)
    wanted = _codes(selected, "--select") | {UNREADABLE, KEPT} if selected else every
    return Selection(wanted - _codes(ignored, "--ignore"))


def _codes(entries: Sequence[str], option: str) -> frozenset[str]:
    codes: set[str] = set()
    for entry in (part.strip() for text in entries for part in text.split(",")):
        found = {
            code
            for code, name in NAMES.items()
            if name == entry or (entry and code.startswith(entry.upper()))
        }
        if not found:
            known = [word for both in NAMES.items() for word in both]
            raise InputError(
                f'{option}: no code or rule is called "{entry}"{nearest(entry, known)} '
                "(loadstream explain lists all)"
            )
        codes |= found
    return frozenset(codes)
