"""Reads the child's own peak memory and time; loaded by child.py by its path.

Only the standard library is imported, and late: what is imported here counts as the user's.
"""

from __future__ import annotations

import gc
import time
from typing import Any


class Meter:
    """Peak memory and time of what runs between making this and `stop`."""

    def __init__(self, how: str, memory: Any) -> None:
        """`memory` is the module `loadstream.machine.memory`."""
        self._traced = how == "traced"
        self._memory = memory
        gc.collect()
        self._forgotten = memory.forget_peak()  # so that imports do not count
        self._baseline = memory.resident_bytes()
        if self._traced:
            import tracemalloc

            tracemalloc.start()
        self._started = time.monotonic()
        self._clock = time.perf_counter()

    def stop(self) -> dict[str, Any]:
        """What it took, in bytes and seconds."""
        seconds = time.perf_counter() - self._clock
        ended = time.monotonic()
        traced = None
        if self._traced:
            import tracemalloc

            traced = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        peak, reading = self._memory.peak_bytes()
        if not self._forgotten:
            reading += ", imports included"
        return {
            "seconds": seconds,
            "started": self._started,
            "ended": ended,
            "baseline": self._baseline,
            "peak": max(peak, self._baseline),
            "traced": traced,
            "reading": reading,
        }
