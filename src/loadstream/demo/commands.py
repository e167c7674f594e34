"""Runs the commands that the demo shows, as a user would: each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_OWN_END_SECONDS = 2.0
_TOLD_END_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that has ended: what it printed, and its exit status."""

    status: int
    output: str
    errors: str


def run_loadstream(folder: Path, *arguments: str, live: bool = False) -> Ran:
    """Run `loadstream …` in `folder`. With `live`, its progress goes straight to our stderr."""
    return _run(folder, [sys.executable, "-m", "loadstream", *arguments], live)


def run_script(folder: Path, *arguments: str) -> Ran:
    """Run `python …` in `folder`."""
    return _run(folder, [sys.executable, *arguments], live=False)


def _run(folder: Path, command: list[str], live: bool) -> Ran:
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=None if live else subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            output, errors = process.communicate()
        except BaseException:
            _end(process)
            raise
    return Ran(process.returncode, output, errors or "")


def _end(process: subprocess.Popen[str]) -> None:
    """End a command whose output nobody wants any more, giving it time to clean up.

    A terminal's Ctrl-C has reached it too; if it was meant for us alone, it is told.
    """
    try:
        process.wait(_OWN_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.terminate()
        try:
            process.wait(_TOLD_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
