import subprocess
import sys

import pytest

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
