"""What the texts of all files say of a name: replaced from outside, taken from a module, imported.

A tree has thousands of files, so each question begins with the few that hold the word (`with_word`,
found once for all questions), and what a file says is read of these alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, TypeVar

from loadstream.analysis.candidates import Words, is_by_convention
from loadstream.analysis.import_lines import ImportLines, modules_that_give, words_of_imports
from loadstream.analysis.literals import finder, is_whole_word
from loadstream.analysis.replacing import replacement_at
from loadstream.analysis.word_index import WordIndex

_FEW = 100  # words for which all texts are searched: an index of all words costs as much
_BEFORE = 160  # bytes in front of a name that are looked at
_OWNER = re.compile(rb"(\w+)\.$")
_BEHIND_MEMBER = re.compile(rb"['\"]|\s*(?::[^=\n]+)?=(?!=)")
_MEMBER = re.compile(rb"\s*(?::[^=\n]+)?=(?!=)")
_DEF = re.compile(rb"\bdef\s+(\w+)")
_AS = re.compile(rb"\b(\w+)\s+as\s+(\w+)")
_ASSIGNED = re.compile(rb"(?m)(?<![\w.])(\w+)[ \t]*=[^=\n]*?\b(\w+)['\")\]]*[ \t]*$")
_WORD = re.compile(rb"\w+")
_OWN_OBJECTS = (b"self", b"cls")
_QUOTES = (b"'", b'"')

Paths = Set[Path]
_Fact = TypeVar("_Fact")


@dataclass(slots=True)
class _Replaced:
    """How one file replaces a name: in what it calls `exact`, or in a variable called `unknown`."""

    exact: set[bytes] = field(default_factory=set)
    unknown: set[bytes] = field(default_factory=set)
    as_member: bool = False
    by_call: bool = False


class _Replacers(NamedTuple):
    """The files that replace a name, by all that its owner may be called.

    Those `of_unknown` replace it in a variable that may be anything of which they speak.
    """

    by_owner: dict[bytes, set[Path]]
    of_unknown: list[Path]


class Read(NamedTuple):
    """What has been found in the texts of a tree, without these; `places` number its files."""

    import_lines: bytes
    places: list[tuple[int, int]]
    stars: dict[bytes, dict[Path, None]]
    replaced: dict[bytes, Mapping[Path, _Replaced]]
    taken: dict[bytes, Mapping[Path, set[bytes]]]
    imported: dict[bytes, Mapping[Path, set[bytes]]]


class Mentions:
    """The texts of a tree, asked about names.

    `words` are those of the texts. With a `base` these are only the texts that differ from its
    texts: what the others say is read once for both.
    """

    def __init__(
        self,
        texts: Iterable[tuple[Path, bytes]],
        words: Mapping[Path, Words],
        base: Mentions | None = None,
    ) -> None:
        self._own = dict(texts)
        self._words = words
        self._base = base
        self._searched = 0  # words
        self._with_word: dict[bytes, Mapping[Path, bytes]] = {}
        self._replaced_names: dict[bytes, Mapping[Path, _Replaced]] = {}
        self._taken_names: dict[bytes, Mapping[Path, set[bytes]]] = {}
        self._imported_names: dict[bytes, Mapping[Path, set[bytes]]] = {}
        self._replacers_of: dict[bytes, _Replacers] = {}
        self._takers_of: dict[bytes, dict[bytes, set[Path]]] = {}
        self._importing_word: dict[bytes, Mapping[Path, None]] = {}
        self._matching: dict[bytes, Paths] = {}
        self._other_names: dict[Path, dict[bytes, set[bytes]]] = {}
        self._import_words: dict[Path, set[bytes]] = {}

    def with_word(self, word: str) -> Mapping[Path, bytes]:
        """The files that hold `word` by itself, with their texts, in order."""
        return self._holding(_bytes(word))

    def replacing(self, owner: str, name: str) -> Paths:
        """The files that replace `name` of a module or class called `owner`, as tests do.

        It may have another name there, or be the value of a variable that nothing is known of.
        """
        return self._replacing(_bytes(name), _bytes(owner))

    def replacing_anywhere(self, name: str) -> bool:
        """Whether any file replaces something of that name, whatever it belongs to."""
        return any(replaced.by_call for replaced in self._replaced(_bytes(name)).values())

    def replacing_member(self, name: str) -> Paths:
        """The files that set an attribute `name` of anything at all."""
        found = self._replaced(_bytes(name))
        return {path for path, replaced in found.items() if replaced.as_member}

    def taking(self, owner: str, name: str) -> Paths:
        """The files that use `owner.name`, or import `name` from a module called `owner`.

        Also by another name of the module, and where a file imports all of it and has the name.
        """
        word = _bytes(name)
        holding = self._holding(word)
        files: set[Path] = set()
        for called in self._holders(_bytes(owner)):
            files.update(self._taking(word, called))
            files.update(path for path in self._starred(called) if path in holding)
        return files

    def match(self, word: str, pattern: bytes) -> bool:
        """Whether `pattern`, which holds `word`, is found in any file."""
        return bool(self._matches(_bytes(word), pattern))

    def defines(self, name: str) -> bool:
        """Whether a function or method of that name is defined anywhere."""
        return bool(self._matches(_bytes(name), rb"\bdef\s+%b\b" % re.escape(_bytes(name))))

    def importers(self, stem: str) -> Mapping[Path, bytes]:
        """The files that hold the word `stem` in what may be an import, with their texts."""
        found = self._importing(_bytes(stem))
        return {path: self._text(path) for path in found}

    # ahead

    def read_ahead(self) -> None:
        """Find what nearly every file asks, whichever it is."""
        for word in (b"json", b"open"):
            self._replaced(word)
        self._taken(b"json")
        self._imported(b"json")
        _ = self._stars

    @property
    def read(self) -> Read:
        """What has been found, for another process that has the same texts."""
        numbers = {path: number for number, path in enumerate(self._own)}
        lines = self._import_lines
        places = [(numbers[path], end) for path, end in lines.places]
        words = (self._replaced_names, self._taken_names, self._imported_names)
        return Read(lines.text, places, self._stars, *words)

    def know(self, read: Read) -> None:
        """Take in what another process has found in these texts."""
        paths = [*self._own]
        places = [(paths[number], end) for number, end in read.places]
        self._import_lines = ImportLines(read.import_lines, places)
        self._stars = read.stars
        self._replaced_names.update(read.replaced)
        self._taken_names.update(read.taken)
        self._imported_names.update(read.imported)

    # by word

    def _holding(self, word: bytes) -> Mapping[Path, bytes]:
        if word not in self._with_word:
            own = dict(self._read_holding(word))
            self._with_word[word] = self._over(
                {} if not self._base else self._base._holding(word), own
            )
        return self._with_word[word]

    def _read_holding(self, word: bytes) -> Iterator[tuple[Path, bytes]]:
        by_itself = is_by_convention(word.decode(errors="replace"))  # told so by the words
        for path, places in self._near(word):
            text = self._own[path]
            if by_itself or any(is_whole_word(text, at, at + len(word)) for at in places):
                yield path, text

    def _near(self, word: bytes) -> Iterator[tuple[Path, list[int]]]:
        """The own texts that hold `word` with all its places, be it within another one there."""
        if not word:  # that of a package at the top of the file system
            return
        find = finder([word])
        for path in self._worth_searching(word):
            if found := find(self._own[path]):
                yield path, [start for _, start, _ in found]

    def _worth_searching(self, word: bytes) -> Iterable[Path]:
        name, words = word.decode(errors="replace"), self._words
        if is_by_convention(name):
            return self._mentioning.get(name, ())
        if word == b"json" or word.startswith(b"json."):
            return (path for path in self._own if words[path].json)
        self._searched += 1
        if self._searched <= _FEW:
            return self._own
        numbers = self._index.numbers(word)
        return self._own if numbers is None else map(self._paths.__getitem__, numbers)

    @cached_property
    def _index(self) -> WordIndex:
        return WordIndex(self._own.values())

    @cached_property
    def _paths(self) -> list[Path]:
        return [*self._own]

    @cached_property
    def _mentioning(self) -> dict[str, list[Path]]:
        """The own files by the names by convention that they mention."""
        found: dict[str, list[Path]] = {}
        for path in self._own:
            for name in self._words[path].mentioned:
                found.setdefault(name, []).append(path)
        return found

    def _over(self, base: Mapping[Path, _Fact], own: Mapping[Path, _Fact]) -> Mapping[Path, _Fact]:
        """What the files of the base say, but for those that have another text here."""
        if self._base is None:
            return own
        return {**{path: fact for path, fact in base.items() if path not in self._own}, **own}

    def _own_holding(self, word: bytes) -> Iterable[tuple[Path, bytes]]:
        holding = self._holding(word)
        return (
            holding.items()
            if self._base is None
            else ((path, text) for path, text in self._own.items() if path in holding)
        )

    def _matches(self, word: bytes, pattern: bytes) -> Paths:
        if pattern not in self._matching:
            search = re.compile(pattern).search
            own = {path for path, text in self._own_holding(word) if search(text)}
            if self._base is not None:
                own |= self._base._matches(word, pattern) - self._own.keys()
            self._matching[pattern] = own
        return self._matching[pattern]

    def _replaced(self, name: bytes) -> Mapping[Path, _Replaced]:
        if name not in self._replaced_names:
            own: dict[Path, _Replaced] = {}
            for path, places in self._near(name):
                text, found = self._own[path], _Replaced()
                for start in places:
                    if _may_replace(text, start, start + len(name)):
                        _note(text, start, start + len(name), found)
                if found != _Replaced():
                    own[path] = found
            base = {} if self._base is None else self._base._replaced(name)
            self._replaced_names[name] = self._over(base, own)
        return self._replaced_names[name]

    def _taken(self, name: bytes) -> Mapping[Path, set[bytes]]:
        """What stands before the dot in front of the name, in each file."""
        if name not in self._taken_names:
            own: dict[Path, set[bytes]] = {}
            for path, places in self._near(name):
                if owners := _owners(self._own[path], places, len(name)):
                    own[path] = owners
            base = {} if self._base is None else self._base._taken(name)
            self._taken_names[name] = self._over(base, own)
        return self._taken_names[name]

    def _imported(self, name: bytes) -> Mapping[Path, set[bytes]]:
        """The parts of the modules that each file imports the name from."""
        if name not in self._imported_names:
            own: dict[Path, set[bytes]] = {}
            for path in self._importing(name):
                if path in self._own and (modules := modules_that_give(name, self._own[path])):
                    own[path] = modules
            base = {} if self._base is None else self._base._imported(name)
            self._imported_names[name] = self._over(base, own)
        return self._imported_names[name]

    def _taking(self, name: bytes, called: bytes) -> Paths:
        """The files that take the name from what is called so, there or by another name."""
        if name not in self._takers_of:
            self._takers_of[name] = self._own_takers(name)
        own: Paths = self._takers_of[name].get(called, frozenset())
        if self._base is None:
            return own
        return own | (self._base._taking(name, called) - self._own.keys())

    def _own_takers(self, name: bytes) -> dict[bytes, set[Path]]:
        """By what the name is taken from, the own files that do so: every owner asks for that."""
        takers: dict[bytes, set[Path]] = {}
        taken, imported = self._taken(name), self._imported(name)
        for path in self._own.keys() & (taken.keys() | imported.keys()):
            if path not in self._holding(name):
                continue
            owners = taken.get(path, set())
            others = (self._names_behind(path).get(said, ()) for said in owners)
            for called in owners.union(imported.get(path, ()), *others):
                takers.setdefault(called, set()).add(path)
        return takers

    def _replacing(self, name: bytes, called: bytes) -> Paths:
        """The files that replace the name of what is called so, or may be, there or elsewhere."""
        if name not in self._replacers_of:
            self._replacers_of[name] = self._own_replacers(name)
        replacers = self._replacers_of[name]
        own: Paths = replacers.by_owner.get(called, frozenset())
        if not _WORD.fullmatch(called):
            holds = re.compile(rb"\b%b\b" % re.escape(called)).search
            own = own | {path for path in replacers.of_unknown if holds(self._own[path])}
        if self._base is None:
            return own
        return own | (self._base._replacing(name, called) - self._own.keys())

    def _own_replacers(self, name: bytes) -> _Replacers:
        by_owner: dict[bytes, set[Path]] = {}
        of_unknown: list[Path] = []
        for path, replaced in self._replaced(name).items():
            if path not in self._own:
                continue
            said = replaced.exact | replaced.unknown
            owners = said.union(*(self._names_behind(path).get(one, ()) for one in said))
            unknown = replaced.unknown.difference(_OWN_OBJECTS)
            if unknown and not unknown <= self._words_of_imports(path):
                of_unknown.append(path)
                owners.update(_WORD.findall(self._own[path]))  # it may be all that is spoken of
            for called in owners:
                by_owner.setdefault(called, set()).add(path)
        return _Replacers(by_owner, of_unknown)

    # by file

    def _text(self, path: Path) -> bytes:
        own = self._own.get(path)
        if own is None and self._base is not None:
            return self._base._text(path)
        assert own is not None
        return own

    def _holders(self, owner: bytes) -> set[bytes]:
        """The module called so, and those that import all of it: their names are its names."""
        holders, pending = {owner}, [owner]
        while pending:
            for path in self._starred(pending.pop()):
                called = _bytes(path.parent.name if path.stem == "__init__" else path.stem)
                if called not in holders:
                    holders.add(called)
                    pending.append(called)
        return holders

    def _names_behind(self, path: Path) -> Mapping[bytes, set[bytes]]:
        """By the names that an own file gives to something, what that is called elsewhere."""
        if path not in self._other_names:
            names: dict[bytes, set[bytes]] = {}
            for pattern in (_AS, _ASSIGNED):
                for one, other in pattern.findall(self._own[path]):
                    named, said = (one, other) if pattern is _AS else (other, one)
                    names.setdefault(said, set()).add(named)
            self._other_names[path] = names
        return self._other_names[path]

    def _words_of_imports(self, path: Path) -> set[bytes]:
        if path not in self._import_words:
            self._import_words[path] = words_of_imports(self._own[path])
        return self._import_words[path]

    def _importing(self, word: bytes) -> Mapping[Path, None]:
        """The files that hold the word in what may be an import."""
        if not word:
            return {}
        if word not in self._importing_word:
            own = dict.fromkeys(self._import_lines.with_word(word))
            base = {} if self._base is None else self._base._importing(word)
            self._importing_word[word] = self._over(base, own)
        return self._importing_word[word]

    def _starred(self, called: bytes) -> Mapping[Path, None]:
        """The files that import all of a module, by its name."""
        own = self._stars.get(called, {})
        return self._over({} if self._base is None else self._base._starred(called), own)

    @cached_property
    def _import_lines(self) -> ImportLines:
        """The lines of the own texts that may be imports."""
        return ImportLines.of(self._own)

    @cached_property
    def _stars(self) -> dict[bytes, dict[Path, None]]:
        """The own files by the names of the modules that they import all of."""
        starred: dict[bytes, dict[Path, None]] = {}
        for path, module in self._import_lines.stars():
            called = module.rstrip(b".").rpartition(b".")[2] or _bytes(path.parent.name)
            starred.setdefault(called, {})[path] = None
        return starred


def _owners(text: bytes, places: Iterable[int], length: int) -> set[bytes]:
    """What stands before the dot in front of a name, at all its places."""
    return {
        owner[1]
        for at in places
        if text[at - 1 : at] == b"." and is_whole_word(text, at, at + length)
        for owner in [_OWNER.search(text, max(0, at - _BEFORE), at)]
        if owner is not None
    }


def _may_replace(text: bytes, start: int, end: int) -> bool:
    """Whether a name stands as where it is replaced: `.name =`, `.name"`, `"name"`, `name=`."""
    before, behind = text[start - 1 : start], text[end : end + 1]
    if before == b".":
        return _BEHIND_MEMBER.match(text, end) is not None
    if before == behind and before in _QUOTES:
        return True
    return behind == b"=" and _WORD.match(before) is None


def _bytes(name: str) -> bytes:
    """A name as a text spells it; that of a file may be no UTF-8."""
    return name.encode(errors="surrogateescape")


def _note(text: bytes, start: int, end: int, found: _Replaced) -> None:
    """Note how the name at that place is replaced, if it is."""
    is_member = text[start - 1 : start] == b"."
    if is_member and _MEMBER.match(text, end):
        found.as_member = True
    replaced = replacement_at(text, start, end)
    if replaced is None:
        return
    # "rows.json" is far more often a file than the json that rows.py has imported.
    is_file = text[start:end] == b"json" and text[end : end + 1] in (b"'", b'"')
    if is_member and is_file and not replaced.by_call:
        return
    if replaced.by_call:
        found.by_call = True
    if not is_member:
        found.as_member = True
    (found.exact if replaced.is_exact else found.unknown).add(replaced.owner)
