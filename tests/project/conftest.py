import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """Make files in an empty working directory: `tree("a.py", "pkg/b.py")` or `tree(name=text)`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    def make(*names: str, **texts: str) -> Path:
        for name, text in {**dict.fromkeys(names, ""), **texts}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return make


@pytest.fixture
def git(tmp_path):
    """Run git in the working directory, as somebody without any configuration."""

    def run(*arguments: str) -> str:
        identity = [
            "-c",
            "user.name=T",
            "-c",
            "user.email=t@example.org",
            "-c",
            "commit.gpgsign=false",
        ]
        return subprocess.run(
            ["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout

    return run
