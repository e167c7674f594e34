"""Work on files in several processes: the same results, in the same order."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from loadstream.machine.spread import spread
from loadstream.rewrite import RewriteUnavailableError

PATHS = [Path(f"{number}.py") for number in range(100)]
forks = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are not copied")


def with_process(path: Path) -> tuple[str, int]:
    time.sleep(0.005)  # so that nobody has done it all before the others have begun
    return path.name, os.getpid()


@forks
def test_results_come_in_the_order_of_the_files_from_as_many_processes_as_asked_for():
    results = list(spread(with_process, PATHS, 3))
    assert [name for name, _ in results] == [path.name for path in PATHS]
    processes = {process for _, process in results}
    assert len(processes) == 3
    assert os.getpid() in processes


@pytest.mark.parametrize(("files", "jobs"), [(100, 1), (20, 8), (0, 8), (1, None)])
def test_few_files_or_one_job_stay_in_this_process(files, jobs):
    results = list(spread(with_process, PATHS[:files], jobs))
    assert [process for _, process in results] == [os.getpid()] * files


@forks
def test_what_a_process_raises_is_raised_here_in_the_place_of_its_file():
    def work(path: Path) -> str:
        if path.name == "31.py":
            raise RewriteUnavailableError
        return path.name

    results = spread(work, PATHS, 4)
    assert [next(results) for _ in range(31)] == [path.name for path in PATHS[:31]]
    with pytest.raises(RewriteUnavailableError, match="pip install"):
        next(results)


@forks
def test_the_work_of_a_process_that_dies_is_done_all_the_same():
    here = os.getpid()

    def work(path: Path) -> str:
        time.sleep(0.002)
        if os.getpid() != here and int(path.stem) > 31:
            os._exit(11)
        return path.name

    assert list(spread(work, PATHS, 4)) == [path.name for path in PATHS]


@forks
@pytest.mark.parametrize("size", [1, 70_000, 3_000_000])
def test_results_of_any_size_come_whole(size):
    def work(path: Path) -> bytes:
        time.sleep(0.001)
        return path.stem.encode() * size

    assert list(spread(work, PATHS[:24], 2)) == [path.stem.encode() * size for path in PATHS[:24]]


@forks
def test_more_files_than_a_pipe_holds_numbers():
    paths = [Path(str(number)) for number in range(20_001)]
    assert list(spread(lambda path: path.name, paths, 3)) == [path.name for path in paths]


@forks
def test_nothing_is_left_where_the_results_are_not_wanted_to_their_end(monkeypatch):
    fork, copies = os.fork, []

    def forked():
        process = fork()
        copies.append(process)
        return process

    monkeypatch.setattr(os, "fork", forked)
    before = len([*Path("/proc/self/fd").iterdir()])
    results = spread(with_process, PATHS, 3)
    next(results)
    results.close()
    assert len([*Path("/proc/self/fd").iterdir()]) == before
    assert len(copies) == 2
    for process in copies:
        with pytest.raises(ChildProcessError):
            os.waitpid(process, os.WNOHANG)


@forks
def test_processes_end_when_the_first_one_is_killed(tmp_path):
    code = (
        "import os, sys, time\n"
        "from pathlib import Path\n"
        "from loadstream.machine.spread import spread\n"
        "def work(path):\n"
        "    time.sleep(0.002)\n"
        "    return os.getpid()\n"
        "results = spread(work, [Path(str(n)) for n in range(3000)], 2)\n"
        "print(*{next(results) for _ in range(90)} - {os.getpid()}, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == -9  # and the pipe of its output is closed by all
    assert len(done.stdout.split()) == 1
