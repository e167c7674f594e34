"""The members of an object.

Flow: source → window → **elements** (members) → stream. How they are cut and proved is in
`container`.
"""

from __future__ import annotations

from json.decoder import scanstring  # type: ignore[attr-defined]

from loadstream.runtime.container import Container, Sought, State
from loadstream.runtime.errors import DuplicateKeyError
from loadstream.runtime.faults import scan, space_end
from loadstream.runtime.parsers import array_parser, object_parser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any, ClassVar

    from loadstream.runtime.window import Window


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

    def passed_already(self) -> None:
        """This pass begins behind the key that is wanted."""
        self._met = True

    def tell_repeats(self) -> None:
        """From now on, batches hold every member, those with repeated keys too."""
        self._parse = object_parser()

    def _whole(self, document: bytes) -> Collection[tuple[str, Any]] | None:
        found: dict[str, Any] | None = self._parsed(document)
        if not found or (self.wanted is not None and self.wanted in found):
            return None
        return found.items()

    def _scan(self, text: str, start: int) -> tuple[tuple[str, Any], int]:
        key, start = _key(text, start)
        if key == self.wanted:
            if self._met:
                raise DuplicateKeyError(key)
            self._met = True
            raise Sought(start)
        value, end = scan(text, start)
        return (key, value), end

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
        return text, space_end(text, 0)


def _key(text: str, start: int) -> tuple[str, int]:
    """The key at `start` and the place of its value; StopIteration if there is no such thing."""
    if text[start : start + 1] != '"':
        raise StopIteration
    key, end = scanstring(text, start + 1, True)
    end = space_end(text, end)
    if text[end : end + 1] != ":":
        raise StopIteration
    end = space_end(text, end + 1)
    if end == len(text):
        raise StopIteration
    return key, end
