"""Runs the commands that the demo shows, as a user would: each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


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
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=None if live else subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr or "")
