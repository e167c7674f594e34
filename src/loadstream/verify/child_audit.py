"""Watches the files that the user's code opens; loaded by child.py by its path.

What is noticed goes line by line to `opened.log`, as it happens, up to the interpreter's very
end: `["read", path]` of the tree, `["outside", path, size]` written beyond it (the size that it
had where it is only added to, else null), `["refused", path]` of the user's own tree, `["random",
path]` for a name that tempfile has made up, and `["started", event]` where another program is
started, which this hook cannot see into.
"""

# ruff: noqa: PTH100, PTH115, PTH117, PTH118, PTH119, PTH120
from __future__ import annotations

import _thread
import json
import os
import sys
from typing import Any

_STARTERS = frozenset(
    ("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", "os.spawn")
)
# Which arguments are paths that are changed, each with that of the folder it is relative to. Of
# those in _ENTRIES it is the folder that changes: a link there is not followed.
_CHANGERS: dict[str, tuple[tuple[int, int], ...]] = {
    "os.remove": ((0, 1),),
    "os.rename": ((0, 2), (1, 3)),
    "os.link": ((1, 3),),
    "os.symlink": ((1, 2),),
    "os.mkdir": ((0, 2),),
    "os.rmdir": ((0, 1),),
    "os.truncate": ((0, 9),),
    "os.chmod": ((0, 2),),
    "os.chown": ((0, 3),),
    "os.utime": ((0, 3),),
    "os.setxattr": ((0, 9),),
    "os.removexattr": ((0, 9),),
}
_ENTRIES = frozenset(("os.remove", "os.rename", "os.link", "os.symlink", "os.mkdir", "os.rmdir"))
_NAMERS = frozenset(("tempfile.mkstemp", "tempfile.mkdtemp"))
_WATCHED = frozenset((*_STARTERS, *_CHANGERS, *_NAMERS, "open", "sqlite3.connect"))
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_TRUNC | os.O_CREAT | os.O_APPEND
_REFUSAL = "verify keeps the working tree unwritten"

_busy = _thread._local()


def watch(job: dict[str, Any], log_path: str) -> None:
    """Log from now on what the code opens, and refuse to write the user's own tree."""
    tree, original, home = job["tree"], job["original"], job["workspace"]
    temporary = job["temporary"]
    log = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    seen: set[tuple[str, str, bool]] = set()

    def note(kind: str, path: str, *more: int | None) -> None:
        key = (kind, path, more == (None,))
        if key not in seen:
            seen.add(key)
            line = json.dumps([kind, path, *more]) + "\n"
            os.write(log, line.encode("utf-8", "surrogatepass"))

    def guard(path: str, real: str, *, adds: bool = False) -> None:
        if _inside(real, temporary):
            return
        if _inside(real, original) and not _inside(real, home):
            note("refused", real)
            raise PermissionError(13, _REFUSAL, path)
        if not _inside(real, tree):
            note("outside", real, _size(real) if adds else None)

    def look(event: str, args: tuple[Any, ...]) -> None:
        if event in _CHANGERS:
            for place, folder in _CHANGERS[event]:
                path = _path(args[place], args[folder] if folder < len(args) else -1)
                if path is not None and not path.startswith(("/dev/", "/proc/")):
                    guard(path, _entry(path) if event in _ENTRIES else os.path.realpath(path))
            return
        path = _path(args[0], -1)
        if path is None or path.startswith(("/dev/", "/proc/")):
            return
        if event in _NAMERS:
            note("random", path)
            return
        if event == "sqlite3.connect":
            # It may only read: what it did is seen afterwards.
            real = os.path.realpath(path)
            if args[0] not in ("", ":memory:", b":memory:") and not _inside(real, tree):
                note("outside", real, None)
            return
        mode, flags = args[1], args[2]
        if isinstance(mode, str):
            writes, adds = any(letter in mode for letter in "wax+"), "a" in mode
        else:
            given = flags if isinstance(flags, int) else 0
            writes = bool(given & _WRITING)
            adds = bool(given & os.O_APPEND) and not given & os.O_TRUNC
        if writes:
            guard(path, os.path.realpath(path), adds=adds)
        elif not _inside(path, temporary) and (_inside(path, tree) or _inside(path, original)):
            note("read", path)

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event not in _WATCHED or getattr(_busy, "on", False):
            return
        _busy.on = True
        try:
            if event in _STARTERS:
                note("started", event)
            else:
                look(event, args)
        except Exception as error:
            if _REFUSAL in error.args:
                raise
            # What is wrong with the path, the call itself will say. At the very end of the
            # interpreter modules are taken apart, and nothing can be looked up any more.
            return
        finally:
            _busy.on = False

    sys.addaudithook(hook)


def pause() -> None:
    """Look away from what this thread does: it is the child's own work."""
    _busy.on = True


def resume() -> None:
    """Look again."""
    _busy.on = False


def _path(given: object, folder: object) -> str | None:
    """The full path; None where there is none, as for a file that is open already."""
    if isinstance(given, os.PathLike):
        given = os.fspath(given)
    if isinstance(given, bytes):
        given = os.fsdecode(given)
    if not isinstance(given, str):
        return None
    if isinstance(folder, int) and folder >= 0 and not os.path.isabs(given):
        given = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), given)
    return os.path.abspath(given)


def _entry(path: str) -> str:
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116
    except OSError:
        return 0


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + os.sep)
