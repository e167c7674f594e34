"""Judging on other machines: the tree travels by content, the findings come back by value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from loadstream.analysis.literals import search_with
from loadstream.analysis.repository import Repository
from loadstream.analysis.settings import Settings
from loadstream.lint.findings import Finding
from loadstream.lint.judge import judge_file
from loadstream.machine.clusters import Cluster, spread_over
from loadstream.machine.search import fast_finder
from loadstream.machine.tree_copy import PerProcess, TreeCopy
from loadstream.project.shown import shown

_Judged = tuple[Path, tuple[Finding, ...], bool]
_Part = tuple[str, str]  # a file by its path below the root, and as it is shown


class Task(NamedTuple):
    """What all files of a run have in common."""

    tree: TreeCopy
    settings: Settings


def judged_elsewhere(
    paths: Sequence[Path],
    repository: Repository,
    here: Callable[[Path], _Judged],
    cluster: Cluster,
) -> Iterator[_Judged]:
    """The findings of files, in their order.

    Here is done what depends on more than the files below the root: all, where data is measured or
    a link leads out of the tree, and files beside it.
    """
    tree = None
    if repository.settings.min_size is None:
        contents = {path: repository.bytes_of(path) for path in repository.texts}
        tree = TreeCopy.of(repository.root, contents, repository.sources.links)
    if tree is None:
        yield from map(here, paths)
        return
    places = {path: repository.sources.place(path) for path in paths}
    parts = [
        (place.relative_to(repository.root).as_posix(), shown(path))
        for path, place in places.items()
        if place in repository.texts
    ]
    results = spread_over(cluster, findings_of, Task(tree, repository.settings), parts)
    for path, place in places.items():
        yield (path, *next(results)) if place in repository.texts else here(path)


def findings_of(task: Task, parts: Sequence[_Part]) -> list[tuple[tuple[Finding, ...], bool]]:
    """The findings of files: done by a worker."""
    folder = task.tree.laid_out()
    key = (task.tree.digest, repr(task.settings))
    repository: Repository = _repositories.get(key, lambda: _repository(task, folder))
    return [judge_file(folder / name, place, repository) for name, place in parts]


def _repository(task: Task, folder: Path) -> Repository:
    search_with(fast_finder)
    return Repository(folder, task.settings._replace(folder=folder))


_repositories = PerProcess()
