"""JSON Lines: one document a line, in batches of the lines that are whole in memory.

Flow: source → window → elements (**lines**) → stream. The lines of a window are parsed as one
array, each in an array of its own: `[[line],⏎[line],⏎[line]]`.

Why that is sound: if every inner array has exactly one element and there are as many as lines, each
line was one value. A line with an open bracket would take the next line into its own array, behind
a comma, and give an array of two; an open string cannot go on, for a line feed may not stand in a
string; and a line that closes its array and opens another makes one too many. Otherwise
`json.loads` reads line by line.
"""

from __future__ import annotations

import json
import re
from io import BytesIO
from json import JSONDecodeError

from loadstream.runtime.parsers import array_parser
from loadstream.runtime.sources import utf_8
from loadstream.runtime.window import Window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

_SPACE = " \t\n\r"


class Lines:
    """One pass over a JSON Lines file."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._began = 0

    def batches(self, resume: int | None = None) -> Iterator[list[Any]]:
        """The values of all lines. Raises what `json.loads(line)` raises, placed in the file.

        With `resume`, a place that an earlier pass over the same file had, from there on.
        """
        if resume is not None:
            self._window.jump(resume)
        for began, batch in _read(self._window):
            self._began = began
            yield batch

    @property
    def place(self) -> int | None:
        """The byte where the last batch began, if a later pass can begin there; else None."""
        return self._began if self._window.reads_again else None


def lines_of(content: bytes) -> list[Any]:
    """The values of some whole lines of a file in UTF-8, each as `json.loads` gives it."""
    window = Window(utf_8(BytesIO(content)))
    return [value for batch in Lines(window).batches() for value in batch]


def _read(window: Window) -> Iterator[tuple[int, list[Any]]]:
    parse = array_parser()
    end_of_line = re.compile(r"\r\n|\n|\r" if window.translates_newlines else r"\n")
    while not window.ended or window.unparsed:
        began = window.offset
        cut = window.raw.rfind(b"\n", window.at) + 1
        if not cut and not window.ended:
            window.read_until(_line_feed)
            continue
        found = _whole(window.raw[window.at : cut or len(window.raw)], parse)
        if found is None:
            for batch in _one_by_one(window, bool(cut), end_of_line):
                yield began, batch
        else:
            window.at = cut or len(window.raw)
            yield began, found
        window.grow()


def _line_feed(piece: bytes) -> int:
    return piece.find(b"\n")


def _whole(block: bytes, parse: Callable[[bytes], Any]) -> list[Any] | None:
    lines = block.replace(b"\r\n", b"\n").strip(b" \t\n\r").split(b"\n")
    if b"" in lines:
        lines = [line for line in lines if line.strip(b" \t\r")]
    if not lines or any(b"\r" in line for line in lines):
        return None
    try:
        arrays = parse(b"[[%b]]" % b"],\n[".join(lines))
        found = [value for (value,) in arrays]
    except (ValueError, RecursionError):
        return None
    return found if len(found) == len(lines) else None


def _one_by_one(
    window: Window, to_line_end: bool, end_of_line: re.Pattern[str]
) -> Iterator[list[Any]]:
    """One batch: the lines before the first that is wrong. Then what is wrong with that."""
    text = window.text()
    stop = text.rfind("\n") + 1 if to_line_end else len(text)
    found: list[Any] = []
    wrong: Exception | None = None
    start = 0
    while start < stop and wrong is None:
        match = end_of_line.search(text, start, stop)
        end, following = match.span() if match else (stop, stop)
        line = text[start:end]
        if line.strip(_SPACE):
            try:
                found.append(json.loads(line))
            except JSONDecodeError as error:
                wrong = window.error(error.msg, text, start + error.pos)
            except (ValueError, RecursionError) as error:
                wrong = error
        start = following
    if found:
        yield found
    if wrong is not None:
        raise wrong
    window.advance(text, stop)
