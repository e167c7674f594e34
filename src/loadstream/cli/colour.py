"""Whether output has colours: what was asked for, what the environment says, a terminal."""

from __future__ import annotations

import os
from typing import IO

CHOICES = ("auto", "always", "never")


def wants_colour(choice: str, stream: IO[str]) -> bool:
    """Tell whether to write colours to `stream`.

    `--color` is above NO_COLOR, that is above FORCE_COLOR (each counts when it is set and not
    empty, whatever it says), and that above the kind of terminal.
    """
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return os.environ.get("TERM") != "dumb" and stream.isatty()
