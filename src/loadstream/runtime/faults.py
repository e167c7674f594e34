"""What the standard library says where a document is wrong.

Whatever is rejected here is rejected with the words of `json`, in this Python version: its own
scanner reads the text again behind a short prefix that puts it into the same state, and the
position is moved into the whole document.
"""

from __future__ import annotations

import json
from json.decoder import WHITESPACE, JSONDecodeError  # type: ignore[attr-defined]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from loadstream.runtime.window import Window

_DECODER = json.JSONDecoder()

scan: Callable[[str, int], tuple[Any, int]] = _DECODER.scan_once  # type: ignore[attr-defined]
"""The standard library's scanner: the value at a place of a text, and where it ends.

Raises `StopIteration` where no value begins, and what `json.load` raises within one.
"""

_LONGEST_TOKEN = 16
"""An error this close to the end of what was read may be due to that end: `-Infinit`, `\\ud83d\\u`.
(Numbers and strings may be longer; what was read then does not end in them, or it is read on.)"""

NUMBER = "0123456789+-.eE"
"""The characters of numbers. A number that ends where the text ends may go on behind it."""


def space_end(text: str, start: int) -> int:
    """Where the white space that begins at `start` ends."""
    end: int = WHITESPACE.match(text, start).end()
    return end


def fault(window: Window, text: str, prefix: str) -> None:
    """Raise what `json.load` says of `prefix + text`, placed in the document.

    `text` is what `window.text()` gave. Returns if the document may be right and merely goes on
    behind what was read.
    """
    document = prefix + text
    try:
        _DECODER.raw_decode(document)
    except JSONDecodeError as error:
        close = len(document) - error.pos <= _LONGEST_TOKEN
        if window.ended or not (close or error.msg.startswith("Unterminated string")):
            raise window.error(error.msg, text, error.pos - len(prefix)) from None
        return
    except ValueError:  # an integer of more digits than Python converts
        if window.ended or text[-_LONGEST_TOKEN:].strip(NUMBER):
            raise
        return
    if window.ended:
        raise AssertionError(f"json accepts what was rejected at byte {window.offset}")


def fault_like(window: Window, document: str) -> None:
    """Raise here what `json` says of a document of which nothing else is of interest."""
    try:
        json.loads(document)
    except JSONDecodeError as error:
        raise window.error(error.msg, window.text(), 0) from None


NEVER_TOO_DEEP = 200
"""A nesting that `json` reads under the limits that Python starts with."""

_AHEAD = 64


def readable_depth(depth: int) -> int:
    """A depth, this one or a greater, to which `json.load` reads documents now.

    Raises `RecursionError` if this one is too deep already. What it depends on differs between
    Python versions, so `json` itself is asked, and for many levels at once.
    """
    try:
        json.loads("[" * (depth + _AHEAD) + "]" * (depth + _AHEAD))
    except RecursionError:
        json.loads("[" * depth + "]" * depth)
        return depth
    return depth + _AHEAD
