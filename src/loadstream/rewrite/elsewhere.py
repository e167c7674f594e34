"""Rewriting on other machines: the tree travels by content, the results come back by value."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from loadstream.analysis.literals import search_with
from loadstream.analysis.repository import Repository
from loadstream.analysis.settings import Settings
from loadstream.machine.clusters import Cluster, spread_over
from loadstream.machine.search import fast_finder
from loadstream.machine.tree_copy import PerProcess, TreeCopy
from loadstream.rewrite.results import Changed, FileResult
from loadstream.rewrite.twinning import WantedByFile

if TYPE_CHECKING:
    from loadstream.rewrite.driver import Run

Codes = Collection[str] | Callable[[Path], Collection[str]] | None


class Task(NamedTuple):
    """What all files of a run have in common. Files are named by their paths below the root."""

    tree: TreeCopy
    settings: Settings
    files: tuple[str, ...]
    codes: Mapping[str, Collection[str]] | Collection[str] | None
    unsafe: bool
    named: frozenset[str]
    deprecate: bool


def rewritten_elsewhere(
    run: Run,
    files: Sequence[Path],
    heavy: Sequence[Path],
    codes: Codes,
    unsafe: bool,
    cluster: Cluster,
) -> Iterator[FileResult]:
    """What becomes of the `heavy` ones of `files`, in their order.

    Here is done what depends on more than the files below the root: all, where data is measured or
    a link leads out of the tree, and files beside it.
    """
    repository = run.repository
    settings = repository.settings
    names = {path: name for path in files if (name := _name(path, repository)) is not None}
    tree = None
    if settings.min_size is None and all(path in names for path in run.twinned):
        contents = {path: repository.bytes_of(path) for path in repository.texts}
        tree = TreeCopy.of(repository.root, contents, repository.sources.links)
    if tree is None:
        yield from map(run.result, heavy)
        return
    task = Task(
        tree,
        settings,
        tuple(names.values()),
        {name: codes(path) for path, name in names.items()} if callable(codes) else codes,
        unsafe,
        frozenset(names[path] for path in run.named if path in names),
        run.deprecate,
    )
    known = {Path(name): path for path, name in names.items()}
    there = [names[path] for path in heavy if path in names]
    results = spread_over(cluster, results_of, task, there)
    for path in heavy:
        yield _renamed(next(results), known.__getitem__) if path in names else run.result(path)


def _name(path: Path, repository: Repository) -> str | None:
    place = repository.sources.place(path)
    if place not in repository.texts:
        return None
    return place.relative_to(repository.root).as_posix()


def results_of(task: Task, names: Sequence[str]) -> list[FileResult]:
    """What becomes of files, by their names: done by a worker."""
    folder = task.tree.laid_out()
    key = (task.tree.digest, repr(task[1:]))
    run: Run = _runs.get(key, lambda: _run_of(task, folder))
    return [
        _renamed(run.result(folder / name), lambda path: path.relative_to(folder)) for name in names
    ]


def _run_of(task: Task, folder: Path) -> Run:
    from loadstream.rewrite.driver import Run, is_wanted

    search_with(fast_finder)
    wanted = partial(is_wanted, unsafe=task.unsafe)
    codes = task.codes
    run = Run(
        Repository(folder, task.settings._replace(folder=folder)),
        WantedByFile({folder / name: of for name, of in codes.items()}.__getitem__, wanted)
        if isinstance(codes, Mapping)
        else partial(wanted, codes=codes),
        frozenset(folder / name for name in task.named),
        task.deprecate,
    )
    run.with_twins([folder / name for name in task.files])
    return run


def _renamed(result: FileResult, name: Callable[[Path], Path]) -> FileResult:
    if isinstance(result, Changed):
        requires = frozenset(map(name, result.requires))
        return replace(result, path=name(result.path), requires=requires)
    return replace(result, path=name(result.path))


_runs = PerProcess()
