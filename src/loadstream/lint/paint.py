"""Colours of a terminal: what a text format is given to mark its parts with, or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Paint: TypeAlias = Callable[[str, str], str]

BOLD = "1"
CODE = "1;31"
MARK = "36"
GUTTER = "1;34"
PLACE = "1;31"
ADDED = "32"
REMOVED = "31"


def plain(text: str, _colour: str) -> str:
    """The text as it is."""
    return text


def coloured(text: str, colour: str) -> str:
    """The text in a colour, one of the constants above."""
    return f"\x1b[{colour}m{text}\x1b[0m"
