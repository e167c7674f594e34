"""The repository around a file: where a name was imported from, read but never run.

A name is followed only where Python itself could not do otherwise: bound once, at module level,
by a `def` or an import. Everything else is unknown, and what is unknown is never a loader.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from loadstream.analysis.candidates import Words, is_by_convention, words_of
from loadstream.analysis.mentions import Mentions, Paths
from loadstream.analysis.modules import ClassDefinition, Definition, Module
from loadstream.analysis.notebooks import SUFFIX, read
from loadstream.analysis.replacing import replacements
from loadstream.analysis.scopes import FUNCTIONS, Reference
from loadstream.analysis.settings import Settings
from loadstream.analysis.source import SourceError, SourceFile
from loadstream.analysis.sources import Sources
from loadstream.analysis.stars import settle_stars

if TYPE_CHECKING:
    from loadstream.analysis.configured import ConfiguredPair

Answer = TypeVar("Answer")

_LONGEST_CHAIN = 12  # re-exports that are followed before a cycle is assumed
# Each begins with plain letters: these are found ten times as fast as a choice.
_JSON_REPLACED = (
    rb"json(?<![\w.]json)\.(?:loads?|JSONDecoder|_default_decoder|decoder\.\w+)\s*=(?!=)",
    rb"""setattr\(\s*(?:\w+\.)*json\s*,\s*['"](?:loads?|JSONDecoder)['"]""",
    rb"""patch\.object\(\s*(?:\w+\.)*json\s*,\s*['"](?:loads?|JSONDecoder)['"]""",
    rb"""setattr\(\s*['"]json\.loads?['"]""",
    rb"""patch\(\s*['"]json\.loads?['"]""",
)


class Repository:
    """The tree in which imports are followed: its top folder, and what was read of its files."""

    def __init__(
        self,
        root: Path,
        settings: Settings | None = None,
        sources: Sources | None = None,
        mentions: Mentions | None = None,
    ) -> None:
        self.root = root.resolve()
        if sources is not None:
            self.sources = sources
        if mentions is not None:
            self.mentions = mentions
        self.settings = settings or Settings()
        self._modules: dict[Path, Module | None] = {}
        self._unsure: list[Path] = []  # of these, that may be none of the repository's files
        self._found: dict[tuple[str, int, Path], Path | None] = {}
        self._definitions: dict[tuple[Module, str], Definition | None] = {}
        self._answers: dict[tuple[object, ...], Any] = {}

    @cached_property
    def configured_pairs(self) -> tuple[ConfiguredPair, ...]:
        """The pairs of the settings. Raises PairError for one that this tree does not have."""
        from loadstream.analysis.configured import resolve_pairs  # which looks around in here

        return resolve_pairs(self)

    def answer(self, question: tuple[object, ...], find: Callable[[], Answer]) -> Answer:
        """What `find()` gives, found once for each `question` about the whole tree."""
        if question not in self._answers:
            self._answers[question] = find()
        found: Answer = self._answers[question]
        return found

    def answer_of_file(
        self, path: Path, question: str, find: Callable[[Module | None], Answer]
    ) -> Answer:
        """What `find` gives for the module at `path`, where that needs no other file."""
        return self.answer((question, path), lambda: find(self.module(path)))

    def module(self, path: Path) -> Module | None:
        """The parsed module at `path`; None where it cannot be read or parsed."""
        if path not in self._modules:
            self._unsure.append(path)
            try:
                self._modules[path] = Module(read(path))
            except (SourceError, OSError):
                self._modules[path] = None
        return self._modules[path]

    def module_of(self, source: SourceFile) -> Module:
        """The module of a text that is analysed: the one that others import, if that is known.

        A text that is not the one at its path, as from an editor, has a module of its own.
        """
        known = self._known(source.path.resolve())
        is_same = known is not None and known.source.text == source.text
        if known is None or not is_same or source.notebook is not None:
            return Module(source)
        return known

    def _known(self, path: Path) -> Module | None:
        """The module at `path` if it has been read."""
        return self._modules.get(path)

    def dotted_name(self, path: Path) -> str:
        """The module name of `path` as seen from the root, such as `common.data_repository`."""
        try:
            relative = path.resolve().relative_to(self.root)
        except ValueError:
            return path.stem
        parts = list(relative.with_suffix("").parts)
        if parts and parts[0] == "src":
            parts = parts[1:]
        if parts and parts[-1] == "__init__":
            parts = parts[:-1]
        return ".".join(parts)

    def find(self, dotted: str, level: int, importer: Path) -> Path | None:
        """The file that `importer` gets for module `dotted` (`level` leading dots).

        None where there is none in the repository, or where two different files could be meant.
        """
        key = (dotted, level, importer.parent)
        if key not in self._found:
            self._found[key] = self._find(dotted, level, importer)
        return self._found[key]

    def _find(self, dotted: str, level: int, importer: Path) -> Path | None:
        parts = dotted.split(".") if dotted else []
        if level:
            base = importer.resolve().parent
            for _ in range(level - 1):
                base = base.parent
            return _module_file(base, parts)
        found = {
            path for base in self._search_path(importer) if (path := _module_file(base, parts))
        }
        return found.pop() if len(found) == 1 else None

    def _search_path(self, importer: Path) -> Iterator[Path]:
        """Folders that may be on `sys.path`: the script's own, those above it, and `src`."""
        folder = importer.resolve().parent
        yield self.root / "src"
        while True:
            yield folder
            if folder == self.root or folder.parent == folder:
                break
            folder = folder.parent

    def definition(self, module: Module, name: str) -> Definition | None:
        """The function that `name` means at the top level of `module`, followed through imports."""
        key = (module, name)
        if key not in self._definitions:
            found = self.binding(module, name)
            node = None if found is None else found[1].node
            self._definitions[key] = (
                Definition(found[0], node)
                if found is not None and isinstance(node, FUNCTIONS) and _at_top(node, found[0])
                else None
            )
        return self._definitions[key]

    def class_definition(self, module: Module, name: str) -> ClassDefinition | None:
        """The class that `name` means at the top level of `module`, followed through imports."""
        found = self.binding(module, name)
        if found is None:
            return None
        home, node = found[0], found[1].node
        if not isinstance(node, ast.ClassDef) or not _at_top(node, home):
            return None
        return ClassDefinition(home, node)

    def binding(self, module: Module, name: str) -> tuple[Module, Reference] | None:
        """The module where `name` of `module` comes from, and the one place that binds it there.

        `from … import` is followed. None where a name on the way is bound more than once.
        """
        for _ in range(_LONGEST_CHAIN):
            if not settle_stars(module, self):
                return None
            binding = module.only_binding(name)
            if binding is None:
                return None
            node = binding.node
            if not isinstance(node, ast.alias):
                return module, binding
            statement = module.scopes.parents[node]
            if not isinstance(statement, ast.ImportFrom):
                return None
            origin = self.imported_module(statement, module.path)
            if origin is None:
                return None
            module, name = origin, node.name
        return None

    def imported_module(self, statement: ast.ImportFrom, importer: Path) -> Module | None:
        """The module that a `from … import …` statement takes its names from."""
        path = self.find(statement.module or "", statement.level, importer)
        return None if path is None else self.module(path)

    @cached_property
    def sources(self) -> Sources:
        """Every Python file under the root, read once."""
        return Sources.of(self.root)

    @property
    def texts(self) -> Mapping[Path, bytes]:
        """Every Python file under the root with its bytes; of a notebook, its code."""
        return self.sources.texts

    @property
    def words(self) -> Mapping[Path, Words]:
        """What the texts say by names that follow the convention."""
        return self.sources.words

    def bytes_of(self, path: Path) -> bytes:
        """The bytes of the file at `path`, which may have been read already. Raises OSError."""
        if path.suffix == SUFFIX:  # of which only the code is known
            return path.read_bytes()
        known = self.texts.get(self.sources.place(path))
        return path.read_bytes() if known is None else known

    def real(self, path: Path) -> Path:
        """A path of `texts` without links."""
        return self.sources.links.get(path, path)

    def reads_outside(self) -> bool:
        """Whether a module was read that is none of the repository's files, as behind a link."""
        while self._unsure:
            if self._unsure[-1] not in self._own_paths:
                return True
            self._unsure.pop()
        return False

    @cached_property
    def _own_paths(self) -> set[Path]:
        return {self.real(path) for path in self.texts}

    def words_of(self, path: Path, data: bytes) -> Words:
        """What `data`, the code of the file at `path`, says by names that follow the convention."""
        place = self.sources.place(path)
        if self.texts.get(place) is data:
            return self.words[place]
        return words_of(data)

    @cached_property
    def mentions(self) -> Mentions:
        """What the texts say of names."""
        return Mentions(self.texts.items(), self.words)

    def importers_mention(self, path: Path, name: str) -> bool:
        """Whether another file imports the module at `path` and mentions `name` at all."""

        def find() -> bool:
            stem = _called_by_importers(path)
            holds = re.compile(rb"\b%b\b" % name.encode()).search
            others = self.mentions.importers(stem)
            return any(other != path and holds(text) for other, text in others.items())

        return self.answer(("importers mention", path, name), find)

    def defines(self, name: str) -> bool:
        """Whether a function or method of that name is defined anywhere."""
        if is_by_convention(name):
            return name in self._defined
        return self.mentions.defines(name)

    @cached_property
    def _defined(self) -> frozenset[str]:
        return frozenset().union(*(words.defined for words in self.words.values()))

    def takes_from(self, path: Path, name: str) -> bool:
        """Whether another file takes `name`, which the module at `path` imported, from there."""
        return _has_other(self.mentions.taking(_called_by_importers(path), name), path)

    def patches(self, path: Path, name: str) -> bool:
        """Whether another file replaces `name` of the module at `path`, as tests do."""
        return _has_other(self.mentions.replacing(_called_by_importers(path), name), path)

    def replaces_json(self, own: SourceFile) -> bool:
        """Whether `own` or any file sets a function of json, or what it decodes with."""

        def find() -> bool:
            text = own.text.encode(errors="replace")
            return any(re.search(pattern, text) for pattern in _JSON_REPLACED)

        return any(self.mentions.match("json", one) for one in _JSON_REPLACED) or self.answer(
            ("replaces json", own.path), find
        )

    def replaces_reader(self, name: str, own: SourceFile) -> bool:
        """Whether `own` or any file puts something in the place of `Path.read_text` or its like."""
        return patches_itself(own, name) or self.mentions.replacing_anywhere(name)

    def patches_member(self, owner: str, name: str) -> bool:
        """Whether any file replaces the member `name` of a class `owner`, or of any object."""
        return bool(self.mentions.replacing(owner, name) or self.mentions.replacing_member(name))


def _called_by_importers(path: Path) -> str:
    """The last part of the module's name."""
    return path.parent.name if path.stem == "__init__" else path.stem


def _has_other(found: Paths, path: Path) -> bool:
    """Whether `found` holds another file than the one at `path`, which may be relative."""
    return any(one != path and one.resolve() != path.resolve() for one in found)


def patches_itself(own: SourceFile, name: str) -> bool:
    """Whether a file replaces something called `name` itself: `patch("__main__.load_x")`."""
    text = own.text.encode(errors="replace")
    return any(replaced.by_call for replaced in replacements(text, name.encode()))


def _at_top(node: ast.AST, module: Module) -> bool:
    return module.scopes.parents.get(node) is module.source.tree


def _module_file(base: Path, parts: list[str]) -> Path | None:
    target = base.joinpath(*parts)
    package = target / "__init__.py"
    if package.is_file():
        return package.resolve()
    if parts:
        file = target.with_name(target.name + ".py")
        if file.is_file():
            return file.resolve()
    return None
