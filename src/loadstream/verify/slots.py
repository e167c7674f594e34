"""A slot: the place where one run at a time takes place, pristine before each.

Every slot has files of its own; nothing in it is linked to another slot, to the pristine copies
or to the user's files. So a program that writes a file in place, through whatever tool, changes
what this run sees and nothing else. After the run the stamp of every file is compared with the
one before it: what changed is what the run wrote, and is copied again from the pristine side.

Large files are copied once per slot and not once per side or run. While no side runs they lie
in the slot's own store; the side that runs has them moved into its tree, and back afterwards.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from loadstream.verify.trees import (
    Stamp,
    copy_entry,
    folders,
    is_cache,
    mode_of,
    own_entries,
    place_content,
    remove_tree,
    same_content,
    stamp_of,
    walk,
)

# All that a slot's folder holds: the sides, the store of large files, and runner.py's folders.
_OWN = frozenset(("old", "new", "large", "job", "tmp"))
_SOME_TIME = 1_000_000_000 * 10**9


@dataclass(slots=True)
class Slot:
    """Both sides' trees, one of which at a time stands at `tree`.

    Both sides are run at the same path, so that a path in their output is no difference. `large`
    says for each side which paths are moved in and out, and where each lies meanwhile.
    """

    folder: Path
    masters: Mapping[str, Path]
    large: Mapping[str, Mapping[str, Path]]
    _folders: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _modes: dict[str, dict[str, int]] = field(default_factory=dict)
    _stamps: dict[str, dict[str, Stamp]] = field(default_factory=dict)

    @property
    def tree(self) -> Path:
        """Where the side stands while it runs."""
        return self.folder / "tree"

    def fill(self) -> None:
        """Copy both sides from their pristine copies."""
        for side, master in self.masters.items():
            # A marker for code that looks upwards for the repository's root.
            self._folders[side] = (".git", *folders(master))
            self._build(side, self.folder / side)

    @contextmanager
    def side(self, side: str, replaced: Mapping[str, bytes]) -> Iterator[Path]:
        """The tree of `side` with some files replaced; pristine again afterwards.

        Raises `VerifyError` where it cannot be made pristine again.
        """
        (self.folder / side).rename(self.tree)
        try:
            self._prepare(side, replaced)
            yield self.tree
        finally:
            try:
                self._restore(side, replaced)
            except OSError:
                # A run may have put a folder in a file's place or locked one: begin afresh.
                remove_tree(self.tree)
                self._build(side, self.tree)
            self.tree.rename(self.folder / side)
            self._tidy()

    def changes(self, side: str, replaced: Mapping[str, bytes]) -> tuple[list[str], list[str]]:
        """Files that the run wrote, and files that it deleted; to be asked inside of `side`.

        A file written and then given its old time back counts; one whose content is what it was
        and that only its inode's time says was touched does not.
        """
        before = self._stamps[side]
        written = []
        now, _ = self._scan()
        for path, stamp in now.items():
            known = before.get(path)
            if (
                known is None
                or known.shows_a_write(stamp)
                or (stamp != known and not self._as_before(side, path, replaced))
            ):
                written.append(path)
        return sorted(written), sorted(path for path in before if path not in now)

    def folder_changes(self, side: str) -> tuple[list[str], list[str]]:
        """Folders that are new or have another mode, and folders that are gone."""
        before = self._modes[side]
        _, found = self._scan()
        now = {folder: mode_of(self.tree / folder) for folder in found if not is_cache(folder)}
        changed = [folder for folder, mode in now.items() if before.get(folder) != mode]
        return sorted(changed), sorted(folder for folder in before if folder not in now)

    def has_other_mode(self, side: str, path: str) -> bool:
        """True for a file that is new or has other permissions than before the run."""
        known = self._stamps[side].get(path)
        return known is None or known.mode != stamp_of(self.tree / path).mode

    def _scan(self) -> tuple[dict[str, Stamp], list[str]]:
        """The files that are there now with their stamps, and the folders."""
        files: dict[str, Stamp] = {}
        found: list[str] = []
        for path in own_entries(self.tree):
            if path.endswith("/"):
                found.append(path[:-1])
            else:
                files[path] = stamp_of(self.tree / path)
        return files, found

    def _tidy(self) -> None:
        """Remove what a run has written beside its tree."""
        for place in self.folder.iterdir():
            if place.name not in _OWN:
                remove_tree(place)

    def _as_before(self, side: str, path: str, replaced: Mapping[str, bytes]) -> bool:
        place = self.tree / path
        if place.is_symlink() or not place.is_file():
            return True
        if path in replaced:
            return place.read_bytes() == replaced[path]
        return same_content(place, self.masters[side] / path)

    def _build(self, side: str, tree: Path) -> None:
        master = self.masters[side]
        stamps: dict[str, Stamp] = {}
        tree.mkdir(parents=True, exist_ok=True)
        for folder in self._folders[side]:
            (tree / folder).mkdir(parents=True, exist_ok=True)
        for path in walk(master):
            if path in self.large[side]:
                if not self.large[side][path].exists():
                    copy_entry(master / path, self.large[side][path])
            else:
                copy_entry(master / path, tree / path)
                stamps[path] = stamp_of(tree / path)
        self._stamps[side] = stamps
        self._modes[side] = {folder: mode_of(tree / folder) for folder in self._folders[side]}

    def _prepare(self, side: str, replaced: Mapping[str, bytes]) -> None:
        stamps = self._stamps[side]
        for path, store in self.large[side].items():
            if path not in replaced:
                store.rename(self.tree / path)
                stamps[path] = stamp_of(self.tree / path)
        for path, content in replaced.items():
            # An old time, the same on both sides: that it is written now shows at once.
            master = self.masters[side] / path
            modified = master.stat().st_mtime_ns if master.exists() else _SOME_TIME
            place_content(self.tree / path, content, modified)
            stamps[path] = stamp_of(self.tree / path)

    def _restore(self, side: str, replaced: Mapping[str, bytes]) -> None:
        master, large, stamps = self.masters[side], self.large[side], self._stamps[side]
        if self.tree.is_symlink() or not self.tree.is_dir():
            raise NotADirectoryError(self.tree)
        # First of all, so that nothing below goes through a link to files that are not ours.
        for folder in self._folders[side]:
            if (self.tree / folder).is_symlink():
                (self.tree / folder).unlink()
        now, found = self._scan()
        touched = {path for path in {*now, *stamps} if now.get(path) != stamps.get(path)}
        for path in {*touched, *replaced}:
            with suppress(FileNotFoundError, NotADirectoryError):
                (self.tree / path).unlink()
            stamps.pop(path, None)
        for folder in found:
            if folder not in self._modes[side]:
                remove_tree(self.tree / folder)
        for folder, mode in self._modes[side].items():
            place = self.tree / folder
            place.mkdir(parents=True, exist_ok=True)
            if mode_of(place) != mode:
                place.chmod(mode)
        for path, store in large.items():
            if path in stamps:
                (self.tree / path).rename(store)
                del stamps[path]
            elif path in touched and path not in replaced:
                copy_entry(master / path, store)
        for path in {*touched, *replaced} - large.keys():
            if os.path.lexists(master / path):
                copy_entry(master / path, self.tree / path)
                stamps[path] = stamp_of(self.tree / path)
