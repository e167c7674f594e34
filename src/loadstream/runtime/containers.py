"""The elements of an array and the members of an object, in batches, each proved before it is given.

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

If it does not parse, nothing has been learned, and nothing is lost but time: the next better cut is
tried, and in the end the standard library's own scanner goes through the text one element at a
time. Whatever that one rejects is rejected with its own words: `_fault` lets it read the same text
behind a short prefix that puts it into the same state, and moves the position.
The same holds for the members of an object and `{` + B + `}`.
"""

from __future__ import annotations

import json
import re
from enum import Enum
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any

from loadstream.runtime.cuts import ElementEnd, Separator, last_boundary
from loadstream.runtime.errors import DuplicateKeyError
from loadstream.runtime.parsers import array_parser, object_parser
from loadstream.runtime.window import SPACE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from typing import ClassVar

    from loadstream.runtime.window import Window

DECODER = json.JSONDecoder()
_scan: Callable[[str, int], tuple[Any, int]] = DECODER.scan_once  # type: ignore[attr-defined]
_SPACE = re.compile(r"[ \t\n\r]*")
_OPENING = b"[{"

_LONGEST_TOKEN = 16
"""An error this close to the end of what was read may be due to that end: `-Infinit`, `\\ud83d\\u`.
(Numbers and strings may be longer; what was read then does not end in them, or it is read on.)"""

_PATIENCE = 8
"""For how many windows a separator is searched before the brackets are counted instead."""


class State(Enum):
    """Where in its container a window stands."""

    FIRST = 0  # behind the opening bracket
    NEXT = 1  # behind a comma
    AFTER = 2  # behind a value, before its comma or the closing bracket
    VALUE = 3  # before the value that was sought


class Container:
    """An array or object that is being read. The window stands inside of it, at `state`.

    `batch()` gives what is whole in memory. It never reads: who calls it decides whether to read
    on (`batches`), or to go into an element that is too large for memory (`skim`).
    """

    __slots__ = ("_large", "_lead", "_parse", "_separator", "closed", "state", "window")

    opening: ClassVar[bytes]
    closing: ClassVar[bytes]
    prefixes: ClassVar[dict[State, str]]

    def __init__(self, window: Window, parse: Callable[[bytes], Any]) -> None:
        self.window = window
        self.state = State.FIRST
        self.closed = False
        self._parse = parse
        self._separator = Separator()
        self._large: ElementEnd | None = None
        self._lead = 0  # how far behind the window's place the large element begins

    def batches(self) -> Iterator[Collection[Any]]:
        """All that is left, in batches of one or more, each as soon as it is whole."""
        while not self.closed:
            batch = self.batch()
            if batch is None and self._large is not None:
                batch = self._take_large(self._large)
            if batch:
                yield batch
            elif batch is None:
                self.window.grow()

    def batch(self) -> Collection[Any] | None:
        """Some more whole elements or members, in order; None if there is no whole one in memory.

        Empty only where the container closes. Raises what `json.load` raises.
        """
        window, self._large = self.window, None
        if self.state is State.AFTER and not self._pass_comma():
            return None
        if self.closed:
            return ()
        if not self._separator.known or self._next_is_wanted():
            return self._one_by_one(1)
        if not self._separator.rests():
            cut = self._separator.find(window.raw, window.at)
            if found := self._prove(cut):
                self._separator.hit()
                return found
            if cut >= 0:
                self._separator.miss()
            elif not window.ended:
                if window.unparsed < _PATIENCE * window.size:
                    return None
                if self._watch():
                    return None
        return self._exactly()

    @property
    def at_value(self) -> bool:
        """Whether the window stands before the value that was sought."""
        return self.state is State.VALUE

    def skim(self, depth: int) -> None:
        """Read and check what is left, or what comes before what is sought, and keep nothing.

        An element that is not whole in memory is entered: so this takes no more memory than a
        window and the largest string. `depth` is that of this container in the document.
        """
        stack: list[Container] = [self]
        while stack:
            top = stack[-1]
            if top.closed:
                stack.pop()
                continue
            batch = top.batch()
            if self.at_value:
                return
            if batch is None:
                inner = top._enter() if self.window.unparsed >= self.window.size else None
                if self.at_value:
                    return
                if inner is not None:
                    stack.append(inner)
                    _check_depth(depth + len(stack))
                elif top._large is not None and self.window.unparsed >= self.window.size:
                    top._take_large(top._large)
                else:
                    self.window.grow()

    def _prove(self, cut: int) -> Collection[Any] | None:
        """What stands before the comma at `cut`, if that parses (see above); the window moves on."""
        if cut < 0:
            return None
        found = self._whole(memoryview(self.window.raw)[self.window.at : cut])
        if found:
            self.window.at = cut + 1
            self.state = State.NEXT
        return found

    def _whole(self, piece: memoryview) -> Collection[Any] | None:
        raise NotImplementedError

    def _one_by_one(self, limit: int | None) -> Collection[Any] | None:
        raise NotImplementedError

    def _enter(self) -> Container | None:
        """Go into the first element, if that is an array or object and not what is sought."""
        if self.state is State.AFTER:
            return None
        if self._next_is_wanted():
            self._one_by_one(1)
            return None
        window, start = self.window, self._value_start()
        if window.raw[start : start + 1] not in (b"[", b"{"):
            return None
        self.resume()
        return open_container(window, start)

    def resume(self) -> None:
        """One value has been read by somebody else; the window stands behind it, or will."""
        self.state = State.AFTER
        self._large = None

    def _next_is_wanted(self) -> bool:
        raise NotImplementedError

    def _parsed(self, piece: memoryview) -> Any:
        try:
            return self._parse(b"".join((self.opening, piece, self.closing)))
        except (ValueError, RecursionError):
            return None

    def _exactly(self) -> Collection[Any] | None:
        """A batch up to the last boundary in memory, or what can be had one by one."""
        window = self.window
        boundary = last_boundary(window.raw, window.at)
        if boundary is not None and (found := self._prove(boundary)):
            self._separator.learn(window.raw, boundary)
            return found
        return self._one_by_one(1 if boundary == -1 else None)

    def _watch(self) -> bool:
        """Whether the first element is not whole in memory; if so, `_large` is on it."""
        raw, start = self.window.raw, self._value_start()
        first = raw[start : start + 1]
        if first not in (b"[", b"{", b'"'):
            return False
        large = ElementEnd(first)
        if large.feed(raw[start + 1 :]) >= 0:
            return False
        self._large = large
        self._lead = start - self.window.at
        return True

    def _take_large(self, large: ElementEnd) -> Collection[Any] | None:
        """Read and parse the element that is larger than what is in memory, by itself."""
        window, start = self.window, self.window.at + self._lead
        self._large = None
        element, rest = window.gather(start, large.feed)
        try:
            value = self._parse(element)
        except (ValueError, RecursionError):
            window.put_back(start, element, rest)
            return self._one_by_one(1)
        found = self._only(value)
        window.pass_over(start, element, rest)
        self.state = State.AFTER
        return found

    def _only(self, value: Any) -> Collection[Any]:
        """The batch of this one value, in front of which the window stands."""
        raise NotImplementedError

    def _value_start(self) -> int:
        """Where in `raw` the first element, or the first member's value, begins."""
        raise NotImplementedError

    def _pass_comma(self) -> bool:
        """From behind a value to behind its comma or bracket; false if neither is in memory."""
        window = self.window
        at = SPACE.match(window.raw, window.at).end()  # type: ignore[union-attr]
        mark = window.raw[at : at + 1]
        if mark == b",":
            self.state = State.NEXT
        elif mark == self.closing:
            self.closed = True
        else:
            text = window.text()
            self._fault(text, 0)
            return False
        window.at = at + 1
        return True

    def _settle(self, text: str, index: int, state: State) -> None:
        """The window moves behind `text[:index]`; if that ends in a comma, learn from it."""
        self.window.advance(text, index)
        self.state = state
        if state is State.NEXT:
            self._separator.learn(self.window.raw, self.window.at - 1)

    def _fault(self, text: str, index: int) -> None:
        """Raise what `json.load` raises at or behind `text[index]`, where the window's state holds.

        Returns if what was read is merely not long enough to say.
        """
        fault(self.window, text, index, self.prefixes[self.state])


