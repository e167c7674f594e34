"""Work on many files in several processes, with the results in the order of the files.

Each process is a copy of this one, with all that it knows by then. Whoever is free takes the next
files, this process too; the others end with the work, and nobody has to end them. Where processes
cannot be copied, or one of them dies, this one does the work itself.

The copies are made by hand: the machinery of `multiprocessing` takes longer to import than most
runs of `lint` work.
"""

from __future__ import annotations

import gc
import os
import pickle
import select
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from loadstream.machine.cores import available_cores

Result = TypeVar("Result")

_NUMBER = 4  # bytes of a number in a pipe
_MOST = 8_000  # numbers that a pipe holds in any case


def spread(
    work: Callable[[Path], Result],
    paths: Sequence[Path],
    jobs: int | None = None,
    *,
    worth: int = 12,
) -> Iterator[Result]:
    """What `work` gives for each of `paths`, in their order; `jobs` None is as many as make sense.

    `worth` is how many files are worth a process of their own. What `work` raises, in whatever
    process, is raised here.
    """
    processes = min(available_cores() if jobs is None else jobs, len(paths) // worth)
    if processes < 2 or not sys.platform.startswith("linux"):
        yield from map(work, paths)
        return
    gc.freeze()  # or each process would copy all memory as soon as it collects garbage
    shared = _Shared(work, paths)
    try:
        for _ in range(processes - 1):
            shared.start_copy()
        for number in range(len(paths)):
            result = shared.result(number)
            if isinstance(result, Exception):
                raise result
            yield result
    finally:
        shared.end()
        gc.unfreeze()


class _Shared:
    """The work that several processes take from: by portions, whose numbers wait in a pipe."""

    def __init__(self, work: Callable[[Path], Any], paths: Sequence[Path]) -> None:
        self._work, self._paths = work, paths
        self._portion = -(-len(paths) // _MOST)
        self._results: dict[int, Any] = {}
        self._mine = self._portions()
        self._copies: dict[int, int] = {}  # by the end of the pipe that their results come from
        self._numbers, end = os.pipe()
        portions = -(-len(paths) // self._portion)
        os.write(end, b"".join(n.to_bytes(_NUMBER, "big") for n in range(portions)))
        os.close(end)

    def start_copy(self) -> None:
        """Have one more process share the work."""
        here, there = os.pipe()
        with warnings.catch_warnings():  # that other threads are not copied
            warnings.simplefilter("ignore", DeprecationWarning)
            process = os.fork()
        if not process:
            with suppress(BaseException):
                signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process tells of it
                os.close(here)
                for number, result in self._portions():
                    _send(there, (number, result))
            os._exit(0)
        os.close(there)
        self._copies[here] = process

    def result(self, number: int) -> Any:
        """What the work gives for a path, or the exception: by whoever has done it."""
        while number not in self._results:
            done = next(self._mine, None)
            if done is not None:
                self._results[done[0]] = done[1]
                self._receive(wait=False)
            elif self._copies:
                self._receive(wait=True)
            else:  # a process has died of it, or has been ended
                self._results[number] = self._outcome(number)
        return self._results.pop(number)

    def end(self) -> None:
        """Leave nothing behind, in the middle of the work too."""
        for end, process in self._copies.items():
            os.close(end)
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        os.close(self._numbers)

    def _portions(self) -> Iterator[tuple[int, Any]]:
        """Do what nobody else has taken: numbers with outcomes."""
        while portion := os.read(self._numbers, _NUMBER):
            first = int.from_bytes(portion, "big") * self._portion
            for number in range(first, min(first + self._portion, len(self._paths))):
                yield number, self._outcome(number)

    def _outcome(self, number: int) -> Any:
        try:
            return self._work(self._paths[number])
        except Exception as error:
            return error

    def _receive(self, *, wait: bool) -> None:
        """Take in what the copies have sent."""
        for end in select.select([*self._copies], [], [], None if wait else 0)[0]:
            received = _received(end)
            if received is None:
                os.close(end)
                os.waitpid(self._copies.pop(end), 0)
            else:
                self._results[received[0]] = received[1]


def _send(end: int, message: tuple[int, Any]) -> None:
    data = pickle.dumps(message)
    view = memoryview(len(data).to_bytes(_NUMBER, "big") + data)
    while view:
        view = view[os.write(end, view) :]


def _received(end: int) -> tuple[int, Any] | None:
    """One message; None where its process has ended."""
    size = _read(end, _NUMBER)
    data = _read(end, int.from_bytes(size, "big"))
    if len(size) < _NUMBER or len(data) < int.from_bytes(size, "big"):
        return None
    message: tuple[int, Any] = pickle.loads(data)
    return message


def _read(end: int, size: int) -> bytes:
    parts: list[bytes] = []
    while size and (part := os.read(end, size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
