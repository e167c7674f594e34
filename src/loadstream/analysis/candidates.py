"""Which files may hold a site, told from their bytes: most of a tree is never parsed.

    bytes → the words that matter in them → is anything of the repository called so?

Literals are searched for first, because that is a hundred times as fast as an expression with a
choice. Nothing is imported here that takes time: where no file is a candidate, nothing else is
needed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import cache
from typing import NamedTuple

from loadstream.analysis.literals import Find, finder
from loadstream.analysis.loader_names import loader_names, streamer_names, twin_names

_STEMS = (b"load_", b"stream_", b"iter_")
# Our own name stands in an import of the runtime, or in a comment that keeps something.
_JSON_WORD, _OURS = b"json", b"loadstream"
_LITERALS = (*_STEMS, _JSON_WORD, _OURS)
_JSON = re.compile(rb"\bjson\.loads?\b|\bfrom json import\b|\bimport json as\b")
_NAME = re.compile(rb"([\w\x80-\xff]+)(?:[\s\\)]*(\(|as\b))?")
_LEAD = re.compile(rb"(?:(\bdef)[ \t\\\n\r]+)?(?<![\w\x80-\xff])_*\Z")
_LONGEST_LEAD = 24
_READ = re.compile(rb"\bread(?:_text|_bytes)?\s*\(")
_DEFINED = re.compile(rb"\n[ \t]*(?:async[ \t]+def|def|class|@)")
_LONGEST = 2_000  # bytes of an argument


class Words(NamedTuple):
    """What the bytes of a file say.

    `mentioned` are all names by convention (`load_x`, `stream_x`, `iter_x`), `called` those that
    are called or given another name, `defined` those of its functions and methods. `loads` tells
    that a function of json may be called, `returns` that a function may do no more than return what
    it gives, `json` that the word is there at all, `ours` that our own name is.
    """

    mentioned: frozenset[str]
    called: frozenset[str]
    defined: frozenset[str]
    loads: bool
    returns: bool
    json: bool
    ours: bool


_NONE: frozenset[str] = frozenset()
_NO_WORDS = Words(_NONE, _NONE, _NONE, loads=False, returns=False, json=False, ours=False)


def words_of(text: bytes) -> Words:
    """The words that matter in a file."""
    places = _finder()(text)
    if not places:
        return _NO_WORDS
    mentioned: set[str] = set()
    called: set[str] = set()
    defined: set[str] = set()
    json = ours = False
    behind = 0  # the last name, which may hold more than one stem
    for which, at, _ in places:
        if which >= len(_STEMS):
            json = json or _LITERALS[which] is _JSON_WORD
            ours = ours or _LITERALS[which] is _OURS
        elif at >= behind:
            found = _NAME.match(text, at)
            lead = _LEAD.search(text[max(0, at - _LONGEST_LEAD) : at])
            assert found is not None
            if lead is not None:
                name = (lead[0][len(lead[0].rstrip(b"_")) :] + found[1]).decode(errors="replace")
                mentioned.add(name)
                if lead[1]:
                    defined.add(name)
                elif found[2]:
                    called.add(name)
            behind = found.end(1)
    loads, returns = _may_load(text) if json else (False, False)
    return Words(
        frozenset(mentioned), frozenset(called), frozenset(defined), loads, returns, json, ours
    )


@cache
def _finder() -> Find:
    return finder(_LITERALS)


def is_by_convention(name: str) -> bool:
    """Whether `words_of` would tell where a function of that name is defined."""
    return name.lstrip("_").encode().startswith(_STEMS) and name.isascii()


def _may_load(text: bytes) -> tuple[bool, bool]:
    """Whether json may be called for a file, and whether such a call may be all of a function.

    `loads` is called for the text that a file gives.
    """
    loads = False
    for found in _JSON.finditer(text):
        if found[0] != b"json.loads" or _READ.search(text, found.end(), found.end() + _LONGEST):
            loads = True
            if not found[0].startswith(b"json.") or _is_in_function_with_return(text, found):
                return True, True
    return loads, False


def _is_in_function_with_return(text: bytes, call: re.Match[bytes]) -> bool:
    """Whether there is a `return` between the `def` in front of a place and what is defined next.

    A function with another one inside it is no plain loader.
    """
    following = _DEFINED.search(text, call.end())
    end = len(text) if following is None else following.start()
    return text.find(b"return", max(0, text.rfind(b"def ", 0, call.start())), end) >= 0


class Known:
    """The functions and methods of a repository that are called as loaders or streamers are.

    `plain` are the names of functions that may be plain loaders, whatever these names are.
    """

    def __init__(self, words: Iterable[Words], plain: Collection[str]) -> None:
        self._defined: set[str] = set()
        self._beside_json: set[str] = set()
        for one in words:
            self._defined |= one.defined
            if one.json:
                self._beside_json |= one.defined
        self._streamers = {twin for name in plain for twin in twin_names(name)}

    def may_call(self, words: Words) -> bool:
        """Whether a file with these words may call a loader, or a streamer that has a loader."""
        return any(self._is_called(name, words.defined, words.json) for name in words.called)

    def _is_called(self, name: str, own: Collection[str], own_json: bool) -> bool:
        def is_defined(one: str) -> bool:
            return one in own or one in self._defined

        if twins := streamer_names(name):
            beside_json = name in self._beside_json or (own_json and name in own)
            is_paired = any(map(is_defined, (*twins, *twin_names(name))))
            return is_defined(name) and (is_paired or beside_json)
        if name in self._streamers:
            return True
        return is_defined(name) and any(map(is_defined, loader_names(name)))
