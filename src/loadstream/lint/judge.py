"""Judges files: asks the analysis about each that is worth parsing, and words what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from loadstream.analysis.modules import Repository
from loadstream.analysis.notebooks import SUFFIX, code_of, source_of
from loadstream.analysis.settings import Settings
from loadstream.analysis.sites import find_sites, in_cells, is_worth_parsing
from loadstream.analysis.source import SourceError
from loadstream.analysis.twin_sites import find_twin_sites
from loadstream.lint.findings import Finding, Judged, unreadable
from loadstream.lint.messages import finding_of_site
from loadstream.project.errors import InternalError
from loadstream.project.files import FoundFile
from loadstream.project.shown import shown

# Bytes of files to judge that are worth the start of more processes: some 100 ms of work.
_ENOUGH = 100_000
_PORTIONS = 4  # for each process, so that none waits long for another


def judge_files(
    files: Sequence[FoundFile],
    repository: Repository,
    jobs: int,
    progress: Callable[[int, int], None] | None = None,
) -> Judged:
    """The findings of each of `files`, by at most `jobs` processes."""
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
    told = progress or (lambda _done, _all: None)
    is_repeatable = True
    done = 0
    for portion, found, repeatable in _judged(waiting, repository, jobs):
        findings.update(zip(portion, found, strict=True))
        is_repeatable = is_repeatable and repeatable
        done += len(portion)
        told(done, len(waiting))
    return Judged(findings, frozenset(path for path, _ in waiting), is_repeatable)


def judge_text(
    data: bytes, path: Path, root: Path, settings: Settings | None
) -> tuple[Finding, ...]:
    """The findings of a text that counts as the file at `path`."""
    return tuple(_of_bytes(data, path, Repository(root, settings)))


def _is_candidate(data: bytes, path: Path, repository: Repository) -> bool:
    code = code_of(data, path) if path.suffix == SUFFIX else data
    return is_worth_parsing(code, repository, repository.words_of(path, code))


_Portion = tuple[list[Path], list[tuple[Finding, ...]], bool]


def _judged(
    waiting: list[tuple[Path, int]], repository: Repository, jobs: int
) -> Iterator[_Portion]:
    paths = [path for path, _ in waiting]
    if jobs > 1 and len(paths) > 1 and sum(size for _, size in waiting) > _ENOUGH:
        from loadstream.lint.spread import spread

        largest_first = [path for path, _ in sorted(waiting, key=lambda one: -one[1])]
        portions = min(len(paths), jobs * _PORTIONS)
        yield from spread(
            [largest_first[first::portions] for first in range(portions)], repository, jobs
        )
    else:
        for path in paths:
            yield judge_portion([path], repository)


def judge_portion(paths: list[Path], repository: Repository) -> _Portion:
    """The findings of each of `paths`, and whether they can be told from the repository alone."""
    found = [tuple(_of_file(path, repository)) for path in paths]
    return paths, found, not repository.reads_outside()


def _of_file(path: Path, repository: Repository) -> Iterator[Finding]:
    try:
        data = repository.bytes_of(path)
    except OSError as error:
        return iter((unreadable(shown(path), error.strerror or str(error), 1, 1),))
    return _of_bytes(data, path, repository)


def _of_bytes(data: bytes, path: Path, repository: Repository) -> Iterator[Finding]:
    place = shown(path)
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
