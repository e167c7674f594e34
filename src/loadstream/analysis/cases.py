"""Cases: small programs that stand in each pattern's file and are its first tests.

Each is a piece of a script that imports `load_x` from a module `data`, where `load_x` and
`stream_x(filter_func=None)` are a pair. The tests plan and edit every case, and run old and new.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A program and what becomes of it."""

    before: str
    after: str
    unsafe: bool = False


@dataclass(frozen=True, slots=True)
class Keep:
    """A program whose load this pattern refuses, with the slug of the reason."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """A program with a finding that has no edit."""

    source: str


Case: TypeAlias = Rewrite | Keep | Report
