"""Watches the files that the user's code opens; loaded by child.py by its path.

What is noticed goes line by line to `opened.log`, as it happens: `["read", path]` of the tree,
`["outside", path]` written beyond it, `["refused", path]` of the user's own tree, and
`["started", event]` where another program is started, which this hook cannot see into.
"""

# ruff: noqa: PTH100
from __future__ import annotations

import json
import os
import sys
from typing import Any


def watch(job: dict[str, Any], log_path: str) -> None:
    """Log from now on what the code opens, and refuse to write the user's own tree."""
    tree, original, home = job["tree"], job["original"], job["workspace"]
    log = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    seen: set[tuple[str, str]] = set()
    writing = os.O_WRONLY | os.O_RDWR | os.O_TRUNC | os.O_CREAT | os.O_APPEND
    starters = frozenset(
        ("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", "os.spawn")
    )
    changers = frozenset(
        ("os.remove", "os.rename", "os.truncate", "os.mkdir", "os.rmdir", "os.chmod", "os.utime")
    )
    busy: list[int] = []

    def note(kind: str, path: str) -> None:
        if (kind, path) not in seen:
            seen.add((kind, path))
            line = json.dumps([kind, path]) + "\n"
            os.write(log, line.encode("utf-8", "surrogatepass"))

    def guard(path: str) -> None:
        real = os.path.realpath(path)
        if _inside(real, original) and not _inside(real, home):
            note("refused", real)
            raise PermissionError(13, "verify keeps the working tree unwritten", path)
        if not _inside(real, tree):
            note("outside", real)

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if busy or event not in _WATCHED:
            return
        if event in starters:
            note("started", event)
            return
        path: Any = args[0] if args else None
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        elif isinstance(path, os.PathLike):
            path = os.fspath(path)
        if not isinstance(path, str):
            return
        busy.append(1)
        try:
            path = os.path.abspath(path)
            if path.startswith(("/dev/", "/proc/", job["temporary"])):
                return
            if event in changers:
                guard(path)
                if event == "os.rename" and isinstance(args[1], str):
                    guard(os.path.abspath(args[1]))
                return
            mode, flags = args[1], args[2]
            writes = (
                any(letter in mode for letter in "wax+")
                if isinstance(mode, str)
                else isinstance(flags, int) and bool(flags & writing)
            )
            if writes:
                guard(path)
            elif _inside(path, tree) or _inside(path, original):
                note("read", path)
        except OSError as error:
            if isinstance(error, PermissionError) and "verify keeps" in str(error):
                raise
        finally:
            busy.clear()

    _WATCHED.update(starters, changers, ("open",))
    sys.addaudithook(hook)


def rest() -> None:
    """Look no more: the code has ended, and what follows is the child's own work."""
    _WATCHED.clear()


# A hook cannot be removed; without events to watch it returns at once.
_WATCHED: set[str] = set()


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + os.sep)
