"""A disk that is really full: a small file system in memory, where one may be mounted."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SITE = """\
import json


def kept(path):
    with open(path, encoding="utf-8") as handle:
        rows = json.load(handle)
    return [row for row in rows if row["n"] > 2]
"""
PADDING = f"# {'x' * 76}\n" * 85


@pytest.fixture
def small_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount here")
    if done.returncode:
        pytest.skip(f"a file system may not be mounted here: {done.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("options", [(), ("--backup", "before")])
def test_a_full_disk_is_told_in_clear_lines_and_every_file_is_as_it_was(small_disk, options):
    (small_disk / "pyproject.toml").write_text("[tool.loadstream]\n")
    old = {small_disk / f"{name}.py": SITE + PADDING for name in "abcde"}
    for path, text in old.items():
        path.write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "loadstream", "rewrite", *options],
        cwd=small_disk,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 2, done.stdout
    errors = done.stderr.splitlines()
    if options:
        [error] = errors
        assert error.startswith("error: --backup before: cannot be written: No space left")
    else:
        assert errors == [
            f"error: {path.name}: not written: the disk is full: make room, then run again"
            for path in old
        ]
    assert {path: path.read_text() for path in old} == old
    assert not list(small_disk.rglob("*.tmp"))
