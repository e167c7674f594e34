"""Reads the child's own peak memory and time; loaded by child.py by its path.

Only the standard library is imported, and late: what is imported here counts as the user's.
"""

# ruff: noqa: PTH123
from __future__ import annotations

import gc
import sys
import time
from typing import Any


class Meter:
    """Peak memory and time of what runs between making this and `stop`."""

    def __init__(self, how: str) -> None:
        self._traced = how == "traced"
        gc.collect()
        try:
            # Resets the peak to what is resident now, so that imports do not count.
            with open("/proc/self/clear_refs", "w") as handle:
                handle.write("5")
        except OSError:
            pass
        self._baseline = _resident()
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
        peak, reading = _peak()
        return {
            "seconds": seconds,
            "started": self._started,
            "ended": ended,
            "baseline": self._baseline,
            "peak": max(peak, self._baseline),
            "traced": traced,
            "reading": reading,
        }


def _status(field: str) -> int | None:
    try:
        with open("/proc/self/status") as handle:
            for line in handle:
                if line.startswith(field):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None


def _resident() -> int:
    resident = _status("VmRSS:")
    return resident if resident is not None else _peak()[0]


def _peak() -> tuple[int, str]:
    peak = _status("VmHWM:")
    if peak is not None:
        return peak, "VmHWM"
    if sys.platform == "win32":
        return _windows_peak(), "PeakWorkingSetSize"
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return (peak if sys.platform == "darwin" else peak * 1024), "ru_maxrss"


def _windows_peak() -> int:
    import ctypes

    sizes = [("cb", ctypes.c_ulong), ("PageFaultCount", ctypes.c_ulong)]
    names = ("PeakWorkingSetSize", "WorkingSetSize", "a", "b", "c", "d", "e", "f")
    fields = sizes + [(name, ctypes.c_size_t) for name in names]
    counters = type("Counters", (ctypes.Structure,), {"_fields_": fields})()
    counters.cb = ctypes.sizeof(counters)
    kernel: Any = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined]
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    kernel.K32GetProcessMemoryInfo(
        ctypes.c_void_p(kernel.GetCurrentProcess()), ctypes.byref(counters), counters.cb
    )
    return int(counters.PeakWorkingSetSize)
