"""The elements of an array.

Flow: source → window → **elements** → stream. How they are cut and proved is in `container`.
"""

from __future__ import annotations

from loadstream.runtime.container import Container, Sought, State
from loadstream.runtime.faults import scan
from loadstream.runtime.parsers import array_parser
from loadstream.runtime.window import space_end

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar

    from loadstream.runtime.sieve import Sieve
    from loadstream.runtime.window import Window


class Elements(Container):
    """The elements of an array. With `wanted`, `skim` stops before the element of that index.

    With a `sieve`, some elements are left out that its filter would reject.
    """

    __slots__ = ("sieve", "wanted")

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
        self.sieve: Sieve | None = None

    def passed_already(self) -> None:
        """This pass begins behind a comma."""
        self.state = State.NEXT

    def _whole(self, document: bytes) -> list[Any] | None:
        if self.sieve is not None:
            return self.sieve.sift(document, self._parsed)
        found: list[Any] | None = self._parsed(document)
        if not found or self.wanted is None:
            return found or None
        return None if self._passed <= self.wanted < self._passed + len(found) else found

    def _scan(self, text: str, start: int) -> tuple[Any, int]:
        if self._passed == self.wanted and text[start : start + 1] not in ("", "]"):
            raise Sought(start)
        return scan(text, start)

    def _next_is_wanted(self) -> bool:
        return self._passed == self.wanted

    def _only(self, value: Any) -> list[Any]:
        return [value]

    def _value_start(self) -> int:
        return space_end(self.window.raw, self.window.at)
