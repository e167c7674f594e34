import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from loadstream.cli.group import loadstream

REPOSITORY = """\
import json

from loadstream import stream_json


def load_rows():
    with open("rows.json", encoding="utf-8") as handle:
        return json.load(handle)


def stream_rows(filter_func=None):
    return stream_json("rows.json", filter_func=filter_func)
"""
SCRIPTS = {
    "filter": """\
from data import load_rows

print([row for row in load_rows() if row["n"] > 3])
""",
    "kept": """\
from data import load_rows

rows = load_rows()
print(rows[0])
""",
    "unsafe": """\
from data import load_rows

try:
    for row in load_rows():
        print(row["n"])
except ValueError:
    print("broken")
""",
    "broken": "from data import load_rows\n\ndef f(:\n    load_rows()\n",
    "plain": "print('nothing to see')\n",
}


@dataclass(frozen=True)
class Outcome:
    """What a command ended with; nothing of ours ever shows a traceback."""

    status: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one line on stderr."""
        assert self.err.startswith("error: "), self.err
        assert self.err.count("\n") == 1, self.err
        return self.err.removeprefix("error: ").rstrip("\n")


@pytest.fixture(autouse=True)
def _no_colours_from_outside(monkeypatch):
    """Nothing of the environment that the tests run in decides about colours."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def run():
    """Run a command line in this process."""

    def invoke(*arguments: str, stdin: bytes | str | None = None) -> Outcome:
        result = CliRunner().invoke(loadstream, arguments, input=stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert "Traceback" not in result.stderr
        return Outcome(result.exit_code, result.stdout, result.stderr)

    return invoke


@pytest.fixture
def spawn():
    """Run a command line as a user does, in a process of its own."""

    def start(*arguments: str, **environment: str) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-m", "loadstream", *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            env={**os.environ, **environment},
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return start


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A working directory with a pair of loader and streamer.

    Call it with names of SCRIPTS, or with names and texts, to add files.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.py").write_text(REPOSITORY)

    def add(*names: str, **texts: str) -> Path:
        for name, text in {**{name: SCRIPTS[name] for name in names}, **texts}.items():
            (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        return tmp_path

    return add


@pytest.fixture
def git(tmp_path):
    """Run git in the working directory, as somebody without any configuration."""

    def call(*arguments: str) -> None:
        who = ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    return call
