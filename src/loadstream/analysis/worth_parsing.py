"""Whether a file is worth parsing: whether anything of the repository may be called in it."""

from __future__ import annotations

import re

from loadstream.analysis.candidates import Known, Words, is_by_convention, words_of
from loadstream.analysis.literals import Find, finder, is_whole_word
from loadstream.analysis.plain_loaders import plain_names
from loadstream.analysis.repository import Repository

_CALLED = re.compile(rb"\s*(?:\(|as\b)")


def is_worth_parsing(data: bytes, repository: Repository, words: Words | None = None) -> bool:
    """Tell from a file's bytes alone whether it may hold a site in `repository`.

    That is a load by json, or the name of a loader or streamer that is defined there or that is
    configured, or a call of any function that may be a plain loader. Never wrongly False.
    `words` are those of `data`, where they are known.
    """
    words = words_of(data) if words is None else words
    if words.loads or words.ours:
        return True
    if any(name.encode() in data for name in repository.settings.names):
        return True
    if words.called and _known(repository).may_call(words):
        return True
    find = repository.answer(("names of plain loaders",), lambda: _find_plain_names(repository))
    return find is not None and any(_is_called(data, start, end) for _, start, end in find(data))


def _known(repository: Repository) -> Known:
    def find() -> Known:
        return Known(repository.words.values(), plain_names(repository))

    return repository.answer(("known by convention",), find)


def _find_plain_names(repository: Repository) -> Find | None:
    """What finds the names of plain loaders that are none by convention, if there are any."""
    names = {n.encode() for n in plain_names(repository) if not is_by_convention(n)}
    # The longest first: where that is found, a shorter one that it begins with is no whole word.
    return finder(sorted(names, key=lambda name: (-len(name), name))) if names else None


def _is_called(text: bytes, start: int, end: int) -> bool:
    """Whether a name in a text may be called there, or given another name."""
    is_defined = text[max(0, start - 4) : start] == b"def "
    return (
        is_whole_word(text, start, end) and not is_defined and _CALLED.match(text, end) is not None
    )
