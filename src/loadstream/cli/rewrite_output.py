"""What `rewrite` says: the sites that it rewrote, those that it kept and why, and what failed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path

from loadstream.analysis.docstrings import stale_docstrings
from loadstream.analysis.notebooks import source_of
from loadstream.analysis.plans import Deprecation, StreamTwin
from loadstream.analysis.sites import Site
from loadstream.analysis.spans import Position, Span
from loadstream.lint.codes import KEPT, NAMES
from loadstream.lint.findings import Finding, count_reasons, to_json, unreadable
from loadstream.lint.formats.text import line as text_line
from loadstream.lint.messages import finding_of_site
from loadstream.lint.selection import Selection
from loadstream.project.shown import shown
from loadstream.rewrite import Changed, Failed, FileResult, Unchanged

_LISTED = 20


class Tense(Enum):
    """Whether files were written, or only looked at."""

    DID = "rewrote"
    WOULD = "would rewrite"


def file_lines(
    results: Iterable[FileResult], unwritten: Mapping[Path, str], tense: Tense
) -> Iterator[str]:
    """One line for each changed file: `rewrote analyze.py: LS101 at line 12, LS104 at line 30`."""
    for result in results:
        if isinstance(result, Changed) and result.path not in unwritten:
            places = ", ".join(f"{_code(s)} at {_where(s)}" for s in result.applied)
            yield f"{tense.value} {shown(result.path)}: {places}"


def docstring_notes(results: Iterable[FileResult], unwritten: Mapping[Path, str]) -> Iterator[str]:
    """One line for each docstring around a rewritten site that still speaks of loading."""
    for result in results:
        if isinstance(result, Changed) and result.path not in unwritten:
            source = source_of(result.old, result.path)
            sites = (site for site in result.applied if not _is_loader(site))
            spans = (site.span if site.cell is None else _call(site) for site in sites)
            for stale in stale_docstrings(source, spans):
                line = f"{stale.line}"
                if source.notebook is not None:
                    at = source.notebook.place(Position(stale.line, 0))
                    line = f"cell {at.cell}:{at.position.line}"
                place = f"{shown(result.path)}:{line}"
                yield f"{place}: note: the docstring of {stale.owner} still speaks of loading"


def _is_loader(site: Site) -> bool:
    """Whether a site is a loader that got a twin or a mark: it goes on loading."""
    return site.plan is not None and isinstance(site.plan.shape, StreamTwin | Deprecation)


def failures(results: Iterable[FileResult], unwritten: Mapping[Path, str]) -> Iterator[str]:
    """One line for each file that could not be processed or written."""
    for result in results:
        if isinstance(result, Failed):
            finding = _failed(result)
            yield f"{finding.place}: {result.cause}"
    for path, cause in unwritten.items():
        yield f"{shown(path)}: not written: {cause}"


def summary(
    results: Sequence[FileResult],
    selection: Selection,
    unwritten: Mapping[Path, str],
    tense: Tense,
) -> Iterator[str]:
    """The kept loads with their reasons, and the counts."""
    left = list(_left(results, selection))
    for finding in left[:_LISTED]:
        yield text_line(finding)
    if len(left) > _LISTED:
        yield f"… and {len(left) - _LISTED} more: loadstream lint --show-kept lists them all"
    changed = [r for r in results if isinstance(r, Changed) and r.path not in unwritten]
    sites = sum(len(result.applied) for result in changed)
    if sites:
        said = f"{tense.value} {_count(sites, 'site')} in {_count(len(changed), 'file')}"
    elif troubled := len(unwritten) + sum(isinstance(result, Failed) for result in results):
        said = f"nothing was rewritten: {_count(troubled, 'file')} could not be processed"
    else:
        said = f"nothing to rewrite in {_count(len(results), 'file')}"
    parts = [f"{said[0].upper()}{said[1:]}"]
    kept = [finding for finding in left if finding.code == KEPT]
    if kept:
        reasons = ", ".join(f"{slug} {count}" for slug, count in count_reasons(kept))
        parts.append(f"kept {_count(len(kept), 'site')}: {reasons}")
    if by_hand := len(left) - len(kept):
        parts.append(f"{by_hand} to mend by hand")
    yield f"{'; '.join(parts)}."
    if unsafe := sum(finding.fix == "unsafe" for finding in kept):
        yield f"Of the kept, {unsafe} can move with --unsafe."


def json_document(
    results: Sequence[FileResult], selection: Selection, unwritten: Mapping[Path, str]
) -> str:
    """The document of `--format json`, with the keys of lint's.

    Its findings are the sites that were rewritten (or would be), the kept loads as LS300, and
    the files that could not be processed as LS000.
    """
    findings: list[Finding] = []
    for result in results:
        if isinstance(result, Changed) and result.path not in unwritten:
            findings += [finding_of_site(shown(result.path), site) for site in result.applied]
        elif isinstance(result, Failed):
            findings.append(_failed(result))
    findings += _left(results, selection)
    findings.sort(key=lambda f: (f.path, f.cell or 0, f.line, f.column))
    return json.dumps(to_json(len(results), findings), indent=2) + "\n"


def _left(results: Iterable[FileResult], selection: Selection) -> Iterator[Finding]:
    """The sites that stay: kept for a reason, unsafe and not asked for, or to be mended by hand."""
    for result in results:
        if isinstance(result, (Changed, Unchanged)):
            for site in result.kept:
                finding = finding_of_site(shown(result.path), site)
                if finding.code in selection.of_file(finding.path):
                    yield finding if finding.fix is None else _as_kept(finding)


def _as_kept(finding: Finding) -> Finding:
    way = f"{finding.code} moves it with --unsafe" if finding.fix == "unsafe" else finding.code
    message = f"kept {finding.message} ({', '.join([*finding.reasons, way])})"
    return finding._replace(code=KEPT, rule=NAMES[KEPT], message=message)


def _failed(result: Failed) -> Finding:
    return unreadable(shown(result.path), result.cause, result.line, result.column, result.cell)


def _where(site: Site) -> str:
    line = f"line {site.span.start.line}"
    return line if site.cell is None else f"{line} of cell {site.cell}"


def _call(site: Site) -> Span:
    """The call's place in the whole text of a notebook."""
    assert site.plan is not None
    return site.plan.stream.call


def _code(site: Site) -> str:
    assert site.plan is not None
    is_mark = isinstance(site.plan.shape, Deprecation)
    return f"{site.plan.code} (deprecated)" if is_mark else site.plan.code


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
