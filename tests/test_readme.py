"""What the README says is what the tools do."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from loadstream.analysis.notebooks import read
from loadstream.analysis.patterns import PATTERNS
from loadstream.analysis.reasons import Reason
from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import find_sites

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SAMPLE = ROOT / "fixtures" / "session_logs"


def loadstream(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "loadstream", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, encoding="utf-8")


def block_after(marker: str) -> str:
    match = re.search(re.escape(marker) + r"\n```\w+\n(.*?)```", README, re.DOTALL)
    assert match is not None, marker
    return match[1]


def rows_under(heading: str) -> list[list[str]]:
    section = README.partition(heading)[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


@pytest.mark.parametrize("script", ["p3_marathons.py", "model_seconds.py"])
def test_the_example_is_the_diff_that_rewrite_prints(tmp_path, script):
    shutil.copytree(SAMPLE, tmp_path / "sample", ignore=shutil.ignore_patterns("data", "out"))
    printed = loadstream("rewrite", "--diff", script, cwd=tmp_path / "sample").stdout
    assert block_after(f"<!-- example: {script} -->") == printed


REPOSITORY = """\
def get_sessions(source="enriched", path=None):
    return list(iter_sessions(enriched=source == "enriched", file=path))


def iter_sessions(filter_func=None, enriched=True, file=None):
    return filter(filter_func, [{"n": 1}])
"""


def test_the_configuration_is_understood_as_it_is_described(tmp_path):
    (tmp_path / "common").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sessions.json").write_text("[]")
    (tmp_path / "common" / "data_repository.py").write_text(REPOSITORY)
    (tmp_path / "raw.py").write_text(
        "from common.data_repository import get_sessions\nprint(len(get_sessions('raw')))\n"
    )
    (tmp_path / "other.py").write_text(
        "from common.data_repository import get_sessions\nprint(len(get_sessions('else')))\n"
    )
    settings = block_after("<!-- configuration -->")

    (tmp_path / "pyproject.toml").write_text(settings)
    assert "small-data" in loadstream("lint", "--show-kept", "raw.py", cwd=tmp_path).stdout

    (tmp_path / "pyproject.toml").write_text(settings.replace('"1 MB"', '"1 B"'))
    moved = loadstream("rewrite", "--diff", "raw.py", cwd=tmp_path).stdout
    assert "iter_sessions(enriched=False)" in moved
    assert loadstream("lint", "other.py", cwd=tmp_path).returncode == 0

    (tmp_path / "pyproject.toml").write_text(settings.replace("iter_sessions", "no_such"))
    assert loadstream("lint", cwd=tmp_path).returncode == 2


def test_the_comment_that_keeps_a_load_is_that_of_the_sample():
    [line] = [line for line in README.splitlines() if "# loadstream: keep the" in line]
    assert line in (SAMPLE / "satisfaction.py").read_text(encoding="utf-8").splitlines()


def test_every_command_in_the_readme_exists():
    commands = set(re.findall(r"(?:^|`|/)loadstream ([a-z]+)", README, re.MULTILINE)) - {"moves"}
    assert {"lint", "rewrite", "verify", "explain", "bench", "demo"} <= commands
    for command in commands:
        assert loadstream(command, "--help", cwd=ROOT).returncode == 0, command


def test_the_rules_are_all_in_the_table():
    listed = [row[0] for row in rows_under("## What it does to your code")]
    assert sorted(listed) == sorted(f"{pattern.CODE} {pattern.NAME}" for pattern in PATTERNS)


@pytest.mark.parametrize("row", rows_under("## What it refuses, and why"), ids=lambda r: r[0])
def test_what_is_refused_is_refused_for_that_reason(row):
    script, slug = row[0].strip("`"), row[1].strip("`")
    sites = find_sites(read(SAMPLE / script), Repository(SAMPLE))
    assert Reason(slug) in {r.reason for site in sites for r in site.refusals}


def test_the_checklist_has_a_command_or_a_section_on_each_line():
    rows = rows_under("## From a checklist to commands")
    assert len(rows) == 8
    assert all("`loadstream " in row[1] for row in rows)


def test_the_runtime_example_runs(tmp_path):
    (tmp_path / "data").mkdir()
    events = {"events": [{"level": "error", "n": 1}, {"level": "info", "n": 2}]}
    (tmp_path / "data" / "events.json").write_text(json.dumps(events))
    (tmp_path / "data" / "sessions.json").write_text(json.dumps({"sessions": [1, 2]}))
    code = block_after("## The runtime\n")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stdout == "{'level': 'error', 'n': 1}\n", done.stderr