def fault(window: Window, text: str, index: int, prefix: str) -> None:
    """Raise what the standard library says of `prefix + text[index:]`, placed in the document.

    Returns if it may say otherwise once more of the document is there.
    """
    document = prefix + text[index:]
    try:
        DECODER.raw_decode(document)
    except JSONDecodeError as error:
        close = len(document) - error.pos <= _LONGEST_TOKEN
        if window.ended or not (close or error.msg.startswith("Unterminated string")):
            place = error.pos - len(prefix) + index
            raise window.error(error.msg, text, place) from None
        return
    except ValueError:  # an integer of more digits than Python converts
        if window.ended or text[-_LONGEST_TOKEN:].strip("0123456789+-.eE"):
            raise
        return
    if window.ended:
        raise AssertionError(f"json accepts what was rejected at byte {window.offset}")


def _check_depth(depth: int) -> None:
    """Raise RecursionError where `json.load` does for a document nested as deep as this."""
    if depth > 200:
        json.loads("[" * depth + "]" * depth)


class Elements(Container):
    """The elements of an array. With `wanted`, `skim` stops before the element of that index."""

    __slots__ = ("_passed", "wanted")

    opening = b"["
    closing = b"]"
    prefixes: ClassVar[dict[State, str]] = {
        State.FIRST: "[",
        State.NEXT: "[0,",
        State.AFTER: '[""',  # not a number: what follows could go on with that
    }

    def __init__(self, window: Window, wanted: int | None = None) -> None:
        super().__init__(window, array_parser())
        self.wanted = wanted
        self._passed = 0

    def _whole(self, piece: memoryview) -> list[Any] | None:
        found: list[Any] | None = self._parsed(piece)
        if found and self.wanted is not None and self._passed <= self.wanted:
            if self._passed + len(found) > self.wanted:
                return None
            self._passed += len(found)
        return found

    def _one_by_one(self, limit: int | None) -> list[Any] | None:
        text = self.window.text()
        found: list[Any] = []
        index, length, state = 0, len(text), self.state
        while len(found) != limit:
            start = _SPACE.match(text, index).end()  # type: ignore[union-attr]
            if start == length:
                break
            if text[start] == "]" and state is State.FIRST:
                self.closed = True
                index = start + 1
                break
            if self._passed == self.wanted:
                if text[start] != "]":
                    index, state = start, State.VALUE
                break
            try:
                element, end = _scan(text, start)
            except (StopIteration, ValueError):
                break
            end = _SPACE.match(text, end).end()  # type: ignore[union-attr]
            mark = text[end : end + 1]
            if mark != "," and mark != "]":
                break
            found.append(element)
            self._passed += 1
            index = end + 1
            state = State.NEXT
            if mark == "]":
                self.closed = True
                break
        if found or self.closed or state is State.VALUE:
            self._settle(text, index, state)
            return found
        self._fault(text, 0)
        self._watch()
        return None

    def _only(self, value: Any) -> list[Any]:
        self._passed += 1
        return [value]

    def _value_start(self) -> int:
        return SPACE.match(self.window.raw, self.window.at).end()  # type: ignore[union-attr]

    def _next_is_wanted(self) -> bool:
        return self._passed == self.wanted

    def resume(self) -> None:
        self._passed += 1
        super().resume()


