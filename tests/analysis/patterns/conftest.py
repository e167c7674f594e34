"""Programs of the cases, rewritten as `loadstream rewrite --unsafe` would, and run."""

from __future__ import annotations

import json
import types
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import Site, find_sites
from loadstream.analysis.source import parse
from loadstream_codemods.apply import apply

PRELUDE = "from data import load_x, stream_x\n"
DATA = """\
import json

from loadstream import stream_json


def load_x():
    with open("rows.json", encoding="utf-8") as file:
        return json.load(file)


def stream_x(filter_func=None):
    return stream_json("rows.json", filter_func=filter_func)
"""
ROWS = (
    [],
    [{"a": 1, "b": True, "c": [1, 2]}],
    [{"a": a, "b": a % 3 == 0, "c": list(range(a % 4))} for a in range(7)],
    [{"a": 2, "b": "", "c": []}, {"a": 5, "b": None, "c": [9]}, {"b": 1}, {"a": 0, "b": 1}],
)


@dataclass(frozen=True)
class Bench:
    """A folder with the pair and its data."""

    folder: Path

    def sites(self, text: str) -> tuple[Site, ...]:
        """The sites of a program that stands beside the pair."""
        return find_sites(parse(text, self.folder / "script.py"), Repository(self.folder))

    def codes(self, text: str) -> list[str]:
        """The codes of what is planned or reported there."""
        return [site.plan.code for site in self.sites(text) if site.plan is not None]

    def rewrite(self, text: str) -> str:
        """The program with every plan carried out."""
        return apply(text, [site.plan for site in self.sites(text) if site.plan is not None])

    def outcomes(self, text: str) -> list[tuple[str, str]]:
        """What the program prints and raises, for each of several data files."""
        return [self._run(text, rows) for rows in ROWS]

    def _run(self, text: str, rows: object) -> tuple[str, str]:
        path = self.folder / "rows.json"
        path.write_text(json.dumps(rows), encoding="utf-8")
        data = types.ModuleType("data")
        exec(DATA.replace('"rows.json"', repr(str(path))), data.__dict__)
        given = {"load_x": data.load_x, "stream_x": data.stream_x}
        _, _, program = text.partition("\n")  # without the import of the pair
        printed, raised = StringIO(), ""
        with redirect_stdout(printed):
            try:
                exec(compile(program, "script.py", "exec"), {**given, "__name__": "program"})
            except Exception as error:
                raised = repr(error)
        return printed.getvalue(), raised


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A folder in which programs that begin with one import of the pair are tried."""
    (tmp_path / "data.py").write_text(DATA, encoding="utf-8")
    return Bench(tmp_path)


@pytest.fixture
def check_rewrite(bench: Bench) -> Callable[[str, list[str]], str]:
    """Rewrite a program: the codes are these, old and new do the same, and a second run rests."""

    def check(program: str, codes: list[str]) -> str:
        old = PRELUDE + program
        assert bench.codes(old) == codes
        new = bench.rewrite(old)
        assert new != old
        assert bench.rewrite(new) == new
        assert bench.outcomes(old) == bench.outcomes(new)
        return new

    return check
