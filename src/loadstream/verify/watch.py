"""Watches a child while it runs: reads its output, keeps its limits, ends what it leaves behind.

Output is read through pipes, digested as it comes and kept up to a cap, so that a gigabyte of it
costs neither memory nor disk and is still compared to the last byte.
"""

from __future__ import annotations

import hashlib
import os
import selectors
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from loadstream.verify.observed import KEPT_OUTPUT, Output

MARK = "LOADSTREAM_VERIFY_RUN"


@dataclass(frozen=True, slots=True)
class Limits:
    """For one run: `timeout` in seconds, `memory` in bytes of resident memory."""

    timeout: float
    memory: int


class Watch:
    """Reads both outputs and keeps the limits until the child has ended."""

    def __init__(self, process: subprocess.Popen[bytes], limits: Limits, measured: bool) -> None:
        self._process = process
        self._limits = limits
        self._pause = 0.004 if measured else 0.05
        self._heads = {"stdout": bytearray(), "stderr": bytearray()}
        self._sizes = {"stdout": 0, "stderr": 0}
        self._digests = {"stdout": hashlib.sha256(), "stderr": hashlib.sha256()}
        self.resident: list[tuple[float, int]] = []

    def output(self, name: str) -> Output:
        """What came through `stdout` or `stderr`."""
        return Output(bytes(self._heads[name]), self._sizes[name], self._digests[name].hexdigest())

    def until_it_ends(self) -> str:
        """Wait; the empty string where the child ended by itself, else the limit it met."""
        deadline = time.monotonic() + self._limits.timeout
        stopped = ""
        with selectors.DefaultSelector() as selector:
            for name in ("stdout", "stderr"):
                stream = getattr(self._process, name)
                os.set_blocking(stream.fileno(), False)
                selector.register(stream, selectors.EVENT_READ, name)
            # The wait grows, so that a short run is noticed at once and a long one costs nothing.
            wait = 0.001
            while True:
                for key, _ in selector.select(min(wait, self._pause)):
                    if not self._read(key):
                        selector.unregister(key.fileobj)
                        # Its output has ended, so it is about to end itself.
                        wait = 0.0005
                if self._process.poll() is not None:
                    break
                if not selector.get_map():
                    time.sleep(min(wait, self._pause))
                wait *= 1.5
                stopped = self._limit(deadline)
                if stopped:
                    kill_group(self._process)
                    self._process.wait()
                    break
            self._drain(selector)
        for name in ("stdout", "stderr"):
            getattr(self._process, name).close()
        return stopped

    def _limit(self, deadline: float) -> str:
        if time.monotonic() >= deadline:
            return f"did not end within {self._limits.timeout:g} s"
        resident = _resident(self._process.pid)
        if resident:
            self.resident.append((time.monotonic(), resident))
            if resident > self._limits.memory:
                return f"used more than {self._limits.memory >> 20:,} MB of memory"
        return ""

    def _drain(self, selector: selectors.BaseSelector) -> None:
        """What is left in the pipes; a child of the child that still writes gets no more time."""
        kill_group(self._process)
        end = time.monotonic() + 2
        while selector.get_map() and time.monotonic() < end:
            events = selector.select(0.02)
            if not events:
                return
            for key, _ in events:
                if not self._read(key):
                    selector.unregister(key.fileobj)

    def _read(self, key: selectors.SelectorKey) -> bool:
        """False at the end of the stream."""
        try:
            data = os.read(key.fd, 1 << 16)
        except BlockingIOError:
            return True
        if not data:
            return False
        name = key.data
        self._digests[name].update(data)
        self._sizes[name] += len(data)
        head = self._heads[name]
        if len(head) < KEPT_OUTPUT:
            head += data[: KEPT_OUTPUT - len(head)]
        return True


def _resident(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/statm").read_bytes().split()
    except OSError:
        return 0
    return int(fields[1]) * _PAGE if len(fields) > 1 else 0


_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the child and all of its session that is left."""
    if sys.platform == "win32":
        process.kill()
        return
    # The group outlives its leader as long as it has members, so this is right after the end too.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def kill_marked(mark: str) -> None:
    """Kill what left the child's session: it still has the mark in its environment."""
    wanted = f"{MARK}={mark}".encode()
    for entry in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if wanted in entry.read_bytes():
                os.kill(int(entry.parent.name), signal.SIGKILL)
