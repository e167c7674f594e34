"""Compressed files: gzip, bz2, xz and, with a library that can, Zstandard."""

from __future__ import annotations

import os
from importlib import import_module
from typing import IO, TYPE_CHECKING, Any

from loadstream.runtime.files import Watch

if TYPE_CHECKING:
    from collections.abc import Callable


class Packed:
    """A compressed file that is opened here and read decompressed."""

    def __init__(self, path: str | os.PathLike[str], kind: str) -> None:
        unpack = unpacker(kind, os.fspath(path))
        self._file = open(path, "rb")  # noqa: SIM115, PTH123
        self._watch = Watch(self._file.fileno(), os.fspath(path))
        self._unpacked = unpack(self._file)

    def read(self, size: int) -> bytes:
        """Up to `size` more bytes, decompressed; empty at the end."""
        piece: bytes = self._unpacked.read(size)
        self._watch.check()
        return piece

    def close(self) -> None:
        """Close it, as often as one likes."""
        self._unpacked.close()
        self._file.close()

    def __del__(self) -> None:
        if hasattr(self, "_unpacked"):
            self._unpacked.close()
        if hasattr(self, "_file"):
            self._file.close()


def unpacker(kind: str, path: str) -> Callable[[IO[bytes]], IO[bytes]]:
    """What reads a compressed file through an open one. `path` is for the error: no library."""
    if kind == "gzip":
        from gzip import GzipFile

        return lambda file: GzipFile(fileobj=file, mode="rb")  # type: ignore[return-value]
    if kind == "bz2":
        from bz2 import BZ2File

        return BZ2File
    if kind == "lzma":
        from lzma import LZMAFile

        return LZMAFile
    for name, reader in (
        ("compression.zstd", "ZstdFile"),
        ("backports.zstd", "ZstdFile"),
        ("pyzstd", "ZstdFile"),
        ("zstandard", "open"),
    ):
        try:
            found: Any = getattr(import_module(name), reader)
        except ImportError:
            continue
        return found  # type: ignore[no-any-return]
    raise ModuleNotFoundError(
        f"{path}: to read Zstandard, use Python 3.14 or: pip install 'loadstream[zstd]'"
    )
