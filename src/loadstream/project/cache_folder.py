"""The folder in which runs leave what the next ones can use; it tells git to ignore it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

CACHE_FOLDER = ".loadstream_cache"


def cache_folder(root: Path) -> Path:
    """The cache folder under `root`, made if there is none. Raises OSError."""
    folder = root / CACHE_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
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
