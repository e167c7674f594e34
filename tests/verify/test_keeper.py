"""Whatever a run starts is known, is counted, and is gone when the run is over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loadstream.verify import Verdict, VerifyError
from loadstream.verify.checks import Script
from loadstream.verify.observed import Observed
from loadstream.verify.runner import Run, Runner
from loadstream.verify.trees import walk
from loadstream.verify.watch import Limits
from loadstream.verify.workspace import Workspace

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="looks for processes in /proc"
)
_LIMITS = Limits(60, 4 << 30)
_SLEEP = "import time; time.sleep(600)"


class Bench:
    """Runs scripts, one after the other, in a slot of its own."""

    def __init__(self, folder: Path, runner: Runner) -> None:
        self._folder = folder
        self._runner = runner
        self._user = folder / "user"
        self._user.mkdir()

    def run(self, script: str, limits: Limits = _LIMITS, measure: str | None = None) -> Observed:
        (self._user / "script.py").write_text(script, encoding="utf-8")
        with Workspace(self._folder / "cache") as workspace:
            for side in ("new", "old"):
                workspace.add(side, self._user, list(walk(self._user)))
            (slot,) = workspace.slots(1)
            run = Run(Script("script.py"), ".", self._user, sys.executable, ("",), measure=measure)
            return self._runner.run(run, slot, "old", {}, limits)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    runner = Runner()
    yield Bench(tmp_path, runner)
    runner.close()


def mark(tmp_path: Path) -> str:
    """A word in a command line that no other process has."""
    return f"mark-{os.getpid()}-{tmp_path.name}-{time.monotonic_ns()}"


def running(word: str) -> list[int]:
    """Processes with `word` as an argument that have not ended."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            state = (entry / "stat").read_bytes().rpartition(b")")[2].split()[0]
        except OSError:
            continue
        if word.encode() in words and state not in (b"Z", b"X"):
            found.append(int(entry.name))
    return found


def gone(word: str) -> bool:
    end = time.monotonic() + 60
    while running(word) and time.monotonic() < end:
        time.sleep(0.05)
    return not running(word)


STARTS = {
    "in the same session": "subprocess.Popen(command)",
    "in a session of its own": "subprocess.Popen(command, start_new_session=True)",
    "with nothing in its environment": (
        "subprocess.Popen(command, env={}, start_new_session=True, cwd='/')"
    ),
    "as a daemon": (
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        os.chdir('/')\n"
        "        os.execve(command[0], command, {})\n"
        "    os._exit(0)\n"
        "os.waitpid(pid, 0)\n"
    ),
}


@pytest.mark.parametrize("how", STARTS)
def test_a_process_that_is_left_behind_is_ended_and_reported(
    bench: Bench, tmp_path: Path, how: str
) -> None:
    word = mark(tmp_path)
    script = f"import os, subprocess, sys\ncommand = [sys.executable, '-c', {_SLEEP!r}, {word!r}]\n"
    seen = bench.run(f"{script}{STARTS[how]}\nprint('done')\n")
    assert (seen.code, seen.stopped, seen.stdout.head) == (0, "", b"done\n")
    assert len(seen.left) == 1
    assert not running(word)


WAITED_FOR = {
    "a process that was waited for": "subprocess.run([sys.executable, '-c', ''])",
    "one that is about to end": "subprocess.Popen([sys.executable, '-c', ''])",
    "a pool": (
        "import multiprocessing as m\n"
        "if __name__ == '__main__':\n"
        "    with m.Pool(2) as p: print(p.map(abs, [1, -2]))"
    ),
    "a spawned process": (
        "from concurrent.futures import ProcessPoolExecutor as P\n"
        "import multiprocessing as m\n"
        "if __name__ == '__main__':\n"
        "    with P(1, mp_context=m.get_context('spawn')) as p: print(p.submit(abs, -1).result())"
    ),
}


@pytest.mark.parametrize("how", WAITED_FOR)
def test_what_ends_by_itself_is_not_left_behind(bench: Bench, how: str) -> None:
    seen = bench.run(f"import subprocess, sys\n{WAITED_FOR[how]}\n")
    assert (seen.code, seen.stopped, seen.left) == (0, "", ())


