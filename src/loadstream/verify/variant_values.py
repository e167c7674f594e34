"""Values that differ from a given one: by a character, the next number, the type, a key less."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any


def without(record: dict[str, Any], key: str) -> None:
    """Take the key out of the record."""
    del record[key]


def with_null(record: dict[str, Any], key: str) -> None:
    """Put null in the place of its value."""
    record[key] = None


def with_other_type(record: dict[str, Any], key: str) -> None:
    """Put a value of another type in its place."""
    value = record[key]
    if isinstance(value, str):
        record[key] = 7
    elif isinstance(value, (bool, int, float)):
        record[key] = str(value)
    elif isinstance(value, list):
        record[key] = {"0": value[0]} if value else "none"
    else:
        record[key] = [value]


_TEXTS = (
    "naïve ĳ",
    "日本語",
    "👩‍🚀 family",
    "e\u0301 é",
    "\u202eright to left",
    "a\x00b",
    "ﬀ ß İ",
    "",
)


_NUMBERS: tuple[int | float, ...] = (
    0,
    -0.0,
    -1,
    2**31,
    2**53 + 1,
    2**63,
    2**64,
    -(2**63) - 1,
    10**30,
    0.1,
    1e308,
    5e-324,
    1e16,
)


def with_unicode(value: Any, counter: Iterator[int]) -> Any:
    """A text as one that is hard to handle; the next one each time."""
    if not isinstance(value, str):
        return value
    number = next(counter)
    # Every other text stays, so that filters by text still find something.
    return value if number % 2 else value[:1] + _TEXTS[number // 2 % len(_TEXTS)]


def with_numbers(value: Any, counter: Iterator[int]) -> Any:
    """A number as one that is very large, small or odd; the next one each time."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    return _NUMBERS[next(counter) % len(_NUMBERS)]


def changed_inside(
    value: Any, change: Callable[[Any, Iterator[int]], Any], counter: Iterator[int]
) -> Any:
    """The value with a change made at each scalar in it."""
    if isinstance(value, dict):
        return {key: changed_inside(item, change, counter) for key, item in value.items()}
    if isinstance(value, list):
        return [changed_inside(item, change, counter) for item in value[:4]]
    return change(value, counter)


def numbers_around(constant: int | float, value: int | float) -> list[int | float]:
    """The numbers at a constant and beside it, of the type of `value`."""
    around: list[int | float] = [constant - 1, constant, constant + 1]
    if isinstance(value, float) and math.isfinite(constant) and abs(constant) < 2**53:
        exact = float(constant)
        above, below = _next(exact, math.inf), _next(exact, -math.inf)
        return [below, exact, above, *(float(n) for n in around)]
    return around


def _next(value: float, towards: float) -> float:
    return math.nextafter(value, towards)


def texts_around(constant: str, value: str) -> list[str]:
    """The constant, and texts just before and after it in order and in length."""
    around = [constant]
    if constant:
        last = ord(constant[-1])
        around.append(constant[:-1] + chr(last + 1))
        around.append(constant[:-1] + chr(max(32, last - 1)))
        if constant.swapcase() != constant:
            around.append(constant.swapcase())
    if len(value) > len(constant) and _form(value).startswith(_form(constant)):
        # A date compared with a moment: give it the moment's tail.
        around.extend([text + value[len(constant) :] for text in around[:3]])
    return around


def alike(value: str, constants: Sequence[str]) -> tuple[str, ...]:
    """Those constants that are written the way `value` is: dates for dates, codes for codes."""
    form = _form(value)
    return tuple(
        c for c in constants if c and (form.startswith(_form(c)) or _form(c).startswith(form))
    )


def _form(text: str) -> str:
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d", "9", text))
