"""Where the bytes in memory may be cut between two elements: guesses, which parsing then proves.

Flow: source → window → **elements** (cuts) → stream. Nothing here can make a value wrong: a cut
in the wrong place does not parse (see `containers`), and costs time only.

Two ways to cut. `Separator` has learned how one element is parted from the next in this file,
such as `}, {"id"`, and searches for that from the end of the window. `last_boundary` knows the
brackets: it is slower, and right wherever the document is well formed. `ElementEnd` is its
counterpart for an element that is larger than what is in memory: it says when enough was read.
"""

from __future__ import annotations

import re

_SPACE = b" \t\n\r"
_BRACKET = rb"[\[\]{}]"  # compiled when it is first needed
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_KEY_LENGTH = 64
_STEP = 256 * 1024
_BLOCK = 512  # how many parts between quotes are looked at together
_SPAN = 4096  # and how many bytes of one part


class Separator:
    """What stands between two elements of one array (or two members of one object) of a file."""

    __slots__ = ("_comma", "_misses", "_resting", "_spellings")

    def __init__(self) -> None:
        self._spellings: list[bytes] = []
        self._comma: dict[bytes, int] = {}
        self._misses = 0
        self._resting = 0

    @property
    def known(self) -> bool:
        """Whether there is something to search for."""
        return bool(self._spellings)

    def rests(self) -> bool:
        """Whether searching has failed so often that this window had better do without."""
        if not self._resting:
            return False
        self._resting -= 1
        return True

    def find(self, raw: bytes, at: int) -> int:
        """The last comma behind `at` that looks like a separator, or -1."""
        found = -1
        for spelling in self._spellings:
            start = raw.rfind(spelling, max(at, found))
            if start >= 0:
                found = max(found, start + self._comma[spelling])
        return found

    def hit(self) -> None:
        """The last guess was right."""
        self._misses = 0

    def miss(self) -> None:
        """The last guess was wrong. After several, guessing rests for a while, ever longer."""
        self._misses += 1
        if self._misses > 1:
            self._resting = min(2**self._misses, 64)

    def learn(self, raw: bytes, comma: int) -> None:
        """Remember how elements are parted at this comma. At most three spellings are kept."""
        start = comma
        while start and raw[start - 1] in _SPACE:
            start -= 1
        behind = raw[comma + 1 : comma + 1 + 2 * _KEY_LENGTH]
        if behind.lstrip(_SPACE)[:1] == b'"':
            # Before a key (or a string) closing brackets tell more than what comes after.
            least = max(start - _KEY_LENGTH, 0)
            while start > least and raw[start - 1] in b"]} \t\n\r":
                start -= 1
        if start and raw[start - 1] in b']}"':
            start -= 1
        spelling = raw[start : comma + 1] + behind[: _telling(behind)]
        if spelling not in self._comma:
            self._spellings = [spelling, *self._spellings][:3]
            self._comma[spelling] = comma - start


def _telling(behind: bytes) -> int:
    """How much of what follows the comma is likely to be the same at the next separator."""
    first = len(behind) - len(behind.lstrip(_SPACE))
    if behind[first : first + 1] == b"{":
        key = len(behind) - len(behind[first + 1 :].lstrip(_SPACE))
        if behind[key : key + 1] == b'"':
            return max(behind.find(b'"', key + 1), key) + 1
        return first + 1
    return first + (behind[first : first + 1] in (b"[", b'"'))


def last_boundary(raw: bytes, at: int) -> int | None:
    """The last comma behind `at` that is inside no bracket and no string; -1 if there is none.

    `raw[at]` must be where an element begins. None if these bytes close more than they open.
    """
    text = _without_escapes(raw[at:])
    parts = text.split(b'"')
    depth, stop, end = _net(b"".join(parts[::2])), len(parts), len(text)
    if depth < 0:
        return None
    while stop > 0:
        # Blocks of parts are looked at as a whole, from the end; only one in which the depth comes
        # down to zero is looked at bracket by bracket. (An even part stands outside of strings.)
        start = max(stop - _BLOCK, 0) & ~1
        block = parts[start:stop]
        before, lowest = _depths(b"".join(block[::2]), depth)
        if lowest <= 0 and (comma := _last_comma(block, end, depth)) >= 0:
            return at + comma
        depth, stop = before, start
        end -= sum(map(len, block)) + len(block)
    return -1


