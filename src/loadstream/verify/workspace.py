"""Both sides as folders of their own, so that nothing a run does reaches the user's files.

git.py says what each side holds; a `Workspace` keeps a pristine copy of each and some slots, in
which one run at a time takes place. Small files are copied into every slot. Large ones are hard
links to *our* copy (never to the user's file): a 2 GB data set is copied once, not eight times.
child.py parts a link before it is written, and `Slot.changes` notices a write that got past it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from loadstream.verify.model import VerifyError

LARGE = 1 << 20
_MAX_FILES = 100_000
_SKIPPED = frozenset(
    (
        ".git .hg .svn .loadstream_cache .venv venv .tox .nox node_modules __pycache__ "
        ".mypy_cache .ruff_cache .pytest_cache .hypothesis .idea"
    ).split()
)
_PREFIX = "verify-"


def walk(root: Path) -> Iterator[str]:
    """Every file of the tree at `root` as a relative path with `/`, without caches and venvs.

    A linked folder outside of the tree (data on another disk) counts as a part of it.
    """
    return (path for path in _entries(root) if not path.endswith("/"))


def _entries(root: Path) -> Iterator[str]:
    """Files, and folders with a `/` at their end."""
    pending = [""]
    count = 0
    while pending:
        folder = pending.pop()
        for entry in os.scandir(root / folder):
            relative = f"{folder}{entry.name}"
            if entry.is_dir() and (not entry.is_symlink() or _leads_out(Path(entry), root)):
                if entry.name not in _SKIPPED and not (Path(entry) / "pyvenv.cfg").exists():
                    pending.append(relative + "/")
                    yield relative + "/"
                continue
            count += 1
            if count > _MAX_FILES:
                raise VerifyError(
                    f"{root} holds more than {_MAX_FILES:,} files: run verify in a smaller folder"
                )
            yield relative


def _leads_out(link: Path, root: Path) -> bool:
    target, home = link.resolve(), root.resolve()
    return not target.is_relative_to(home) and not home.is_relative_to(target)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells that a file was touched: size, time of change, inode and kind."""

    size: int
    modified: int
    inode: int
    mode: int


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that a run left written (`content`, None where it is too large to hold) or deleted.

    `digest` is of the whole content, empty for a deleted file.
    """

    path: str
    size: int
    digest: str
    content: bytes | None


@dataclass(slots=True)
class Slot:
    """One place to run in: both sides' trees, one of which at a time stands at `tree`.

    Both sides are run at the same path, so that a path in their output is no difference.
    """

    folder: Path
    masters: Mapping[str, Path]
    stamps: dict[str, dict[str, Stamp]]

    @property
    def tree(self) -> Path:
        """Where the side stands while it runs."""
        return self.folder / "tree"

    @contextmanager
    def side(self, side: str, replaced: Mapping[str, bytes]) -> Iterator[Path]:
        """The tree of `side` with some files replaced; pristine again afterwards."""
        (self.folder / side).rename(self.tree)
        try:
            for path, content in replaced.items():
                _write_new(self.tree / path, content)
                if path in self.stamps[side]:
                    self.stamps[side][path] = _stamp(self.tree / path)
            yield self.tree
        finally:
            with suppress(OSError):
                self._restore(side, set(replaced))
            self.tree.rename(self.folder / side)

    def changes(self, side: str, replaced: Mapping[str, bytes]) -> tuple[list[str], list[str]]:
        """Files that the run wrote, and files that it deleted; to be asked inside of `side`."""
        before = self.stamps[side]
        now = {path: _stamp(self.tree / path) for path in walk(self.tree)}
        written = [path for path, stamp in now.items() if before.get(path) != stamp]
        written = [path for path in written if path not in replaced or path in before]
        deleted = [path for path in before if path not in now]
        return sorted(written), sorted(deleted)

    def _restore(self, side: str, replaced: set[str]) -> None:
        written, deleted = self.changes(side, {})
        master = self.masters[side]
        for path in {*written, *deleted, *replaced}:
            target = self.tree / path
            with suppress(FileNotFoundError, NotADirectoryError):
                target.unlink()
            source = master / path
            if os.path.lexists(source):
                target.parent.mkdir(parents=True, exist_ok=True)
                _place(source, target)
                self.stamps[side][path] = _stamp(target)
        for path in list(_entries(self.tree)):
            if path.endswith("/") and not (master / path).is_dir():
                shutil.rmtree(self.tree / path, ignore_errors=True)


class Workspace:
    """The pristine copies of both sides and the slots made from them.

    Use it as a context manager; everything is deleted at the end, whatever happened.
    """

    def __init__(self, home: Path) -> None:
        self.home = _make_home(home)
        self.masters: dict[str, Path] = {}
        for side in ("old", "new"):
            self.masters[side] = self.home / f"{side}-master"
            self.masters[side].mkdir()
        self._slots: list[Slot] = []

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        _remove(self.home)

    def add(self, side: str, source: Path, paths: Sequence[str]) -> None:
        """Copy the files at `paths` of the user's tree `source` into the pristine `side`.

        A large file that the other side holds with the same time and size is shared with it.
        """
        other = self.masters["old" if side == "new" else "new"]
        needed = sum(_size(source / path) for path in paths)
        free = shutil.disk_usage(self.home).free
        if needed > free * 0.9:
            raise VerifyError(
                f"copying the tree needs {needed >> 20:,} MB and {self.home.parent} has "
                f"{free >> 20:,} MB free: free some space or move large files out of the tree"
            )
        for path in paths:
            original, target = source / path, self.masters[side] / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                target.unlink()
            twin = other / path
            if _size(original) >= LARGE and _same(original, twin):
                os.link(twin, target)
            elif original.is_symlink():
                _copy_link(original, target, source)
            elif original.is_file():
                shutil.copy2(original, target)

    def add_folders(self, source: Path) -> None:
        """Make the user's folders on both sides, empty ones too: code writes into them."""
        for path in _entries(source):
            if path.endswith("/"):
                for master in self.masters.values():
                    (master / path).mkdir(parents=True, exist_ok=True)

    def slots(self, count: int) -> list[Slot]:
        """`count` places to run in; made once, after both sides are complete."""
        while len(self._slots) < count:
            folder = self.home / f"slot{len(self._slots)}"
            stamps: dict[str, dict[str, Stamp]] = {}
            for side, master in self.masters.items():
                (folder / side).mkdir(parents=True)
                for path in _entries(master):
                    target = folder / side / path
                    if path.endswith("/"):
                        target.mkdir(parents=True, exist_ok=True)
                        continue
                    target.parent.mkdir(parents=True, exist_ok=True)
                    _place(master / path, target)
                # A marker for code that looks upwards for the repository's root.
                (folder / side / ".git").mkdir(exist_ok=True)
                (master / ".git").mkdir(exist_ok=True)
                stamps[side] = {path: _stamp(folder / side / path) for path in walk(folder / side)}
            self._slots.append(Slot(folder, self.masters, stamps))
        return self._slots[:count]


