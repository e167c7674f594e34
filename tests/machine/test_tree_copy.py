"""A tree travels by content and is laid out as it was."""

from __future__ import annotations

import pickle
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from loadstream.machine.tree_copy import PerProcess, TreeCopy

NAMES = st.lists(st.text("abc", min_size=1, max_size=3), min_size=1, max_size=3).map("/".join)


@given(st.dictionaries(NAMES.map(lambda name: f"{name}.py"), st.binary(max_size=40), max_size=6))
def test_files_are_laid_out_with_their_content(files):
    folder = pickle.loads(pickle.dumps(TreeCopy(files, {}))).laid_out()
    found = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.py")}
    assert found == files


def test_links_within_the_tree_are_links_again(tmp_path):
    files = {tmp_path / "a.py": b"a", tmp_path / "sub/b.py": b"a"}
    tree = TreeCopy.of(tmp_path, files, {tmp_path / "sub/b.py": tmp_path / "a.py"})
    folder = pickle.loads(pickle.dumps(tree)).laid_out()
    assert (folder / "sub/b.py").is_symlink()
    assert (folder / "sub/b.py").resolve() == folder / "a.py"


def test_a_tree_with_a_link_that_leads_out_of_it_does_not_travel(tmp_path):
    files = {tmp_path / "a.py": b"a"}
    assert TreeCopy.of(tmp_path, files, {tmp_path / "a.py": Path("/elsewhere/a.py")}) is None


def test_the_same_tree_is_laid_out_once():
    tree = TreeCopy({"same.py": b"1"}, {})
    assert tree.laid_out() == pickle.loads(pickle.dumps(tree)).laid_out()
    assert tree.laid_out() != TreeCopy({"same.py": b"2"}, {}).laid_out()


def test_what_is_made_for_a_process_is_made_once_for_each_key():
    made = PerProcess()
    numbers = iter(range(9))
    assert [made.get(("a",), lambda: next(numbers)) for _ in range(3)] == [0, 0, 0]
    assert made.get(("b",), lambda: next(numbers)) == 1
