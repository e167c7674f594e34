from pathlib import Path

import pytest

from loadstream.lint.findings import Finding
from loadstream.project.files import FoundFile

REPOSITORY = """\
import json

from loadstream import stream_json


def load_rows():
    with open("rows.json", encoding="utf-8") as handle:
        return json.load(handle)


def stream_rows(filter_func=None):
    return stream_json("rows.json", filter_func=filter_func)


def load_users():
    with open("users.json", encoding="utf-8") as handle:
        return json.load(handle)
"""


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A working directory with `data.py` (a pair and a lone loader); call it to add files."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.py").write_text(REPOSITORY)

    def add(named: bool = True, **texts: str) -> list[FoundFile]:
        for name, text in texts.items():
            Path(f"{name}.py").write_text(text, encoding="utf-8")
        return [FoundFile(Path(f"{name}.py"), named) for name in texts]

    return add


@pytest.fixture
def finding():
    """Make a finding; what is not given does not matter."""

    def make(**fields: object) -> Finding:
        given = {
            "path": "a.py",
            "line": 3,
            "column": 5,
            "end_line": 3,
            "end_column": 15,
            "code": "LS101",
            "rule": "filter-collect",
            "message": "`load_rows()` is loaded whole",
            "loader": "data.load_rows",
            "stream": "data.stream_rows",
            "fix": "safe",
            "reasons": (),
        }
        return Finding(**{**given, **fields})

    return make


@pytest.fixture
def kept(finding):
    """Make a kept load."""

    def make(*reasons: str, **fields: object) -> Finding:
        return finding(
            code="LS300", rule="kept-load", message="kept", fix=None, reasons=reasons, **fields
        )

    return make
