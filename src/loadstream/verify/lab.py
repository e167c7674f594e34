"""The lab runs trials: both sides on one input, in one slot, one after the other.

A trial takes one slot and runs old, perhaps old again, and new there, so that both sides see the
same paths. Trials run side by side, as many as there are slots.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from loadstream.verify.observed import Observed
from loadstream.verify.runner import Runner
from loadstream.verify.sides import Pair
from loadstream.verify.slots import Slot
from loadstream.verify.watch import Limits
from loadstream.verify.workspace import Workspace

_Shown = TypeVar("_Shown")


@dataclass(frozen=True, slots=True)
class Trial:
    """Both sides on one input; `again` is a run of old after that of new, where there was one.

    What an old program shows of the clock has then had the time to change, as in new.
    """

    old: Observed
    again: Observed | None
    new: Observed

    @property
    def stopped(self) -> str:
        """Which side met which limit, empty if both ended."""
        for side, observed in (("old", self.old), ("old", self.again), ("new", self.new)):
            if observed is not None and observed.stopped:
                return f"{side} {observed.stopped}"
        return ""

    @property
    def raised_alike(self) -> bool:
        """True where both sides ended in the same exception."""
        return self.old.raised is not None and self.old.raised == self.new.raised


class Lab:
    """Runs trials in its slots. `close` ends all of it; a context manager does so too."""

    def __init__(self, runner: Runner, workspace: Workspace, jobs: int) -> None:
        self.runner = runner
        self.workspace = workspace
        self.jobs = jobs
        self._slots: queue.SimpleQueue[Slot] = queue.SimpleQueue()
        for slot in workspace.slots(jobs):
            self._slots.put(slot)
        self._pool = ThreadPoolExecutor(jobs, thread_name_prefix="verify")

    def close(self) -> None:
        """Kill what runs, start nothing more, wait for the threads."""
        self.runner.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self.runner.close()

    @contextmanager
    def slot(self) -> Iterator[Slot]:
        """A slot of one's own."""
        slot = self._slots.get()
        try:
            yield slot
        finally:
            self._slots.put(slot)

    def start(self, work: Callable[[Slot], _Shown]) -> Future[_Shown]:
        """Start some other work that takes one slot."""

        def taking() -> _Shown:
            with self.slot() as slot:
                return work(slot)

        return self._pool.submit(taking)

    def trial(
        self, pair: Pair, files: Mapping[str, bytes], limits: Limits, *, twice: bool = False
    ) -> Future[Trial]:
        """Start a trial with some data files replaced on both sides."""
        return self._pool.submit(self._trial, pair, files, limits, twice)

    def _trial(self, pair: Pair, files: Mapping[str, bytes], limits: Limits, twice: bool) -> Trial:
        with self.slot() as slot:
            old = self.runner.run(pair.runs["old"], slot, "old", files, limits)
            new = self.runner.run(pair.runs["new"], slot, "new", files, limits)
            again = None
            if twice and not old.stopped:
                again = self.runner.run(pair.runs["old"], slot, "old", files, limits)
        return Trial(old, again, new)
