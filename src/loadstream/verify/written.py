"""What a run has left on the disk: files and folders that it wrote, changed or deleted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from loadstream.verify.observed import FOLDER, FileChange
from loadstream.verify.slots import Slot
from loadstream.verify.trees import mode_of

_KEPT_FILE = 8 << 20


def tree_changes(slot: Slot, side: str, replaced: Mapping[str, bytes]) -> tuple[FileChange, ...]:
    """Every file and folder that the run wrote, changed or deleted in its tree."""
    written, deleted = slot.changes(side, replaced)
    made, removed = slot.folder_changes(side)
    return (
        *(
            read_file(slot.tree / path, path, with_mode=slot.has_other_mode(side, path))
            for path in written
        ),
        *(_folder(slot.tree / path, path) for path in made),
        *(FileChange(path, 0, "", None) for path in deleted),
        *(FileChange(f"{path}/", 0, "", None) for path in removed),
    )


def read_file(place: Path, shown: str, *, with_mode: bool = True) -> FileChange:
    """What stands at `place`, under the name `shown`; no link is followed."""
    if place.is_symlink() or not place.is_file():
        text = f"link to {place.readlink()}" if place.is_symlink() else "special file"
        return FileChange(shown, 0, text, None)
    digest = hashlib.sha256()
    size = 0
    kept: list[bytes] = []
    with place.open("rb") as handle:
        while block := handle.read(1 << 20):
            digest.update(block)
            if size < _KEPT_FILE:
                kept.append(block)
            size += len(block)
    content = b"".join(kept) if size <= _KEPT_FILE else None
    mode = mode_of(place) if with_mode else None
    return FileChange(shown, size, digest.hexdigest(), content, mode)


def _folder(place: Path, shown: str) -> FileChange:
    return FileChange(f"{shown}/", 0, FOLDER, None, mode_of(place))
