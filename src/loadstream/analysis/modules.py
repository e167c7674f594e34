"""The repository around a file: which module a name was imported from, read but never run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Repository:
    """The tree in which imports are followed. `root` is its top folder."""

    root: Path
