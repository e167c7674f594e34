"""What the lines with imports of a text say, told from its bytes."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path

from loadstream.analysis.literals import Find, finder, is_whole_word

_LINE_WITH_IMPORT = re.compile(rb"^.*\b(?:import|import_module|__import__)\b.*$", re.MULTILINE)
_FROM_IMPORT = re.compile(
    rb"\bfrom\s+([.\w]+)\s+import\s*"
    rb"(\((?:[^)#]|#[^\n]*)*\)|(?:[^\n\\]|\\\r?\n?)*)"
)
_STAR = re.compile(rb"import\s*\*")
_FROM_STAR = re.compile(rb"\bfrom\s+([.\w]+)\s+import\s*\*")
_WORD = re.compile(rb"\w+")
_WHOLE_WORD = re.compile(rb"[\w\x80-\xff]+")  # as `is_whole_word` sees it


class ImportLines:
    """The lines of many texts that may be imports, as one text that is searched at once.

    `places` are the files with where their lines end in it.
    """

    def __init__(self, text: bytes, places: list[tuple[Path, int]]) -> None:
        self.text = text
        self.places = places
        self._ends = [end for _, end in places]

    @classmethod
    def of(cls, texts: Mapping[Path, bytes]) -> ImportLines:
        """Those of `texts`."""
        parts: list[bytes] = []
        places: list[tuple[Path, int]] = []
        end = 0
        for path, text in texts.items():
            if lines := b"\n".join(_lines_with_import(text)):
                end += len(lines) + 1
                parts.append(lines)
                places.append((path, end))
        return cls(b"\n".join(parts), places)

    def with_word(self, word: bytes) -> list[Path]:
        """The files whose lines hold `word` by itself, in order.

        A tree is asked for the name of each of its modules, so it is not searched for each.
        """
        parts = _WHOLE_WORD.findall(word)
        if not parts:
            return [path for path, start, end in self._spans if self._holds(word, start, end)]
        fewest = min((self._by_word.get(part, []) for part in parts), key=len)
        found = [self._spans[number] for number in fewest]
        if parts == [word]:
            return [path for path, _, _ in found]
        return [path for path, start, end in found if self._holds(word, start, end)]

    def _holds(self, word: bytes, start: int, end: int) -> bool:
        text = self.text[start:end]
        return any(is_whole_word(text, at, behind) for _, at, behind in finder([word])(text))

    @cached_property
    def _spans(self) -> list[tuple[Path, int, int]]:
        """The files, each with where its lines begin and end."""
        starts = [0, *self._ends]
        return [(path, start, end) for start, (path, end) in zip(starts, self.places, strict=False)]

    @cached_property
    def _by_word(self) -> dict[bytes, list[int]]:
        """By word, the numbers of the files whose lines hold it."""
        found: dict[bytes, list[int]] = {}
        for number, (_, start, end) in enumerate(self._spans):
            for word in set(_WHOLE_WORD.findall(self.text, start, end)):
                found.setdefault(word, []).append(number)
        return found

    def path_at(self, place: int) -> Path:
        """The file that what stands at that place of `text` comes from."""
        return self.places[bisect_right(self._ends, place)][0]

    def stars(self) -> Iterator[tuple[Path, bytes]]:
        """The files that import all of a module, with what they call it."""
        for star in _STAR.finditer(self.text):
            start = self.text.rfind(b"\n", 0, star.start()) + 1
            found = _FROM_STAR.search(self.text, start, star.end())
            if found is not None:
                yield self.path_at(star.start()), found[1]


def modules_that_give(name: bytes, text: bytes) -> set[bytes]:
    """The parts of the names of the modules that a text imports `name` from."""
    return {
        part
        for said, names in _FROM_IMPORT.findall(text)
        if name in names and name in _WORD.findall(names)
        for part in _WORD.findall(said)
    }


def words_of_imports(text: bytes) -> set[bytes]:
    """All words in what may be the imports of a text."""
    found: set[bytes] = set()
    for line in _LINE_WITH_IMPORT.findall(text):
        found.update(_WORD.findall(line))
    for _, names in _FROM_IMPORT.findall(text):
        found.update(_WORD.findall(names))
    return found


def _lines_with_import(text: bytes) -> list[bytes]:
    """The lines that hold "import", with those that go on in brackets or behind a backslash."""
    lines: list[bytes] = []
    end = 0
    for _, at, behind in _finder()(text):
        if at < end:
            continue
        start = text.rfind(b"\n", 0, at) + 1
        end = text.find(b"\n", behind)
        if end < 0:
            end = len(text)
        line = text[start:end]
        if b"(" in line or b"\\" in line:
            while end < len(text) and _goes_on(line):
                end = text.find(b"\n", end + 1)
                if end < 0:
                    end = len(text)
                line = text[start:end]
        lines.append(line)
    return lines


def _goes_on(line: bytes) -> bool:
    return line.count(b"(") > line.count(b")") or line.rstrip().endswith(b"\\")


@cache
def _finder() -> Find:
    return finder([b"import"])
