"""Where the bytes come from: paths, handles, pipes, archives, in any encoding that `json` reads.

Flow: **source** → window → elements → stream. Whatever it is, a source gives UTF-8 in pieces. What
kind of text `json.load` would have made of it is said beside: how it is decoded, whether `\\r\\n`
counts as one character, and whether a byte order mark is an error.

- A path is read as `open(path, encoding="utf-8")`, or with the encoding that is given.
- A text handle gives its own text. A binary handle, and a decompressed file, is what `json.loads`
  makes of bytes: UTF-8, UTF-16 or UTF-32, as its first bytes say.
"""

from __future__ import annotations

import codecs
import os
import stat
from json import detect_encoding
from typing import IO, TYPE_CHECKING, Any, Protocol

from loadstream.runtime.errors import SourceChangedError
from loadstream.runtime.window import misplaced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FEW = 4096
_PIECE = 128 * 1024

_PACKED = {
    ".gz": "gzip",
    ".bz2": "bz2",
    ".xz": "lzma",
    ".lzma": "lzma",
    ".zst": "zstd",
    ".zstd": "zstd",
}


class Source:
    """UTF-8 in pieces, and how `json.load` would have decoded it."""

    __slots__ = ("_convert", "_raw", "errors", "is_text", "translates_newlines")

    def __init__(
        self,
        raw: _Raw,
        convert: Callable[[Source, Any], bytes],
        *,
        errors: str = "surrogatepass",
        is_text: bool = False,
        translates_newlines: bool = False,
    ) -> None:
        self._raw = raw
        self._convert = convert
        self.errors = errors
        self.is_text = is_text
        self.translates_newlines = translates_newlines

    def read(self, size: int) -> bytes:
        """About `size` more bytes, as they come; empty at the end and not before."""
        while True:
            piece = self._raw.read(size)
            converted = self._convert(self, piece)
            if converted or not piece:
                return converted

    @property
    def reads_again(self) -> bool:
        """Whether `again` and `seek` can be used: for files of this system, in UTF-8."""
        return isinstance(self._raw, _File) and self._raw.regular and self._convert is _as_it_is

    def again(self, end: int) -> Iterator[bytes]:
        """The first `end` bytes in pieces, none of which ends within a line break."""
        assert isinstance(self._raw, _File)
        return self._raw.again(end)

    def seek(self, offset: int) -> None:
        """Go on at this byte."""
        assert isinstance(self._raw, _File)
        self._raw.place = offset

    def close(self) -> None:
        """Close what was opened here. A handle that was given stays open."""
        self._raw.close()


def open_source(source: str | os.PathLike[str] | IO[Any], encoding: str | None) -> Source:
    """Open a path, or take a handle where it stands.

    Raises what `open` raises, `LookupError` for an encoding that Python does not know, `TypeError`
    for what is neither a path nor a handle, `ModuleNotFoundError` for `.zst` without a library.
    """
    if hasattr(source, "read"):
        if encoding is not None:
            raise ValueError("encoding= is for paths: an open handle has its own")
        return Source(_Handle(source), _by_type)
    if not isinstance(source, (str, os.PathLike)):
        raise TypeError(
            f"source must be a path or an open file, not {type(source).__name__}; "
            "for JSON that is in memory already use json.loads"
        )
    kind = _PACKED.get(os.path.splitext(source)[1].lower())
    raw: _Raw = _File(source) if kind is None else _Packed(source, kind)
    if kind is not None and encoding is None:
        return Source(raw, _by_first_bytes)
    try:
        name = codecs.lookup(_named(encoding)).name
    except LookupError:
        raw.close()
        raise
    if name == "utf-8":
        return Source(raw, _as_it_is, errors="strict", is_text=True, translates_newlines=True)
    return Source(raw, _Decoding(name, "strict"), is_text=True, translates_newlines=True)


def _named(encoding: str | None) -> str:
    if encoding == "locale":
        import locale

        return locale.getpreferredencoding(False)
    return encoding or "utf-8"


class _Raw(Protocol):
    def read(self, size: int) -> bytes | str: ...

    def close(self) -> None: ...


