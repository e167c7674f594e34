"""Verify's side of keeper_process.py: starts a run through it and hears how it ended."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from loadstream.verify import processes
from loadstream.verify.model import VerifyError

# A module, and not a script, so that it is compiled only once. The folder comes last: its files
# must not stand before those of the standard library.
_LAUNCH = (
    "import sys; sys.path.append(sys.argv.pop(1)); import keeper_process; "
    "keeper_process.main(int(sys.argv[1]))"
)


class Kept:
    """One run that a keeper has started; `receive` brings it up to date.

    `code` is its exit code once it ended, `left` how the processes were started that it left
    behind, `done` that nothing of it runs any more, `lost` that the keeper itself is gone.
    """

    def __init__(self, keeper: int, pid: int, control: socket.socket, outputs: list[int]) -> None:
        self.keeper = keeper
        self.pid = pid
        self.stdout, self.stderr = outputs
        self.code: int | None = None
        self.left: tuple[str, ...] = ()
        self.done = False
        self.lost = False
        self._control = control
        self._heard = b""

    def fileno(self) -> int:
        """What to wait for before `receive`."""
        return self._control.fileno()

    def receive(self) -> None:
        """Hear what the keeper has to say, without waiting for it."""
        try:
            data = self._control.recv(1 << 16, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.lost = self.done = True
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            return
        *lines, self._heard = (self._heard + data).split(b"\n")
        for line in lines:
            words = json.loads(line)
            self.code = words.get("ended", self.code)
            if "left" in words:
                self.left = tuple(words["left"])
                self.done = True

    def kill(self) -> None:
        """End it with all that it has started."""
        with suppress(OSError):
            self._control.sendall(b"K")


class Keeper:
    """Starts runs, one at a time. `close` ends it; so does the end of this process, any end."""

    def __init__(self) -> None:
        if not hasattr(socket, "send_fds"):
            raise VerifyError("verify runs on Linux and macOS only: use WSL on Windows")
        ours, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-I",
                "-S",
                "-c",
                _LAUNCH,
                str(Path(__file__).parent),
                str(theirs.fileno()),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
            start_new_session=True,
        )
        theirs.close()
        self._control = ours
        self.close = weakref.finalize(self, _end, ours, self._process)

    def destroy(self) -> None:
        """End it from outside, where it no longer answers, with all that it has started."""
        for pid in (*processes.below(self._process.pid), self._process.pid):
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        self.close()

    def start(
        self, command: Sequence[str], environment: Mapping[str, str], fixed_addresses: bool
    ) -> Kept:
        """Start a run. Raises `VerifyError` where that cannot be started.

        With `fixed_addresses` the system leaves the places of its memory not to chance, where it
        can be told so (Linux): the same program then needs the same memory each time.
        """
        pipes = [os.pipe(), os.pipe()]
        outputs = [reading for reading, _ in pipes]
        try:
            job = {
                "command": list(command),
                "environment": dict(environment),
                "fixed_addresses": fixed_addresses,
            }
            words = self._ask(job, [writing for _, writing in pipes])
            if "pid" not in words:
                raise VerifyError(f"cannot start {command[0]}: {words['error']}")
        except BaseException:
            for number in outputs:
                os.close(number)
            raise
        finally:
            for _, writing in pipes:
                os.close(writing)
        return Kept(self._process.pid, words["pid"], self._control, outputs)

    def _ask(self, job: Mapping[str, Any], files: list[int]) -> dict[str, Any]:
        text = json.dumps(job).encode()
        heard = b""
        try:
            socket.send_fds(self._control, [b"S"], files)
            self._control.sendall(len(text).to_bytes(4, "big") + text)
            while not heard.endswith(b"\n"):
                block = self._control.recv(1)
                if not block:
                    break
                heard += block
        except OSError as error:
            return {"error": str(error)}
        loaded: dict[str, Any] = json.loads(heard or b'{"error": "its keeper was killed"}')
        return loaded


def _end(control: socket.socket, process: subprocess.Popen[bytes]) -> None:
    control.close()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
