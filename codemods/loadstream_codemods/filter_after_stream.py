"""LS202 filter-after-stream: the condition in a loop over a stream goes into the stream.

    for s in stream_x():                  for s in stream_x(filter_func=lambda s: c):
        if c:                                 work(s)
            work(s)

The edit is that of LS102; only what is found differs.
"""

from __future__ import annotations

from loadstream_codemods.command import PatternCommand
from loadstream_codemods.filter_loop import EDITS


class FilterAfterStream(PatternCommand):
    """LS202 alone."""

    DESCRIPTION = "Filter in the stream instead of in the loop over it."
    CODE = "LS202"
    EDITS = EDITS
