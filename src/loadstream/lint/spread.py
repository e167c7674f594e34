"""Portions of files to several processes, and their findings back as they come.

Where the system can fork, a process begins with all that this one has read of the repository;
elsewhere each reads it anew. A process that dies (memory, a crash of the interpreter) takes nothing
with it: what it had is judged here.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import BaseContext
from pathlib import Path

from loadstream.analysis.modules import Repository
from loadstream.analysis.settings import Settings
from loadstream.lint.findings import Finding
from loadstream.lint.judge import judge_portion

_Portion = tuple[list[Path], list[tuple[Finding, ...]], bool]

_repository: Repository | None = None  # of a process that judges portions


def spread(portions: Sequence[list[Path]], repository: Repository, jobs: int) -> Iterator[_Portion]:
    """What `judge_portion` gives for each portion, in no order."""
    global _repository
    _repository = repository
    repository.read_ahead()
    left = {tuple(portion): portion for portion in portions}
    try:
        with ProcessPoolExecutor(
            min(jobs, len(portions)),
            mp_context=_context(),
            initializer=_begin,
            initargs=(repository.root, repository.settings),
        ) as pool:
            try:
                for future in as_completed([pool.submit(_judge, part) for part in portions]):
                    done = future.result()
                    del left[tuple(done[0])]
                    yield done
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    except BrokenProcessPool:
        for portion in left.values():
            yield judge_portion(portion, repository)
    finally:
        _repository = None


def _context() -> BaseContext:
    # On macOS system libraries may not survive a fork; Windows has none.
    return multiprocessing.get_context("fork" if sys.platform.startswith("linux") else "spawn")


def _begin(root: Path, settings: Settings) -> None:
    global _repository
    if _repository is None:
        _repository = Repository(root, settings)


def _judge(portion: list[Path]) -> _Portion:
    assert _repository is not None
    return judge_portion(portion, _repository)
