"""The marker compares two functions in a team's own tests, and is not passed over in silence."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PLUGIN = ("-p", "no:loadstream", "-p", "loadstream.pytest_plugin", "-p", "no:cacheprovider")

MODULE = """
import pytest

def old(rows):
    return sum(rows)

def new(rows):
    return sum(list(rows))

def wrong(rows):
    return sum(set(rows))

CASES = [([1, 2],), ([3, 3],)]

@pytest.mark.loadstream_same(old=old, new=new, cases=CASES)
def test_same():
    pass

@pytest.mark.loadstream_same(old=old, new=wrong, cases=CASES)
def test_different():
    pass

@pytest.fixture
def rows():
    return [3, 3]

@pytest.mark.loadstream_same(old=old, new=wrong)
def test_returned(rows):
    return [(rows,)]

@pytest.mark.loadstream_same(old=old, new=new)
def test_returned_same(rows):
    return [(rows,)]

class TestMethod:
    @pytest.mark.loadstream_same(old="test_module.py:old", new=wrong, cases=CASES)
    def test_named(self):
        pass

@pytest.mark.loadstream_same(old=old, new=wrong, cases=CASES)
def test_own_body():
    raise RuntimeError("own body")
"""

MISUSES = {
    "no cases": ("old=old, new=new", "pass", "give cases= to the marker, or return the cases"),
    "both": ("old=old, new=new, cases=[([],)]", "return [([],)]", "not both"),
    "positional": ("old, new", "pass", "takes old=, new=, cases= and ignore="),
    "another name": ("old=old, new=new, case=[]", "pass", "takes old=, new=, cases= and ignore="),
    "no new": ("old=old, cases=[([],)]", "pass", "takes old=, new=, cases= and ignore="),
    "empty": ("old=old, new=new, cases=[]", "pass", "there are no cases"),
}


def run(folder: Path, *arguments: str, plugin: tuple[str, ...] = PLUGIN) -> str:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV"))
    }
    command = [sys.executable, "-m", "pytest", *plugin, *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


@pytest.fixture
def module(tmp_path: Path) -> Path:
    (tmp_path / "test_module.py").write_text(MODULE, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "xdist"])
def test_a_marked_test_fails_where_the_functions_differ(
    module: Path, workers: tuple[str, ...]
) -> None:
    if workers and importlib.util.find_spec("xdist") is None:
        pytest.skip("needs pytest-xdist")
    text = run(module, "--strict-markers", "-rA", "-W", "error", *workers)
    passed = set(re.findall(r"^PASSED \S+::(\w+)", text, re.MULTILINE))
    failed = dict(re.findall(r"^FAILED \S+::(\w+) - (\w+)", text, re.MULTILINE))
    assert passed == {"test_same", "test_returned_same"}, text
    assert failed == {
        "test_different": "AssertionError",
        "test_returned": "AssertionError",
        "test_named": "AssertionError",
        "test_own_body": "RuntimeError",
    }
    assert "arguments: ([1, 1])" in text or "arguments: ([3, 3])" in text


@pytest.mark.parametrize("misuse", MISUSES)
def test_a_marker_that_says_too_little_fails(tmp_path: Path, misuse: str) -> None:
    arguments, body, said = MISUSES[misuse]
    text = (
        "import pytest\n\ndef old(rows): return rows\nnew = old\n\n"
        f"@pytest.mark.loadstream_same({arguments})\ndef test_x():\n    {body}\n"
    )
    (tmp_path / "test_x.py").write_text(text, encoding="utf-8")
    output = run(tmp_path)
    assert said in output
    assert "1 failed" in output


def test_a_method_of_unittest_fails_because_it_would_not_be_compared(tmp_path: Path) -> None:
    text = (
        "import unittest, pytest\n\nclass Test(unittest.TestCase):\n"
        "    @pytest.mark.loadstream_same(old=len, new=sum, cases=[([1],)])\n"
        "    def test_x(self): pass\n"
    )
    (tmp_path / "test_x.py").write_text(text, encoding="utf-8")
    output = run(tmp_path)
    assert "must be a plain function" in output
    assert "1 error" in output


def test_markers_are_listed(tmp_path: Path) -> None:
    assert "@pytest.mark.loadstream_same(old, new, cases" in run(tmp_path, "--markers")


def test_an_unused_plugin_imports_nothing(tmp_path: Path) -> None:
    text = (
        "import sys\ndef test_x():\n"
        "    found = {m for m in sys.modules if m.startswith('loadstream')}\n"
        "    assert found == {'loadstream', 'loadstream.pytest_plugin'}\n"
    )
    (tmp_path / "test_x.py").write_text(text, encoding="utf-8")
    assert "1 passed" in run(tmp_path)


def test_the_entry_point_names_the_plugin() -> None:
    text = (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert '[project.entry-points.pytest11]\nloadstream = "loadstream.pytest_plugin"\n' in text
    assert importlib.util.find_spec("loadstream.pytest_plugin") is not None
