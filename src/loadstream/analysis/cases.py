"""Cases: small programs that stand in each pattern's file and are its first tests.

Each is a piece of a script that imports `load_x` from a module `data`, where `load_x` and
`stream_x(filter_func=None)` are a pair. The tests plan and edit every case, and run old and new.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias


class Rewrite(NamedTuple):
    """A program and what becomes of it."""

    before: str
    after: str
    unsafe: bool = False


class Keep(NamedTuple):
    """A program whose load this pattern refuses, with the slug of the reason."""

    source: str
    reason: str


class Report(NamedTuple):
    """A program with a finding that has no edit."""

    source: str


Case: TypeAlias = Rewrite | Keep | Report
