"""Both sides as folders of their own, so that nothing a run does to its tree reaches the user's.

sides.py says what each side holds. A `Workspace` keeps one pristine copy of each side that is
never handed to a run, and makes slots (slots.py) from them, in which the runs take place. Before
and after a run a slot's files are as in the pristine copy, whatever program wrote to them.

A large file that both sides hold alike is on the disk once in the pristine copies and once in
each slot: with two slots, a data set of 2 GB takes 6 GB, or next to nothing where the filesystem
shares the blocks of copies. Where there is no room for all slots there are fewer, and the cases
run one after the other; where there is none for one slot, that is a `VerifyError`.

What a run writes by an absolute path into the user's own tree is refused by child.py. A program
of another kind that the run starts is not held back from that: only what it finds in its working
directory is a copy.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from loadstream.machine.cache_folder import make_self_ignoring
from loadstream.verify.model import VerifyError
from loadstream.verify.slots import Slot
from loadstream.verify.trees import copy_entry, folders, place_content, remove_tree, walk

LARGE = 1 << 20

_SIDES = ("old", "new")
_PREFIX = "verify-"
_SPARE = 64 << 20


class Workspace:
    """The pristine copies of both sides and the slots made from them.

    Use it as a context manager; everything is deleted at the end, whatever happened.
    """

    def __init__(self, home: Path) -> None:
        self.home = _make_home(home)
        self.masters = {side: self.home / f"{side}-master" for side in _SIDES}
        for master in self.masters.values():
            master.mkdir()
        self._slots: list[Slot] = []

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        remove_tree(self.home)

    def add(self, side: str, source: Path, paths: Sequence[str]) -> None:
        """Copy the files at `paths` of the user's tree `source` into the pristine `side`.

        A large file that the other side holds with the same time and size is shared with it.
        Raises `VerifyError` where the disk is too small.
        """
        other = self.masters["old" if side == "new" else "new"]
        self._demand(
            sum(_size(source / path) for path in paths if not _same(source / path, other / path)),
            "copying the tree",
        )
        for path in paths:
            original, target = source / path, self.masters[side] / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                target.unlink()
            if original.is_symlink() and _leads_within(original, source):
                place = os.path.relpath(original.resolve(), original.parent.resolve())
                target.symlink_to(place)
            elif _same(original, other / path):
                # Nothing that runs ever sees either of the two.
                os.link(other / path, target)
            elif original.is_file():
                copy_entry(original.resolve(), target)

    def add_folders(self, source: Path) -> None:
        """Make the user's folders on both sides, empty ones too: code writes into them."""
        for folder in folders(source):
            for master in self.masters.values():
                (master / folder).mkdir(parents=True, exist_ok=True)

    def slots(self, count: int) -> list[Slot]:
        """Up to `count` places to run in; made once, after both sides are complete.

        Fewer where the disk has no room for more. Raises `VerifyError` where it has none for one.
        """
        while len(self._slots) < count:
            folder = self.home / f"slot{len(self._slots)}"
            large = self._large(folder)
            needed = sum(_size(self.masters[s] / path) for s, path in _once(large))
            try:
                self._demand(needed, "running beside the pristine copies")
            except VerifyError:
                if self._slots:
                    break
                raise
            slot = Slot(folder, self.masters, large)
            slot.fill()
            self._slots.append(slot)
        return self._slots[:count]

    def _large(self, folder: Path) -> dict[str, dict[str, Path]]:
        """Where a slot keeps its large files: one place for both sides if both have the same."""
        found: dict[str, dict[str, Path]] = {}
        for side, master in self.masters.items():
            found[side] = {}
            for path in walk(master):
                if not (master / path).is_symlink() and _size(master / path) >= LARGE:
                    alike = all(_is_file(self.masters[s] / path) for s in _SIDES) and (
                        self.masters["old"] / path
                    ).samefile(self.masters["new"] / path)
                    found[side][path] = folder / "large" / ("both" if alike else side) / path
        return found

    def _demand(self, needed: int, purpose: str) -> None:
        """Raise `VerifyError` where the disk has not `needed` bytes to spare."""
        free = shutil.disk_usage(self.home).free
        if needed + _SPARE > free and needed > LARGE and not _shares_blocks(self.home):
            raise VerifyError(
                f"{purpose} needs {needed >> 20:,} MB and {self.home.parent} has "
                f"{free >> 20:,} MB free: free some space or move large files out of the tree"
            )


def _once(large: dict[str, dict[str, Path]]) -> list[tuple[str, str]]:
    """A (side, path) for every large file that a slot holds."""
    places = {place: (side, path) for side in large for path, place in large[side].items()}
    return list(places.values())


def _shares_blocks(folder: Path) -> bool:
    """True where a copy of a file in `folder` takes no room of its own."""
    try:
        import fcntl
    except ImportError:
        return False
    clone = 0x40049409  # FICLONE of Linux
    source, target = folder / "blocks", folder / "blocks-copy"
    try:
        place_content(source, bytes(4096), 0)
        with source.open("rb") as reading, target.open("wb") as writing:
            fcntl.ioctl(writing.fileno(), clone, reading.fileno())
    except OSError:
        return False
    finally:
        source.unlink(missing_ok=True)
        target.unlink(missing_ok=True)
    return True


def _make_home(parent: Path) -> Path:
    try:
        make_self_ignoring(parent)
        _sweep(parent)
        home = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))
    except OSError:
        home = Path(tempfile.mkdtemp(prefix=f"loadstream-{_PREFIX}"))
    return home.resolve()


def _sweep(parent: Path) -> None:
    """Remove what runs that were killed left behind."""
    for folder in parent.glob(f"{_PREFIX}*-*"):
        owner = folder.name[len(_PREFIX) :].partition("-")[0]
        if owner.isdigit() and not _alive(int(owner)):
            remove_tree(folder)


def _alive(pid: int) -> bool:
    if os.name == "nt":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _same(original: Path, twin: Path) -> bool:
    """True for a large file that the pristine `twin` is already a copy of."""
    try:
        first, second = original.stat(), twin.lstat()
    except OSError:
        return False
    return first.st_size >= LARGE and (
        (first.st_size, first.st_mtime_ns) == (second.st_size, second.st_mtime_ns)
    )


def _leads_within(link: Path, root: Path) -> bool:
    return link.resolve().is_relative_to(root.resolve())
