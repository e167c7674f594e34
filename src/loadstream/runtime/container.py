"""What arrays and objects have in common: batches of whole elements, each batch proved.

Flow: source → window → **elements** → stream.

Why a guessed cut is sound. Say that the window stands where an element of an array begins, and
that some bytes B follow which end just before a comma. `[` + B + `]` is handed to a parser of
complete documents. If it answers with a list that is not empty, then B is a sequence of whole
elements: a JSON parser is deterministic and reads from left to right, so in the real document it
goes through B in the very same states, and stands behind B where an element of *this* array has
ended; the comma that follows is then the separator. The list holds these elements and nothing
else. Three things are needed:

- B is not empty of elements: `[ ]` would parse although a comma cannot stand there. Checked.
- No token goes on behind B: what follows is a comma, which ends every token. The cuts see to it.
- The parser is never laxer than `json`, nor gives other values. That is a property of the parser,
  see `parsers`; the test suite compares both over documents made to break this.

If it does not parse, nothing has been learned, and nothing is lost but time: a cut by counting
brackets is tried, and in the end the standard library's own scanner goes through the text one
element at a time; what that one rejects is wrong (`faults`). The same holds for the members of an
object and `{` + B + `}`, and for an element that is larger than the window: it is read until its
brackets are closed and parsed alone, and only a comma or the closing bracket may follow.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import Enum

from loadstream.runtime.cuts import ElementEnd, Separator, last_boundary
from loadstream.runtime.errors import DuplicateKeyError
from loadstream.runtime.faults import fault
from loadstream.runtime.faults import space_end as char_space_end
from loadstream.runtime.window import space_end

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from typing import Any, ClassVar

    from loadstream.runtime.window import Window

_PATIENCE = 2
"""For how many windows a separator is searched before the brackets are counted instead."""


class State(Enum):
    """Where in its container a window stands."""

    FIRST = 0  # behind the opening bracket
    NEXT = 1  # behind a comma
    AFTER = 2  # behind a value, before its comma or the closing bracket
    VALUE = 3  # before the value that was sought


class Sought(Exception):  # noqa: N818 (good news)
    """The value that is sought begins at `index` of the text."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


