"""A repository with loaders of every kind, in a temporary folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

REPO = '''
"""Access to the data."""

import json
from pathlib import Path

from loadstream import stream_json

HERE = Path(__file__).parent
ROWS = HERE / "data" / "rows.json"


def load_rows():
    with open(ROWS) as handle:
        return json.load(handle)


def stream_rows(filter_func=None):
    return stream_json(ROWS, filter_func=filter_func)


def load_users():
    with open("registry/users.json") as handle:
        return json.load(handle)


def get_events():
    with open("events.json") as handle:
        return json.load(handle)


def events_stream():
    with open("events.json") as handle:
        yield from json.load(handle)


def load_model(name):
    return name
'''
SCRIPT = """
import json

from repo import get_events, load_rows, load_users

print(sum(load_rows()))
print(max(load_rows()))
print(load_rows()[0])
print(sum(load_users()))
print(get_events()[1])
with open("own.json") as handle:
    print(sum(json.load(handle)))
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with repo.py, script.py and their data."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "repo.py").write_text(REPO)
    (tmp_path / "script.py").write_text(SCRIPT)
    for name, count in {"data/rows.json": 900, "registry/users.json": 3, "events.json": 10}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(json.dumps(list(range(count))))
    return tmp_path
