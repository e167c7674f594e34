"""Each pattern as a command of LibCST's own tool."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from loadstream_codemods.command import repository_root

DATA = '''
import json
def load_rows(enriched=True):
    """All rows."""
    with open("rows.json", encoding="utf-8") as handle:
        return json.load(handle)
def stream_rows(filter_func=None, enriched=True):
    """Row by row."""
    for row in load_rows(enriched):
        if filter_func is None or filter_func(row):
            yield row
'''
SCRIPT = (
    "from data import load_rows\n"
    "print([r for r in load_rows() if r['n']])\n"
    "print(len(load_rows()))\n"
)


def codemod(name: str, path: Path) -> str:
    command = [sys.executable, "-m", "libcst.tool", "codemod", "-x", "--no-format", "--jobs=1"]
    run = subprocess.run(
        [*command, f"loadstream_codemods.{name}", str(path)],
        cwd=path.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return path.read_text(encoding="utf-8")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "data.py").write_text(DATA, encoding="utf-8")
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    return script


def test_a_pattern_alone_rewrites_its_own_sites_only(path):
    assert codemod("filter_collect.FilterCollect", path) == (
        "from data import load_rows, stream_rows\n"
        "print(list(stream_rows(filter_func=lambda r: r['n'])))\n"
        "print(len(load_rows()))\n"
    )
    assert codemod("count.Count", path) == (
        "from data import stream_rows\n"
        "print(list(stream_rows(filter_func=lambda r: r['n'])))\n"
        "print(sum(1 for _ in stream_rows()))\n"
    )


@pytest.mark.parametrize(
    "name",
    [
        "filter_loop.FilterLoop",
        "accumulate_loop.AccumulateLoop",
        "single_pass.SinglePass",
        "find_first.FindFirst",
        "collect_then_filter.CollectThenFilter",
        "filter_after_stream.FilterAfterStream",
        "consumed_stream.ConsumedStream",
        "items.Items",
        "needless_collect.NeedlessCollect",
    ],
)
def test_a_pattern_without_a_site_leaves_the_file_as_it_is(path, name):
    assert codemod(name, path) == SCRIPT


def test_the_root_is_the_nearest_folder_of_a_project(tmp_path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    assert repository_root(inner / "x.py") == tmp_path
    (tmp_path / "a" / ".git").mkdir()
    assert repository_root(inner / "x.py") == tmp_path / "a"


def test_twins_alone_come_to_the_loaders_that_need_them(path):
    data = path.parent / "data.py"
    data.write_text(DATA[: DATA.index("def stream_rows")], encoding="utf-8")
    new = codemod("stream_twin.StreamTwin", data)
    assert "def stream_rows(enriched=True, *, filter_func=None):" in new
    assert codemod("stream_twin.StreamTwin", data) == new
    assert codemod("stream_twin.StreamTwin", path) == SCRIPT
