"""A block into pyproject.toml, every other byte of which stays."""

from __future__ import annotations

from pathlib import Path

from loadstream.project.config import configuration_in, document_in
from loadstream.project.errors import InputError
from loadstream.project.shown import shown


def with_block(file: Path, data: bytes, block: str) -> bytes:
    """The content `data` of `file` with `block` behind it.

    The result is read back: it must be a configuration, and say of everything else what it said.
    Raises InputError where it would not.
    """
    newline = b"\r\n" if b"\r\n" in data else b"\n"
    text = data
    if text and not text.endswith(b"\n"):
        text += newline
    if text and not text.endswith(newline * 2):
        text += newline
    text += block.encode().replace(b"\n", newline)
    try:
        before, after = document_in(file, data), document_in(file, text)
        configuration_in(file, after)
    except InputError as error:
        raise InputError(f"the block cannot be added, write it by hand: {error}") from error
    if _without_ours(before) != _without_ours(after):
        raise InputError(f"{shown(file)}: the block would change other settings: write it by hand")
    return text


def _without_ours(document: dict[str, object]) -> dict[str, object]:
    tool = document.get("tool")
    others = {key: value for key, value in document.items() if key != "tool"}
    if isinstance(tool, dict) and (left := {k: v for k, v in tool.items() if k != "loadstream"}):
        others["tool"] = left
    return others
