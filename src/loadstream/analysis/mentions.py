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

from loadstream.analysis.replacing import replacement_at

_BEFORE = 160  # bytes in front of a name that are looked at
_OWNER = re.compile(rb"(\w+)\.$")
_MEMBER = re.compile(rb"\s*(?::[^=\n]+)?=(?!=)")
_LINE_WITH_IMPORT = re.compile(rb"^.*\b(?:import|import_module|__import__)\b.*$", re.MULTILINE)
_FROM_IMPORT = re.compile(rb"\bfrom\s+([.\w]+)\s+import\s*(\([^)]*\)|[^\n]*)")
_DEF = re.compile(rb"\bdef\s+(\w+)")
_AS = re.compile(rb"\b(\w+)\s+as\s+(\w+)")
_ASSIGNED = re.compile(rb"(?m)(?<![\w.])(\w+)[ \t]*=[^=\n]*?\b(\w+)['\")\]]*[ \t]*$")
_STAR = re.compile(rb"\bfrom\s+([.\w]+)\s+import\s*\*")
_WORD = re.compile(rb"\w+")
_OWN_OBJECTS = (b"self", b"cls")

Paths = Set[Path]
_NOWHERE: Paths = frozenset()


def _index() -> defaultdict[bytes, set[Path]]:
    return defaultdict(set)


def _index_of_names() -> defaultdict[bytes, set[bytes]]:
    return defaultdict(set)


@dataclass(slots=True)
class _Name:
    """What is said of one name: by the word before its dot, the files that say it."""

    replaced: defaultdict[bytes, set[Path]] = field(default_factory=_index)
    replaced_of: defaultdict[bytes, set[Path]] = field(default_factory=_index)  # of some variable
    taken: defaultdict[bytes, set[Path]] = field(default_factory=_index)
    as_member: set[Path] = field(default_factory=set)
    replaced_by_call: set[Path] = field(default_factory=set)


class Mentions:
    """The texts of a tree, asked about names."""

    def __init__(self, texts: Iterable[tuple[Path, bytes]]) -> None:
        self._texts = texts
        self._names: dict[str, _Name] = {}
        self._matches: dict[bytes, bool] = {}
        self._other_names: dict[Path, dict[bytes, set[bytes]]] = {}

    def replacing(self, owner: str, name: str) -> Paths:
        """The files that replace `name` of a module or class called `owner`, as tests do.

        It may have another name there, or be the value of a variable that nothing is known of.
        """
        found, called = self._name(name), owner.encode()
        files = set(found.replaced.get(called, ())) | found.replaced_of.get(called, _NOWHERE)
        for said, paths in found.replaced.items():
            files.update(path for path in paths if self._is_alias(said, called, path))
        for said, paths in found.replaced_of.items():
            files.update(path for path in paths if self._may_be(said, called, path))
        return files

    def replacing_anywhere(self, name: str) -> bool:
        """Whether any file replaces something of that name, whatever it belongs to."""
        found = self._name(name)
        return bool(found.replaced_by_call)

    def replacing_member(self, name: str) -> Paths:
        """The files that set an attribute `name` of anything at all."""
        return self._name(name).as_member

    def taking(self, owner: str, name: str) -> Paths:
        """The files that use `owner.name`, or import `name` from a module called `owner`.

        Also by another name of the module, and where a file imports all of it and has the name.
        """
        taken, word = self._name(name).taken, re.compile(rb"\b%b\b" % re.escape(name.encode()))
        files: set[Path] = set()
        for called in self._holders(owner.encode()):
            files |= taken.get(called, _NOWHERE)
            files |= self._taken_by_import.get((called, name.encode()), _NOWHERE)
            for said, paths in taken.items():
                files.update(path for path in paths if self._is_alias(said, called, path))
            for path in self._starred.get(called, ()):
                if word.search(self._text(path)):
                    files.add(path)
        return files

    def _holders(self, owner: bytes) -> set[bytes]:
        """The module called so, and those that import all of it: their names are its names."""
        holders, pending = {owner}, [owner]
        while pending:
            for path in self._starred.get(pending.pop(), ()):
                called = (path.parent.name if path.stem == "__init__" else path.stem).encode()
                if called not in holders:
                    holders.add(called)
                    pending.append(called)
        return holders

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
        for path, text in self._texts:
            if name not in text:
                continue
            for match in word.finditer(text):
                self._note(path, text, match.start(), match.end(), found)
        return found

    def _note(self, path: Path, text: bytes, start: int, end: int, found: _Name) -> None:
        """Note what is said of the name at that place."""
        is_member = text[start - 1 : start] == b"."
        if is_member:
            owner = _OWNER.search(text[max(0, start - _BEFORE) : start])
            if owner is not None:
                found.taken[owner[1]].add(path)
            if _MEMBER.match(text, end):
                found.as_member.add(path)
        replaced = replacement_at(text, start, end)
        if replaced is None:
            return
        # "rows.json" is far more often a file than the json that rows.py has imported.
        is_file = text[start:end] == b"json" and text[end : end + 1] in (b"'", b'"')
        if is_member and is_file and not replaced.by_call:
            return
        if replaced.by_call:
            found.replaced_by_call.add(path)
        if not is_member:
            found.as_member.add(path)
        where = found.replaced if replaced.is_exact else found.replaced_of
        where[replaced.owner].add(path)

    def _text(self, path: Path) -> bytes:
        return self._by_path[path]

    def _is_alias(self, said: bytes, owner: bytes, path: Path) -> bool:
        """Whether a file calls the module `owner` so: `import m as q`, `q = import_module("m")`."""
        if path not in self._other_names:
            names = _index_of_names()
            for named, other in _AS.findall(self._text(path)):
                names[other].add(named)
            for other, named in _ASSIGNED.findall(self._text(path)):
                names[other].add(named)
            self._other_names[path] = names
        return owner in self._other_names[path].get(said, ())

    def _may_be(self, said: bytes, owner: bytes, path: Path) -> bool:
        """Whether what a file calls `said` may be the module `owner`, which it mentions."""
        text = self._text(path)
        if self._is_alias(said, owner, path):
            return True
        if said in _OWN_OBJECTS or re.search(rb"\b%b\b" % re.escape(owner), text) is None:
            return False
        return not said or path not in self._importing.get(said, _NOWHERE)

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
            for _, names in _FROM_IMPORT.findall(text):
                for word in _WORD.findall(names):
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

    @cached_property
    def _starred(self) -> dict[bytes, set[Path]]:
        """The files that import all of a module, by its name."""
        found = _index()
        for path, text in self._texts:
            for module in _STAR.findall(text):
                called = module.rstrip(b".").rpartition(b".")[2]
                found[called or path.resolve().parent.name.encode()].add(path)
        return found

    @cached_property
    def _by_path(self) -> dict[Path, bytes]:
        return dict(self._texts)
