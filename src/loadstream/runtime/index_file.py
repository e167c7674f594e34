"""The file that keeps an index: what is in it, where it is, and how it gets there.

All numbers are little-endian. A header of fixed size; the path as JSON; then, for each chunk, the
byte where it begins; for each chunk, the number of its first element; the checksums of the blocks
of the data; and the CRC-32 of all that, so that a file which is truncated or damaged is noticed.
"""

from __future__ import annotations

import json
import os
import secrets
import struct
import sys
import zlib
from array import array
from contextlib import suppress
from hashlib import blake2b

from loadstream.runtime.errors import BadIndexError, IndexNotWrittenError
from loadstream.runtime.index import SUFFIX, Fingerprint, Index

_MAGIC = b"loadstream index"
_VERSION = 1
# magic; version; lines or array; length of the path; count, stop; size, modified, changed, inode
# of the data; number of chunks, of checksums
_HEADER = struct.Struct("<16sHHIQQQqqQQQ")
_CHECK = struct.Struct("<I")


def default_place(source: str | os.PathLike[str], steps: tuple[str | int, ...]) -> str:
    """Beside the data: `data.json.lsx`; for a path, `data.json.5e2d7a10.lsx`, another for each."""
    name = os.fsdecode(source)
    if not steps:
        return name + SUFFIX
    digest = blake2b(json.dumps(steps).encode(), digest_size=4).hexdigest()
    return f"{name}.{digest}{SUFFIX}"


def encode(index: Index, fingerprint: Fingerprint) -> bytes:
    """The bytes of an index, with this fingerprint in place of its own."""
    path = json.dumps(index.steps).encode()
    header = _HEADER.pack(
        _MAGIC,
        _VERSION,
        index.is_lines,
        len(path),
        index.count,
        index.stop,
        *fingerprint,
        len(index.places),
        len(index.checks),
    )
    numbers = (_swapped(part).tobytes() for part in (index.places, index.numbers, index.checks))
    body = b"".join((header, path, *numbers))
    return body + _CHECK.pack(zlib.crc32(body))


def decode(content: bytes) -> Index:
    """The index in these bytes. Raises `ValueError` that completes the sentence "it …"."""
    if not is_ours(content):
        raise ValueError("is no index of loadstream")
    if len(content) < _HEADER.size + _CHECK.size:
        raise ValueError("is truncated")
    _, version, lines, length, count, stop, *status, chunks, blocks = _HEADER.unpack_from(content)
    if version != _VERSION:
        raise ValueError("was made by another version of loadstream")
    size = _HEADER.size + length + 16 * chunks + 4 * blocks + _CHECK.size
    if len(content) < size:
        raise ValueError("is truncated")
    body, check = content[: -_CHECK.size], content[-_CHECK.size :]
    if len(content) > size or _CHECK.pack(zlib.crc32(body)) != check:
        raise ValueError("is damaged")
    at = _HEADER.size + length
    steps = tuple(json.loads(body[_HEADER.size : at]))
    places = _array("Q", body[at : at + 8 * chunks])
    numbers = _array("Q", body[at + 8 * chunks : at + 16 * chunks])
    checks = _array("I", body[at + 16 * chunks :])
    fingerprint = Fingerprint(*status)
    return Index(steps, bool(lines), fingerprint, count, stop, places, numbers, checks)


def is_ours(content: bytes) -> bool:
    """Whether these are bytes of an index, or the first of one, and nothing of somebody else's."""
    return _MAGIC.startswith(content[: len(_MAGIC)])


def read(place: str) -> bytes | None:
    """What the file holds, or how it begins if it is not ours; None if there is none.

    Raises `BadIndexError` if it cannot be read.
    """
    try:
        with open(place, "rb") as file:  # noqa: PTH123
            begin = file.read(len(_MAGIC))
            return begin + file.read() if is_ours(begin) else begin
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadIndexError(
            f"the index {place} cannot be read ({error.strerror}); give another place: "
            "index(place=…), which is for one file alone"
        ) from None


def write(place: str, content: bytes) -> None:
    """Put this there in one step. Raises `IndexNotWrittenError`, and leaves nothing then."""
    other = f"{place}.{secrets.token_hex(4)}.tmp"
    try:
        try:
            with open(other, "xb") as file:  # noqa: PTH123
                file.write(content)
            os.replace(other, place)  # noqa: PTH105
        except BaseException:
            with suppress(OSError):
                os.unlink(other)  # noqa: PTH108
            raise
    except OSError as error:
        raise _not_written(place, error) from None


def ensure_writable(place: str) -> None:
    """Raise `IndexNotWrittenError` now, and not after a pass over the file."""
    other = f"{place}.{secrets.token_hex(4)}.tmp"
    try:
        with open(other, "xb"):  # noqa: PTH123
            pass
        os.unlink(other)  # noqa: PTH108
    except OSError as error:
        raise _not_written(place, error) from None


def _not_written(place: str, error: OSError) -> IndexNotWrittenError:
    return IndexNotWrittenError(
        f"the index cannot be written at {place} ({error.strerror}); give another place: "
        "index(place=…), which is for one file alone"
    )


def _swapped(numbers: array[int]) -> array[int]:
    if sys.byteorder == "little":
        return numbers
    other = numbers[:]
    other.byteswap()
    return other


def _array(kind: str, content: bytes) -> array[int]:
    numbers: array[int] = array(kind)
    numbers.frombytes(content)
    return _swapped(numbers)