def _make_home(parent: Path) -> Path:
    try:
        parent.mkdir(exist_ok=True)
        ignore = parent / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
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
            _remove(folder)


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


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        # A run may have taken the write permission from a folder of its own.
        for place, _, _ in os.walk(folder):
            with suppress(OSError):
                Path(place).chmod(0o700)
        shutil.rmtree(folder, ignore_errors=True)


def _stamp(path: Path) -> Stamp:
    status = path.lstat()
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ino, status.st_mode)


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _same(original: Path, twin: Path) -> bool:
    try:
        first, second = original.lstat(), twin.lstat()
    except OSError:
        return False
    return (first.st_size, first.st_mtime_ns) == (second.st_size, second.st_mtime_ns)


def _place(source: Path, target: Path) -> None:
    if source.is_symlink():
        target.symlink_to(source.readlink())
    elif source.stat().st_size >= LARGE:
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def _copy_link(original: Path, target: Path, root: Path) -> None:
    """A link inside the tree stays one; what a link leads to outside is copied."""
    inside = original.resolve().is_relative_to(root.resolve())
    if inside and not original.readlink().is_absolute():
        target.symlink_to(original.readlink())
    elif original.is_file():
        shutil.copy2(original, target)


def _write_new(path: Path, content: bytes) -> None:
    """Write without touching a shared file: the old name goes, a new file takes its place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        path.unlink()
    path.write_bytes(content)
