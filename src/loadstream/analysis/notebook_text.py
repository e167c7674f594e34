"""A Jupyter notebook as a file: where the sources of its code cells stand in the JSON text.

    bytes → text → code cells with their places → new text, in which nothing else has changed

The file is never dumped anew: outputs, metadata, key order and layout stay as they are, and of a
changed cell each line that stays keeps the very characters that it was written with.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from json.decoder import JSONDecodeError, JSONDecoder
from typing import Any, NamedTuple

from loadstream.analysis.source import SourceError

_NEWEST = 4  # the major version of the format that is read here
_SPACE = re.compile(r"[ \t\n\r]*")
_VALUE = JSONDecoder()
_ASCII_WRITTEN_AS_AN_ESCAPE = re.compile(rb"\\u00[2-7]")


class CodeCell(NamedTuple):
    """One code cell: its number among all cells from 1, its text, the place of its source."""

    number: int
    text: str
    start: int
    end: int


class NotebookText(NamedTuple):
    """The text of a notebook, and its code cells in order; none where it is not in Python."""

    text: str
    cells: tuple[CodeCell, ...]

    def with_cells(self, new: Mapping[int, str]) -> str:
        """The text with new texts for the cells of the numbers that `new` has."""
        pieces, behind = [], 0
        for cell in self.cells:
            if cell.number in new and new[cell.number] != cell.text:
                raw = self.text[cell.start : cell.end]
                pieces += [self.text[behind : cell.start], self._written(raw, new[cell.number])]
                behind = cell.end
        return "".join([*pieces, self.text[behind:]])

    def _written(self, raw: str, new: str) -> str:
        """A source value in the style of the old one: a string, or a list of lines."""
        # A file that has escapes only was written so by its tool.
        style = raw if "\\u" in raw or not raw.isascii() else self.text
        ascii_only = style.isascii()
        if raw.startswith('"'):
            return json.dumps(new, ensure_ascii=ascii_only)
        tokens = list(_tokens(raw))
        known = {json.loads(raw[start:end]): raw[start:end] for start, end in tokens}
        lines = [line for line in re.split(r"(?<=\n)", new) if line]
        written = [known.get(line) or json.dumps(line, ensure_ascii=ascii_only) for line in lines]
        if not tokens:
            return f"[{', '.join(written)}]"
        head, tail = raw[: tokens[0][0]], raw[tokens[-1][1] :]
        between = raw[tokens[0][1] : tokens[1][0]] if len(tokens) > 1 else f",{head[1:] or ' '}"
        return head + between.join(written) + tail


def could_hold(data: bytes) -> bytes:
    """What stands in a notebook's bytes with its escapes gone, to be searched for names.

    Holds every name that the code does, and more.
    """
    if _ASCII_WRITTEN_AS_AN_ESCAPE.search(data):
        text = data.decode("utf-8", "replace")
        data = re.sub(r"\\u00([2-7][0-9a-fA-F])", lambda m: chr(int(m[1], 16)), text).encode()
    return re.sub(rb"\\[nrtfb]", b"\n", data)


def read_notebook(data: bytes) -> NotebookText:
    """The code cells of a notebook. Raises SourceError where it is none that is understood."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SourceError(f"not a notebook: not UTF-8: {error.reason}", line) from error
    if text.startswith("\ufeff"):
        raise SourceError("the notebook begins with a byte order mark: save it without one")
    if not text.strip():
        raise SourceError("not a notebook: the file is empty")
    try:
        return _read(text)
    except JSONDecodeError as error:
        cause = f"not a notebook: not JSON: {error.msg}"
        raise SourceError(cause, error.lineno, error.colno) from error
    except RecursionError as error:
        raise SourceError("not a notebook: nested too deeply to be read") from error


