"""Counts what the user's filters return; loaded by child.py by its path.

The filters are not touched or wrapped: from Python 3.12 on the interpreter reports the returns
of their code objects and, once it has been told so, of no others, which costs nothing measurable.
Before that it reports every call and return, which slows the code down, so there it is done only
where the run was asked for it: on generated data, and on the real data in a run of its own.
"""

from __future__ import annotations

import sys
from typing import Any

# Asking these for their truth runs no code of the user's.
_PLAIN = (bool, int, float, str, bytes, list, tuple, dict, set, frozenset, type(None))


class Counter:
    """Counts from its making until `stop`; `places` are (file, first line) of the filters."""

    def __init__(self, places: dict[tuple[str, int], str], *, at_any_cost: bool) -> None:
        self._places = places
        self._counts: dict[str, list[int]] = {}
        self._tool = -1
        self._profiling = False
        monitoring: Any = getattr(sys, "monitoring", None)
        if monitoring is not None:
            free = [tool for tool in (3, 4) if monitoring.get_tool(tool) is None]
            if free:
                self._tool = free[0]
                monitoring.use_tool_id(self._tool, "loadstream")
                event = monitoring.events.PY_RETURN
                monitoring.register_callback(self._tool, event, self._returned)
                monitoring.set_events(self._tool, event)
        elif at_any_cost:
            self._profiling = True
            sys.setprofile(self._profiled)

    def stop(self) -> dict[str, list[int]] | None:
        """How many elements each filter has kept and rejected; None where nothing was counted."""
        monitoring: Any = getattr(sys, "monitoring", None)
        if self._tool >= 0:
            monitoring.set_events(self._tool, 0)
            monitoring.free_tool_id(self._tool)
        elif self._profiling:
            sys.setprofile(None)
        else:
            return None
        return self._counts

    def _returned(self, code: Any, _offset: int, value: object) -> Any:
        place = self._places.get((code.co_filename, code.co_firstlineno))
        if place is None:
            return sys.monitoring.DISABLE  # type: ignore[attr-defined,unused-ignore]
        self._note(place, value)
        return None

    def _profiled(self, frame: Any, event: str, value: object) -> None:
        if event == "return":
            code = frame.f_code
            place = self._places.get((code.co_filename, code.co_firstlineno))
            if place is not None:
                self._note(place, value)

    def _note(self, place: str, value: object) -> None:
        if type(value) in _PLAIN:
            self._counts.setdefault(place, [0, 0])[0 if value else 1] += 1
