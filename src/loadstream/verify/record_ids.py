"""Ids of records: which keys hold them, and how an id is made another one of the same form.

scaled.py repeats records; without ids of their own, code that counts or joins by id would have
less to hold the more there is to read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_VALUE = rb'("[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?![\d.eE]))'
_ID_NAME = re.compile(r"(?i:(^|[_-])(id|uuid|guid|key|slug|hash)$)|[a-z](Id|ID|Uuid|UUID|Key)$")
_HEX = re.compile(rb"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{16,}")
_NUMBER = re.compile(rb"\d{1,15}$")


def find_ids(sample: Any) -> tuple[str, ...]:
    """Keys of records whose values tell them apart, and keys that refer to these."""
    own: dict[str, set[object]] = {}
    for records in _collections(sample):
        for key in dict.fromkeys(key for record in records for key in record):
            held = [record[key] for record in records if _is_id(record.get(key))]
            if _ID_NAME.search(key) and len(held) > 1 and len(set(held)) == len(held):
                own.setdefault(key, set()).update(held)
    texts = {value for held in own.values() for value in held if isinstance(value, str)}
    referring = dict.fromkeys(
        key for key, value in _texts(sample) if _ID_NAME.search(key) and value in texts
    )
    return tuple(dict.fromkeys((*own, *referring)))


def are_records(value: dict[str, Any]) -> bool:
    """Whether an object's members are records of one shape under their names."""
    members = list(value.values())
    records = [item for item in members if isinstance(item, dict)]
    if len(records) == len(members) > 1:
        return bool(set(records[0]).intersection(*records[1:]))
    return len(members) > 20 and len({type(item) for item in members}) == 1


def _is_id(value: object) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool)


def _collections(value: Any) -> Iterator[list[dict[str, Any]]]:
    """Every list of records that is reached by keys, and every object of them."""
    if isinstance(value, list):
        yield [item for item in value if isinstance(item, dict)]
    elif isinstance(value, dict):
        if are_records(value):
            yield [item for item in value.values() if isinstance(item, dict)]
        else:
            for item in value.values():
                yield from _collections(item)


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    """Every text that stands under a key, at any depth."""
    for item in value if isinstance(value, list) else ():
        yield from _texts(item)
    for key, item in value.items() if isinstance(value, dict) else ():
        if isinstance(item, str):
            yield key, item
        else:
            yield from _texts(item)


def distinct(value: bytes, turn: int, step: int) -> bytes:
    """An id as it is in another repetition: of the same form, and of no other record.

    `value` is a number, or a text with its quotes, as JSON spells them.
    """
    if not value.startswith(b'"'):
        number = int(value)
        return b"%d" % (number + turn * step if number >= 0 else number - turn * step)
    text = value[1:-1]
    if _HEX.fullmatch(text):
        form = b"%08X" if text[:8].isupper() else b"%08x"
        text = form % (int(text[:8], 16) ^ turn) + text[8:]
    elif (ending := _NUMBER.search(text)) is not None and b"\\" not in text:
        width = len(ending[0])
        text = text[: ending.start()] + b"%0*d" % (width, int(ending[0]) + turn * step)
    else:
        text += b"-%d" % turn
    return b'"' + text + b'"'


def number_of(value: bytes) -> int:
    """The number that an id ends in, 0 where it ends in none."""
    text = value.strip(b'"')
    ending = None if _HEX.fullmatch(text) else _NUMBER.search(text)
    return 0 if ending is None else int(ending[0])


def id_pattern(ids: tuple[str, ...]) -> re.Pattern[bytes] | None:
    """Finds a key of `ids` with its value. A quote within a string is escaped: no text matches."""
    names = b"|".join(re.escape(json.dumps(key)[1:-1].encode()) for key in ids if key.isascii())
    return re.compile(rb'("(?:' + names + rb')"\s*:\s*)' + _VALUE, re.DOTALL) if names else None
