"""One object over a network: its bytes in order, each once, whatever becomes of the connection.

Flow: **transfer** → ahead → source → window → …. How bytes are asked for is a `Transport`; here it
is decided what is tried again, where it goes on, and that what came is all of one object:

- What breaks, stalls or is refused for the moment goes on at the byte where it stopped. Nothing is
  given twice, and as many bytes as were announced are given, or there is an error.
- The object must be the one that was opened, or that is a `SourceChangedError`.
"""

from __future__ import annotations

from threading import Event

from loadstream.runtime.errors import SourceChangedError
from loadstream.runtime.retrying import persist

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol, TypeVar

    from loadstream.runtime.remote import Url

    T = TypeVar("T")

    class Transport(Protocol):
        """How the bytes of one object are asked for."""

        @property
        def size(self) -> int | None:
            """How many bytes were announced, if that was said."""

        def open(self) -> None:
            """Ask for the object. Raises `FileNotFoundError`, `PermissionError` and others."""

        def read(self, place: int) -> bytes:
            """Some bytes from this place on; none at the end."""

        def drop(self) -> None:
            """Forget the connection: the next `read` asks anew, and for the same object."""

        def interrupt(self) -> None:
            """Nobody wants more: called while another thread may be in `read`."""


class Transfer:
    """The bytes of one object. It is opened now, and read as `read` asks for it."""

    def __init__(self, url: Url, transport: Transport) -> None:
        self.stopped = Event()
        self.url = url.url
        self._retries = url.retries
        self._transport = transport
        self._place = 0
        self._is_over = False
        self._persist(transport.open)

    def read(self) -> bytes:
        """The next bytes, some of them; none at the end."""
        if self._is_over:
            return b""
        piece = self._persist(self._next)
        self._place += len(piece)
        self._is_over = not piece
        return piece

    def stop(self) -> None:
        """Let a `read` in another thread come to its end: nobody waits for it."""
        self.stopped.set()
        self._transport.interrupt()

    def close(self) -> None:
        """Close the connection."""
        self._transport.drop()

    def _next(self) -> bytes:
        piece = self._transport.read(self._place)
        size = self._transport.size
        behind = self._place + len(piece)
        if size is not None and behind > size:
            raise SourceChangedError(f"it has more than the {size} bytes that were announced")
        if size is not None and not piece and behind < size:
            raise ConnectionError(f"{behind} of {size} bytes came")
        return piece

    def _persist(self, action: Callable[[], T]) -> T:
        return persist(
            action, self.url, self._retries, self._broken_off, self._transport.drop, self.stopped
        )

    def _broken_off(self) -> str:
        size = self._transport.size
        whole = "" if size is None else f" of {size}"
        return f"broke off at byte {self._place}{whole}"
