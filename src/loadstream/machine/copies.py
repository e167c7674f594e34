"""Copies of this process: they begin with all that it knows, and send back what they find.

They are made by hand: the machinery of `multiprocessing` takes longer to import than most runs of
`lint` work.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Found = TypeVar("Found")

CAN_COPY = sys.platform.startswith("linux")
_LENGTH = 4  # bytes in front of a message


@dataclass(frozen=True, slots=True)
class Copy:
    """A running copy, and the end of the pipe that its messages come from."""

    process: int
    end: int

    @classmethod
    def start(cls, run: Callable[[Callable[[object], None]], None]) -> Copy | None:
        """Have a copy do `run(send)`, where `send` takes what is to be received here.

        Where something cannot be sent, or nobody receives it any more, the copy just ends. None
        where there can be no copy.
        """
        if not CAN_COPY:
            return None
        here, there = os.pipe()
        try:
            process = _fork()
        except OSError:  # there are too many already
            os.close(here)
            os.close(there)
            return None
        if not process:
            with suppress(BaseException):
                signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process tells of it
                os.close(here)
                run(lambda message: _send(there, message))
            os._exit(0)
        os.close(there)
        return cls(process, here)

    def receive(self) -> tuple[Any] | None:
        """The next message, waited for; None where the copy has ended."""
        size = _read(self.end, _LENGTH)
        if len(size) < _LENGTH:
            return None
        data = _read(self.end, int.from_bytes(size, "big"))
        if len(data) < int.from_bytes(size, "big"):
            return None
        return (pickle.loads(data),)

    def stop(self) -> None:
        """End it, whatever it is doing."""
        os.close(self.end)
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)


class Ahead(Generic[Found]):
    """What `find` gives, found by a copy while this process does something else.

    Where there can be no copy, or where it dies, it is found here when it is asked for.
    """

    def __init__(self, find: Callable[[], Found]) -> None:
        self._find = find
        self._copy = Copy.start(lambda send: send(find()))

    def result(self) -> Found:
        """What was found. To be asked for once."""
        if self._copy is None:
            return self._find()
        received = self._copy.receive()
        self._copy.stop()
        found: Found = self._find() if received is None else received[0]
        return found


def _fork() -> int:
    gc.freeze()  # or the copy would copy all memory as soon as it collects garbage
    process = -1
    try:
        with warnings.catch_warnings():  # that other threads are not copied
            warnings.simplefilter("ignore", DeprecationWarning)
            process = os.fork()
    finally:
        if process:
            gc.unfreeze()
    return process


def _send(end: int, message: object) -> None:
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    view = memoryview(len(data).to_bytes(_LENGTH, "big") + data)
    while view:
        view = view[os.write(end, view) :]


def _read(end: int, size: int) -> bytes:
    parts: list[bytes] = []
    while size and (part := os.read(end, size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
