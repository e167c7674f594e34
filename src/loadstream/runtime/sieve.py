"""Elements that a filter will reject are not built, where that is certain and saves time.

Flow: source → window → elements (**sieve**) → stream. What a filter certainly demands is found by
`demands`, which elements can meet it by `probe`. This file decides whether that is worth while:

- Not for small files. Importing msgspec takes 17 ms, which is what parsing some megabytes takes.
- Where many elements match, or few bytes are skipped, parsing everything is as fast. So both are
  measured on windows of the file itself, and the faster goes on, with a look at the other one now
  and then, for a file may change its nature on the way.

Which of the two reads a window never shows in what the stream gives.
"""

from __future__ import annotations

import sys
from time import perf_counter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    Parse: TypeAlias = Callable[[bytes], Any]

_LARGE = 16 * 1024 * 1024
"""From this byte on, the import of msgspec is worth while …"""

_LARGE_IF_IMPORTED = 1024 * 1024
"""… and from this one, if the process has imported it anyway, to look at the filter."""

_SECOND_LOOK = 32
"""After so many windows, the other way is tried once."""

_SLOWER = 1.1
"""One measurement makes a way seem slower by no more than this: it may have been interrupted."""


class Sieve:
    """For one pass with one filter: gives the elements that the filter is to be asked about."""

    __slots__ = ("_filter_func", "_parse_cost", "_probe", "_probe_cost", "_seen", "_sift", "_turn")

    def __init__(self, filter_func: Callable[[Any], object]) -> None:
        self._filter_func = filter_func
        self._sift = self._wait
        self._seen = 0
        self._turn = 0
        self._probe: Any = None
        self._probe_cost = self._parse_cost = 0.0  # seconds for a byte; 0 if not yet known

    def sift(self, array: bytes, parse: Parse) -> list[Any] | None:
        """All elements of a JSON array but some for which the filter is certainly false.

        None if that is no array of one element or more. `parse` gives its list, or None.
        """
        return self._sift(array, parse)

    def _wait(self, array: bytes, parse: Parse) -> list[Any] | None:
        self._seen += len(array)
        if self._seen <= (_LARGE_IF_IMPORTED if "msgspec" in sys.modules else _LARGE):
            return _all(array, parse)
        self._sift = self._faster if self._has_probe() else _all
        return self._sift(array, parse)

    def _has_probe(self) -> bool:
        from loadstream.runtime.demands import demands_of
        from loadstream.runtime.probe import Probe

        demands = demands_of(self._filter_func)
        if not demands:
            return False
        try:
            self._probe = Probe(demands)
        except (ImportError, ValueError):
            return False
        return True

    def _faster(self, array: bytes, parse: Parse) -> list[Any] | None:
        self._turn += 1
        probes = self._probe_cost <= self._parse_cost
        if self._turn % _SECOND_LOOK == 0:
            probes = not probes
        started = perf_counter()
        found = self._probe.sift(array, parse) if probes else None
        if found is None:
            found = _all(array, parse)
        took = (perf_counter() - started) / len(array)
        if found is None:  # a wrong guess where to cut: it fails early, which tells nothing
            return None
        if probes:
            self._probe_cost = min(took, _SLOWER * self._probe_cost or took)
        else:
            self._parse_cost = min(took, _SLOWER * self._parse_cost or took)
        return found


def _all(array: bytes, parse: Parse) -> list[Any] | None:
    return parse(array) or None
