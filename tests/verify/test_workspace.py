"""The pristine copies and the slots: what is shared, what it needs, what is left afterwards."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from loadstream.verify import VerifyError
from loadstream.verify.trees import walk
from loadstream.verify.workspace import LARGE, Workspace

BIG = b"[" + b"1, " * (LARGE // 2) + b"1]"


@pytest.fixture
def user(tmp_path: Path) -> Path:
    root = tmp_path / "user"
    (root / "data").mkdir(parents=True)
    (root / "data" / "big.json").write_bytes(BIG)
    (root / "data" / "small.json").write_text("[1]", encoding="utf-8")
    (root / "out").mkdir()
    return root


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace(tmp_path / "cache") as made:
        yield made


def filled(workspace: Workspace, user: Path) -> Workspace:
    for side in ("new", "old"):
        workspace.add(side, user, list(walk(user)))
    workspace.add_folders(user)
    return workspace


def inodes(folder: Path) -> list[int]:
    return [path.lstat().st_ino for path in folder.rglob("big.json")]


def test_a_large_file_is_there_once_in_the_pristine_copies_and_once_in_each_slot(
    workspace: Workspace, user: Path
) -> None:
    slots = filled(workspace, user).slots(2)
    kept = [set(inodes(slot.folder)) for slot in slots]
    assert [len(found) for found in kept] == [1, 1]
    pristine = set().union(*(inodes(master) for master in workspace.masters.values()))
    assert len(pristine) == 1
    assert len(kept[0] | kept[1] | pristine | set(inodes(user))) == 4


def test_no_file_that_a_run_sees_has_a_second_name(workspace: Workspace, user: Path) -> None:
    (slot,) = filled(workspace, user).slots(1)
    with slot.side("old", {}) as tree:
        assert {(tree / path).lstat().st_nlink for path in walk(tree)} == {1}


def test_a_large_file_that_differs_between_the_sides_is_kept_for_each(
    workspace: Workspace, user: Path
) -> None:
    filled(workspace, user)
    master = workspace.masters["old"] / "data" / "big.json"
    master.unlink()
    master.write_bytes(BIG[::-1])
    (slot,) = workspace.slots(1)
    for side, content in (("old", BIG[::-1]), ("new", BIG), ("old", BIG[::-1])):
        with slot.side(side, {}) as tree:
            assert (tree / "data" / "big.json").read_bytes() == content


def test_links_lead_to_the_copy_and_what_is_linked_from_elsewhere_is_copied(
    workspace: Workspace, user: Path, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere.json").write_bytes(BIG)
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "more.json").write_text("[2]", encoding="utf-8")
    (user / "linked.json").symlink_to(tmp_path / "elsewhere.json")
    (user / "disk").symlink_to(tmp_path / "disk")
    (user / "inner.json").symlink_to("data/small.json")
    (user / "absolute.json").symlink_to(user / "data" / "small.json")
    (slot,) = filled(workspace, user).slots(1)
    with slot.side("new", {}) as tree:
        assert (tree / "linked.json").read_bytes() == BIG
        assert (tree / "disk" / "more.json").read_text("utf-8") == "[2]"
        for name in ("inner.json", "absolute.json"):
            assert (tree / name).resolve() == (tree / "data" / "small.json").resolve()
        (tree / "linked.json").write_bytes(b"x")
        (tree / "disk" / "more.json").write_bytes(b"x")
    assert (tmp_path / "elsewhere.json").read_bytes() == BIG
    assert (tmp_path / "disk" / "more.json").read_text("utf-8") == "[2]"


def disk_of(free: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=free))
    monkeypatch.setattr("loadstream.verify.workspace._shares_blocks", lambda _folder: False)


def test_a_disk_too_small_for_the_copy_is_one_clear_line(
    workspace: Workspace, user: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk_of(LARGE, monkeypatch)
    with pytest.raises(VerifyError, match=r"copying the tree needs 1 MB .* has 1 MB free: free"):
        filled(workspace, user)


def test_a_disk_too_small_for_one_slot_is_one_clear_line(
    workspace: Workspace, user: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(workspace, user)
    disk_of(LARGE, monkeypatch)
    with pytest.raises(VerifyError, match=r"beside the pristine copies needs 1 MB .*: free"):
        workspace.slots(1)


def test_a_disk_with_room_for_one_slot_gives_one(
    workspace: Workspace, user: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(workspace, user)
    assert len(workspace.slots(1)) == 1
    disk_of(LARGE, monkeypatch)
    assert len(workspace.slots(3)) == 1


def test_small_trees_are_not_refused_on_a_nearly_full_disk(
    workspace: Workspace, user: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (user / "data" / "big.json").unlink()
    disk_of(LARGE, monkeypatch)
    assert len(filled(workspace, user).slots(2)) == 2


def test_nothing_is_left_even_of_folders_that_were_locked(tmp_path: Path, user: Path) -> None:
    with Workspace(tmp_path / "cache") as workspace:
        (slot,) = filled(workspace, user).slots(1)
        locked = slot.folder / "new" / "locked"
        locked.mkdir()
        (locked / "x").write_bytes(b"x")
        locked.chmod(0o500)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [".gitignore"]


def test_what_a_killed_run_left_is_swept_by_the_next(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    (cache / "verify-999999999-dead" / "slot0").mkdir(parents=True)
    (cache / f"verify-{os.getpid()}-alive").mkdir()
    with Workspace(cache) as workspace:
        present = {path.name for path in cache.iterdir()}
    assert present == {".gitignore", f"verify-{os.getpid()}-alive", workspace.home.name}
