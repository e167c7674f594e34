"""Faults put into working code that are certainly reached and that no data can hide.

The old side of each check is compared with a sabotaged copy of itself: a checker that calls
these equal cannot be believed about that check.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from loadstream.verify.checks import Call, Target


@dataclass(frozen=True, slots=True)
class Fault:
    """A file with a fault: what was done, in words, and the text of the whole file."""

    path: str
    label: str
    source: str


def plain_faults(path: str, source: str, target: Target) -> Iterator[Fault]:
    """A line of output more; for code that closes its output, another exit code."""
    if isinstance(target, Call):
        name = target.function.split(".")[0]
        for label, fault in (
            (f"one more line printed by {name}", "print('sabotage')"),
            (f"an exit by {name}", "raise SystemExit(97)"),
        ):
            wrapped = (
                f"\n_sabotaged = {name}\ndef {name}(*a, **k):\n"
                f"    {fault}\n    return _sabotaged(*a, **k)\n"
            )
            yield Fault(path, label, source + wrapped)
        return
    lines = source.splitlines(keepends=True)
    at = _behind_head(source)
    for label, fault in (
        (f"one more line printed at the start of {path}", "print('sabotage')\n"),
        (f"an exit at the start of {path}", "raise SystemExit(97)\n"),
    ):
        yield Fault(path, label, "".join([*lines[:at], fault, *lines[at:]]))


def _behind_head(source: str) -> int:
    """The number of lines that must stay first: the docstring and imports from `__future__`."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return 0
    at = 0
    for index, statement in enumerate(body):
        is_docstring = (
            index == 0 and ast.get_docstring(ast.Module(body, []), clean=False) is not None
        )
        is_future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if not is_docstring and not is_future:
            break
        at = statement.end_lineno or at
    return at