def test_the_next_run_of_the_slot_is_not_disturbed(bench: Bench, tmp_path: Path) -> None:
    word = mark(tmp_path)
    leave = (
        f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {_SLEEP!r}, {word!r}])"
    )
    assert len(bench.run(leave).left) == 1
    seen = bench.run("print(1)\nraise SystemExit(3)\n")
    assert (seen.code, seen.stdout.head, seen.left) == (3, b"1\n", ())


def test_a_run_that_meets_its_timeout_is_ended_with_all_that_it_started(
    bench: Bench, tmp_path: Path
) -> None:
    word = mark(tmp_path)
    leave = (
        f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {_SLEEP!r}, {word!r}],"
        " env={}, start_new_session=True)\nwhile True: pass\n"
    )
    seen = bench.run(leave, Limits(3, 4 << 30))
    assert (seen.code, seen.stopped) == (None, "did not end within 3 s")
    assert not running(word)


@pytest.mark.parametrize(
    ("number", "why"),
    [(9, "killed the process that watches over it"), (signal.SIGSTOP, "did not end within 4 s")],
)
def test_a_run_that_ends_its_keeper_has_met_a_limit_and_the_next_one_has_another(
    bench: Bench, tmp_path: Path, number: int, why: str
) -> None:
    word = mark(tmp_path)
    script = (
        "import os, subprocess, sys\n"
        f"subprocess.Popen([sys.executable, '-c', {_SLEEP!r}, {word!r}])\n"
        f"os.kill(os.getppid(), {int(number)})\nwhile True: pass\n"
    )
    seen = bench.run(script, Limits(4, 4 << 30))
    assert (seen.code, seen.stopped) == (None, why)
    assert bench.run("print(1)").stdout.head == b"1\n"
    assert gone(word)


def test_nothing_of_ours_reaches_a_run(bench: Bench) -> None:
    script = (
        "import os, signal\n"
        "print(sorted(int(n) for n in os.listdir('/proc/self/fd'))[:3])\n"
        "print([os.readlink(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd')\n"
        "       if n not in '012' and os.path.exists(f'/proc/self/fd/{n}')])\n"
        "print(os.getpid() == os.getsid(0) == os.getpgrp())\n"
        "names = (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP)\n"
        "print([name for name in names if signal.getsignal(name) is not signal.SIG_DFL])\n"
    )
    lines = bench.run(script).stdout.head.decode().splitlines()
    assert lines[0] == "[0, 1, 2]"
    assert not [word for word in ("socket", "pipe") if word in lines[1]]
    # What ignores the end of a terminal for these tests (nohup) does so for the run as well.
    hangup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    assert lines[2:] == ["True", "[<Signals.SIGHUP: 1>]" if hangup else "[]"]


_FIXED = "import ctypes, sys; sys.exit(ctypes.CDLL(None).personality(0x0040000) < 0)"


def test_addresses_are_left_to_chance_except_where_memory_is_measured(bench: Bench) -> None:
    where = "print(id(object()))\n"
    compared = {bench.run(where).stdout.head for _ in range(4)}
    assert len(compared) > 1
    if subprocess.run([sys.executable, "-c", _FIXED]).returncode:
        pytest.skip("this system does not let a process have fixed addresses")
    measured = {bench.run(where, measure="memory").stdout.head for _ in range(4)}
    assert len(measured) == 1
    assert bench.run(where).stdout.head not in measured


def test_an_interpreter_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    user = tmp_path / "user"
    user.mkdir()
    (user / "x.py").write_text("", encoding="utf-8")
    runner = Runner()
    with Workspace(tmp_path / "cache") as workspace:
        for side in ("new", "old"):
            workspace.add(side, user, ["x.py"])
        (slot,) = workspace.slots(1)
        run = Run(Script("x.py"), ".", user, "/nowhere/python", ("",))
        with pytest.raises(VerifyError, match="cannot start /nowhere/python: No such file"):
            runner.run(run, slot, "old", {}, _LIMITS)
    runner.close()


