"""The tree of processes is read alike, whatever the system has to read it from."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from loadstream.verify import processes

pytestmark = pytest.mark.skipif(os.name == "nt", reason="verify does not run on Windows")


@pytest.fixture
def family() -> Iterator[tuple[int, int]]:
    """A process of ours and its child."""
    sleep = "import sys, time\nprint(1, flush=True)\ntime.sleep(600)"
    start = (
        "import subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {sleep!r}], stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\nprint(child.pid, flush=True)\nchild.wait()\n"
    )
    with subprocess.Popen([sys.executable, "-c", start], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        yield parent.pid, child
        for pid in (child, parent.pid):
            os.kill(pid, 9)


SOURCES = {
    "what the kernel lists": {},
    "a look at all processes": {"_CHILDREN": False},
    "ps": {"_CHILDREN": False, "LINUX": False},
}


@pytest.mark.parametrize("source", SOURCES)
def test_children_and_their_children_are_found(
    family: tuple[int, int], source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if source == "ps" and shutil.which("ps") is None:
        pytest.skip("needs ps")
    for name, value in SOURCES[source].items():
        monkeypatch.setattr(processes, name, value)
    parent, child = family
    assert processes.below(parent) == [child]
    assert {parent, child} <= set(processes.below(os.getpid()))
    assert processes.below(child) == []
    assert processes.alive([parent, child]) == [parent, child]
    if source != "what the kernel lists":
        assert parent in processes.of_group(os.getpgid(parent))


@pytest.mark.skipif(not processes.LINUX, reason="reads /proc")
def test_what_has_ended_is_not_alive_and_holds_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        end = time.monotonic() + 60
        while processes.alive([process.pid]) and time.monotonic() < end:
            time.sleep(0.01)
        assert processes.alive([process.pid]) == []
    assert processes.resident(process.pid) == processes.shared_out(process.pid) == 0
    assert processes.below(process.pid) == []
    assert processes.command_of(process.pid) == f"process {process.pid}"


@pytest.mark.skipif(not processes.LINUX, reason="reads /proc")
def test_memory_and_command_of_a_process_are_read() -> None:
    assert processes.resident(os.getpid()) > 1_000_000
    assert 0 < processes.shared_out(os.getpid()) <= processes.resident(os.getpid()) * 1.5
    assert "python" in processes.command_of(os.getpid()) or "pytest" in processes.command_of(
        os.getpid()
    )
