"""Progress on stderr: one line that is overwritten, on a terminal, for work of over a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_QUIET_SECONDS = 1.0
_CLEAR_LINE = "\r\x1b[2K"


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """What to call with each step; it does nothing where nobody would see it."""
    if not sys.stderr.isatty():
        yield lambda _text: None
        return
    started = time.monotonic()
    is_shown = False

    def step(text: str) -> None:
        nonlocal is_shown
        if time.monotonic() - started > _QUIET_SECONDS:
            sys.stderr.write(f"{_CLEAR_LINE}{text[:100]}")
            sys.stderr.flush()
            is_shown = True

    try:
        yield step
    finally:
        if is_shown:
            sys.stderr.write(_CLEAR_LINE)
            sys.stderr.flush()
