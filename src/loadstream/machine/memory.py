"""How much memory this process holds now, and held at its peak, as the system counts it.

Also loaded by its path, where loadstream must not be imported: so it imports nothing of it.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def resident_bytes() -> int:
    """Memory that is resident now; the peak so far where the system only tells that."""
    resident = _status("VmRSS:")
    return peak_bytes()[0] if resident is None else resident


def forget_peak() -> bool:
    """Set the peak back to what is resident now, where the system can (Linux)."""
    try:
        with open("/proc/self/clear_refs", "w") as handle:  # noqa: PTH123
            handle.write("5")
    except OSError:
        return False
    return True


def peak_bytes() -> tuple[int, str]:
    """The peak of this process, and the name of the counter that it was read from.

    On Linux that is VmHWM, never `ru_maxrss`: the latter is inherited across fork and exec, so a
    small child of a large parent would seem large.
    """
    peak = _status("VmHWM:")
    if peak is not None:
        return peak, "VmHWM"
    if sys.platform == "win32":
        return _windows_peak(), "PeakWorkingSetSize"
    import resource

    usage = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return (usage if sys.platform == "darwin" else usage * 1024), "ru_maxrss"


def _status(field: str) -> int | None:
    try:
        with open("/proc/self/status") as handle:  # noqa: PTH123
            for line in handle:
                if line.startswith(field):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None


def _windows_peak() -> int:
    import ctypes

    names = ("peak", "now", "a", "b", "c", "d", "pagefile", "peak_pagefile")
    fields: list[Any] = [("size", ctypes.c_ulong), ("faults", ctypes.c_ulong)]
    fields += [(name, ctypes.c_size_t) for name in names]
    counters: Any = type("Counters", (ctypes.Structure,), {"_fields_": fields})()
    counters.size = ctypes.sizeof(counters)
    kernel: Any = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined,unused-ignore]
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    kernel.K32GetProcessMemoryInfo(
        ctypes.c_void_p(kernel.GetCurrentProcess()), ctypes.byref(counters), counters.size
    )
    return int(counters.peak)