class Container(ABC):
    """An array or object that is being read. The window stands inside of it, at `state`.

    `batch()` gives what is whole in memory. It never reads: who calls it decides whether to read
    on (`batches`), or to go into an element that is too large for the window (`skim`).
    """

    __slots__ = (
        "_cut_in",
        "_large",
        "_large_at",
        "_large_end",
        "_parse",
        "_passed",
        "_separator",
        "began",
        "closed",
        "state",
        "window",
    )

    opening: ClassVar[bytes]
    closing: ClassVar[bytes]
    prefixes: ClassVar[dict[State, str]]

    def __init__(self, window: Window, parse: Callable[[bytes], Any]) -> None:
        self.window = window
        self.state = State.FIRST
        self.closed = False
        self.began = 0  # the byte behind the bracket or comma where the last batch began
        self._parse = parse
        self._separator = Separator()
        self._large: ElementEnd | None = None
        self._cut_in = -1  # the end of what was read, when it was last cut at its last boundary
        self._large_at = 0  # how far behind the window's place the large element begins, and
        self._large_end = -1  # where it ends if that is in memory already
        self._passed = 0  # how many elements or members the window has gone over

    def batches(self) -> Iterator[Collection[Any]]:
        """All that is left, in batches of one or more, each as soon as it is whole."""
        while not self.closed:
            batch = self.batch()
            if batch is None:
                batch = self.take_large()
            if batch:
                yield batch
            elif batch is None:
                self.window.grow()

    def batch(self) -> Collection[Any] | None:
        """Some more whole elements or members, in order; None if there is no whole one in memory.

        Empty where the container closes, or where nothing can pass a filter. Raises what
        `json.load` raises.
        """
        window, self._large = self.window, None
        if self.state is State.AFTER and not self._pass_comma():
            return None
        if self.closed:
            return ()
        self.began = window.offset
        if window.end == self._cut_in and not window.ended:
            return None
        if self._next_is_wanted():
            return self._one_by_one(1)
        if not self._separator.known:
            large = window.unparsed >= window.size and self._watch()
            return None if large else self._one_by_one(1)
        if not self._separator.rests():
            cut = self._separator.find(window.raw, window.at)
            if (found := self._prove(cut)) is not None:
                self._separator.hit()
                return found
            if cut >= 0:
                self._separator.miss()
            elif self._hopes() or self._watch():
                return None
        return self._exactly()

    @property
    def at_value(self) -> bool:
        """Whether the window stands before the value that was sought."""
        return self.state is State.VALUE

    @property
    def watches(self) -> bool:
        """Whether the first element has proved to be larger than what is in memory."""
        return self._large is not None

    def bracket(self) -> int | None:
        """Where the first element's bracket is in `raw`; None if it is no array or object.

        Also None if it is what is sought; then `at_value` holds.
        """
        if self.state is State.AFTER:
            return None
        if self._next_is_wanted():
            self._one_by_one(1)
            return None
        start = self._value_start()
        return start if self.window.raw[start : start + 1] in (b"[", b"{") else None

    def resume(self) -> None:
        """The first value is being read by somebody else; the window will stand behind it."""
        self._passed += 1
        self.state = State.AFTER
        self._large = None

    def _prove(self, cut: int) -> Collection[Any] | None:
        """What stands before the comma at `cut`, if that parses; the window moves behind it."""
        if cut < 0:
            return None
        piece = memoryview(self.window.raw)[self.window.at : cut]
        found = self._whole(b"".join((self.opening, piece, self.closing)))
        if found is not None:
            self._passed += len(found)
            self.window.at = cut + 1
            self.state = State.NEXT
            self._cut_in = self.window.end
        return found

    def _parsed(self, document: bytes) -> Any:
        try:
            return self._parse(document)
        except (ValueError, RecursionError):
            return None

    def _exactly(self) -> Collection[Any] | None:
        """A batch up to the last boundary in memory, or what can be had one by one."""
        window = self.window
        boundary = last_boundary(window.raw, window.at)
        if boundary is not None and (found := self._prove(boundary)) is not None:
            self._separator.learn(window.raw, boundary)
            return found
        if boundary == -1 and (self._fills() or self._watch()):
            return None
        return self._one_by_one(1 if boundary == -1 else None)

    def _hopes(self) -> bool:
        """Whether a separator may come soon: as the source gives much at a time, with the next
        reads; where it gives little, only while the window is full, and was not for long.
        """
        window = self.window
        least = window.size if window.trickles else 0
        return least <= window.unparsed < _PATIENCE * window.size and not window.ended

    def _fills(self) -> bool:
        """Whether the next read will bring much more than is in memory."""
        window = self.window
        return window.unparsed < window.size and not window.ended and not window.trickles

    def _one_by_one(self, limit: int | None) -> Collection[Any] | None:
        """As `batch`, by the standard library's scanner: `limit` elements, or all in memory."""
        text, closing = self.window.text(), self.closing.decode()
        found: list[Any] = []
        index, state = 0, self.state
        while len(found) != limit and not self.closed:
            start = char_space_end(text, index)
            if state is State.FIRST and text[start : start + 1] == closing:
                self.closed = True
                index = start + 1
                break
            try:
                element, end = self._scan(text, start)
            except Sought as place:
                index, state = place.index, State.VALUE
                break
            except DuplicateKeyError:
                raise
            except (StopIteration, ValueError):
                break
            end = char_space_end(text, end)
            mark = text[end : end + 1]
            if mark != "," and mark != closing:
                break
            found.append(element)
            self._passed += 1
            self.closed = mark == closing
            index, state = end + 1, State.NEXT
        if found or self.closed or state is State.VALUE:
            self.window.advance(text, index)
            self.state = state
            if state is State.NEXT:
                self._separator.learn(self.window.raw, self.window.at - 1)
            return found
        fault(self.window, text, self.prefixes[state])
        self._watch()
        return None

    def _watch(self) -> bool:
        """Whether the first element is all that memory holds; if so, `_large` is on it.

        (All of it, or its beginning.) From then on each byte of it is looked at once as it comes,
        whether that is in pieces of many windows or of a few bytes.
        """
        if self.window.ended:
            return False
        raw, start = self.window.raw, self._value_start()
        first = raw[start : start + 1]
        if first not in (b"[", b"{", b'"'):
            return False
        large = ElementEnd(first)
        end = large.feed(raw[start + 1 :])
        if end >= 0 and space_end(raw, start + 1 + end) < len(raw):
            return False
        self._large = large
        self._large_at = start - self.window.at
        self._large_end = end if end < 0 else self._large_at + 1 + end
        return True

    def take_large(self, most: int | None = None) -> Collection[Any] | None:
        """Read and parse, by itself, the element that is watched; None if that gave nothing.

        Also None if it is larger than `most` bytes: so much of it has been read then.
        """
        large, self._large = self._large, None
        if large is None:
            return None
        window, start = self.window, self.window.at + self._large_at
        if self._large_end >= 0:
            end = window.at + self._large_end
            element, rest = window.raw[start:end], window.raw[end:]
        else:
            gathered = window.gather(start, large.feed, most)
            if gathered is None:
                return None
            element, rest = gathered
        try:
            value = self._parse(element)
        except (ValueError, RecursionError):
            window.put_back(start, element, rest)
            if space_end(rest, 0) == len(rest):
                window.grow()
            return self._one_by_one(1)
        found = self._only(value)
        window.pass_over(start, element, rest)
        self._passed += 1
        self.state = State.AFTER
        return found

    def _pass_comma(self) -> bool:
        """From behind a value to behind its comma or bracket; false if neither is in memory."""
        window = self.window
        window.at = space_end(window.raw, window.at)
        mark = window.raw[window.at : window.at + 1]
        if mark == b",":
            self.state = State.NEXT
        elif mark == self.closing:
            self.closed = True
        else:
            fault(window, window.text(), self.prefixes[State.AFTER])
            return False
        window.at += 1
        return True

    @abstractmethod
    def _whole(self, document: bytes) -> Collection[Any] | None:
        """What this array or object holds; None if nothing, or what is sought, or if it is none.

        Of an array, what a filter certainly rejects may be left out, even if that is all.
        """

    @abstractmethod
    def _scan(self, text: str, start: int) -> tuple[Any, int]:
        """The element or member at `start`, and where it ends.

        Raises `Sought` before what is sought, and `StopIteration` or `ValueError` for no whole one.
        """

    @abstractmethod
    def _next_is_wanted(self) -> bool:
        """Whether the window stands before what is sought, as far as is in memory."""

    @abstractmethod
    def _only(self, value: Any) -> Collection[Any]:
        """The batch of this one value, in front of which the window stands."""

    @abstractmethod
    def _value_start(self) -> int:
        """Where in `raw` the first element, or the first member's value, begins."""
