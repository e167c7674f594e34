"""Which elements of a window can pass a filter: looked up without building the elements.

Flow: source → window → elements (sieve ← **probe**) → stream. msgspec reads a window twice: once
for the keys that the filter demands (`demands`), skipping all else, and, if some elements can
match, once for where each element is. Only those are then built, by the parser that builds all
elements otherwise, and the filter itself is asked about them.

Why no result can change. An element is left out only if all of this holds:

- It is an object, each demanded key of it is absent or a string, number, true, false or null, and
  `filter_func` is false for it. The last value of a repeated key counts here as it does in `json`,
  and a key may be spelled with escapes. If any element is something else, msgspec says so, and the
  window is parsed like any other; so does one that msgspec cannot read.
- What is skipped is what `json` accepts. msgspec checks the syntax of what it skips, and is
  stricter than `json` in that: it knows no NaN and no lone surrogates. It is laxer in two things,
  which are looked for beforehand: bytes in strings that are not UTF-8, and integers of more digits
  than Python converts. Both count nested brackets against the same limit (from Python 3.14 on: of
  the stack, where one may go somewhat deeper than the other).
- The window holds at least one element: so the window's cut is proved (see `container`).

An element without the key is left out only for `.get`: the filter may raise `KeyError` for it. A
filter that comes to other conditions first, and raises there, demands nothing.
"""

from __future__ import annotations

import codecs
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from loadstream.runtime.demands import Demand

_EXACT_SINCE = (0, 19)
"""msgspec misread integers of 65 bits before."""

_TELLING = 16
"""So many digits in a row are looked at where there may be thousands."""


class Probe:
    """Finds the elements of an array, given as JSON, that meet all demands."""

    def __init__(self, demands: Sequence[Demand]) -> None:
        """Raises `ImportError` without msgspec, `ValueError` for a key that it cannot look for."""
        import msgspec

        if tuple(map(int, msgspec.__version__.split(".")[:2])) < _EXACT_SINCE:
            raise ImportError("msgspec is too old")
        keys = list(dict.fromkeys(demand.key for demand in demands))
        names = {key: f"key{index}" for index, key in enumerate(keys)}
        row = msgspec.defstruct(
            "Row",
            [(name, str | int | float | bool | None, msgspec.UNSET) for name in names.values()],
            rename={name: key for key, name in names.items()},
            gc=False,
        )
        self._rows = msgspec.json.Decoder(list[row]).decode  # type: ignore[valid-type]
        self._spans = msgspec.json.Decoder(list[msgspec.Raw]).decode
        self._unset = msgspec.UNSET
        self._tests = [
            (names[key], (*values, msgspec.UNSET) if without else values)
            for key, values, without in demands
        ]
        self._digits = getattr(sys, "get_int_max_str_digits", int)()

    def sift(self, array: bytes, parse: Callable[[bytes], Any]) -> list[Any] | None:
        """The elements that may pass, and perhaps others; None if `array` must be parsed whole."""
        try:
            if not array.isascii():
                codecs.utf_8_decode(array, "strict")
            if self._has_many_digits(array):
                return None
            rows = self._rows(array)
            found = self._candidates(rows)
            if 2 * len(found) > len(rows):
                return parse(array) or None
            if found:
                spans = self._spans(array)
                return parse(b"[%b]" % b",".join([spans[index] for index in found])) or None
        except Exception:  # whatever msgspec stumbles over: the parser decides
            return None
        return [] if rows else None

    def _candidates(self, rows: list[Any]) -> list[int]:
        (name, values), *others = self._tests
        found = [index for index, row in enumerate(rows) if getattr(row, name) in values]
        return [index for index in found if self._may_pass(rows[index])] if others else found

    def _may_pass(self, row: Any) -> bool:
        for name, values in self._tests:
            value = getattr(row, name)
            if value not in values:
                return False
            if value is self._unset:  # the filter may raise, and not come to the next demand
                return True
        return True

    def _has_many_digits(self, array: bytes) -> bool:
        """Whether there may be an integer that is too long: false if there certainly is none."""
        if not self._digits:
            return False
        step = self._digits - _TELLING
        return any(
            [array[at : at + _TELLING].isdigit() for at in range(0, len(array), step)]  # noqa: C419
        )
