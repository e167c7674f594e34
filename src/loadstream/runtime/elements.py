"""The elements of an array.

Flow: source → window → **elements** → stream. How they are cut and proved is in `container`.
"""

from __future__ import annotations

from loadstream.runtime.container import Container, State
from loadstream.runtime.faults import fault, scan, space_end
from loadstream.runtime.parsers import array_parser
from loadstream.runtime.window import space_end as byte_space_end

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar

    from loadstream.runtime.window import Window


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

    def passed_already(self) -> None:
        """This pass begins behind a comma."""
        self.state = State.NEXT

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
            start = space_end(text, index)
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
                element, end = scan(text, start)
            except (StopIteration, ValueError):
                break
            end = space_end(text, end)
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
        fault(self.window, text, self.prefixes[state])
        self._watch()
        return None

    def _only(self, value: Any) -> list[Any]:
        self._passed += 1
        return [value]

    def _value_start(self) -> int:
        return byte_space_end(self.window.raw, self.window.at)

    def _next_is_wanted(self) -> bool:
        return self._passed == self.wanted

    def resume(self) -> None:
        """As with every container; and one more element has been passed."""
        self._passed += 1
        super().resume()
