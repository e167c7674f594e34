"""What the figures were measured on: without it, no figure means anything."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

from loadstream.charts.units import bytes_text, count_text

_LIBRARIES = ("loadstream", "ijson", "jiter", "msgspec", "orjson")


def describe_machine() -> dict[str, str]:
    """Processor, memory, system, Python and the versions of the JSON libraries, in words."""
    return {
        "processor": f"{_processor()}, {count_text(os.cpu_count() or 1, 'core')}",
        "memory": _memory(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "libraries": ", ".join(filter(None, map(_version, _LIBRARIES))),
    }


def free_memory() -> int:
    """Bytes that a new process can take without swapping; 4 GB where the system does not tell."""
    return _meminfo("MemAvailable:") or 4 * 1024**3


def _version(library: str) -> str:
    try:
        return f"{library} {metadata.version(library)}"
    except metadata.PackageNotFoundError:
        return ""


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or "unknown processor"


def _memory() -> str:
    total = _meminfo("MemTotal:")
    return bytes_text(total) if total else "unknown"


def _meminfo(field: str) -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None
