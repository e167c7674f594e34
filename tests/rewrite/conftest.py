"""A small repository with a pair, in a temporary folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

DATA = '''
import json


def load_rows(enriched=True):
    """All rows."""
    with open("rows.json", encoding="utf-8") as handle:
        return json.load(handle)


def stream_rows(filter_func=None, enriched=True):
    """Row by row."""
    for row in load_rows(enriched):
        if filter_func is None or filter_func(row):
            yield row
'''
OLD = "from data import load_rows\n\nrows = load_rows()\nprint([r for r in rows if r['n'] > 2])\n"
NEW = "from data import stream_rows\n\nprint(list(stream_rows(filter_func=lambda r: r['n'] > 2)))\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The repository: `data.py` with `load_rows` and `stream_rows`, `rows.json`."""
    (tmp_path / "data.py").write_text(DATA, encoding="utf-8")
    (tmp_path / "rows.json").write_text('[{"n": 1}, {"n": 2}, {"n": 3}]', encoding="utf-8")
    return tmp_path


@pytest.fixture
def script(root: Path) -> Callable[..., Path]:
    """Make a file of the repository; by default one with a site."""

    def make(text: str | bytes = OLD, name: str = "script.py") -> Path:
        path = root / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return make
