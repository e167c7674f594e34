"""How many things can run at once; nothing is imported here that takes time."""

from __future__ import annotations

import os


def available_cores() -> int:
    """How many processor cores this process may use: fewer than there are, in a container."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1
