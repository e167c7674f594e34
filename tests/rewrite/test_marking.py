"""Loaders are marked deprecated in the run that brings their twins, or in any later one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from loadstream.analysis.reasons import Reason
from loadstream.analysis.repository import Repository
from loadstream.analysis.settings import Settings
from loadstream.rewrite import Changed, Failed, Unchanged, Written, rewrite, write
from loadstream.rewrite.results import NotWritten

STORE = """\
import json

from loadstream import stream_json


def load_rows(path="rows.json"):
    \"\"\"All rows.\"\"\"
    with open(path, encoding="utf-8") as handle:
        return json.load(handle)


def load_cells(path="rows.json"):
    with open(path, encoding="utf-8") as handle:
        return json.load(handle)


def stream_cells(path="rows.json", *, filter_func=None):
    with open(path, encoding="utf-8") as handle:
        yield from stream_json(handle, filter_func=filter_func)


def load_table(path="rows.json"):
    with open(path, encoding="utf-8") as handle:
        return json.load(handle)
"""
CALLER = """\
import store

print([r for r in store.load_rows() if r["n"] > 1])
for cell in store.load_cells():
    print(cell["n"])
print(store.load_cells()[0])
print(store.load_table()[0])
"""
ROWS = '[{"n": 1}, {"n": 2}, {"n": 3}]'


@pytest.fixture
def repo(tmp_path: Path):
    """Make a repository of a store and a caller."""

    def make(store: str = STORE, caller: str = CALLER) -> dict[str, Path]:
        (tmp_path / "rows.json").write_text(ROWS, encoding="utf-8")
        files = {"store": tmp_path / "store.py", "caller": tmp_path / "caller.py"}
        files["store"].write_text(store, encoding="utf-8", newline="")
        files["caller"].write_text(caller, encoding="utf-8", newline="")
        return files

    return make


def rewritten(paths, **options):
    root = paths[0].parent
    results = list(rewrite(paths, root=root, deprecate=True, **options))
    assert all(isinstance(one, Written) for one in write(results, root=root))
    return results


def run(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *options, path],
        cwd=path.parent,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )


def marked_loaders(text: str) -> list[str]:
    return [line.split("() is")[0].strip(' "') for line in text.splitlines() if "() is dep" in line]


@pytest.mark.parametrize("order", [("store", "caller"), ("caller", "store")])
def test_loaders_with_streamers_are_marked_and_callers_move_as_ever(repo, order):
    files = repo()
    before = run(files["caller"])
    plain = list(rewrite([files[name] for name in order], root=files["store"].parent))
    results = rewritten([files[name] for name in order])
    assert marked_loaders(files["store"].read_text()) == ["load_rows", "load_cells"]
    without = {result.path: result for result in plain}
    for result in results:
        if result.path == files["caller"]:
            assert result == without[result.path]
    after = run(files["caller"])
    assert (after.stdout, after.returncode) == (before.stdout, before.returncode)


def test_what_still_calls_a_marked_loader_is_warned_at_its_own_line(repo):
    files = repo()
    rewritten(list(files.values()))
    after = run(files["caller"], "-W", "always::DeprecationWarning:__main__")
    [warning] = [line for line in after.stderr.splitlines() if "DeprecationWarning" in line]
    assert "caller.py:6: DeprecationWarning: load_cells() is deprecated" in warning


def test_a_second_run_changes_nothing(repo):
    files = repo()
    rewritten(list(files.values()))
    again = rewrite(list(files.values()), root=files["store"].parent, deprecate=True)
    assert all(isinstance(result, Unchanged) for result in again)
    without = rewrite(list(files.values()), root=files["store"].parent)
    assert all(isinstance(result, Unchanged) for result in without)


def test_marks_alone_and_twins_and_callers_in_later_runs_come_to_the_same(repo):
    files = repo()
    rewritten([files["store"]])
    assert files["caller"].read_text() == CALLER
    first = files["store"].read_text()
    rewritten([files["caller"]])
    assert files["store"].read_text() == first
    moved = files["caller"].read_text()
    repo()
    rewritten(list(files.values()))
    assert (files["store"].read_text(), files["caller"].read_text()) == (first, moved)


def test_loaders_in_files_that_are_not_given_stay(repo):
    files = repo()
    rewritten([files["caller"]])
    assert files["store"].read_text() == STORE
    assert "store.stream_cells()" in files["caller"].read_text()


def test_without_the_wish_nothing_is_marked(repo):
    files = repo()
    results = rewrite(list(files.values()), root=files["store"].parent)
    assert all(b"deprecated" not in one.new for one in results if isinstance(one, Changed))


def test_without_ls108_nothing_is_marked(repo):
    files = repo()
    rewritten(list(files.values()), codes={"LS101", "LS104"})
    assert files["store"].read_text() == STORE
    assert "store.stream_cells()" in files["caller"].read_text()


def test_the_sites_are_at_their_old_places(repo):
    files = repo()
    [result, _] = rewritten(list(files.values()))
    assert [(site.plan.code, site.span.start.line, site.loader) for site in result.applied] == [
        ("LS108", 6, "store.load_rows"),
        ("LS108", 6, "store.load_rows"),
        ("LS108", 12, "store.load_cells"),
    ]
    assert [site.span.start.line for site in result.kept] == [9, 14, 24]


def test_a_new_python_gets_the_decorator(repo):
    files = repo()
    rewritten([files["store"]], settings=Settings(python=(3, 13)))
    text = files["store"].read_text()
    assert '@deprecated("use stream_rows()")\ndef load_rows(' in text
    assert "from warnings import deprecated\n" in text
    again = rewrite([files["store"]], root=files["store"].parent, deprecate=True)
    assert all(isinstance(result, Unchanged) for result in again)


def test_a_decorator_at_hand_warns_too(repo):
    store = STORE.replace(
        "import json\n", "import json\nfrom typing_extensions import deprecated\n", 1
    )
    files = repo(store)
    before = run(files["caller"])
    rewritten(list(files.values()))
    after = run(files["caller"], "-W", "always::DeprecationWarning:__main__")
    assert after.stdout == before.stdout
    assert "caller.py:6: DeprecationWarning: use stream_cells()" in after.stderr


@pytest.mark.parametrize("said", ["keep", "keep[LS108]"])
def test_a_comment_keeps_a_loader_unmarked_and_is_named_at_its_line(repo, said):
    store = STORE.replace("def load_cells", f"# loadstream: {said}\ndef load_cells")
    files = repo(store)
    [result, _] = rewritten(list(files.values()))
    assert marked_loaders(files["store"].read_text()) == ["load_rows"]
    [site] = [site for site in result.kept if site.loader == "store.load_cells"]
    assert site.refusals[0].reason is Reason.SUPPRESSED
    assert site.refusals[0].fact.startswith("the comment at line 12")


def test_why_a_loader_is_not_marked_is_said_at_its_old_line(repo):
    store = STORE.replace(
        'def load_cells(path="rows.json"):\n',
        'def load_cells(path="rows.json"):\n    print(path)\n',
    )
    files = repo(store)
    [result, _] = rewritten(list(files.values()))
    [site] = [site for site in result.kept if site.loader == "store.load_cells"]
    assert (site.span.start.line, site.refusals[0].reason) == (12, Reason.LOADER_EFFECTS)
    assert site.refusals[0].span == site.span


def test_a_loader_that_cannot_be_marked_keeps_the_others(repo):
    store = (
        STORE
        + "\n\ndef load_all(p): return json.load(open(p))\n"
        + "\n\ndef stream_all(p):\n    return stream_json(p)\n"
    )
    files = repo(store)
    [result, _] = rewritten(list(files.values()))
    assert marked_loaders(files["store"].read_text()) == ["load_rows", "load_cells"]
    [site] = [site for site in result.kept if site.loader == "store.load_all"]
    assert site.refusals[0].reason is Reason.NOT_EDITABLE
    assert "its body stands in the line of its def" in site.refusals[0].fact


@pytest.mark.skipif(os.name == "nt", reason="permissions")
def test_only_callers_of_new_twins_wait_for_the_loaders_file(repo):
    files = repo()
    root = files["store"].parent
    results = list(rewrite(list(files.values()), root=root, deprecate=True))
    assert [result.requires for result in results] == [frozenset(), {files["store"]}]
    caller = CALLER.replace("load_rows", "load_cells")
    files = repo(caller=caller)
    results = list(rewrite(list(files.values()), root=root, deprecate=True))
    assert [result.requires for result in results] == [frozenset(), frozenset()]
    files["store"].chmod(0o444)
    assert [type(one) for one in write(results, root=root)] == [NotWritten, Written]


def test_a_broken_file_fails_as_any_other(repo):
    files = repo(STORE + "x = (\n")
    results = rewrite(list(files.values()), root=files["store"].parent, deprecate=True)
    assert [type(result) for result in results] == [Failed, Unchanged]


def test_crlf_and_an_encoding_of_its_own_stay(repo, tmp_path):
    text = ("# coding: latin-1\n# é\n" + STORE).replace("\n", "\r\n")
    files = repo()
    files["store"].write_bytes(text.encode("latin-1"))
    rewritten(list(files.values()))
    new = files["store"].read_bytes()
    assert b"# \xe9\r\n" in new
    assert new.count(b"\r") == new.count(b"\n")
    assert marked_loaders(new.decode("latin-1")) == ["load_rows", "load_cells"]
    assert Repository(tmp_path).module(files["store"]) is not None
