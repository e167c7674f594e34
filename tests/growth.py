"""How much work a run does by the file: what must not grow with the tree around it."""

from __future__ import annotations

import cProfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from loadstream.analysis import mentions
from loadstream.analysis.literals import Find, search_with
from loadstream.machine import search

MODULE = '''"""What number {n} is about."""

import json

from shared import load_settings


class Store{n}:
    """Rows at a path."""

    def __init__(self, path):
        self.path = path

    def fetch_{n}(self):
        with open(self.path, encoding="utf-8") as handle:
            return json.load(handle)

    def stream_{n}(self):
        for row in self.fetch_{n}():
            yield row


def load_rows_{n}():
    with open("rows.json", encoding="utf-8") as handle:
        return json.load(handle)


def stream_rows_{n}(filter_func=None):
    for row in load_rows_{n}():
        if filter_func is None or filter_func(row):
            yield row


def load_names_{n}():
    with open("names.json", encoding="utf-8") as handle:
        return json.load(handle)


def sizes_{n}(path):
    with open(path, encoding="utf-8") as handle:
        sizes = json.load(handle)
    for size in sizes:
        if size["number"] == {n}:
            yield size["size"]


def total_{n}(path):
    return sum(row["size"] for row in Store{n}(path).fetch_{n}() if row["size"])
'''
USER = """import module_{before} as before
from module_{n} import load_names_{n}, load_rows_{n}


def large_{n}():
    return [row for row in load_rows_{n}() if row["size"] > {n}]


def first_{n}():
    return [name["first"] for name in load_names_{n}() if name["last"]]


def both_{n}():
    return [row for row in before.load_rows_{before}() if row["size"]]
"""
TEST = """import module_{before} as tested
from module_{n} import sizes_{n}


def test_{n}(monkeypatch):
    monkeypatch.setattr(tested, "open", None)
    monkeypatch.setattr("module_{n}.other_{n}", lambda path: [])
    assert sizes_{n}("") == 0
"""
SHARED = """import json


def load_settings():
    with open("settings.json", encoding="utf-8") as handle:
        return json.load(handle)
"""


class Work(NamedTuple):
    """By the file: calls of functions, and bytes that were searched for literals."""

    calls: float
    searched: float


def make_tree(root: Path, modules: int) -> list[Path]:
    """Modules with loaders of their own, each with a module that calls these, and a test."""
    (root / "tests").mkdir(parents=True)
    (root / "pyproject.toml").write_text("[tool.loadstream]\n")
    (root / "shared.py").write_text(SHARED)
    files = []
    for n in range(100, 100 + modules):
        texts = {f"module_{n}": MODULE, f"user_{n}": USER, f"tests/test_module_{n}": TEST}
        for name, text in texts.items():
            files.append(root / f"{name}.py")
            files[-1].write_text(text.format(n=n, before=max(100, n - 1)))
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
    patch.setattr(mentions, "_FEW", 5)  # so that a small tree is one with many words
    yield searched
    search_with(fast_finder)