class Members(Container):
    """The members of an object. With `wanted`, `skim` stops before the value of that key.

    Batches are collections of pairs. Raises `DuplicateKeyError` if `wanted` occurs again; of other
    keys that are repeated, a batch may hold the last only.
    """

    __slots__ = ("_met", "wanted")

    opening = b"{"
    closing = b"}"
    prefixes: ClassVar[dict[State, str]] = {
        State.FIRST: "{",
        State.NEXT: '{"":0,',
        State.AFTER: '{"":""',
    }

    def __init__(self, window: Window, wanted: str | None = None) -> None:
        super().__init__(window, array_parser())
        self.wanted = wanted
        self._met = False

    def tell_repeats(self) -> None:
        """From now on, batches hold every member, those with repeated keys too."""
        self._parse = object_parser()

    def _whole(self, piece: memoryview) -> Collection[tuple[str, Any]] | None:
        found: dict[str, Any] | None = self._parsed(piece)
        if not found or (self.wanted is not None and self.wanted in found):
            return None
        return found.items()

    def _one_by_one(self, limit: int | None) -> list[tuple[str, Any]] | None:
        text = self.window.text()
        found: list[tuple[str, Any]] = []
        index, length, state = 0, len(text), self.state
        while len(found) != limit:
            start = _SPACE.match(text, index).end()  # type: ignore[union-attr]
            if text[start : start + 1] == "}" and state is State.FIRST:
                self.closed = True
                index = start + 1
                break
            try:
                key, start = _key(text, start)
                if key == self.wanted:
                    if self._met:
                        raise DuplicateKeyError(key)
                    self._met = True
                    index, state = start, State.VALUE
                    break
                value, end = _scan(text, start)
            except DuplicateKeyError:
                raise
            except (StopIteration, ValueError):
                break
            end = _SPACE.match(text, end).end()  # type: ignore[union-attr]
            mark = text[end : end + 1]
            if mark != "," and mark != "}":
                break
            found.append((key, value))
            index = end + 1
            state = State.NEXT
            if mark == "}":
                self.closed = True
                break
        if found or self.closed or state is State.VALUE:
            self._settle(text, index, state)
            return found
        self._fault(text, 0)
        self._watch()
        return None

    def _only(self, value: Any) -> list[tuple[str, Any]]:
        return [(_key(*self._at_key())[0], value)]

    def _value_start(self) -> int:
        try:
            text, start = self._at_key()
            start = _key(text, start)[1]
        except (StopIteration, ValueError):
            return len(self.window.raw)
        return self.window.at + len(text[:start].encode("utf-8", "surrogatepass"))

    def _next_is_wanted(self) -> bool:
        if self.wanted is None:
            return False
        try:
            return _key(*self._at_key())[0] == self.wanted
        except (StopIteration, ValueError):
            return False

    def _at_key(self) -> tuple[str, int]:
        text = self.window.text()
        return text, _SPACE.match(text, 0).end()  # type: ignore[union-attr]


def _key(text: str, start: int) -> tuple[str, int]:
    """The key at `start` and the place of its value; StopIteration if there is no such thing."""
    if text[start : start + 1] != '"':
        raise StopIteration
    key, end = scanstring(text, start + 1, True)
    end = _SPACE.match(text, end).end()  # type: ignore[union-attr]
    if text[end : end + 1] != ":":
        raise StopIteration
    end = _SPACE.match(text, end + 1).end()  # type: ignore[union-attr]
    if end == len(text):
        raise StopIteration
    return key, end


def open_container(window: Window, bracket: int) -> Container:
    """The array or object whose bracket is at `raw[bracket]`; the window goes into it."""
    window.at = bracket + 1
    return Elements(window) if window.raw[bracket : bracket + 1] == b"[" else Members(window)
