"""Reads ahead of the program, in one thread and within a bound. For networks only.

Flow: transfer → **ahead** → source → window → …. The thread refers to the transfer and to the belt
that the pieces lie on, never to what the program holds: so when nobody can pull any more, the
thread is told to stop, and it closes the connection.
"""

from __future__ import annotations

from collections import deque
from threading import Condition, Thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from loadstream.runtime.transfer import Transfer


class Straight:
    """The bytes of a transfer, fetched when they are asked for."""

    def __init__(self, transfer: Transfer) -> None:
        self._transfer = transfer
        self._piece = b""
        self._at = 0
        self._is_open = True

    def read(self, size: int) -> bytes:
        """Up to `size` more bytes; empty at the end."""
        if self._at == len(self._piece):
            self._piece, self._at = self._next(), 0
        start, self._at = self._at, min(self._at + size, len(self._piece))
        return self._piece[start : self._at]

    def _next(self) -> bytes:
        return self._transfer.read() if self._is_open else b""

    def close(self) -> None:
        """Close the connection, as often as one likes."""
        if self._is_open:
            self._is_open = False
            self._piece, self._at = b"", 0
            self._end()

    def _end(self) -> None:
        self._transfer.close()


class Ahead(Straight):
    """The same, fetched by a thread until `most` bytes wait. It begins with the first `read`."""

    def __init__(self, transfer: Transfer, most: int) -> None:
        super().__init__(transfer)
        self._belt = _Belt(most)
        self._thread: Thread | None = None

    def _next(self) -> bytes:
        if not self._is_open:
            return b""
        if self._thread is None:
            self._thread = Thread(
                target=_carry,
                args=(self._transfer, self._belt),
                name=f"loadstream reads {self._transfer.url}",
                daemon=True,
            )
            self._thread.start()
        return self._belt.take(self._thread)

    def _end(self) -> None:
        self._belt.stop()
        if self._thread is None:
            self._transfer.close()
        else:
            self._transfer.stop()

    def __del__(self) -> None:
        self.close()


class _Belt:
    """Pieces in order between two threads; an error lies at its place among them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._changed = Condition()
        self._pieces: deque[bytes | BaseException] = deque()
        self._waiting = 0
        self._is_stopped = False

    def put(self, piece: bytes | BaseException) -> bool:
        """Lay it down, once there is room. False if nobody will take it."""
        with self._changed:
            while self._waiting >= self._most and not self._is_stopped:
                self._changed.wait()
            if self._is_stopped:
                return False
            self._pieces.append(piece)
            if isinstance(piece, bytes):
                self._waiting += len(piece)
            self._changed.notify_all()
            return True

    def take(self, thread: Thread) -> bytes:
        """The next piece, once it is there. Raises the error that lies in its place."""
        with self._changed:
            while not self._pieces:
                if not thread.is_alive():
                    raise RuntimeError(
                        "a stream of a URL cannot go on in a forked process: make it there"
                    )
                self._changed.wait(1)
            piece = self._pieces[0]
            if isinstance(piece, BaseException):
                raise piece
            if piece:  # the end stays there, to be met again
                self._pieces.popleft()
                self._waiting -= len(piece)
                self._changed.notify_all()
            return piece

    def stop(self) -> None:
        """Nobody will take anything any more."""
        with self._changed:
            self._is_stopped = True
            self._pieces.clear()
            self._changed.notify_all()


def _carry(transfer: Transfer, belt: _Belt) -> None:
    """The thread: piece after piece to the end, to an error, or until it is stopped."""
    try:
        while belt.put(piece := transfer.read()):
            if not piece:
                break
    except BaseException as error:
        belt.put(error)
    finally:
        transfer.close()
