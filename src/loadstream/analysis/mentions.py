"""What the texts of all files say of a name: replaced from outside, taken from a module, imported.

Each text is read once for a name, whatever is then asked about it: a tree has thousands of files,
and the names asked for (`open`, `json`, `load`) stand in most of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

_BEFORE = 160  # bytes in front of a name that are looked at
_OWNER = re.compile(rb"(\w+)\.$")
_SET = re.compile(rb"(?<![\w.])(\w+)\.$")
_QUOTED = re.compile(rb"""['"](?:[\w.]+\.)?(\w+)\.$""")
_QUOTED_TO_REPLACE = re.compile(rb"""(?:patch|setattr)\(\s*['"](?:[\w.]+\.)?(\w+)\.$""")
_BY_NAME = re.compile(rb"""(?:setattr|patch\.object)\(\s*([^,]{1,80}?)\s*,\s*['"]$""")
_ASSIGNED = re.compile(rb"\s*=(?!=)")
_MEMBER = re.compile(rb"\s*(?::[^=\n]+)?=(?!=)")
_LINE_WITH_IMPORT = re.compile(rb"^.*\bimport\b.*$", re.MULTILINE)
_FROM_IMPORT = re.compile(rb"\bfrom\s+([.\w]+)\s+import\s*(\([^)]*\)|[^\n]*)")
_DEF = re.compile(rb"\bdef\s+(\w+)")
_WORD = re.compile(rb"\w+")

Paths = Set[Path]
_NOWHERE: Paths = frozenset()


def _index() -> defaultdict[bytes, set[Path]]:
    return defaultdict(set)


@dataclass(slots=True)
class _Name:
    """What is said of one name: by the word before its dot, the files that say it."""

    replaced: defaultdict[bytes, set[Path]] = field(default_factory=_index)
    taken: defaultdict[bytes, set[Path]] = field(default_factory=_index)
    as_member: set[Path] = field(default_factory=set)


class Mentions:
    """The texts of a tree, asked about names."""

    def __init__(self, texts: Iterable[tuple[Path, bytes]]) -> None:
        self._texts = texts
        self._names: dict[str, _Name] = {}
        self._matches: dict[bytes, bool] = {}

    def replacing(self, owner: str, name: str) -> Paths:
        """The files that replace `name` of a module or class called `owner`, as tests do.

        By a string with its dotted path (`mock.patch("pkg.module.name")`), by setattr, or by an
        assignment (`module.name = fake`).
        """
        return self._name(name).replaced.get(owner.encode(), _NOWHERE)

    def replacing_member(self, name: str) -> Paths:
        """The files that set an attribute `name` of anything at all."""
        return self._name(name).as_member

    def taking(self, owner: str, name: str) -> Paths:
        """The files that use `owner.name`, or import `name` from a module called `owner`."""
        dotted = self._name(name).taken.get(owner.encode(), _NOWHERE)
        return dotted | self._taken_by_import.get((owner.encode(), name.encode()), _NOWHERE)

    def match(self, word: str, pattern: bytes) -> bool:
        """Whether `pattern`, which holds `word`, is found in any file."""
        if pattern not in self._matches:
            plain, search = word.encode(), re.compile(pattern).search
            found = any(plain in text and search(text) for _, text in self._texts)
            self._matches[pattern] = found
        return self._matches[pattern]

    def defines(self, name: str) -> bool:
        """Whether a function or method of that name is defined anywhere."""
        return name.encode() in self._defined

    def importing(self, stem: str) -> Paths:
        """The files that have the word `stem` in a line with an import."""
        return self._importing.get(stem.encode(), _NOWHERE)

    def _name(self, name: str) -> _Name:
        if name not in self._names:
            self._names[name] = self._read(name.encode())
        return self._names[name]

    def _read(self, name: bytes) -> _Name:
        found, word = _Name(), re.compile(rb"\b%b\b" % re.escape(name))
        # "rows.json" is far more often a file than the json that rows.py has imported.
        quoted = _QUOTED_TO_REPLACE if name == b"json" else _QUOTED
        for path, text in self._texts:
            if name not in text:
                continue
            for match in word.finditer(text):
                start, end = match.span()
                if text[start - 1 : start] == b".":
                    self._dotted(path, text, start, end, quoted, found)
                elif text[end : end + 1] in (b"'", b'"') and text[start - 1 : start] in b"'\"":
                    by_name = _BY_NAME.search(text, max(0, start - _BEFORE), start)
                    if by_name is not None:
                        found.as_member.add(path)
                        found.replaced[by_name[1].rpartition(b".")[2]].add(path)
        return found

    def _dotted(
        self,
        path: Path,
        text: bytes,
        start: int,
        end: int,
        quoted: re.Pattern[bytes],
        found: _Name,
    ) -> None:
        """Note what `….name` says."""
        before = text[max(0, start - _BEFORE) : start]
        owner = _OWNER.search(before)
        if owner is not None:
            found.taken[owner[1]].add(path)
        if text[end : end + 1] in (b"'", b'"'):
            replaced = quoted.search(before)
        else:
            replaced = _SET.search(before) if _ASSIGNED.match(text, end) else None
        if replaced is not None:
            found.replaced[replaced[1]].add(path)
        if _MEMBER.match(text, end):
            found.as_member.add(path)

    @cached_property
    def _defined(self) -> set[bytes]:
        return {name for _, text in self._texts for name in _DEF.findall(text)}

    @cached_property
    def _importing(self) -> dict[bytes, set[Path]]:
        found = _index()
        for path, text in self._texts:
            for line in _LINE_WITH_IMPORT.findall(text):
                for word in _WORD.findall(line):
                    found[word].add(path)
        return found

    @cached_property
    def _taken_by_import(self) -> dict[tuple[bytes, bytes], set[Path]]:
        found: defaultdict[tuple[bytes, bytes], set[Path]] = defaultdict(set)
        for path, text in self._texts:
            for module, names in _FROM_IMPORT.findall(text):
                taken = _WORD.findall(names)
                for part in _WORD.findall(module):
                    for name in taken:
                        found[part, name].add(path)
        return found
