"""The bytes of a whole repository, read once, with the words that matter in each file.

Here nothing is imported that takes time: where no file can hold a site, nothing else is needed.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from loadstream.analysis.candidates import Known, Words, words_of
from loadstream.analysis.tree_files import is_source, source_files


@dataclass(frozen=True, slots=True)
class Sources:
    """Every Python file under a root by its path, in a stable order; of a notebook, its code.

    `links` are those that are links to files, with what they lead to; `places` are all paths by
    what they are called; `here` is the folder that relative ones begin from.
    """

    texts: Mapping[Path, bytes]
    words: Mapping[Path, Words]
    links: Mapping[Path, Path]
    places: Mapping[str, Path]
    here: str = field(default_factory=os.getcwd)

    @classmethod
    def of(cls, root: Path) -> Sources:
        """Read them. What cannot be read is left out."""
        texts: dict[Path, bytes] = {}
        links: dict[Path, Path] = {}
        for entry in source_files(root):
            if not is_source(entry):
                continue
            path = Path(entry.path)
            try:
                data = _read(entry.path)
            except OSError:
                continue
            if path.suffix == ".ipynb":
                from loadstream.analysis.notebooks import code_of

                data = code_of(data, path)
            texts[path] = data
            if entry.is_symlink():
                links[path] = path.resolve()
        words = {path: words_of(text) for path, text in texts.items()}
        return cls(texts, words, links, {str(path): path for path in texts})

    def place(self, path: Path) -> Path:
        """The path of `texts` for a file as it is named, which may be relative."""
        called = str(path)
        if not called.startswith(os.sep):
            called = f"{self.here}{os.sep}{called}"
        return self.places.get(called) or Path(os.path.join(self.here, path))  # noqa: PTH118

    def hold_nothing(self, names: Collection[str]) -> bool:
        """Whether no file can hold a site, as its words tell alone.

        `names` are those of configured loaders and streamers. Where json loads a file anywhere,
        any name may be that of a loader: then this is False.
        """
        if any(words.loads or words.ours for words in self.words.values()):
            return False
        configured = [name.encode() for name in names]
        if any(name in text for name in configured for text in self.texts.values()):
            return False
        known = Known(self.words.values(), ())
        return not any(known.may_call(words) for words in self.words.values() if words.called)


def _read(path: str) -> bytes:
    """The bytes of a file, a fifth faster than `open` gives them. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        size = os.fstat(descriptor).st_size
        data = os.read(descriptor, size + 1)
        if len(data) != size:  # it grows, or does not know its size
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                data += file.read()
        return data
    finally:
        os.close(descriptor)
