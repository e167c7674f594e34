"""The command line: `main` is the console script, one module of this package is one command.

Everything that ends a command early ends here, in one line on stderr (guard.py).
"""

from __future__ import annotations

import sys

from loadstream.cli.group import loadstream


def main() -> None:
    """Run the `loadstream` command and exit with its status."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # a name that the terminal cannot show must not end the run
            reconfigure(errors="backslashreplace")
    loadstream.main(prog_name="loadstream")


__all__ = ["loadstream", "main"]
