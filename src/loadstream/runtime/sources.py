"""Where the bytes come from: paths, handles, pipes, archives, in any encoding that `json` reads.

Flow: **source** → window → elements → stream. Whatever it is, a source gives UTF-8 in pieces. What
kind of text `json.load` would have made of it is said beside: how it is decoded, whether `\\r\\n`
counts as one character, and whether a byte order mark is an error.

- A path is read as `open(path, encoding="utf-8")`, or with the encoding that is given. So is a URL
  (`remote`), which is a string with `scheme://` in it.
- A text handle gives its own text. A binary handle, and a decompressed file, is what `json.loads`
  makes of bytes: UTF-8, UTF-16 or UTF-32, as its first bytes say.
"""

from __future__ import annotations

import codecs
import os
from json import detect_encoding

from loadstream.runtime.files import File
from loadstream.runtime.handles import Handle
from loadstream.runtime.window import misplaced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO, Any, TypeAlias

    from loadstream.runtime.packed import Packed

    Raw: TypeAlias = File | Handle | Packed

_FEW = 4096

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
        raw: Raw,
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
        return isinstance(self._raw, File) and self._raw.regular and self._convert is as_it_is

    def again(self, end: int) -> Iterator[bytes]:
        """The first `end` bytes in pieces, none of which ends within a line break."""
        assert isinstance(self._raw, File)
        return self._raw.again(end)

    def seek(self, offset: int) -> None:
        """Go on at this byte."""
        assert isinstance(self._raw, File)
        self._raw.place = offset

    def file(self) -> File:
        """The file, where `reads_again` holds."""
        assert isinstance(self._raw, File)
        return self._raw

    def status(self) -> tuple[int, int]:
        """Size and time of change of a file; zeros for what is not one."""
        return self._raw.status if isinstance(self._raw, File) else (0, 0)

    def close(self) -> None:
        """Close what was opened here. A handle that was given stays open."""
        self._raw.close()


def open_source(source: str | os.PathLike[str] | IO[Any], encoding: str | None) -> Source:
    """Open a path, or take a handle where it stands.

    Raises what `open` raises, `LookupError` for an encoding that Python does not know, `TypeError`
    for what is neither a path nor a handle, `ModuleNotFoundError` for `.zst` or a URL without a
    library.
    """
    if hasattr(source, "read"):
        if encoding is not None:
            raise ValueError("encoding= is for paths: an open handle has its own")
        return Source(Handle(source), _by_type)
    if not isinstance(source, (str, os.PathLike)):
        raise TypeError(
            f"source must be a path or an open file, not {type(source).__name__}; "
            "for JSON that is in memory already use json.loads"
        )
    url, name = name_of(source)
    kind = _PACKED.get(os.path.splitext(name)[1].lower())  # noqa: PTH122 (pathlib takes 5 ms)
    raw: Raw
    if url:
        from loadstream.runtime.remote import Remote

        raw = Remote(source, kind)
    elif kind is None:
        raw = File(source)
    else:
        from loadstream.runtime.packed import Packed

        raw = Packed(source, kind)
    if kind is not None and encoding is None:
        return Source(raw, _by_first_bytes)
    try:
        codec = codecs.lookup(named(encoding)).name
    except LookupError:
        raw.close()
        raise
    if codec == "utf-8":
        return Source(raw, as_it_is, errors="strict", is_text=True, translates_newlines=True)
    return Source(raw, _Decoding(codec, "strict"), is_text=True, translates_newlines=True)


def utf_8(handle: Any) -> Source:
    """Bytes of a text file in UTF-8, of which `handle.read(size)` gives some."""
    return Source(Handle(handle), as_it_is, errors="strict", is_text=True, translates_newlines=True)


def why_not_sought(source: str | os.PathLike[str], encoding: str | None) -> str | None:
    """Why no byte of this can be gone to directly, and what to do; None if it seems that it can."""
    url, name = name_of(source)
    if url:
        return "it is a URL, which is read from its start; copy it into a file first"
    if os.path.splitext(name)[1].lower() in _PACKED:  # noqa: PTH122
        return "it is compressed, and so is read from its start; decompress it into a file first"
    codec = codecs.lookup(named(encoding)).name
    if codec != "utf-8":
        return f"it is read as {codec}; write it in UTF-8 first"
    return None


def name_of(source: str | os.PathLike[str]) -> tuple[str, str]:
    """The URL, empty for a path; and the name, whose suffix says what kind of file it is."""
    name = os.fspath(source)
    if isinstance(name, str) and "://" in name:
        from loadstream.runtime.remote import Url, is_url, name_in

        if isinstance(source, Url) or (name is source and is_url(name)):
            return name, name_in(name)
    return "", name


def named(encoding: str | None) -> str:
    """The name of an encoding: that of this process for `"locale"`, UTF-8 if there is none."""
    if encoding == "locale":
        import locale

        return locale.getpreferredencoding(False)
    return encoding or "utf-8"


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


def as_it_is(_: Source, piece: bytes) -> bytes:
    """The conversion of what is UTF-8 already."""
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
    encoding = detect_encoding(piece[:4])
    if encoding == "utf-8-sig":
        piece = piece[len(codecs.BOM_UTF8) :]
        encoding = "utf-8"
    if encoding == "utf-8":
        source._convert = as_it_is
        return piece or source._raw.read(_FEW)  # type: ignore[return-value]
    decoding = _Decoding(encoding, "surrogatepass")
    source._convert = decoding
    return decoding(source, piece)
