"""How much work a run does by the file: what must not grow with the tree around it."""

from __future__ import annotations

import cProfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from loadstream.analysis.literals import Find, search_with
from loadstream.machine import search

MODULE = '''"""What number {n} is about."""

import json


class Store{n}:
    """Rows at a path."""

    def __init__(self, path):
        self.path = path

    def fetch_{n}(self):
        with open(self.path, encoding="utf-8") as handle:
            return json.load(handle)


def read_rows_{n}(path="rows.json"):
    with open(path, encoding="utf-8") as handle:
        return json.load(handle)


def count_{n}(path):
    rows_{n} = read_rows_{n}(path)
    return sum(1 for row in rows_{n} if row["number"] == {n})


def names_{n}(path="names.json"):
    with open(path, encoding="utf-8") as handle:
        names = json.load(handle)
    for name in names:
        yield name["first"]


def total_{n}(path):
    return sum(row["size"] for row in Store{n}(path).fetch_{n}() if row["size"])
'''
TEST = """import module_{before} as tested
from module_{n} import count_{n}


def test_{n}(monkeypatch):
    monkeypatch.setattr(tested, "open", None)
    monkeypatch.setattr("module_{n}.read_rows_{n}", lambda path: [])
    assert count_{n}("") == 0
"""


class Work(NamedTuple):
    """By the file: calls of functions, and bytes that were searched for literals."""

    calls: float
    searched: float


def make_tree(root: Path, modules: int) -> list[Path]:
    """Modules that load by functions of their own, with a test of each. Gives all files."""
    (root / "tests").mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.loadstream]\n")
    files = []
    for n in range(100, 100 + modules):
        files.append(root / f"module_{n}.py")
        files[-1].write_text(MODULE.format(n=n))
        files.append(root / "tests" / f"test_module_{n}.py")
        files[-1].write_text(TEST.format(n=n, before=max(100, n - 1)))
    return files


def work_by_file(files: list[Path], run: Callable[[], object]) -> Work:
    """What `run`, which does something with all `files`, takes."""
    with pytest.MonkeyPatch.context() as patch, _counted(patch) as searched:
        profile = cProfile.Profile()
        profile.runcall(run)
    calls = sum(entry.callcount for entry in profile.getstats())
    return Work(calls / len(files), sum(searched) / len(files))


@contextmanager
def _counted(patch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    searched: list[int] = []
    fast_finder = search.fast_finder

    def counting_finder(literals: list[bytes]) -> Find:
        find = fast_finder(literals)

        def counting(text: bytes) -> list[tuple[int, int, int]]:
            searched.append(len(text))
            return find(text)

        return counting

    patch.setattr(search, "fast_finder", counting_finder)
    yield searched
    search_with(fast_finder)
