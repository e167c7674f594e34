"""Work on many files in several processes, with the results in the order of the files.

Whoever is free takes the next files, this process too; the others end with the work. Where
processes cannot be copied, or one of them dies, this one does the work itself.
"""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from loadstream.machine.copies import CAN_COPY, Copy
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
    if processes < 2 or not CAN_COPY:
        yield from map(work, paths)
        return
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


class _Shared:
    """The work that several processes take from: by portions, whose numbers wait in a pipe."""

    def __init__(self, work: Callable[[Path], Any], paths: Sequence[Path]) -> None:
        self._work, self._paths = work, paths
        self._portion = -(-len(paths) // _MOST)
        self._results: dict[int, Any] = {}
        self._mine = self._portions()
        self._copies: dict[int, Copy] = {}  # by the end of the pipe that their results come from
        self._numbers, end = os.pipe()
        portions = -(-len(paths) // self._portion)
        os.write(end, b"".join(n.to_bytes(_NUMBER, "big") for n in range(portions)))
        os.close(end)

    def start_copy(self) -> None:
        """Have one more process share the work."""

        def run(send: Callable[[object], None]) -> None:
            for done in self._portions():
                send(done)

        copy = Copy.start(run)
        if copy is not None:
            self._copies[copy.end] = copy

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
        for copy in self._copies.values():
            copy.stop()
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
            received = self._copies[end].receive()
            if received is None:
                self._copies.pop(end).stop()
            else:
                number, result = received[0]
                self._results[number] = result
