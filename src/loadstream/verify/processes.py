"""Reads the tree of processes below one of them: which there are, how much memory they hold.

Also loaded by its path, in a process of its own (keeper_process.py): so it imports nothing of
loadstream. On Linux all of it comes from /proc, elsewhere from `ps`.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

LINUX = sys.platform.startswith("linux")


def below(pid: int) -> list[int]:
    """All descendants of a process that are still there, the nearest first."""
    table = None if _CHILDREN else _table()
    found: list[int] = []
    pending = [pid]
    while pending:
        parent = pending.pop()
        if table is None:
            nearest = _children(parent)
        else:
            nearest = [own for own, (above, _) in table.items() if above == parent]
        found += nearest
        pending += nearest
    return found


def of_group(group: int) -> list[int]:
    """The members of a process group; slow."""
    return [own for own, (_, its) in _table().items() if its == group]


def _children(pid: int) -> list[int]:
    children: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208
            children += map(int, _read(f"/proc/{pid}/task/{thread}/children").split())
    except OSError:
        # It ended meanwhile; what it had started is now below the keeper.
        pass
    return children


def _table() -> dict[int, tuple[int, int]]:
    """Parent and group of every process."""
    found: dict[int, tuple[int, int]] = {}
    if LINUX:
        for name in os.listdir("/proc"):  # noqa: PTH208
            if name.isdigit() and (fields := _fields(int(name))):
                found[int(name)] = int(fields[1]), int(fields[2])
        return found
    import subprocess

    command = ["ps", "-axo", "pid=,ppid=,pgid=,stat="]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for line in process.stdout:
            own, above, group, state = line.split()
            if int(own) != process.pid and not state.startswith(b"Z"):
                found[int(own)] = int(above), int(group)
    return found


def alive(pids: Iterable[int]) -> list[int]:
    """Those that still run: one that has ended and was not waited for yet does not."""
    if not LINUX:
        return list(pids)
    return [pid for pid in pids if (fields := _fields(pid)) and fields[0] not in (b"Z", b"X")]


def _fields(pid: int) -> list[bytes]:
    """State, parent, group and so on, as /proc/PID/stat has them after the name."""
    try:
        return _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    except OSError:
        return []


def command_of(pid: int) -> str:
    """How the process was started, shortened; its number where that cannot be read."""
    try:
        words = _read(f"/proc/{pid}/cmdline").split(b"\0")
    except OSError:
        words = []
    text = " ".join(word.decode("utf-8", "replace") for word in words if word)
    text = " ".join(text.split())
    return (text if len(text) <= 60 else f"{text[:59]}…") or f"process {pid}"


def resident(pid: int) -> int:
    """Resident memory of one process in bytes; 0 where that cannot be read."""
    try:
        fields = _read(f"/proc/{pid}/statm").split()
    except OSError:
        return 0
    return int(fields[1]) * _PAGE if len(fields) > 1 else 0


def shared_out(pid: int) -> int:
    """The same, with memory that several processes share divided among them; slow."""
    try:
        for line in _read(f"/proc/{pid}/smaps_rollup").splitlines():
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return resident(pid)


def _read(path: str) -> bytes:
    with open(path, "rb") as handle:  # noqa: PTH123
        return handle.read()


_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
# Some kernels are built without it.
_CHILDREN = LINUX and os.path.exists(f"/proc/self/task/{os.getpid()}/children")  # noqa: PTH110
