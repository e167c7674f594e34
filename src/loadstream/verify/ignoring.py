"""What a check's `ignore` lets differ: matches of its expressions in text, and whole files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase


def is_glob(entry: str) -> bool:
    """Whether an entry of `ignore` names files: `*.log`, `out/*`; any other is an expression."""
    return entry.startswith("*") or ("/" in entry and not re.search(r"[\\^$()+|{}]", entry))


class Ignore:
    """The entries of `ignore`, ready to be asked. Entries are valid (checks.py sees to that)."""

    def __init__(self, entries: Sequence[str] = ()) -> None:
        self._globs = [entry for entry in entries if is_glob(entry)]
        self._expressions = [re.compile(entry) for entry in entries if not is_glob(entry)]

    @property
    def in_text(self) -> bool:
        """Whether anything in a text may differ."""
        return bool(self._expressions)

    def text(self, text: str) -> str:
        """`text` with what may differ taken out."""
        for expression in self._expressions:
            text = expression.sub("<ignored>", text)
        return text

    def file(self, path: str) -> bool:
        """Whether the written file at `path`, relative to the tree, may differ."""
        return any(fnmatchcase(path, glob) for glob in self._globs) or any(
            expression.fullmatch(path) for expression in self._expressions
        )
