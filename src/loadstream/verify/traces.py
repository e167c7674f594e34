"""What is worth knowing of the runs of a check besides whether they agree, in words."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from loadstream.verify.compare_values import shorten
from loadstream.verify.observed import Observed

_SHOWN = 3


def starts_programs(runs: Sequence[Observed]) -> bool:
    """Whether any of the runs has started another process."""
    return any(run.started for run in runs)


def traces(runs: Sequence[Observed]) -> tuple[str, ...]:
    """One line for each kind of trace that the runs of a check leave beyond their copy."""
    outside = dict.fromkeys(path for run in runs for path in run.outside)
    lines = [
        f"writes {path} outside of the tree: compared as each run left it; it is still there"
        for path in list(outside)[:_SHOWN]
    ]
    if len(outside) > _SHOWN:
        lines.append(f"writes {len(outside) - _SHOWN} more files outside of the tree")
    left = max((run.left for run in runs), key=len, default=())
    if left:
        many = "a process" if len(left) == 1 else f"{len(left)} processes"
        lines.append(f"left {many} behind ({shorten(left[0])}): ended by verify")
    if starts_programs(runs):
        if sys.platform.startswith("linux"):
            how = "their memory is counted as it is seen every 20 ms"
        else:
            how = "their memory is not counted on this system"
        lines.append(f"starts other processes: {how}, and what they open is not seen")
    return tuple(lines)
