"""Diffs as git makes and takes them."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from loadstream.rewrite import Changed, unified_diff


def result(path, old: bytes, new: bytes) -> Changed:
    return Changed(path, old, new, (), ())


def test_paths_are_relative_to_the_base_with_slashes(tmp_path):
    path = tmp_path / "sub" / "a.py"
    diff = unified_diff(result(path, b"a\nb\n", b"a\nc\n"), tmp_path)
    assert diff == "--- a/sub/a.py\n+++ b/sub/a.py\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"


def test_the_base_is_the_working_folder_unless_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert unified_diff(result(tmp_path / "a.py", b"a\n", b"b\n")).startswith("--- a/a.py\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"a\nb", b"a\nc"),
        (b"a\nb", b"a\nb\n"),
        (b"a\r\nb\r\n", b"a\r\nc\r\n"),
        (b"x\x0cy\na\n", b"x\x0cy\nb\n"),
        ("ä\n".encode(), "ö\n".encode()),
        (b"# coding: utf-8\n" + b"x\n" * 20 + b"y\n", b"# coding: utf-8\n" + b"x\n" * 20 + b"z\n"),
    ],
)
def test_git_applies_it(tmp_path, old, new):
    if shutil.which("git") is None:
        pytest.skip("needs git")
    path = tmp_path / "a.py"
    path.write_bytes(old)
    diff = unified_diff(result(path, old, new), tmp_path)
    subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"], input=diff.encode(), cwd=tmp_path, check=True
    )
    assert path.read_bytes() == new
