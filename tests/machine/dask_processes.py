"""A Dask cluster of processes of their own on the loopback interface, for tests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path


class Processes:
    """A scheduler, and workers of one thread each."""

    def __init__(self, folder: Path, workers: int = 2) -> None:
        self._file = folder / "scheduler.json"
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"
        )
        self.workers = [
            self._start("worker", "--nthreads", "1", "--no-nanny", "--no-dashboard")
            for _ in range(workers)
        ]

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *command, "--scheduler-file", str(self._file)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )

    @property
    def address(self) -> str:
        """Where the scheduler answers, as `--executor` has it."""
        for _ in range(600):
            try:
                found = json.loads(self._file.read_text(encoding="utf-8"))["address"]
            except (OSError, ValueError):  # noqa: PERF203 (it is waited for)
                time.sleep(0.1)
            else:
                return "dask://" + found.removeprefix("tcp://")
        raise TimeoutError("the scheduler did not start")

    def stop(self) -> None:
        """Kill all that still runs."""
        for process in (*self.workers, self.scheduler):
            process.send_signal(signal.SIGKILL)
            process.wait()