def _last_comma(parts: list[bytes], end: int, depth: int) -> int:
    for place in range(len(parts) - 1, -1, -1):
        stop = len(parts[place])
        start = end - stop
        while stop > 0 and not place % 2:
            begin = max(stop - _SPAN, 0)
            piece = parts[place][begin:stop]
            before, lowest = _depths(piece, depth)
            if lowest <= 0 and (comma := _last_comma_in(piece, depth)) >= 0:
                return start + begin + comma
            depth, stop = before, begin
        end = start - 1
    return -1


def _last_comma_in(piece: bytes, depth: int) -> int:
    stop = len(piece)
    for bracket in reversed([*re.finditer(_BRACKET, piece)]):
        if not depth and (comma := piece.rfind(b",", bracket.end(), stop)) >= 0:
            return comma
        depth += 1 if bracket[0] in b"]}" else -1
        stop = bracket.start()
    return -1 if depth else piece.rfind(b",", 0, stop)


class ElementEnd:
    """Says where one array, object or string ends, over bytes that come piece by piece.

    Each byte is looked at once, so an element of any size is measured in linear time.
    """

    __slots__ = ("_escaped", "_in_string", "_open")

    def __init__(self, first: bytes) -> None:
        """`first` is the bracket or quote with which the element begins."""
        self._in_string = first == b'"'
        self._open = b"" if self._in_string else first  # open brackets, outermost first
        self._escaped = False  # by a backslash at the end of the piece before

    def feed(self, piece: bytes) -> int:
        """Where in the next piece the element ends, or -1 if not yet.

        Brackets that do not match end the element too: the parser is to say what is wrong.
        """
        for begin in range(0, len(piece), _STEP):
            part = piece[begin : begin + _STEP]
            if self._escaped:
                part = b"_" + part[1:]
            self._escaped = bool((len(part) - len(part.rstrip(b"\\"))) % 2)
            end = self._look_at(_without_escapes(part))
            if end >= 0:
                return begin + end
        return -1

    def _look_at(self, piece: bytes) -> int:
        parts = piece.split(b'"')
        if not self._open:
            return len(parts[0]) + 1 if len(parts) > 1 else -1
        outside = parts[self._in_string :: 2]
        closing, opening = _reduce(b"".join(outside).translate(None, _ALL_BUT_BRACKETS))
        if closing >= len(self._open) or b"]" in opening or b"}" in opening:
            return self._where_closed(parts)
        self._open = self._open[: len(self._open) - closing] + opening
        self._in_string ^= not len(parts) % 2
        return -1

    def _where_closed(self, parts: list[bytes]) -> int:
        depth, start = len(self._open), 0
        for first in range(0, len(parts), _BLOCK):
            block = parts[first : first + _BLOCK]
            outside = b"".join(block[self._in_string :: 2])
            closing, opening = _reduce(outside.translate(None, _ALL_BUT_BRACKETS))
            if closing < depth:
                depth += len(opening) - closing
                start += sum(map(len, block)) + len(block)
                continue
            for place, part in enumerate(block):
                if place % 2 == self._in_string:
                    for bracket in re.finditer(_BRACKET, part):
                        depth += 1 if bracket[0] in b"[{" else -1
                        if not depth:
                            return start + bracket.end()
                start += len(part) + 1
        return max(start - 1, 0)


def _without_escapes(text: bytes) -> bytes:
    """The same length, with every quote a delimiter of a string."""
    if b"\\" not in text:
        return text
    return text.replace(b"\\\\", b"__").replace(b'\\"', b"__")


def _net(text: bytes) -> int:
    """How many more brackets it opens than it closes."""
    return text.count(b"[") + text.count(b"{") - text.count(b"]") - text.count(b"}")


def _depths(text: bytes, depth_behind: int) -> tuple[int, int]:
    """How deep it is before a text, and where in it that is lowest."""
    closing, opening = _reduce(text.translate(None, _ALL_BUT_BRACKETS))
    lowest = depth_behind - len(opening)
    return lowest + closing, lowest


def _reduce(brackets: bytes) -> tuple[int, bytes]:
    """How many closing brackets nothing opens here, and the opening ones that nothing closes."""
    for _ in range(32):
        length = len(brackets)
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
        if len(brackets) == length:
            break
    else:
        brackets = _reduce_deep(brackets)
    opening = brackets.lstrip(b"]}")
    return len(brackets) - len(opening), opening


def _reduce_deep(brackets: bytes) -> bytes:
    # Deep nesting would need one pass for each level; a stack needs one pass in all.
    left = bytearray()
    for bracket in brackets:
        if left and bytes((left[-1], bracket)) in (b"{}", b"[]"):
            left.pop()
        else:
            left.append(bracket)
    return bytes(left)
