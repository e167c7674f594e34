"""A small likeness of a data file: the whole structure, a few elements of every array.

The file is read event by event and only a bounded part of it, so a sample of two gigabytes costs
what a sample of a few megabytes costs. variants.py makes generated data from it.
"""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import ijson

_KEPT_ELEMENTS = 24
_KEPT_TEXT = 40
_MAX_EVENTS = 400_000
_LINES = (".jsonl", ".ndjson")
_OPENERS: dict[str, Any] = {".gz": gzip, ".bz2": bz2, ".xz": lzma}
WHOLE_FILE = 32 << 20


def looks_like_json(path: Path) -> bool:
    """True for a file whose content begins as a JSON array or object does."""
    if path.name.endswith((".py", ".toml", ".ipynb", ".lock")):
        return False
    try:
        with open_bytes(path) as handle:
            head = handle.read(256)
    except (OSError, EOFError, lzma.LZMAError):
        return False
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return text[:1] in (b"[", b"{")


def is_lines(path: str) -> bool:
    """True for JSON Lines, by the name, compressed or not."""
    name = path
    for suffix in _OPENERS:
        name = name.removesuffix(suffix)
    return name.endswith(_LINES)


def sample(path: Path) -> Any:
    """A document of the file's structure with at most 24 elements in each array.

    Longer texts are cut. Raises `ValueError` where the file is not JSON.
    """
    try:
        with open_bytes(path) as handle:
            if is_lines(path.name):
                return [_trim(json.loads(line)) for line in _first_lines(handle)]
            return _build(ijson.basic_parse(handle))
    except (ijson.JSONError, EOFError, lzma.LZMAError, OSError) as error:
        # NaN, a byte order mark and the like: exactly what json.load knows and ijson does not.
        if path.stat().st_size <= WHOLE_FILE:
            try:
                return _trim(read(path))
            except (RecursionError, EOFError, OSError):
                pass
        raise ValueError(f"{path.name} is not JSON: {error}") from None


def read(path: Path) -> Any:
    """The whole document, as json.load gives it (a list for JSON Lines)."""
    with open_bytes(path) as handle:
        if is_lines(path.name):
            return [json.loads(line) for line in handle if line.strip()]
        return json.load(handle)


def write(path: str, document: Any, *, readable: bool = False, plain: bool = False) -> bytes:
    """The bytes of `document` for a file of this name.

    `readable` indents, `plain` writes characters as they are instead of escaped.
    """
    if is_lines(path) and isinstance(document, list):
        text = "".join(json.dumps(item, ensure_ascii=not plain) + "\n" for item in document)
    else:
        text = json.dumps(document, ensure_ascii=not plain, indent=2 if readable else None)
    data = text.encode("utf-8", "surrogatepass")
    for suffix, module in _OPENERS.items():
        if path.endswith(suffix):
            return bytes(module.compress(data))
    return data


def open_bytes(path: Path) -> IO[bytes]:
    """The file for reading, decompressed as its name says."""
    for suffix, module in _OPENERS.items():
        if path.name.endswith(suffix):
            opened: IO[bytes] = module.open(path, "rb")
            return opened
    return path.open("rb")


def create_bytes(path: Path) -> IO[bytes]:
    """A new file for writing, compressed as its name says."""
    for suffix, module in _OPENERS.items():
        if path.name.endswith(suffix):
            opened: IO[bytes] = module.open(path, "wb")
            return opened
    return path.open("wb")


def _first_lines(handle: IO[bytes]) -> Iterator[bytes]:
    count = 0
    for line in handle:
        if line.strip():
            yield line
            count += 1
            if count >= _KEPT_ELEMENTS:
                return


def _build(events: Iterator[tuple[str, Any]]) -> Any:
    """The document of the events; elements beyond the bound are read over, not kept."""
    root: list[Any] = []
    stack: list[Any] = [root]
    keys: list[str] = []
    skipped = 0
    for count, (event, value) in enumerate(events):
        if count > _MAX_EVENTS:
            break
        if event in ("end_map", "end_array"):
            if skipped:
                skipped -= 1
            else:
                stack.pop()
                if event == "end_map":
                    keys.pop()
            continue
        if event == "map_key":
            if not skipped:
                keys[-1] = value
            continue
        opens = event in ("start_map", "start_array")
        parent = stack[-1]
        full = isinstance(parent, list) and len(parent) >= _KEPT_ELEMENTS
        full = full or (isinstance(parent, dict) and len(parent) >= 8 * _KEPT_ELEMENTS)
        if skipped or full:
            skipped += opens
            continue
        made: Any = {} if event == "start_map" else [] if opens else _scalar(value)
        if isinstance(parent, dict):
            parent[keys[-1]] = made
        else:
            parent.append(made)
        if opens:
            stack.append(made)
            if event == "start_map":
                keys.append("")
    if not root:
        raise ValueError("empty document")
    return root[0]


def _scalar(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value[:_KEPT_TEXT] if isinstance(value, str) else value


def _trim(value: Any) -> Any:
    if isinstance(value, list):
        return [_trim(item) for item in value[:_KEPT_ELEMENTS]]
    if isinstance(value, dict):
        return {key: _trim(item) for key, item in list(value.items())[: 8 * _KEPT_ELEMENTS]}
    return _scalar(value)
