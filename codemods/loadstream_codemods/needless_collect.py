"""LS204 needless-collect: the stream stands where it was collected first.

    rows = list(stream_x())
    for s in rows:                        for s in stream_x():
        work(s)                               work(s)

The edits are those of LS104 and, for `len(list(stream_x()))`, of LS106; only what is found differs.
"""

from __future__ import annotations

from loadstream_codemods import count, single_pass
from loadstream_codemods.command import PatternCommand
from loadstream_codemods.engine import Edits

EDITS: Edits = {**single_pass.EDITS, **count.EDITS}


class NeedlessCollect(PatternCommand):
    """LS204 alone."""

    DESCRIPTION = "Iterate a stream instead of collecting it for one pass."
    CODE = "LS204"
    EDITS = EDITS
