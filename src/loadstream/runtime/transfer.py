"""One object over a network: its bytes in order, each once, whatever becomes of the connection.

Flow: **transfer** → ahead → source → window → …. How bytes are asked for is a `Transport`; here it
is decided what is tried again, where it goes on, and that what came is all of one object:

- What breaks, stalls or is refused for the moment goes on at the byte where it stopped. Nothing is
  given twice, and as many bytes as were announced are given, or there is an error.
- The object must be the one that was opened, or that is a `SourceChangedError`.
"""

from __future__ import annotations

import os
from errno import ENOENT
from random import random
from threading import Event

from loadstream.runtime.errors import SourceChangedError
from loadstream.runtime.naming import name_file
from loadstream.runtime.retrying import passes

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


_SHORTEST, _LONGEST = 0.1, 5.0


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
        """Do it, and again after a pause if it fails for the moment."""
        pause = _SHORTEST
        for left in range(self._retries, -1, -1):
            try:
                return action()
            except SourceChangedError as error:
                raise SourceChangedError(
                    f"{self.url} was changed while it was being read: {error}; "
                    "stream it again from the start"
                ) from error.__cause__
            except Exception as error:
                self._transport.drop()
                if isinstance(error, FileNotFoundError):
                    raise FileNotFoundError(ENOENT, os.strerror(ENOENT), self.url) from error
                if not passes(error) or self.stopped.is_set():
                    if isinstance(error, (OSError, ImportError, MemoryError)):
                        name_file(error, self.url)
                        raise
                    # Of all classes that libraries have, one that is expected of what is opened.
                    raise OSError(f"{self.url}: {_said(error)}") from error
                if not left:
                    raise ConnectionError(self._given_up(error)) from error
            self.stopped.wait(pause * (1 + random()) / 2)  # many workers do not try in step
            pause = min(2 * pause, _LONGEST)
        raise AssertionError("the last failure is raised")

    def _given_up(self, error: Exception) -> str:
        size = self._transport.size
        whole = "" if size is None else f" of {size}"
        return (
            f"{self.url}: broke off at byte {self._place}{whole}, also after {self._retries} "
            f"retries: {_said(error)}"
        )


def _said(error: Exception) -> str:
    return ": ".join(filter(None, [type(error).__name__, *str(error).splitlines()[:1]]))
