"""Open files of the caller's, from where they stand: text or binary, pipes and archive members."""

from __future__ import annotations

from loadstream.runtime.files import Watch
from loadstream.runtime.window import misplaced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Handle:
    """An open file of the caller's, from where it stands."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self._read = handle.read
        self._is_begun = False
        self._watch: Watch | None = None
        try:
            descriptor = handle.fileno()
            if type(descriptor) is not int:  # that of a mock, as tests put in the place of open()
                return
            self._watch = Watch(descriptor, str(getattr(handle, "name", "the file")))
        except (AttributeError, OSError, ValueError):
            return  # not a file of the system: nothing that could change behind its back
        if not self._watch.regular:
            # What a pipe has now is worth more than a full window later.
            self._read = getattr(handle, "read1", self._read)

    def read(self, size: int) -> bytes | str:
        """Up to `size` more bytes or characters; empty at the end."""
        try:
            piece: bytes | str | None = self._read(size)
        except UnicodeDecodeError as error:
            raise self._placed(error) from None
        except TypeError:
            if self._is_begun:
                raise
            # All that json.load asks of a file is read(): some objects have no more than that.
            self._read = _reader(self._handle.read())
            piece = self._read(size)
        self._is_begun = True
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


def _reader(content: bytes | str) -> Callable[[int], bytes | str]:
    """The `read` of a file in memory."""
    import io

    if isinstance(content, str):
        return io.StringIO(content, newline="").read
    return io.BytesIO(content).read
