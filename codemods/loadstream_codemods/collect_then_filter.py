"""LS201 collect-then-filter: the filter behind `list(stream_x())` goes into the stream.

    every = list(stream_x())
    some = [s for s in every if c]        some = list(stream_x(filter_func=lambda s: c))

The edit is that of LS101; only what is found differs.
"""

from __future__ import annotations

from loadstream_codemods.command import PatternCommand
from loadstream_codemods.filter_collect import EDITS


class CollectThenFilter(PatternCommand):
    """LS201 alone."""

    DESCRIPTION = "Filter in the stream instead of after collecting all of it."
    CODE = "LS201"
    EDITS = EDITS
