"""Files of this system, by path, and how a change under one's hands is noticed."""

from __future__ import annotations

import os
import stat

from loadstream.runtime.errors import SourceChangedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE = 128 * 1024


class File:
    """A file that is opened here. It has a place of its own, so that a fork does not move it."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115, PTH123
        self._watch = Watch(self._file.fileno(), os.fspath(path))
        self.place = 0

    @property
    def regular(self) -> bool:
        """Whether this is a plain file, with places in it, and not a pipe or a terminal."""
        return self._watch.regular

    @property
    def status(self) -> tuple[int, int]:
        """Size and time of change, in nanoseconds, when it was opened."""
        return self._watch.status

    def stat(self) -> os.stat_result:
        """What the system says of it now."""
        return os.fstat(self._file.fileno())

    def read(self, size: int) -> bytes:
        """Up to `size` more bytes; empty at the end."""
        piece = self._read(size, self.place) if self.regular else self._file.read(size) or b""
        self.place += len(piece)
        self._watch.check()
        return piece

    def again(self, end: int) -> Iterator[bytes]:
        """The first `end` bytes in pieces, none of which ends within a character or line break."""
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
        """Close it, as often as one likes."""
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


class Watch:
    """Notices when a file is written while it is read."""

    def __init__(self, descriptor: int, name: str) -> None:
        status = os.fstat(descriptor)
        self.regular = stat.S_ISREG(status.st_mode)
        self._descriptor = descriptor
        self._name = name
        self.status = (status.st_size, status.st_mtime_ns)

    def check(self) -> None:
        """Raise `SourceChangedError` if the file is not what it was when it was opened."""
        if not self.regular:
            return
        status = os.fstat(self._descriptor)
        if (status.st_size, status.st_mtime_ns) != self.status:
            raise SourceChangedError(
                f"{self._name} was changed while it was being read ({self.status[0]} bytes then, "
                f"{status.st_size} now); stream it again from the start"
            )
