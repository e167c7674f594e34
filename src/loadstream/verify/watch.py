"""Watches a run: reads its output and keeps its limits.

Output is read through pipes, digested as it comes and kept up to a cap, so that a gigabyte of it
costs neither memory nor disk and is still compared to the last byte.
"""

from __future__ import annotations

import hashlib
import os
import selectors
import time
from dataclasses import dataclass

from loadstream.verify import processes
from loadstream.verify.keeper import Kept
from loadstream.verify.observed import KEPT_OUTPUT, Output

_EXACT_PAUSE = 0.1  # between readings that cost the system much
_LAST_RESORT = 10.0  # for a run that cannot be killed


@dataclass(frozen=True, slots=True)
class Limits:
    """For one run: `timeout` in seconds, `memory` in bytes, resident in all its processes."""

    timeout: float
    memory: int


class Watch:
    """Reads both outputs and keeps the limits until the run has ended."""

    def __init__(self, kept: Kept, limits: Limits, measured: bool) -> None:
        self._kept = kept
        self._limits = limits
        self._pause = 0.004 if measured else 0.02
        self._heads = {"stdout": bytearray(), "stderr": bytearray()}
        self._sizes = {"stdout": 0, "stderr": 0}
        self._digests = {"stdout": hashlib.sha256(), "stderr": hashlib.sha256()}
        self.memory = MemoryWatch(kept.keeper, exact_every=0.02 if measured else 0.0)

    def output(self, name: str) -> Output:
        """What came through `stdout` or `stderr`."""
        return Output(bytes(self._heads[name]), self._sizes[name], self._digests[name].hexdigest())

    def until_it_ends(self) -> str:
        """Wait; the empty string where the run ended by itself, else the limit it met."""
        deadline = time.monotonic() + self._limits.timeout
        stopped = ""
        with selectors.DefaultSelector() as selector:
            for name, number in (("stdout", self._kept.stdout), ("stderr", self._kept.stderr)):
                os.set_blocking(number, False)
                selector.register(number, selectors.EVENT_READ, name)
            selector.register(self._kept, selectors.EVENT_READ, "")
            try:
                while not self._kept.done:
                    self._listen(selector, self._pause)
                    if not stopped and self._kept.code is None:
                        stopped = self._limit(deadline)
                        if stopped:
                            self._kept.kill()
                            deadline = time.monotonic() + _LAST_RESORT
                    elif stopped and time.monotonic() > deadline:
                        break
                selector.unregister(self._kept)
                # All that could write has ended, so nothing is missed by not waiting.
                while selector.get_map() and self._listen(selector, 0):
                    pass
            finally:
                os.close(self._kept.stdout)
                os.close(self._kept.stderr)
        if self._kept.lost:
            return stopped or "killed the process that watches over it"
        return stopped

    def _listen(self, selector: selectors.BaseSelector, seconds: float) -> bool:
        """Take what comes within this time; False where nothing did."""
        events = selector.select(seconds)
        for key, _ in events:
            if not key.data:
                self._kept.receive()
            elif not self._read(key):
                selector.unregister(key.fileobj)
        return bool(events)

    def _limit(self, deadline: float) -> str:
        if time.monotonic() >= deadline:
            return f"did not end within {self._limits.timeout:g} s"
        if self.memory.look(self._limits.memory):
            return f"used more than {self._limits.memory >> 20:,} MB of memory"
        return ""

    def _read(self, key: selectors.SelectorKey) -> bool:
        """False at the end of the stream."""
        try:
            data = os.read(key.fd, 1 << 16)
        except BlockingIOError:
            return True
        if not data:
            return False
        name = key.data
        self._digests[name].update(data)
        self._sizes[name] += len(data)
        head = self._heads[name]
        if len(head) < KEPT_OUTPUT:
            head += data[: KEPT_OUTPUT - len(head)]
        return True


class MemoryWatch:
    """The resident memory of a run and of all processes that it has started (on Linux).

    Memory that they share is counted once: where that matters, for the ceiling and for what is
    measured, the system is asked how much of it falls to each.
    """

    def __init__(self, keeper: int, exact_every: float) -> None:
        self._keeper = keeper
        self._exact_every = exact_every
        self._next_exact = 0.0
        self.seen: list[tuple[float, int]] = []
        self.several = False

    def look(self, ceiling: int) -> bool:
        """Read it now; True where it is above the ceiling."""
        if not processes.LINUX:
            return False
        now = time.monotonic()
        members = processes.below(self._keeper)
        held = sum(map(processes.resident, members))
        if len(members) > 1:
            self.several = True
            if self._exact_every or held > ceiling:
                if now < self._next_exact:
                    return False
                held = sum(map(processes.shared_out, members))
                self._next_exact = now + (self._exact_every or _EXACT_PAUSE)
        if held:
            self.seen.append((now, held))
        return held > ceiling
