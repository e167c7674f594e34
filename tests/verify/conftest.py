"""Small repositories whose old version is committed and whose new one is in the working tree."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from loadstream.verify import Report, Settings, verify_revisions
from loadstream.verify.model import CheckResult

LOADER = """
import json
from pathlib import Path

DATA = Path(__file__).parent / "data" / "sessions.json"


def load_sessions():
    with DATA.open(encoding="utf-8") as handle:
        return json.load(handle)["sessions"]


def stream_sessions(filter_func=None):
    for session in load_sessions():
        if filter_func is None or filter_func(session):
            yield session
"""


def sessions() -> list[dict[str, Any]]:
    """Nine sessions; none has 19, 20, 21 or 22 delegations."""
    return [
        {
            "session_id": f"s{number}",
            "period": ("P3", "P4")[number % 2],
            "cost": number / 4,
            "delegations": [
                {"agent_type": ("developer", "tester")[i % 2], "input_tokens": 100 * i}
                for i in range((3, 30, 7)[number % 3])
            ],
        }
        for number in range(9)
    ]


@dataclass(frozen=True)
class Repository:
    """A git repository below a test's folder."""

    root: Path

    def write(self, **files: str) -> None:
        """Write files; `a__b_py` stands for `a/b.py`."""
        for name, text in files.items():
            path = self.root / (name.replace("__", "/").removesuffix("_py") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "state")

    def git(self, *arguments: str) -> None:
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
        subprocess.run(["git", "-C", self.root, *identity, *arguments], check=True)

    def verify(self, **options: Any) -> Report:
        names = ("base", "checks", "sites")
        what = {name: options.pop(name) for name in names if name in options}
        given = {"pairs": 0, "timeout": 20.0, "max_cases": 12, **options}
        return verify_revisions(self.root, Settings(**given), **what)

    def result(self, **options: Any) -> CheckResult:
        """The one check of the report."""
        (check,) = self.verify(**options).checks
        return check


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with data that git ignores and a loader beside its streamer."""
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    made = Repository(tmp_path / "repository")
    made.root.mkdir()
    made.git("init", "--quiet")
    made.write(common_py=LOADER)
    (made.root / ".gitignore").write_text("data/\n", encoding="utf-8")
    (made.root / "data").mkdir()
    text = json.dumps({"version": 3, "sessions": sessions()})
    (made.root / "data" / "sessions.json").write_text(text, encoding="utf-8")
    return made


@pytest.fixture
def changed(repository: Repository) -> Callable[[str, str], Repository]:
    """Commit one version of `analyze.py` and leave another one in the working tree."""

    def change(old: str, new: str) -> Repository:
        repository.write(analyze_py=old)
        repository.commit()
        repository.write(analyze_py=new)
        return repository

    return change
