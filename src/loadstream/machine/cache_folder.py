"""The folder in which runs leave what the next ones can use; it tells git to ignore it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

CACHE_FOLDER = ".loadstream_cache"


def make_self_ignoring(folder: Path) -> Path:
    """`folder`, made if there is none, with a file that tells git to ignore it. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists() or not ignore.stat().st_size:  # empty: a run was killed in between
        ignore.write_text("*\n", encoding="utf-8")
    return folder


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` in the place of a file of the cache, all or nothing. Raises OSError."""
    part = path.with_name(f".{path.name}-{os.urandom(4).hex()}")
    try:
        part.write_bytes(content)
        os.replace(part, path)  # noqa: PTH105
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
