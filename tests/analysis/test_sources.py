"""Where no file can hold a site, that is told without any analysis."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from loadstream.analysis.sources import Sources

PAIR = "def load_y(): return 1\ndef stream_y(): yield 1\n"
CLEAN = {"a.py": "def load_x(): return 1\nload_x()\n", "b.py": "import json\njson.dumps(1)\n"}


def sources(folder: Path, files: dict[str, str]) -> Sources:
    for name, text in files.items():
        (folder / name).write_text(text)
    return Sources.of(folder)


@pytest.mark.parametrize(
    ("more", "nothing"),
    [
        ({}, True),
        ({"c.py": "import json\njson.load(f)\n"}, False),
        ({"c.py": "x = 1  # loadstream: keep\n"}, False),
        ({"c.py": "def load_y(): return 'json'\n", "d.py": "load_y()\n"}, False),
        (
            {"c.py": "def load_y(): return 1\ndef stream_y(): yield 1\n", "d.py": "load_y()\n"},
            False,
        ),
        ({"c.py": PAIR}, True),
        ({"c.py": "get_rows()\n"}, False),
    ],
)
def test_a_tree_holds_nothing_where_nothing_is_called_that_loads(tmp_path, more, nothing):
    assert sources(tmp_path, {**CLEAN, **more}).hold_nothing(["get_rows"]) is nothing


def test_of_a_notebook_the_code_is_read(tmp_path):
    cell = '{"cell_type": "%s", "metadata": {}, "source": ["json.load(f)"]%s}'
    told = '{"cells": [%s], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    assert sources(tmp_path, {"a.ipynb": told % (cell % ("markdown", ""))}).hold_nothing(())
    code = cell % ("code", ', "outputs": [], "execution_count": null')
    assert not sources(tmp_path, {"a.ipynb": told % code}).hold_nothing(())


def test_lint_of_a_clean_tree_imports_neither_the_patterns_nor_libcst(tmp_path):
    for name, text in CLEAN.items():
        (tmp_path / name).write_text(text)
    program = (
        "import sys\nfrom loadstream.cli.group import loadstream\n"
        "try: loadstream.main(['lint', '.', '--no-cache'])\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "heavy = ('libcst', 'loadstream.analysis.modules', 'loadstream.analysis.repository')\n"
        "print([m for m in sys.modules if m in heavy])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
