"""The loaders of a repository: how they were found, who calls them, what streams in their place.

All of it is asked of the analysis that lint and rewrite use.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from loadstream.analysis.modules import Definition, Module
from loadstream.analysis.notebooks import SUFFIX, code_of, source_of
from loadstream.analysis.pairs import doubts, find_pair, gives_iterator, is_loader
from loadstream.analysis.plain_loaders import is_plain_loader
from loadstream.analysis.plans import ReportOnly, StreamTwin
from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import Site, find_sites
from loadstream.analysis.source import SourceError
from loadstream.analysis.twin_sites import find_twin_sites, may_need_twins
from loadstream.analysis.twins import functions_of
from loadstream.analysis.worth_parsing import is_worth_parsing
from loadstream.setup.data import DataFile, read_by
from loadstream.setup.pairing import may_stream

_NAMED_LOADER = re.compile(rb"\bdef\s+_*load_\w")


@dataclass(frozen=True, slots=True)
class Loader:
    """A function that loads. Names are dotted; `owner` is the module or class.

    `stream` is the streamer beside it, `twin` the one that `rewrite` would add, `lookalike` one
    whose name speaks for it though nothing proves it. `certain`: nothing speaks against the pair.
    Of its `calls`, `movable` could be calls of a streamer.
    """

    name: str
    path: Path
    lines: range
    by: str
    stream: str | None
    twin: str | None = None
    lookalike: str | None = None
    certain: bool = False
    calls: int = 0
    movable: int = 0
    data: tuple[DataFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found in `files` files. `in_place` are loads without a loader: calls, movable."""

    files: int
    loaders: tuple[Loader, ...]
    in_place: tuple[int, int]
    data: tuple[DataFile, ...]
    unreadable: int = 0

    @property
    def calls(self) -> int:
        """All loads."""
        return self.in_place[0] + sum(loader.calls for loader in self.loaders)

    @property
    def movable(self) -> int:
        """The loads that could stream."""
        return self.in_place[1] + sum(loader.movable for loader in self.loaders)


@dataclass(slots=True)
class _Counts:
    """Calls by the loader's dotted name."""

    calls: Counter[str] = field(default_factory=Counter)
    movable: Counter[str] = field(default_factory=Counter)
    twins: dict[str, str] = field(default_factory=dict)


def survey(
    paths: Sequence[Path],
    repository: Repository,
    data: tuple[DataFile, ...],
    step: Callable[[str], None] = lambda _text: None,
) -> Survey:
    """What is in the files at `paths`; `data` are the data files of the tree.

    `step` is told of each file.
    """
    counts = _Counts()
    loaders: list[Loader] = []
    unreadable = 0
    for number, path in enumerate(paths, start=1):
        step(f"looking through file {number} of {len(paths)}")
        try:
            loaders += _of_file(path, repository, data, counts)
        except (OSError, SourceError, RecursionError):
            unreadable += 1
    named = {loader.name for loader in loaders}
    in_place = [name for name in counts.calls if name not in named and name.startswith("json.")]
    return Survey(
        len(paths),
        tuple(sorted((_counted(one, counts) for one in loaders), key=lambda one: -one.calls)),
        (
            sum(counts.calls[name] for name in in_place),
            sum(counts.movable[name] for name in in_place),
        ),
        data,
        unreadable,
    )


def _of_file(
    path: Path, repository: Repository, data: Sequence[DataFile], counts: _Counts
) -> list[Loader]:
    """The loaders that a file defines; its calls are counted."""
    content = path.read_bytes()
    loaders: list[Loader] = []
    if path.suffix != SUFFIX:
        loaders += _loaders_in(path, content, repository, data)
    if is_worth_parsing(code_of(content, path), repository):
        source = source_of(content, path.absolute())
        sites = find_sites(source, repository)
        _count((site for site in sites if not _is_of_loader(site, loaders)), counts)
        _count(find_twin_sites(source, repository), counts)
    return loaders


def _is_of_loader(site: Site, loaders: Sequence[Loader]) -> bool:
    """Whether a load is the one that a loader is there for."""
    line = site.span.start.line
    plain = site.loader is not None and site.loader.startswith("json.")
    return plain and any(line in loader.lines for loader in loaders)


def _count(sites: Iterable[Site], counts: _Counts) -> None:
    for site in sites:
        plan = site.plan
        if site.loader is None:
            continue
        if plan is None:
            counts.calls[site.loader] += 1
        elif isinstance(plan.shape, StreamTwin):
            counts.twins[site.loader] = site.stream or ""
            counts.movable[site.loader] += len(plan.shape.callers)
        elif not isinstance(plan.shape, ReportOnly) and not plan.code.startswith("LS2"):
            counts.calls[site.loader] += 1
            counts.movable[site.loader] += 1


def _counted(loader: Loader, counts: _Counts) -> Loader:
    return replace(
        loader,
        twin=counts.twins.get(loader.name),
        calls=counts.calls[loader.name],
        movable=counts.movable[loader.name],
    )


def _loaders_in(
    path: Path, content: bytes, repository: Repository, data: Sequence[DataFile]
) -> Iterator[Loader]:
    if not _may_define_loaders(content):
        return
    module = repository.module(path.resolve())
    if module is None:
        return
    functions = list(functions_of(module, repository))
    pairs = (find_pair(one, repository) for one in functions if is_loader(one, repository))
    paired = {pair.streamer for pair in pairs if pair is not None}
    free = [one for one in functions if one not in paired]
    for function in functions:
        found = _loader(function, free, module, repository)
        if found is not None:
            yield replace(found, path=path, data=read_by(function, data))


def _may_define_loaders(content: bytes) -> bool:
    """Tell from the bytes alone whether a file is worth parsing for its loaders."""
    return may_need_twins(content) or _NAMED_LOADER.search(content) is not None


def _loader(
    function: Definition, free: Sequence[Definition], module: Module, repository: Repository
) -> Loader | None:
    """What a function is as a loader; `free` are those that may be its streamer."""
    if not is_loader(function, repository):
        return None
    prefix = repository.dotted_name(module.path)
    pair = find_pair(function, repository)
    loader = Loader(
        f"{prefix}.{function.qualified_name}",
        module.path,
        range(function.function.lineno, (function.function.end_lineno or 0) + 1),
        "its name",
        None if pair is None else f"{prefix}.{pair.streamer.qualified_name}",
    )
    if pair is not None and pair.configured is not None:
        return replace(loader, by="the configuration", stream=pair.configured.setting.stream)
    if pair is not None:
        return replace(loader, certain=not doubts(pair, repository))
    like = next(
        (
            f"{prefix}.{other.qualified_name}"
            for other in free
            if other.owner == function.owner
            and may_stream(other.name, function.name)
            and gives_iterator(other, repository)
        ),
        None,
    )
    if is_plain_loader(function, repository):
        return replace(loader, by="its body", lookalike=like)
    return None if like is None else replace(loader, lookalike=like)
