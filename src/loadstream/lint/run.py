"""Files in, findings out: reads each file, asks the analysis, words what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from loadstream.analysis.modules import Repository
from loadstream.analysis.notebooks import code_of, source_of
from loadstream.analysis.settings import Settings
from loadstream.analysis.sites import find_sites, in_cells, is_worth_parsing
from loadstream.analysis.source import SourceError
from loadstream.analysis.twin_sites import find_twin_sites
from loadstream.lint.findings import Finding, LintResult
from loadstream.lint.messages import finding_of_site, unreadable
from loadstream.lint.selection import Selection
from loadstream.project.errors import InternalError
from loadstream.project.files import FoundFile
from loadstream.project.shown import shown


def lint_files(
    files: Sequence[FoundFile],
    root: Path,
    selection: Selection,
    settings: Settings | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> LintResult:
    """The findings of `files`, in their order; imports are followed inside `root`.

    `progress` is called with how many files are judged and how many there are to judge.
    """
    repository = Repository(root, settings)
    findings: list[Finding] = []
    for done, file in enumerate(files, 1):
        findings += _of_file(file, repository)
        if progress is not None:
            progress(done, len(files))
    return _selected(len(files), findings, selection)


def lint_text(
    data: bytes, path: Path, root: Path, selection: Selection, settings: Settings | None = None
) -> LintResult:
    """The findings of a text that was not read from a file; it counts as the one at `path`."""
    return _selected(1, _of_bytes(data, path, Repository(root, settings)), selection)


def _selected(files: int, findings: Iterable[Finding], selection: Selection) -> LintResult:
    wanted = (one for one in findings if one.code in selection.of_file(one.path))
    return LintResult(files, tuple(wanted))


def _of_file(file: FoundFile, repository: Repository) -> Iterator[Finding]:
    try:
        data = file.path.read_bytes()
    except OSError as error:
        return iter((unreadable(shown(file.path), error.strerror or str(error), 1, 1),))
    if not file.named and not is_worth_parsing(code_of(data, file.path), repository):
        return iter(())
    return _of_bytes(data, file.path, repository)


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
