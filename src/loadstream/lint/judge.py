"""Judges files: asks the analysis about each that is worth parsing, and words what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from loadstream.analysis.notebooks import SUFFIX, code_of, source_of
from loadstream.analysis.repository import Repository
from loadstream.analysis.settings import Settings
from loadstream.analysis.sites import find_sites, in_cells
from loadstream.analysis.source import SourceError
from loadstream.analysis.twin_sites import find_twin_sites
from loadstream.analysis.worth_parsing import is_worth_parsing
from loadstream.lint.findings import Finding, Judged, unreadable
from loadstream.lint.messages import finding_of_site
from loadstream.project.errors import InternalError
from loadstream.project.files import FoundFile
from loadstream.project.shown import shown

if TYPE_CHECKING:
    from loadstream.analysis.mentions import Read
    from loadstream.machine.clusters import Cluster
    from loadstream.machine.copies import Ahead

# Bytes of files to judge that are worth the start of more processes: some 100 ms of work.
_ENOUGH = 100_000


def judge_files(
    files: Sequence[FoundFile],
    repository: Repository,
    jobs: int,
    progress: Callable[[int, int], None] | None = None,
    ahead: Ahead[Read] | None = None,
    cluster: Cluster | None = None,
) -> Judged:
    """The findings of each of `files`, by at most `jobs` processes, or by a `cluster`.

    `ahead` is what is being read of the whole tree meanwhile.
    """
    findings: dict[Path, tuple[Finding, ...]] = {file.path: () for file in files}
    waiting: list[tuple[Path, int]] = []
    for file in files:
        try:
            data = repository.bytes_of(file.path)
        except OSError as error:
            cause = error.strerror or str(error)
            findings[file.path] = (unreadable(shown(file.path), cause, 1, 1),)
            continue
        if file.named or _is_candidate(data, file.path, repository):
            waiting.append((file.path, len(data)))
    if ahead is not None:
        repository.mentions.know(ahead.result())
    told = progress or (lambda _done, _all: None)
    is_repeatable = True
    judged = _judged(waiting, repository, jobs, cluster)
    for done, (path, found, repeatable) in enumerate(judged, 1):
        findings[path] = found
        is_repeatable = is_repeatable and repeatable
        told(done, len(waiting))
    return Judged(findings, frozenset(path for path, _ in waiting), is_repeatable)


def judge_text(
    data: bytes, path: Path, root: Path, settings: Settings | None
) -> tuple[Finding, ...]:
    """The findings of a text that counts as the file at `path`."""
    return tuple(_of_bytes(data, path, shown(path), Repository(root, settings)))


def _is_candidate(data: bytes, path: Path, repository: Repository) -> bool:
    code = code_of(data, path) if path.suffix == SUFFIX else data
    return is_worth_parsing(code, repository, repository.words_of(path, code))


def judge_file(path: Path, place: str, repository: Repository) -> tuple[tuple[Finding, ...], bool]:
    """The findings of a file that is shown as `place`.

    And whether they can be told from the repository alone.
    """
    return tuple(_of_file(path, place, repository)), not repository.reads_outside()


def _judged(
    waiting: list[tuple[Path, int]], repository: Repository, jobs: int, cluster: Cluster | None
) -> Iterator[tuple[Path, tuple[Finding, ...], bool]]:
    """The findings of each file, and whether they can be told from the repository alone."""

    def work(path: Path) -> tuple[Path, tuple[Finding, ...], bool]:
        return path, *judge_file(path, shown(path), repository)

    if cluster is not None:
        from loadstream.lint.elsewhere import judged_elsewhere

        yield from judged_elsewhere([path for path, _ in waiting], repository, work, cluster)
        return
    if jobs == 1 or sum(size for _, size in waiting) < _ENOUGH:
        yield from (work(path) for path, _ in waiting)
        return
    from loadstream.machine.spread import spread

    repository.mentions.read_ahead()
    largest_first = sorted(waiting, key=lambda one: -one[1])
    yield from spread(work, [path for path, _ in largest_first], jobs, worth=1)


def _of_file(path: Path, place: str, repository: Repository) -> Iterator[Finding]:
    try:
        data = repository.bytes_of(path)
    except OSError as error:
        return iter((unreadable(place, error.strerror or str(error), 1, 1),))
    return _of_bytes(data, path, place, repository)


def _of_bytes(data: bytes, path: Path, place: str, repository: Repository) -> Iterator[Finding]:
    try:
        source = source_of(data, path.absolute())
        sites = [*find_sites(source, repository), *find_twin_sites(source, repository)]
        for site in in_cells(sorted(sites, key=lambda site: site.span), source):
            yield finding_of_site(place, site)
    except SourceError as error:
        yield unreadable(place, error.cause, error.line, error.column, error.cell)
    except RecursionError:
        yield unreadable(place, "nested too deeply to be analysed", 1, 1)
    except Exception as error:
        raise InternalError(place) from error
