"""One document's sites and what is said of them, as lint has it; fixes are made when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from loadstream.analysis.notebooks import code_of, source_of
from loadstream.analysis.overlay import Overlay
from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import Site, find_sites, in_cells
from loadstream.analysis.source import SourceError, SourceFile
from loadstream.analysis.twin_sites import find_twin_sites
from loadstream.analysis.worth_parsing import is_worth_parsing
from loadstream.lint.findings import Finding, unreadable
from loadstream.lint.messages import finding_of_site
from loadstream.lsp.documents import Document
from loadstream.lsp.projects import Project
from loadstream.project.shown import shown
from loadstream.rewrite.driver import rewrite_text
from loadstream.rewrite.fixes import Edit, Fix, edits_of, fix_of
from loadstream.rewrite.results import Changed, RewriteUnavailableError


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, and the site that it is about if it is about one."""

    finding: Finding
    site: Site | None = None


@dataclass(frozen=True, slots=True)
class Examined:
    """A document and what was found in it; `source` is None where it was not parsed."""

    document: Document
    found: tuple[Found, ...] = ()
    source: SourceFile | None = None
    repository: Repository | None = None
    codes: frozenset[str] = frozenset()
    _fixes: dict[Site, Fix | None] = field(default_factory=dict)

    def fix(self, site: Site) -> Fix | None:
        """The fix of one of its sites, unsafe or not; None where it has none."""
        if self.source is None or self.repository is None:
            return None
        if site not in self._fixes:
            width = self.repository.settings.line_width
            try:
                fix = fix_of(site, self.source, self.document.data, width)
            except RewriteUnavailableError:
                fix = None
            self._fixes[site] = fix
        return self._fixes[site]

    def all_safe_edits(self) -> tuple[Edit, ...]:
        """What `loadstream rewrite` would change in the document."""
        if self.source is None or self.repository is None:
            return ()
        data, path = self.document.data, self.document.path
        try:
            result = rewrite_text(data, path, self.repository, codes=self.codes)
        except RewriteUnavailableError:
            return ()
        return edits_of(result) if isinstance(result, Changed) else ()


def examine(
    document: Document, project: Project, others: Mapping[Path, SourceFile] | None = None
) -> Examined:
    """What lint finds in `document`; `others` are the files that are open beside it.

    A text that cannot be parsed has one finding, that it cannot; one that holds no name of a
    loader has none, so that nothing is said about it while somebody types.
    """
    path, place = document.path, shown(document.path)
    around = Overlay(project.repository, others) if others else project.repository
    if not is_worth_parsing(code_of(document.data, path), around):
        return Examined(document)
    try:
        source = source_of(document.data, path)
        repository = Overlay(project.repository, {**(others or {}), path: source})
        sites = [*find_sites(source, repository), *find_twin_sites(source, repository)]
    except SourceError as error:
        broken = unreadable(place, error.cause, error.line, error.column, error.cell)
        return Examined(document, (Found(broken),))
    except RecursionError:
        return Examined(document, (Found(unreadable(place, "nested too deeply", 1, 1)),))
    sites.sort(key=lambda site: site.span)
    found = (
        Found(finding_of_site(place, placed), site)
        for site, placed in zip(sites, in_cells(sites, source), strict=True)
    )
    codes = project.selection.of_file(path)
    wanted = tuple(one for one in found if one.finding.code in codes)
    return Examined(document, wanted, source, repository, codes)
