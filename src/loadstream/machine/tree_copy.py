"""A tree of files that travels by content: taken up here, laid out again in another process."""

from __future__ import annotations

import atexit
import hashlib
import os
import pickle
import shutil
import tempfile
import threading
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


class TreeCopy:
    """The contents of files by their paths below a root, and links among them.

    `links` lead from one such path to another. Pickled it is compressed; where it is unpickled
    `laid_out` writes it into a folder of its own, once in each process, which goes with that.
    """

    def __init__(self, files: Mapping[str, bytes], links: Mapping[str, str]) -> None:
        self.files = dict(files)
        self.links = dict(links)
        self._packed: bytes | None = None
        self._digest = ""

    @classmethod
    def of(
        cls, root: Path, files: Mapping[Path, bytes], links: Mapping[Path, Path]
    ) -> TreeCopy | None:
        """The `files` below `root`, of which `links` lead to others.

        None where one leads out of the tree: what it is there to others cannot be laid out.
        """
        names = {path: path.relative_to(root).as_posix() for path in files}
        if any(target not in names for target in links.values()):
            return None
        return cls(
            {names[path]: content for path, content in files.items() if path not in links},
            {names[path]: names[target] for path, target in links.items() if path in names},
        )

    def __reduce__(self) -> tuple[Callable[[bytes], TreeCopy], tuple[bytes]]:
        return _unpacked, (self.packed,)

    @property
    def packed(self) -> bytes:
        """All of it, compressed."""
        if self._packed is None:
            self._packed = zlib.compress(pickle.dumps((self.files, self.links)), 1)
        return self._packed

    @property
    def digest(self) -> str:
        """What two trees have in common that are the same."""
        self._digest = self._digest or hashlib.sha256(self.packed).hexdigest()
        return self._digest

    def laid_out(self) -> Path:
        """The folder with these files in it."""
        digest = self.digest
        with _laying_out:
            if digest not in _folders:
                folder = Path(tempfile.mkdtemp(prefix="loadstream-tree-")).resolve()
                atexit.register(shutil.rmtree, folder, ignore_errors=True)
                for name, content in self.files.items():
                    _place(folder, name).write_bytes(content)
                for name, target in self.links.items():
                    place = _place(folder, name)
                    place.symlink_to(os.path.relpath(folder / target, place.parent))
                _folders[digest] = folder
            return _folders[digest]


def _place(folder: Path, name: str) -> Path:
    place = folder / name
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def _unpacked(packed: bytes) -> TreeCopy:
    files, links = pickle.loads(zlib.decompress(packed))
    tree = TreeCopy(files, links)
    tree._packed = packed
    return tree


_folders: dict[str, Path] = {}
_laying_out = threading.Lock()

_Made = dict[tuple[Any, ...], Any]


class PerProcess:
    """What is made once in each process for a key, by whichever thread comes first."""

    def __init__(self) -> None:
        self._made: _Made = {}
        self._making = threading.RLock()

    def get(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """What `make` gave for `key`."""
        with self._making:
            if key not in self._made:
                self._made.clear()  # one tree at a time: they are large
                self._made[key] = make()
            return self._made[key]
