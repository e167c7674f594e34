"""The command line: `main` is the console script, one module of this package is one command.

Everything that ends a command early ends here, in one line on stderr (guard.py).
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading

# Looking for cycles would be a tenth of the time of a run: there are few, and what a run makes it
# keeps to its end. So they are looked for when this many more objects are there.
_OBJECTS = 300_000


def main() -> None:
    """Run the `loadstream` command and exit with its status."""
    gc.set_threshold(_OBJECTS, *gc.get_threshold()[1:])
    from loadstream.cli.group import loadstream

    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # a name that the terminal cannot show must not end the run
            reconfigure(errors="backslashreplace")
    try:
        loadstream.main(prog_name="loadstream")
    except SystemExit as end:
        _end_at_once(end)
        raise


def _end_at_once(end: SystemExit) -> None:
    """End the process as a whole: to free all that it holds piece by piece takes 10 ms and more.

    What has to be done at an exit is done. Returns where this is not possible.
    """
    if not isinstance(end.code, int) or threading.active_count() > 1:
        return
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):  # nobody reads any more, or it is closed
        return
    atexit._run_exitfuncs()
    os._exit(end.code)


__all__ = ["main"]
