"""What a run has left on the disk: files and folders that it wrote, changed or deleted."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from loadstream.verify.observed import FOLDER, UNREADABLE, FileChange
from loadstream.verify.slots import Slot
from loadstream.verify.trees import mode_of, own_entries

_KEPT_FILE = 8 << 20


def tree_changes(slot: Slot, side: str, replaced: Mapping[str, bytes]) -> tuple[FileChange, ...]:
    """Every file and folder that the run wrote, changed or deleted in its tree."""
    written, deleted = slot.changes(side, replaced)
    made, removed = slot.folder_changes(side)
    return (
        *(
            _own_file(slot.tree / path, path, with_mode=slot.has_other_mode(side, path))
            for path in written
        ),
        *(_folder(slot.tree / path, path) for path in made),
        *(FileChange(path, 0, "", None) for path in deleted),
        *(FileChange(f"{path}/", 0, "", None) for path in removed),
    )


def outside_changes(outside: Mapping[str, int], slot: Slot) -> tuple[FileChange, ...]:
    """What stands now where the run wrote beyond its tree; what it only added to, from there on.

    It is read at once, before another run writes there. It is neither removed nor put back: it
    may be the user's own. So what a second run makes of it can differ from what the first did,
    which running old twice shows.
    """
    found = []
    for path, start in outside.items():
        place = Path(path)
        shown = path
        if place.is_relative_to(slot.folder):
            shown = "../" + place.relative_to(slot.folder).as_posix()
        if not os.path.lexists(place):
            found.append(FileChange(shown, 0, "", None))
        elif place.is_dir() and not place.is_symlink():
            found.append(_folder(place, shown))
        else:
            found.append(read_file(place, shown, start=start))
    return tuple(found)


def temporary_changes(folder: Path, random: Sequence[str]) -> tuple[FileChange, ...]:
    """What the run has left in its folder for temporary files.

    Names that tempfile made up are different each time: they are numbered in their order.
    """
    kept = [path for path in random if os.path.lexists(path)]
    names = {path: f"tempfile-{n}{Path(path).suffix}" for n, path in enumerate(kept, 1)}
    found = []
    for path in sorted(own_entries(folder)):
        place = folder
        shown = "<tmp>"
        for part in Path(path).parts:
            place /= part
            shown += f"/{names.get(str(place), part)}"
        found.append(_folder(place, shown) if path.endswith("/") else _own_file(place, shown))
    return tuple(found)


def _own_file(place: Path, shown: str, *, with_mode: bool = True) -> FileChange:
    """The same for a file that is ours, so that it can be made readable."""
    mode = mode_of(place)
    if not place.is_symlink() and not mode & stat.S_IRUSR:
        place.chmod(mode | stat.S_IRUSR)
    found = read_file(place, shown)
    return replace(found, mode=mode if with_mode and found.mode is not None else None)


def read_file(place: Path, shown: str, *, start: int = 0) -> FileChange:
    """What stands at `place`, from `start` on, under the name `shown`; no link is followed."""
    if place.is_symlink() or not place.is_file():
        text = f"link to {place.readlink()}" if place.is_symlink() else "special file"
        return FileChange(shown, 0, text, None)
    digest = hashlib.sha256()
    size = 0
    kept: list[bytes] = []
    try:
        with place.open("rb") as handle:
            handle.seek(start)
            while block := handle.read(1 << 20):
                digest.update(block)
                if size < _KEPT_FILE:
                    kept.append(block)
                size += len(block)
    except OSError:
        return FileChange(shown, 0, UNREADABLE, None)
    content = b"".join(kept) if size <= _KEPT_FILE else None
    return FileChange(shown, size, digest.hexdigest(), content, mode_of(place))


def _folder(place: Path, shown: str) -> FileChange:
    return FileChange(f"{shown}/", 0, FOLDER, None, mode_of(place))
