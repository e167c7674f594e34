"""A copy of a JSON file with its records several times over, spelled as they were.

The bytes between the array's brackets are repeated, so that spacing and escapes stay those of the
original, and with them the work of a parser.
"""

from __future__ import annotations

import re
from json.decoder import JSONDecoder, scanstring  # type: ignore[attr-defined,unused-ignore]
from pathlib import Path

from loadstream.bench.approaches import Source, UnavailableError, open_binary
from loadstream.runtime.paths import parse_path

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = JSONDecoder()


def write_scaled(source: Source, out: str, times: int) -> None:
    """Write the file of `source` to `out` with its records `times` times over.

    Raises `UnavailableError` where the records are no array, or an empty one.
    """
    with open_binary(source.file) as handle:
        text = handle.read().decode("utf-8-sig")
    if source.lines:
        before, body, between, after = "", text.rstrip("\n"), "\n", "\n"
    else:
        start, end = find_array(text, parse_path(source.path).outer)
        before, body, between, after = text[:start], text[start:end], ",", text[end:]
    if not body.strip():
        raise UnavailableError("there is no record that could be repeated")
    with Path(out).open("w", encoding="utf-8", newline="") as target:
        target.write(before)
        for turn in range(times):
            target.write(between + body if turn else body)
        target.write(after)


def find_array(text: str, steps: tuple[str | int, ...]) -> tuple[int, int]:
    """Where the array at `steps` begins and ends in `text`, its brackets left out."""
    at = _skip(text, 0)
    for step in steps:
        at = _member(text, at, step) if isinstance(step, str) else _element(text, at, step)
    if text[at] != "[":
        raise UnavailableError("only the elements of an array can be repeated")
    _, end = _DECODER.raw_decode(text, at)
    return at + 1, end - 1


def _member(text: str, at: int, wanted: str) -> int:
    """The place of the value of key `wanted`; the last one where the key occurs twice."""
    found = -1
    at = _skip(text, at + 1)
    while text[at] == '"':
        key, at = scanstring(text, at + 1, True)
        at = _skip(text, _skip(text, at) + 1)
        if key == wanted:
            found = at
        _, at = _DECODER.raw_decode(text, at)
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
    if found < 0:
        raise UnavailableError(f"there is no key {wanted!r}")
    return found


def _element(text: str, at: int, index: int) -> int:
    at = _skip(text, at + 1)
    for _ in range(index):
        _, at = _DECODER.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)
    return at


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    assert match is not None
    return match.end()
