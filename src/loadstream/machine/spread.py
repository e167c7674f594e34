"""Work on many files in several processes, with the results in the order of the files.

Each process is a copy of this one, with all that it knows by then, and has a fixed share of the
files; it ends with its work, and nobody has to end it. Where processes cannot be copied, or one of
them dies, this one does the work itself.
"""

from __future__ import annotations

import gc
import multiprocessing
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

from loadstream.machine.cores import available_cores

Result = TypeVar("Result")


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
    first, rest = paths[:1], paths[1:]
    processes = min(available_cores() if jobs is None else jobs, len(paths) // worth)
    if processes < 2 or not sys.platform.startswith("linux"):
        yield from map(work, paths)
        return
    yield from map(work, first)  # what it has to find out is then known to all
    yield from _from_copies(work, rest, processes)


def _from_copies(
    work: Callable[[Path], Result], paths: Sequence[Path], processes: int
) -> Iterator[Result]:
    context = multiprocessing.get_context("fork")
    gc.freeze()  # or each process would copy all memory as soon as it collects garbage
    ends: list[Connection | None] = []
    try:
        for number in range(processes):
            here, there = context.Pipe(duplex=False)
            given = (work, paths[number::processes], there, [*filter(None, ends), here])
            with warnings.catch_warnings():  # that other threads are not copied
                warnings.simplefilter("ignore", DeprecationWarning)
                context.Process(target=_work, args=given, daemon=True).start()
            there.close()
            ends.append(here)
        for number, path in enumerate(paths):
            end = ends[number % processes]
            try:
                result = work(path) if end is None else end.recv()
            except (EOFError, OSError):
                ends[number % processes] = None
                result = work(path)
            if isinstance(result, Exception):
                raise result
            yield result
    finally:
        gc.unfreeze()
        for end in filter(None, ends):
            end.close()


def _work(
    work: Callable[[Path], object],
    paths: Sequence[Path],
    end: Connection,
    others: Sequence[Connection],
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process tells of it
    for other in others:
        other.close()
    for path in paths:
        try:
            result = work(path)
        except Exception as error:
            result = error
        try:
            end.send(result)
        except Exception:  # nobody is waiting any more, or will do it without us
            return
