"""The patterns, one file each, in the order in which they are tried.

A site takes the first pattern that accepts its use, so what says most comes first: a search before
a loop, a loop that only picks before one that filters, and the plain swap last.
"""

from __future__ import annotations

from types import ModuleType

from loadstream.analysis.patterns import (
    accumulate_loop,
    collect_then_filter,
    consumed_stream,
    costly_first,
    count,
    filter_after_stream,
    filter_collect,
    filter_loop,
    find_first,
    items,
    needless_collect,
    single_pass,
    split_filters,
    stream_twin,
    unused_suppression,
)

PATTERNS: tuple[ModuleType, ...] = (
    items,
    find_first,
    count,
    accumulate_loop,
    filter_loop,
    filter_collect,
    single_pass,
    split_filters,
    stream_twin,
    collect_then_filter,
    needless_collect,
    filter_after_stream,
    consumed_stream,
    costly_first,
    unused_suppression,
)
