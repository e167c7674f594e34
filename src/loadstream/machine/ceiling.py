"""How large a size may become before it is skipped, in memory and on the disk, in words."""

from __future__ import annotations

import shutil
from pathlib import Path

from loadstream.charts.units import bytes_text
from loadstream.machine.description import free_memory

_FILLED = 0.8


def default_ceiling() -> int:
    """Half of the memory that is free, in bytes."""
    return free_memory() // 2


def too_much_memory(expected: float, ceiling: int) -> str | None:
    """Why a run that is expected to need `expected` bytes is skipped; None where it is not."""
    if expected <= ceiling:
        return None
    return (
        f"it is expected to need {bytes_text(expected)}, over the ceiling of {bytes_text(ceiling)}"
    )


def no_room(folder: Path, wanted: int) -> str | None:
    """Why a file of `wanted` bytes is not written into `folder`; None where it fits well."""
    free = shutil.disk_usage(folder).free
    if wanted <= free * _FILLED:
        return None
    return f"its file of {bytes_text(wanted)} does not fit: {bytes_text(free)} are free in {folder}"
