"""Notes which of the changed lines run; loaded by child.py by its path.

Each line is noted once, as it runs, in `lines.log`: `[path, code, first line of the code, line]`.
So the note survives whatever the code does next, and forked children add theirs. From Python 3.12
on the interpreter reports the lines of code objects that hold changed lines, once each, and of no
others, which costs nothing measurable. Before that every call is reported, which slows the code
down, so there it is done only where the run was asked for it, as in child_predicates.py.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

# As they are before the code under test can put something in their place.
_open, _write, _fstat, _dumps = os.open, os.write, os.fstat, json.dumps
_abspath, _basename = os.path.abspath, os.path.basename


class Lines:
    """Notes lines from its making on; `wanted` are the lines by the file's full path."""

    def __init__(
        self, wanted: dict[str, tuple[str, frozenset[int]]], log_path: str, *, at_any_cost: bool
    ) -> None:
        self._wanted = wanted
        self._names = frozenset(map(_basename, wanted))
        self._files: dict[str, tuple[str, frozenset[int]] | None] = {}
        self._todo: dict[Any, set[int]] = {}
        self._seen: set[tuple[str, str, int, int]] = set()
        self._unwritten: list[tuple[str, str, int, int]] = []
        self._log_path = log_path
        self._tool = -1
        monitoring: Any = getattr(sys, "monitoring", None)
        if monitoring is None and not at_any_cost:
            return
        self._log = _open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        status = _fstat(self._log)
        self._identity = (status.st_dev, status.st_ino)
        if monitoring is None:
            import threading

            threading.settrace(self._called)
            sys.settrace(self._called)
            return
        free = [tool for tool in (4, 3) if monitoring.get_tool(tool) is None]
        if free:
            self._tool = free[0]
            events = monitoring.events
            monitoring.use_tool_id(self._tool, "loadstream lines")
            monitoring.register_callback(self._tool, events.PY_START, self._started)
            monitoring.register_callback(self._tool, events.LINE, self._line)
            monitoring.set_events(self._tool, events.PY_START)

    def _file(self, name: str) -> tuple[str, frozenset[int]] | None:
        """The changed file that a code object is from; paths may be written in several ways."""
        if name not in self._files:
            found = None
            if _basename(name) in self._names:
                found = self._wanted.get(_abspath(name))
            self._files[name] = found
        return self._files[name]

    def _note(self, file: tuple[str, frozenset[int]], code: Any, line: int) -> None:
        path, lines = file
        entry = (path, code.co_name, code.co_firstlineno, line)
        if line not in lines or entry in self._seen:
            return
        self._seen.add(entry)
        try:
            status = _fstat(self._log)
            # The code may have closed all descriptors; the number may be that of its own file.
            if (status.st_dev, status.st_ino) == self._identity:
                _write(self._log, _encoded(entry))
                return
        except OSError:
            pass
        self._unwritten.append(entry)

    def finish(self) -> None:
        """Write what could not be written while the code ran; to be called when it has ended."""
        if self._unwritten:
            try:
                log = _open(self._log_path, os.O_WRONLY | os.O_APPEND)
                for entry in self._unwritten:
                    _write(log, _encoded(entry))
            except OSError:
                return

    # Python 3.12 and later

    def _started(self, code: Any, _offset: int) -> Any:
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        file = self._file(code.co_filename)
        if file is not None and not file[1].isdisjoint(_lines_of(code)):
            monitoring.set_local_events(self._tool, code, monitoring.events.LINE)
        return monitoring.DISABLE

    def _line(self, code: Any, line: int) -> Any:
        file = self._file(code.co_filename)
        if file is not None:
            self._note(file, code, line)
        return sys.monitoring.DISABLE  # type: ignore[attr-defined,unused-ignore]

    # before that

    def _called(self, frame: Any, _event: str, _value: object) -> Any:
        code = frame.f_code
        name = code.co_filename
        file = self._files[name] if name in self._files else self._file(name)
        if file is None:
            return None
        todo = self._todo.get(code)
        if todo is None:
            todo = self._todo[code] = set(file[1].intersection(_lines_of(code)))
        return self._traced if todo else None

    def _traced(self, frame: Any, event: str, _value: object) -> Any:
        if event == "line":
            code = frame.f_code
            todo = self._todo.get(code)
            if todo is not None and frame.f_lineno in todo:
                todo.discard(frame.f_lineno)
                file = self._file(code.co_filename)
                if file is not None:
                    self._note(file, code, frame.f_lineno)
        return self._traced


def _encoded(entry: tuple[str, str, int, int]) -> bytes:
    return (_dumps(entry) + "\n").encode("utf-8", "surrogatepass")


def _lines_of(code: Any) -> set[int]:
    return {line for _, _, line in code.co_lines() if line}
