import ctypes
import subprocess
import sys
from types import SimpleNamespace

import pytest

from loadstream.machine import memory
from loadstream.machine.memory import peak_bytes, resident_bytes

MB = 1024**2


def test_the_peak_is_at_least_what_is_resident():
    peak, reading = peak_bytes()
    assert peak >= resident_bytes() * 0.9 > MB
    assert reading


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_child_does_not_inherit_the_peak_of_its_parent():
    ballast = b"x" * (150 * MB)
    code = (
        "from loadstream.machine.memory import forget_peak, peak_bytes, resident_bytes\n"
        "forget_peak(); before = resident_bytes(); data = bytearray(b'x') * (40 << 20); del data\n"
        "print(peak_bytes()[0] - before, peak_bytes()[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    growth, peak = map(int, done.stdout.split())
    assert 39 * MB < growth < 45 * MB
    assert peak < len(ballast)


@pytest.mark.parametrize(("platform", "unit"), [("darwin", 1), ("freebsd13", 1024)])
def test_where_proc_is_missing_the_peak_is_ru_maxrss_in_that_systems_unit(
    monkeypatch, platform, unit
):
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(memory, "_status", lambda _: None)
    monkeypatch.setattr(memory.sys, "platform", platform)
    monkeypatch.setattr(resource, "getrusage", lambda _: SimpleNamespace(ru_maxrss=7_000))
    assert memory.peak_bytes() == (7_000 * unit, "ru_maxrss")


def test_on_windows_the_peak_is_that_of_the_working_set(monkeypatch):
    asked = []

    def answer(process, counters, size):
        asked.append(process)
        assert size == ctypes.sizeof(counters._obj)
        counters._obj.peak = 5_000_000
        counters._obj.now = 3_000_000

    def current():
        return 9

    kernel = SimpleNamespace(GetCurrentProcess=current, K32GetProcessMemoryInfo=answer)
    monkeypatch.setattr(memory, "_status", lambda _: None)
    monkeypatch.setattr(memory.sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "WinDLL", lambda _: kernel, raising=False)
    assert memory.peak_bytes() == (5_000_000, "PeakWorkingSetSize")
    assert asked