class _File:
    """A file that is opened here. It has a place of its own, so that a fork does not move it."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115, PTH123
        self._watch = _Watch(self._file.fileno(), os.fspath(path))
        self.place = 0

    @property
    def regular(self) -> bool:
        return self._watch.regular

    def read(self, size: int) -> bytes:
        piece = self._read(size, self.place) if self.regular else self._file.read(size) or b""
        self.place += len(piece)
        self._watch.check()
        return piece

    def again(self, end: int) -> Iterator[bytes]:
        place = 0
        while place < end:
            piece = self._read(min(_PIECE, end - place), place)
            self._watch.check()
            if place + len(piece) < end:
                piece = piece[: _clean_end(piece)]
            place += len(piece)
            yield piece

    def _read(self, size: int, place: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(self._file.fileno(), size, place)
        self._file.seek(place)
        return self._file.read(size) or b""

    def close(self) -> None:
        self._file.close()

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            self._file.close()


def _clean_end(piece: bytes) -> int:
    """Where to cut, so that neither a character nor `\\r\\n` is cut in two."""
    end = len(piece)
    while end > 1 and 0x80 <= piece[end - 1] < 0xC0:
        end -= 1
    if end > 1 and piece[end - 1] >= 0xC0:
        end -= 1
    if end > 1 and piece[end - 1] == 0x0D:
        end -= 1
    return end


class _Packed:
    """A compressed file that is opened here and read decompressed."""

    def __init__(self, path: str | os.PathLike[str], kind: str) -> None:
        unpack = _unpacker(kind, os.fspath(path))
        self._file = open(path, "rb")  # noqa: SIM115, PTH123
        self._watch = _Watch(self._file.fileno(), os.fspath(path))
        self._unpacked = unpack(self._file)

    def read(self, size: int) -> bytes:
        piece: bytes = self._unpacked.read(size)
        self._watch.check()
        return piece

    def close(self) -> None:
        self._unpacked.close()
        self._file.close()

    def __del__(self) -> None:
        if hasattr(self, "_unpacked"):
            self._unpacked.close()
        if hasattr(self, "_file"):
            self._file.close()


def _unpacker(kind: str, path: str) -> Callable[[IO[bytes]], IO[bytes]]:
    if kind == "gzip":
        from gzip import GzipFile

        return lambda file: GzipFile(fileobj=file, mode="rb")  # type: ignore[return-value]
    if kind == "bz2":
        from bz2 import BZ2File

        return BZ2File  # type: ignore[return-value]
    if kind == "lzma":
        from lzma import LZMAFile

        return LZMAFile  # type: ignore[return-value]
    from importlib import import_module

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
        f"{path}: to read Zstandard, use Python 3.14 or install a package: pip install zstandard"
    )


class _Handle:
    """An open file of the caller's, from where it stands."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self._read = handle.read
        self._watch: _Watch | None = None
        try:
            self._watch = _Watch(handle.fileno(), str(getattr(handle, "name", "the file")))
        except (AttributeError, OSError, ValueError):
            return  # not a file of the system: nothing that could change behind its back
        if not self._watch.regular:
            # What a pipe has now is worth more than a full window later.
            self._read = getattr(handle, "read1", self._read)

    def read(self, size: int) -> bytes | str:
        try:
            piece: bytes | str | None = self._read(size)
        except UnicodeDecodeError as error:
            raise self._placed(error) from None
        if piece is None:
            raise BlockingIOError("the handle does not wait for its data; make it blocking")
        if self._watch is not None:
            self._watch.check()
        return piece

    def _placed(self, error: UnicodeDecodeError) -> UnicodeDecodeError:
        """A text handle decodes in pieces; place its error as if it had decoded all at once."""
        try:
            behind = self._handle.buffer.tell()
        except (AttributeError, OSError):
            return error
        return misplaced(error, error.object, behind - len(error.object))

    def close(self) -> None:
        """The handle is the caller's."""


class _Watch:
    """Notices when a file is written while it is read."""

    def __init__(self, descriptor: int, name: str) -> None:
        status = os.fstat(descriptor)
        self.regular = stat.S_ISREG(status.st_mode)
        self._descriptor = descriptor
        self._name = name
        self._size = status.st_size
        self._time = status.st_mtime_ns

    def check(self) -> None:
        """Raise `SourceChangedError` if the file is not what it was when it was opened."""
        if not self.regular:
            return
        status = os.fstat(self._descriptor)
        if (status.st_size, status.st_mtime_ns) != (self._size, self._time):
            raise SourceChangedError(
                f"{self._name} was changed while it was being read "
                f"({self._size} bytes then, {status.st_size} now); stream it again from the start"
            )


class _Decoding:
    """Converts pieces in another encoding, or of a text handle, to UTF-8."""

    def __init__(self, encoding: str, errors: str) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)(errors)
        self._place = 0

    def __call__(self, _: Source, piece: bytes) -> bytes:
        pending = self._decoder.getstate()[0]
        try:
            text = self._decoder.decode(piece, not piece)
        except UnicodeDecodeError as error:
            raise misplaced(error, pending + piece, self._place - len(pending)) from None
        self._place += len(piece)
        return text.encode("utf-8", "surrogatepass")


def _as_it_is(_: Source, piece: bytes) -> bytes:
    return piece


def _from_text(_: Source, piece: str) -> bytes:
    return piece.encode("utf-8", "surrogatepass")


def _by_type(source: Source, piece: bytes | str) -> bytes:
    """Decide at the first piece whether a handle is binary or text."""
    if isinstance(piece, str):
        source.is_text = True
        source._convert = _from_text
        return _from_text(source, piece)
    source._convert = _by_first_bytes
    return _by_first_bytes(source, piece)


def _by_first_bytes(source: Source, piece: bytes) -> bytes:
    """Decide at the first piece in which encoding binary data is, as `json.loads` does."""
    while 0 < len(piece) < 4 and (more := source._raw.read(4 - len(piece))):
        piece += more  # type: ignore[operator]
    encoding = detect_encoding(piece[:4])  # type: ignore[no-untyped-call]
    if encoding == "utf-8-sig":
        piece = piece[len(codecs.BOM_UTF8) :]
        encoding = "utf-8"
    if encoding == "utf-8":
        source._convert = _as_it_is
        return piece or source._raw.read(_FEW)  # type: ignore[return-value]
    decoding = _Decoding(encoding, "surrogatepass")
    source._convert = decoding  # type: ignore[assignment]
    return decoding(source, piece)
