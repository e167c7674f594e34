"""Whatever a run does to its tree, the next run finds it as it was, and the change is known."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from loadstream.verify.checks import Script
from loadstream.verify.runner import Run, Runner
from loadstream.verify.slots import Slot
from loadstream.verify.trees import mode_of, walk
from loadstream.verify.watch import Limits
from loadstream.verify.workspace import LARGE, Workspace

BIG = b"[" + b"1, " * (LARGE // 2) + b"1]"
SMALL = b"[1, 2, 3]"


@pytest.fixture
def user(tmp_path: Path) -> Path:
    root = tmp_path / "user"
    (root / "data").mkdir(parents=True)
    (root / "data" / "big.json").write_bytes(BIG)
    (root / "data" / "small.json").write_bytes(SMALL)
    (root / "out").mkdir()
    return root


@pytest.fixture
def slot(tmp_path: Path, user: Path) -> Iterator[Slot]:
    with Workspace(tmp_path / "cache") as workspace:
        for side in ("new", "old"):
            workspace.add(side, user, list(walk(user)))
        workspace.add_folders(user)
        yield workspace.slots(1)[0]


def in_place(path: Path) -> None:
    """As dd or a shell does it: same inode, same size, other bytes."""
    with path.open("r+b") as handle:
        handle.write(b"[9")


def in_place_with_its_old_time(path: Path) -> None:
    before = path.stat()
    in_place(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


DEEDS: dict[str, tuple[Callable[[Path], None], list[str], list[str]]] = {
    "a large file written in place": (
        lambda tree: in_place(tree / "data/big.json"),
        ["data/big.json"],
        [],
    ),
    "a large file written in place, its time set back": (
        lambda tree: in_place_with_its_old_time(tree / "data/big.json"),
        ["data/big.json"],
        [],
    ),
    "a small file written in place, its time set back": (
        lambda tree: in_place_with_its_old_time(tree / "data/small.json"),
        ["data/small.json"],
        [],
    ),
    "a large file cut": (
        lambda tree: os.truncate(tree / "data/big.json", 7),
        ["data/big.json"],
        [],
    ),
    "a large file replaced": (
        lambda tree: (tree / "data/small.json").replace(tree / "data/big.json"),
        ["data/big.json"],
        ["data/small.json"],
    ),
    "a large file deleted": (
        lambda tree: (tree / "data/big.json").unlink(),
        [],
        ["data/big.json"],
    ),
    "a second name written through": (
        lambda tree: (
            os.link(tree / "data/big.json", tree / "out/name.json"),
            in_place(tree / "out/name.json"),
        ),
        ["data/big.json", "out/name.json"],
        [],
    ),
    "a folder in the place of a file": (
        lambda tree: (
            (tree / "data/small.json").unlink(),
            (tree / "data/small.json").mkdir(),
            (tree / "data/small.json/x").write_bytes(b"x"),
        ),
        ["data/small.json/x"],
        ["data/small.json"],
    ),
    "a folder locked": (
        lambda tree: ((tree / "data/more").write_bytes(b"x"), (tree / "data").chmod(0o500)),
        ["data/more"],
        [],
    ),
    "a folder removed": (lambda tree: (tree / "out").rmdir(), [], []),
    "only looked at": (lambda tree: (tree / "data/big.json").read_bytes(), [], []),
    "a name given and taken back": (
        lambda tree: (os.link(tree / "data/big.json", tree / "x"), (tree / "x").unlink()),
        [],
        [],
    ),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_what_was_changed_is_known_and_gone_for_both_sides(
    slot: Slot, user: Path, deed: str
) -> None:
    do, written, deleted = DEEDS[deed]
    with slot.side("old", {}) as tree:
        do(tree)
        assert slot.changes("old", {}) == (written, deleted)
    for side in ("old", "new", "old"):
        with slot.side(side, {}) as tree:
            assert slot.changes(side, {}) == ([], [])
            assert (tree / "data/big.json").read_bytes() == BIG
            assert (tree / "data/small.json").read_bytes() == SMALL
            assert sorted(walk(tree)) == ["data/big.json", "data/small.json"]
            assert (tree / "out").is_dir()
    assert (user / "data/big.json").read_bytes() == BIG


FOLDER_DEEDS: dict[str, tuple[Callable[[Path], None], list[str], list[str]]] = {
    "a new empty folder": (lambda tree: (tree / "out/more").mkdir(), ["out/more"], []),
    "a folder removed": (lambda tree: (tree / "out").rmdir(), [], ["out"]),
    "a folder's mode": (lambda tree: (tree / "out").chmod(0o700), ["out"], []),
    "its mode there and back": (
        lambda tree: (
            (tree / "out").chmod(0o700),
            (tree / "out").chmod(mode_of(tree / "data")),
        ),
        [],
        [],
    ),
    "a folder of a name that is not copied": (
        lambda tree: (tree / "node_modules/x").mkdir(parents=True),
        ["node_modules", "node_modules/x"],
        [],
    ),
    "a cache": (lambda tree: (tree / "data/__pycache__").mkdir(), [], []),
    "a link in the place of a folder": (
        lambda tree: ((tree / "out").rmdir(), (tree / "out").symlink_to("data")),
        [],
        ["out"],
    ),
}


@pytest.mark.parametrize("deed", FOLDER_DEEDS)
def test_changed_folders_are_known_and_gone_for_both_sides(slot: Slot, deed: str) -> None:
    do, changed, removed = FOLDER_DEEDS[deed]
    with slot.side("old", {}) as tree:
        do(tree)
        assert slot.folder_changes("old") == (changed, removed)
    for side in ("old", "new"):
        with slot.side(side, {}) as tree:
            assert slot.folder_changes(side) == ([], [])
            assert not list(tree.rglob("__pycache__"))


def test_what_is_written_beside_the_tree_is_gone_for_the_next_run(slot: Slot) -> None:
    with slot.side("old", {}) as tree:
        (tree / "../file").write_bytes(b"x")
        (tree / "../folder/inner").mkdir(parents=True)
        (tree / "../link").symlink_to(tree)
    with slot.side("new", {}) as tree:
        assert not {"file", "folder", "link"} & {place.name for place in tree.parent.iterdir()}
        assert (tree / "data/small.json").read_bytes() == SMALL


@pytest.mark.skipif(os.name == "nt", reason="symbolic links")
def test_a_link_in_the_place_of_the_whole_tree_harms_nothing(slot: Slot, tmp_path: Path) -> None:
    far = tmp_path / "far"
    (far / "data").mkdir(parents=True)
    (far / "data" / "small.json").write_text("mine", encoding="utf-8")
    far.chmod(0o750)
    with slot.side("old", {}) as tree:
        tree.rename(tree.parent / "aside")
        tree.symlink_to(far)
    assert (far / "data" / "small.json").read_text("utf-8") == "mine"
    assert far.stat().st_mode & 0o777 == 0o750
    for side in ("old", "new"):
        with slot.side(side, {}) as tree:
            assert (tree / "data/small.json").read_bytes() == SMALL
            assert (tree / "data/big.json").read_bytes() == BIG


@pytest.mark.skipif(os.name == "nt", reason="symbolic links")
@pytest.mark.parametrize("place", ["link", "data", "out/link"])
def test_what_a_link_leads_to_is_never_touched(slot: Slot, tmp_path: Path, place: str) -> None:
    far = tmp_path / "far"
    far.mkdir()
    for name in ("precious.txt", "small.json", "big.json"):
        (far / name).write_text("mine", encoding="utf-8")
    with slot.side("old", {}) as tree:
        if (tree / place).exists():
            (tree / place).rename(tree / "aside")
        (tree / place).symlink_to(far)
        assert place in slot.changes("old", {})[0]
    assert {path.name: path.read_text("utf-8") for path in far.iterdir()} == dict.fromkeys(
        ("precious.txt", "small.json", "big.json"), "mine"
    )
    with slot.side("old", {}) as tree:
        assert not (tree / place).is_symlink()
        assert slot.changes("old", {}) == ([], [])
        assert (tree / "data/small.json").read_bytes() == SMALL


@pytest.mark.parametrize("path", ["data/big.json", "data/small.json", "data/none.json"])
def test_replaced_data_is_seen_by_its_run_only(slot: Slot, path: str) -> None:
    for side in ("old", "new"):
        with slot.side(side, {path: b"[]"}) as tree:
            assert (tree / path).read_bytes() == b"[]"
            assert slot.changes(side, {path: b"[]"}) == ([], [])
    with slot.side("new", {}) as tree:
        assert (tree / "data/big.json").read_bytes() == BIG
        assert (tree / "data/small.json").read_bytes() == SMALL
        assert not (tree / "data/none.json").exists()


def test_replaced_data_that_the_run_writes_is_a_change(slot: Slot) -> None:
    replaced = {"data/big.json": b"[1]"}
    with slot.side("old", replaced) as tree:
        in_place_with_its_old_time(tree / "data/big.json")
        assert slot.changes("old", replaced) == (["data/big.json"], [])
    with slot.side("old", {}) as tree:
        assert (tree / "data/big.json").read_bytes() == BIG


def test_both_sides_see_the_same_times(slot: Slot, user: Path) -> None:
    for replaced in ({}, {"data/small.json": b"[]", "data/none.json": b"[]"}):
        times = []
        for side in ("old", "new"):
            with slot.side(side, replaced) as tree:
                times.append([(path, (tree / path).stat().st_mtime_ns) for path in walk(tree)])
        assert sorted(times[0]) == sorted(times[1])


DD = """
import subprocess
command = "printf '[9' | dd of=data/big.json conv=notrunc 2>/dev/null"
subprocess.run(command, shell=True, check=True)
print(open("data/big.json").read(4), len(open("data/big.json").read()))
"""


@pytest.mark.skipif(os.name == "nt", reason="needs a shell with dd")
def test_a_program_that_writes_in_place_harms_no_other_run_and_its_write_is_reported(
    tmp_path: Path, user: Path
) -> None:
    (user / "dirty.py").write_text(DD, encoding="utf-8")
    (user / "clean.py").write_text("print(open('data/big.json').read(4))", encoding="utf-8")
    limits = Limits(30, 1 << 30)
    with Workspace(tmp_path / "more") as workspace:
        for side in ("new", "old"):
            workspace.add(side, user, list(walk(user)))
        (slot,) = workspace.slots(1)

        def run(script: str, side: str) -> tuple[bytes, list[str]]:
            target = Run(Script(script), ".", user, sys.executable, ("",))
            seen = Runner().run(target, slot, side, {}, limits)
            return seen.stdout.head, [change.path for change in seen.written]

        dirty = (f"[9,  {len(BIG)}\n".encode(), ["data/big.json"])
        for side in ("old", "new", "old"):
            assert run("dirty.py", side) == dirty
            assert run("clean.py", side) == (b"[1, \n", [])
    assert (user / "data/big.json").read_bytes() == BIG
