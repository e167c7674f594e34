"""Tables of small programs, written one below the other."""

from __future__ import annotations

import re

import pytest


def programs(text: str) -> list[object]:
    """The programs of `text`, each with what is expected of it.

    Each begins with a line `# expected: what it is about`; the latter names its test.
    """
    found = []
    for part in re.split(r"^(?=# )", text.strip(), flags=re.MULTILINE)[1:]:
        head, _, program = part.partition("\n")
        expected, _, name = head.removeprefix("# ").rpartition(": ")
        found.append(pytest.param(expected, program, id=name.replace(" ", "_")))
    return found