def test_a_process_that_only_one_side_leaves_behind_is_a_difference(
    repository: Any, tmp_path: Path
) -> None:
    word = mark(tmp_path)
    works = "from common import load_sessions\nprint(len(load_sessions()))\n"
    leaves = (
        "import subprocess, sys\n"
        f"subprocess.Popen([sys.executable, '-c', {_SLEEP!r}, {word!r}], start_new_session=True)\n"
    )
    repository.write(analyze_py=works)
    repository.commit()
    repository.write(analyze_py=works + leaves)
    result = repository.result(max_cases=2)
    assert result.verdict is Verdict.DIFFERENT, result.explanation
    (difference,) = result.counterexample.differences
    assert (difference.place, difference.old) == ("processes left behind", "none")
    repository.write(analyze_py=works + leaves)
    repository.commit()
    repository.write(analyze_py=works + "pass\n" + leaves)
    same = repository.result(max_cases=2)
    assert same.verdict is Verdict.EQUAL, same.explanation
    assert any("left a process behind" in line for line in same.advice)
    assert not running(word)


# memory

_GROW = "held = []\nwhile True: held.append(b'x' * 5_000_000)\n"


@pytest.mark.parametrize("where", ["itself", "a child", "a child that left"])
def test_memory_without_end_is_stopped_wherever_it_is_held(bench: Bench, where: str) -> None:
    started = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', {!r}]{})\n"
    script = {
        "itself": _GROW,
        "a child": started.format(_GROW, ""),
        "a child that left": started.format(_GROW, ", env={}, start_new_session=True"),
    }[where]
    seen = bench.run(script, Limits(120, 256 << 20))
    assert (seen.code, seen.stopped) == (None, "used more than 256 MB of memory")


def test_memory_that_processes_share_counts_once(bench: Bench) -> None:
    script = (
        "import os, time\n"
        "held = b'x' * 120_000_000\n"
        "children = []\n"
        "for _ in range(4):\n"
        "    pid = os.fork()\n"
        "    if not pid:\n"
        "        time.sleep(1)\n"
        "        os._exit(0)\n"
        "    children.append(pid)\n"
        "for pid in children: os.waitpid(pid, 0)\n"
        "print(len(held))\n"
    )
    seen = bench.run(script, Limits(60, 300 << 20))
    assert (seen.code, seen.stopped) == (0, "")


def test_the_measured_peak_counts_what_a_child_holds(bench: Bench) -> None:
    work = "held = b'x' * 100_000_000\nimport time\ntime.sleep(1)\n"
    alone = bench.run("print(1)\n", measure="memory").measured
    with_child = bench.run(
        f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {work!r}])\n",
        measure="memory",
    ).measured
    assert alone.peak - alone.baseline < 50_000_000
    assert with_child.peak - with_child.baseline > 90_000_000
    assert alone.reading == "VmHWM"
    assert "all processes" in with_child.reading


# the end of verify itself

_VERIFY = """
import signal, sys
from pathlib import Path
# As in a terminal: what starts these tests in the background has them ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
sys.path[:0] = {path!r}
from loadstream.verify import Settings, verify_revisions
verify_revisions(Path({root!r}), Settings(pairs=0, timeout=300.0, max_cases=2, jobs=2))
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_no_process_outlives_verify_whatever_ends_it(
    tmp_path: Path, repository: Any, number: signal.Signals
) -> None:
    word = mark(tmp_path)
    root = repository.root
    hang = (
        "import subprocess, sys\n"
        f"command = [sys.executable, '-c', {_SLEEP!r}, {word!r}]\n"
        "subprocess.Popen(command, env={}, start_new_session=True)\n"
        "subprocess.Popen(command)\n"
        "print('x')\n"
        "while True: pass\n"
    )
    (root / "analyze.py").write_text(hang, encoding="utf-8")
    repository.commit()
    (root / "analyze.py").write_text(hang.replace("'x'", "'y'"), encoding="utf-8")
    program = _VERIFY.format(path=sys.path, root=str(root))
    verify = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + 120
        while len(running(word)) < 2 and time.monotonic() < end and verify.poll() is None:
            time.sleep(0.05)
        assert len(running(word)) >= 2
        verify.send_signal(number)
        verify.wait(timeout=60)
        assert gone(word)
        tree = str(root / ".loadstream_cache").encode()
        left = [p for p in Path("/proc").glob("[0-9]*/cmdline") if tree in _content(p)]
        assert not left
        if number != signal.SIGKILL:
            assert not list((root / ".loadstream_cache").glob("verify-*"))
    finally:
        verify.kill()
        verify.wait()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