def _read(text: str) -> NotebookText:
    start = _behind_space(text, 0)
    if text[start] != "{":
        _VALUE.decode(text)
        raise SourceError("not a notebook: its JSON is not an object")
    members, end = _object(text, start)
    if (rest := _behind_space(text, end)) != len(text):
        raise JSONDecodeError("Extra data", text, rest)
    top = {key: _value(text, members, key) for key in members if key in ("nbformat", "metadata")}
    version = top.get("nbformat", _NEWEST)
    if version != _NEWEST:
        known = f"only version {_NEWEST} of the notebook format is supported"
        raise SourceError(f"{known}, this is {version!r}: open and save it with a newer Jupyter")
    if "cells" not in members or text[members["cells"][0]] != "[":
        raise SourceError("not a notebook: it has no list of cells")
    cells = tuple(_code_cells(text, members["cells"][0]))
    return NotebookText(text, cells if _is_python(top.get("metadata")) else ())


def _code_cells(text: str, start: int) -> Iterator[CodeCell]:
    for number, (place, _) in enumerate(_items(text, start), 1):
        if text[place] != "{":
            raise SourceError("not a notebook: a cell is not an object", cell=number)
        members, _ = _object(text, place)
        if "cell_type" not in members or "source" not in members:
            raise SourceError("not a notebook: a cell has no type or no source", cell=number)
        if _value(text, members, "cell_type") != "code":
            continue
        source = _value(text, members, "source")
        lines = [source] if isinstance(source, str) else source
        if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            raise SourceError("not a notebook: a cell's source is not text", cell=number)
        if _is_python_cell(_value(text, members, "metadata") if "metadata" in members else None):
            yield CodeCell(number, "".join(lines), *members["source"])


def _value(text: str, members: Mapping[str, tuple[int, int]], key: str) -> Any:
    start, end = members[key]
    return json.loads(text[start:end])


def _is_python(metadata: object) -> bool:
    """Whether the notebook's language is Python; where it names none it is taken for one."""
    languages = [
        _text_at(metadata, "language_info", "name"),
        _text_at(metadata, "kernelspec", "language"),
    ]
    named = next((language for language in languages if language), "python")
    return named.casefold() in ("python", "python3", "ipython")


def _is_python_cell(metadata: object) -> bool:
    """Whether a cell is in the notebook's language, as far as an editor has noted it."""
    return _text_at(metadata, "vscode", "languageId").casefold() in ("", "python")


def _text_at(value: object, *keys: str) -> str:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


# The decoder of the standard library knows where a value ends; these few lines keep the places.


def _object(text: str, start: int) -> tuple[dict[str, tuple[int, int]], int]:
    """The places of an object's values by their keys, of which the last counts, and its end."""
    members: dict[str, tuple[int, int]] = {}
    at = _behind_space(text, start + 1)
    if text[at : at + 1] == "}":
        return members, at + 1
    while True:
        if text[at : at + 1] != '"':
            raise JSONDecodeError("Expecting property name enclosed in double quotes", text, at)
        key, at = _VALUE.raw_decode(text, at)
        at = _expected(":", text, _behind_space(text, at))
        end = _end_of_value(text, at)
        members[key] = (at, end)
        at = _behind_space(text, end)
        if text[at : at + 1] == "}":
            return members, at + 1
        at = _expected(",", text, at)


def _items(text: str, start: int) -> Iterator[tuple[int, int]]:
    """The places of an array's values."""
    at = _behind_space(text, start + 1)
    if text[at : at + 1] == "]":
        return
    while True:
        end = _end_of_value(text, at)
        yield at, end
        at = _behind_space(text, end)
        if text[at : at + 1] == "]":
            return
        at = _expected(",", text, at)


def _tokens(raw: str) -> Iterator[tuple[int, int]]:
    return _items(raw, 0)


def _end_of_value(text: str, at: int) -> int:
    _, end = _VALUE.raw_decode(text, at)
    return end


def _expected(mark: str, text: str, at: int) -> int:
    if text[at : at + 1] != mark:
        raise JSONDecodeError(f"Expecting '{mark}' delimiter", text, at)
    return _behind_space(text, at + 1)


def _behind_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found is not None
    return found.end()
