"""Chooses a filter for data that nobody has named one for."""

from __future__ import annotations

from collections import Counter
from statistics import median
from typing import Any

# A filter that keeps a tenth shows what selecting costs; one that keeps all or nothing does not.
_WANTED_SHARE = 0.1
_LONGEST_VALUE = 60


def choose_filter(records: list[Any]) -> str:
    """The source of a predicate that keeps some records and rejects some, or nothing.

    For objects it compares one key with one value, the pair whose share of the records is next
    to a tenth; for numbers it keeps what is above the median.
    """
    numbers = [r for r in records if type(r) in (int, float)]
    if records and len(numbers) == len(records):
        middle = median(numbers)
        return f"lambda e: e > {middle!r}" if max(numbers) > middle else ""
    counts = Counter(
        (key, type(value), value)
        for record in records
        if isinstance(record, dict)
        for key, value in record.items()
        if type(value) in (bool, int) or (isinstance(value, str) and len(value) <= _LONGEST_VALUE)
    )
    selective = [pair for pair, count in counts.items() if 0 < count < len(records)]
    if not selective:
        return ""
    key, _, value = min(
        selective, key=lambda pair: abs(counts[pair] / len(records) - _WANTED_SHARE)
    )
    return f"lambda e: e.get({key!r}) == {value!r}"
