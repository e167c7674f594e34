"""A repository as it would be if some of its files had other texts.

What a rewrite of one file would mean for the others is asked of this: nothing is written for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

from loadstream.analysis.candidates import words_of
from loadstream.analysis.mentions import Mentions
from loadstream.analysis.modules import Module
from loadstream.analysis.repository import Answer, Repository
from loadstream.analysis.source import SourceFile
from loadstream.analysis.sources import Sources


class Overlay(Repository):
    """`base` with the files of `sources` in place of its own.

    The other files are those of `base`, parsed once for both.
    """

    def __init__(self, base: Repository, sources: Mapping[Path, SourceFile]) -> None:
        super().__init__(base.root, base.settings)
        self._base = base
        self._sources = {path.resolve(): source for path, source in sources.items()}
        self._own = {path: Module(source) for path, source in self._sources.items()}

    def answer_of_file(
        self, path: Path, question: str, find: Callable[[Module | None], Answer]
    ) -> Answer:
        """What `find` gives for the module at `path`, for an old one as it was found before."""
        here = self if path.resolve() in self._sources else self._base
        return here.answer((question, path), lambda: find(self.module(path)))

    def module(self, path: Path) -> Module | None:
        """The parsed module at `path`; None where it cannot be read or parsed."""
        own = self._own.get(path) or self._own.get(path.resolve())
        return self._base.module(path) if own is None else own

    def _known(self, path: Path) -> Module | None:
        return self._own.get(path) or self._base._known(path)

    @cached_property
    def sources(self) -> Sources:
        """Every Python file under the root, the new texts in place of the old ones."""
        old, new = self._base.sources, self._changed
        words = {path: words_of(text) for path, text in new.items()}
        return Sources(
            {**old.texts, **new}, {**old.words, **words}, old.links, old.places, old.here
        )

    @cached_property
    def _changed(self) -> dict[Path, bytes]:
        """The new texts by the paths of the old ones."""
        return {
            path: self._sources[real].text.encode()
            for path in self._base.texts
            for real in [self._base.real(path)]
            if real in self._sources
        }

    @cached_property
    def mentions(self) -> Mentions:
        """What the texts say of names; that of the others is read once for both."""
        return Mentions(self._changed.items(), self.words, self._base.mentions)
