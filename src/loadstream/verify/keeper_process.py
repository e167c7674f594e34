"""The process that starts the runs of one slot, and ends all that they leave behind.

Started by keeper.py, which holds the other end of a socket: when that closes, however verify came
to its end, everything that is still running here is killed. It is the one that orphans fall to
(on Linux), so that a process that left its session and cleared its environment is found too. On
other systems only the run's process group and those whose parents still live are found.

It imports nothing of loadstream but processes.py, which stands beside it.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from loadstream.verify import processes
else:
    # Found beside this file: here it is no part of a package.
    processes = importlib.import_module("processes")

GRACE = 1.0  # for what a run has started and is about to end
_PATIENCE = 3.0
_SUBREAPER = 36
_FIXED_ADDRESSES = 0x0040000
# They end by themselves soon after the program that they belong to.
_HELPERS = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")


def main(number: int) -> None:
    """Serve the orders that come through the socket with this file number."""
    if processes.LINUX:
        _ask_system("prctl", _SUBREAPER, 1, 0, 0, 0)
    Keeper(socket.socket(fileno=number)).serve()


class Keeper:
    """One run at a time: `S` starts it, `K` kills it, the end of the socket ends everything."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._worker: subprocess.Popen[bytes] | None = None
        self._ended = False
        self._killed = False
        self._grace = 0.0
        self._wake, waking = os.pipe()
        os.set_blocking(waking, False)
        os.set_blocking(self._wake, False)
        # A handler and not "ignored", which the runs would inherit.
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waking, warn_on_full_buffer=False)

    def serve(self) -> None:
        """Until the other end is gone."""
        wait: float | None = None
        while True:
            sources = [self._control.fileno(), self._wake]
            ready, _, _ = select.select(sources, [], [], wait)
            if self._wake in ready:
                with suppress(BlockingIOError):
                    os.read(self._wake, 4096)
            if self._control.fileno() in ready and not self._obey():
                self._kill()
                return
            self._reap()
            if not self._ended:
                wait = None
            elif self._finish():
                self._worker, self._ended, wait = None, False, None
            else:
                wait = 0.005

    def _obey(self) -> bool:
        """Do what is asked; False where nobody is there to ask any more."""
        try:
            order, files, _, _ = socket.recv_fds(self._control, 1, 2)
            if order == b"S":
                size = int.from_bytes(self._exactly(4), "big")
                self._start(json.loads(self._exactly(size)), files)
            elif order == b"K" and self._worker is not None:
                self._killed = True
                self._kill()
        except OSError:
            return False
        return bool(order)

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            block = self._control.recv(size - len(data))
            if not block:
                raise ConnectionResetError
            data += block
        return data

    def _start(self, job: dict[str, Any], files: list[int]) -> None:
        self._killed = False
        fixed = job["fixed_addresses"] and processes.LINUX
        if fixed:  # inherited; a container may refuse it, and the figures then vary a little more
            _ask_system("personality", _FIXED_ADDRESSES)
        try:
            self._worker = subprocess.Popen(
                job["command"],
                env=job["environment"],
                stdin=subprocess.DEVNULL,
                stdout=files[0],
                stderr=files[1],
                start_new_session=True,
            )
            self._say({"pid": self._worker.pid})
        except OSError as error:
            self._say({"error": error.strerror or str(error)})
        finally:
            if fixed:
                _ask_system("personality", 0)
            for number in files:
                os.close(number)

    def _reap(self) -> None:
        """Take the status of whatever has ended: the run itself, or an orphan of it."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            if self._worker is not None and pid == self._worker.pid:
                self._worker.returncode = os.waitstatus_to_exitcode(status)
                self._ended = True
                self._grace = time.monotonic() + GRACE
                self._say({"ended": self._worker.returncode})

    def _finish(self) -> bool:
        """True once nothing of the run is left."""
        left = self._left()
        if left and not self._killed and time.monotonic() < self._grace:
            return False
        names = [processes.command_of(pid) for pid in left]
        self._kill()
        names = [name for name in names if not any(helper in name for helper in _HELPERS)]
        self._say({"left": names})
        return True

    def _left(self) -> list[int]:
        found = processes.below(os.getpid())
        if not processes.LINUX and self._worker is not None:
            found += [pid for pid in processes.of_group(self._worker.pid) if pid not in found]
        return processes.alive(found)

    def _kill(self) -> None:
        end = time.monotonic() + _PATIENCE
        while (left := self._left()) and time.monotonic() < end:
            for pid in left:
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.001)
            self._reap()

    def _say(self, words: dict[str, Any]) -> None:
        with suppress(OSError):
            self._control.sendall(json.dumps(words).encode() + b"\n")


def _ask_system(function: str, *numbers: int) -> None:
    """Call a function of the C library; nothing where it is not there or refuses."""
    with suppress(ImportError, OSError, AttributeError):
        import ctypes

        getattr(ctypes.CDLL(None), function)(*numbers)


if __name__ == "__main__":
    main(int(sys.argv[1]))
