"""How a path stands in output: relative to the working directory, with `/`."""

from __future__ import annotations

import os
from pathlib import Path


def relative(path: str) -> str:
    """`path` relative to the working directory, with the system's separators.

    On another drive, where there is no such path, it comes back as it is.
    """
    try:
        return os.path.relpath(path)
    except ValueError:
        return path


def shown(path: Path | str) -> str:
    """`path` as people and programs are told it."""
    return relative(str(path)).replace(os.sep, "/")
