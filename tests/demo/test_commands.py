import os
import signal
import subprocess
import sys
import time

import pytest

from loadstream import __version__
from loadstream.demo.commands import run_loadstream, run_script


def test_a_command_runs_in_the_folder_and_gives_status_and_output(tmp_path):
    (tmp_path / "a.py").write_text(
        "import sys\nprint('ö', file=sys.stderr)\nprint('→')\nsys.exit(3)\n", encoding="utf-8"
    )
    ran = run_script(tmp_path, "a.py")
    assert (ran.status, ran.output, ran.errors) == (3, "→\n", "ö\n")


def test_our_own_commands_are_those_of_this_installation(tmp_path):
    assert run_loadstream(tmp_path, "--version").output == f"loadstream {__version__}\n"


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_interrupt_ends_the_command_that_runs_and_lets_it_clean_up(tmp_path):
    (tmp_path / "slow.py").write_text(
        "import signal, sys, time\n"
        "def end(*_):\n    open('cleaned', 'w').close()\n    sys.exit(1)\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "open('started', 'w').close()\n"
        "time.sleep(60)\n"
    )
    program = (
        "import signal\n"  # a job in the background inherits that it ignores the interrupt
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from pathlib import Path\n"
        "from loadstream.demo.commands import run_script\n"
        "run_script(Path('.'), 'slow.py')\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=tmp_path, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 30
    while not (tmp_path / "started").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(30) != 0
    assert (tmp_path / "cleaned").exists()
