"""What `rewrite` says: the sites that it rewrote, those that it kept and why, and what failed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from pathlib import Path

from loadstream.analysis.sites import Site
from loadstream.lint.catalogue import KEPT, rule_names
from loadstream.lint.findings import Finding, count_reasons, to_json
from loadstream.lint.formats.text import line as text_line
from loadstream.lint.messages import finding_of_site, unreadable
from loadstream.lint.selection import Selection
from loadstream.project.shown import shown
from loadstream.rewrite import Changed, Failed, FileResult, Unchanged

_KEPT_LISTED = 20


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
            places = ", ".join(f"{_code(s)} at line {s.span.start.line}" for s in result.applied)
            yield f"{tense.value} {shown(result.path)}: {places}"


def failures(results: Iterable[FileResult], unwritten: Mapping[Path, str]) -> Iterator[str]:
    """One line for each file that could not be processed or written."""
    for result in results:
        if isinstance(result, Failed):
            yield f"{shown(result.path)}:{result.line}:{result.column}: {result.cause}"
    for path, cause in unwritten.items():
        yield f"{shown(path)}: not written: {cause}"


def summary(
    results: Sequence[FileResult],
    selection: Selection,
    unwritten: Mapping[Path, str],
    tense: Tense,
) -> Iterator[str]:
    """The kept loads with their reasons, and the counts."""
    kept = list(_kept(results, selection))
    for finding in kept[:_KEPT_LISTED]:
        yield text_line(replace(finding, fix=None))
    if len(kept) > _KEPT_LISTED:
        more = len(kept) - _KEPT_LISTED
        yield f"… and {more} more kept: loadstream lint --show-kept lists them all"
    changed = [r for r in results if isinstance(r, Changed) and r.path not in unwritten]
    sites = sum(len(result.applied) for result in changed)
    if sites:
        said = f"{tense.value} {_count(sites, 'site')} in {_count(len(changed), 'file')}"
    else:
        said = f"nothing to rewrite in {_count(len(results), 'file')}"
    text = f"{said[0].upper()}{said[1:]}"
    if kept:
        reasons = ", ".join(f"{slug} {count}" for slug, count in count_reasons(kept))
        text += f"; kept {_count(len(kept), 'site')}: {reasons}"
    yield f"{text}."
    if unsafe := sum(finding.fix == "unsafe" for finding in kept):
        yield f"{_count(unsafe, 'site')} of the kept can move with --unsafe."


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
            place = shown(result.path)
            findings.append(unreadable(place, result.cause, result.line, result.column))
    findings += _kept(results, selection)
    findings.sort(key=lambda finding: (finding.path, finding.line, finding.column))
    return json.dumps(to_json(len(results), findings), indent=2) + "\n"


def _kept(results: Iterable[FileResult], selection: Selection) -> Iterator[Finding]:
    """The loads that stay: for a reason, or because nobody asked for an unsafe rewrite."""
    if KEPT not in selection:
        return
    for result in results:
        if isinstance(result, (Changed, Unchanged)):
            for site in result.kept:
                if site.plan is None or site.plan.code in selection:
                    yield _as_kept(finding_of_site(shown(result.path), site))


def _as_kept(finding: Finding) -> Finding:
    if finding.code == KEPT:
        return finding
    way = "rewrite --unsafe moves it" if finding.fix == "unsafe" else "to be mended by hand"
    message = f"kept: {finding.message} ({finding.code}: {way})"
    return replace(finding, code=KEPT, rule=rule_names()[KEPT], message=message)


def _code(site: Site) -> str:
    assert site.plan is not None
    return site.plan.code


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
