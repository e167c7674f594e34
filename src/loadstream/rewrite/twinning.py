"""The twins of a run (LS108), before anything else of it: they decide what callers can become.

    files → loaders that need a twin → texts with twins → the repository as it then is

Every other edit is planned in that repository. A file that cannot have its twins takes no part,
so that its callers stay as they are.
"""

from __future__ import annotations

import difflib
import importlib.util
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from loadstream.analysis.notebooks import SUFFIX
from loadstream.analysis.overlay import Overlay
from loadstream.analysis.plans import Plan, StreamTwin
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import Site
from loadstream.analysis.source import SourceError, SourceFile, decode, parse
from loadstream.analysis.spans import Position, Span
from loadstream.analysis.twin_sites import find_twin_sites, may_need_twins
from loadstream.rewrite.encoding import encoded
from loadstream.rewrite.results import RewriteUnavailableError

Wanted = Callable[[Site], bool]


@dataclass(frozen=True, slots=True)
class WantedByFile:
    """What is wanted of each file, where the codes that count differ.

    `wanted` is asked with the codes of the site's file.
    """

    codes: Callable[[Path], Collection[str]]
    wanted: Callable[..., bool]


def wanted_in(path: Path, wanted: Wanted | WantedByFile) -> Wanted:
    """What is wanted of the file at `path`."""
    if isinstance(wanted, WantedByFile):
        return partial(wanted.wanted, codes=wanted.codes(path))
    return wanted


@dataclass(frozen=True, slots=True)
class Twinned:
    """One file that has LS108 sites. `source` is its text with the twins, or marks, of `applied`.

    `kept` are the loaders whose twin was not asked for, or cannot be written down, as a mark
    cannot; `source` is the old text where that is all of them.
    """

    source: SourceFile
    applied: tuple[Site, ...]
    kept: tuple[Site, ...]

    @property
    def streamers(self) -> frozenset[str]:
        """The qualified names of the new functions."""
        return frozenset(
            site.stream
            for site in self.applied
            if site.stream is not None and site.plan and isinstance(site.plan.shape, StreamTwin)
        )


def find_twinned(
    files: Iterable[Path],
    repository: Repository,
    wanted: Wanted | WantedByFile,
    read: Callable[[Path], bytes] = Path.read_bytes,
) -> dict[Path, Twinned]:
    """The files with loaders that need a twin; those that cannot be read are left to the others."""
    found = ((path, _of_file(path, read, repository, wanted_in(path, wanted))) for path in files)
    return {path: twinned for path, twinned in found if twinned is not None}


def _of_file(
    path: Path, read: Callable[[Path], bytes], repository: Repository, wanted: Wanted
) -> Twinned | None:
    try:
        data = read(path)
        if path.suffix == SUFFIX or not may_need_twins(data):
            return None
        source = parse(decode(data), path)
        sites = find_twin_sites(source, repository)
    except (OSError, SourceError):
        return None
    width = repository.settings.line_width
    return _twinned(source, data, sites, wanted, width) if sites else None


def overlaid(repository: Repository, twinned: Mapping[Path, Twinned]) -> Repository:
    """`repository` with the new texts in it."""
    changed = {path: one.source for path, one in twinned.items() if one.applied}
    return Overlay(repository, changed) if changed else repository


def _twinned(
    source: SourceFile, data: bytes, sites: Sequence[Site], wanted: Wanted, width: int
) -> Twinned:
    asked = [site for site in sites if wanted(site)]
    kept = [site for site in sites if not wanted(site)]
    if asked and importlib.util.find_spec("libcst") is None:
        raise RewriteUnavailableError
    while asked:
        try:
            text = _with_twins(source.text, asked, width)
            encoded(text, source.text, data)
            return Twinned(parse(text, source.path), tuple(asked), tuple(kept))
        except NotEditableError as error:
            culprit = next((site for site in asked if site.plan is error.plan), asked[-1])
            cause = error.cause
        except SourceError as error:
            culprit, cause = asked[-1], error.cause
        asked.remove(culprit)
        kept.append(not_editable(culprit, f"the twin cannot be written: {cause}"))
    return Twinned(source, (), tuple(kept))


def with_twin(source: SourceFile, data: bytes, site: Site, width: int) -> str | None:
    """The text of `source` with the twin of `site` alone; None where it cannot be written."""
    twinned = _twinned(source, data, [site], lambda *_: True, width)
    return twinned.source.text if twinned.applied else None


def not_editable(site: Site, fact: str) -> Site:
    """`site`, kept because of `fact`."""
    return site._replace(plan=None, refusals=(Refusal(Reason.NOT_EDITABLE, fact, site.span),))


class NotEditableError(Exception):
    """A twin, or a mark, that has no place in its file."""

    def __init__(self, cause: str, plan: Plan | None) -> None:
        super().__init__(cause)
        self.cause, self.plan = cause, plan


def _with_twins(text: str, sites: Sequence[Site], width: int) -> str:
    from loadstream_codemods.errors import CannotApplyError
    from loadstream_codemods.stream_twin import add_twins

    try:
        plans = [site.plan for site in sites if site.plan is not None]
        return add_twins(text, plans, width)
    except CannotApplyError as error:
        raise NotEditableError(error.cause, error.plan) from error


class OldPlaces:
    """The places of a text with twins, as they were before these came in.

    `old` are the sites of the text before: what they say of places is right there.
    """

    def __init__(self, old_text: str, new_text: str, old: Sequence[Site]) -> None:
        before, after = old_text.splitlines(), new_text.splitlines()
        matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
        self._lines = {
            new + offset + 1: first + offset + 1
            for first, new, size in matcher.get_matching_blocks()
            for offset in range(size)
        }
        self._old = {site.span: site for site in old}

    def of(self, site: Site) -> Site:
        """`site` at its old place, with facts about old places where there are some."""
        span = Span(self._position(site.span.start), self._position(site.span.end))
        reasons = {refusal.reason for refusal in site.refusals}
        known = self._old[span].refusals if span in self._old else ()
        facts = tuple(refusal for refusal in known if refusal.reason in reasons)
        same = {refusal.reason for refusal in facts} == reasons
        return site._replace(span=span, refusals=facts if same else site.refusals)

    def _position(self, position: Position) -> Position:
        return Position(self._lines.get(position.line, position.line), position.column)
