"""Where literals stand in a text: most of what `lint` does on a large tree, which holds few."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

Found = tuple[int, int, int]
Find = Callable[[bytes], list[Found]]

# Of a name that is not ASCII, too: every byte of a character in UTF-8 that is not.
_WORD_BYTES = frozenset(
    byte for byte in range(256) if byte >= 0x80 or chr(byte).isalnum() or byte == ord("_")
)


def finder(literals: Sequence[bytes]) -> Find:
    """What gives (which literal, start, end) for each place in a text, from left to right.

    Places do not overlap: of literals that begin at the same byte the first is told.
    """
    return _search(literals)


def search_with(search: Callable[[Sequence[bytes]], Find]) -> None:
    """Let `search` make finders from now on: one that is faster than what Python has itself."""
    global _search
    _search = search


def is_whole_word(text: bytes, start: int, end: int) -> bool:
    """Whether no word goes on in front of a place or behind it."""
    return (not start or text[start - 1] not in _WORD_BYTES) and (
        end == len(text) or text[end] not in _WORD_BYTES
    )


def plain_finder(literals: Sequence[bytes]) -> Find:
    """A finder that searches for one literal after the other."""

    def find(text: bytes) -> list[Found]:
        every = sorted(
            (start, which, start + len(literal))
            for which, literal in enumerate(literals)
            for start in _places(text, literal)
        )
        found: list[Found] = []
        behind = 0
        for start, which, end in every:
            if start >= behind:
                found.append((which, start, end))
                behind = end
        return found

    return find


def _places(text: bytes, literal: bytes) -> Iterator[int]:
    at = text.find(literal)
    while at >= 0:
        yield at
        at = text.find(literal, at + 1)


_search: Callable[[Sequence[bytes]], Find] = plain_finder
