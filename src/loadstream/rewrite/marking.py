"""The deprecation marks of a run (LS108, on request), behind its twins and before anything else.

    files → texts with twins → loaders with a streamer → texts in which these are marked

A mark changes nothing for the callers: they are judged as if the loader had none.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from loadstream.analysis.deprecation_sites import find_deprecations
from loadstream.analysis.notebooks import SUFFIX
from loadstream.analysis.plans import Plan
from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import Site, comments_of
from loadstream.analysis.source import SourceError, SourceFile, decode, parse
from loadstream.analysis.suppressions import kept as suppressed
from loadstream.analysis.worth_parsing import is_worth_parsing
from loadstream.rewrite.encoding import encoded
from loadstream.rewrite.results import RewriteUnavailableError
from loadstream.rewrite.twinning import (
    NotEditableError,
    OldPlaces,
    Twinned,
    Wanted,
    WantedByFile,
    not_editable,
    wanted_in,
)


def with_marks(
    files: Iterable[Path],
    twinned: Mapping[Path, Twinned],
    around: Repository,
    wanted: Wanted | WantedByFile,
) -> dict[Path, Twinned]:
    """`twinned` with the loaders of `files` marked that have a streamer `around`, with the twins.

    Files that cannot be read are left to the others.
    """
    found = dict(twinned)
    for path in files:
        marked = _of_file(path, twinned.get(path), around, wanted_in(path, wanted))
        if marked is not None:
            found[path] = marked
    return found


def _of_file(
    path: Path, twins: Twinned | None, around: Repository, wanted: Wanted
) -> Twinned | None:
    try:
        data = path.read_bytes()
        if path.suffix == SUFFIX or b"def" not in data or not is_worth_parsing(data, around):
            return None
        old = parse(decode(data), path)
        source = old if twins is None else twins.source
        sites = _in_old_places(find_deprecations(source, around), source, old)
    except (OSError, SourceError):
        return None
    asked = [site for site in sites if wanted(site)]
    kept = [site for site in sites if site.plan is None]
    if not asked and not kept:
        return None
    if asked and importlib.util.find_spec("libcst") is None:
        raise RewriteUnavailableError
    width = around.settings.line_width
    text = _edited(source, old, data, asked, kept, width)
    before = twins or Twinned(source, (), ())
    return Twinned(parse(text, path), (*before.applied, *asked), (*before.kept, *kept))


def _in_old_places(sites: Iterable[Site], source: SourceFile, old: SourceFile) -> list[Site]:
    """The sites of `source` where the loaders stand in `old`, as its comments leave them.

    The places of their plans stay.
    """
    places = OldPlaces(old.text, source.text, ())
    found = []
    for site in map(places.of, sites):
        refusals = tuple(refusal._replace(span=site.span) for refusal in site.refusals)
        found.append(site._replace(refusals=refusals))
    return suppressed(found, comments_of(old), {})[0]


def _edited(
    source: SourceFile,
    old: SourceFile,
    data: bytes,
    asked: list[Site],
    kept: list[Site],
    width: int,
) -> str:
    """The text with the marks that are asked for; those that cannot be set go to `kept`."""
    while asked:
        culprit, cause = asked[-1], ""
        try:
            text = _with_marks(source.text, [site.plan for site in asked if site.plan], width)
            encoded(text, old.text, data)
            parse(text, source.path)
            return text
        except SourceError as error:
            cause = error.cause
        except NotEditableError as error:
            culprit = next((site for site in asked if site.plan is error.plan), culprit)
            cause = error.cause
        asked.remove(culprit)
        kept.append(not_editable(culprit, f"the loader cannot be marked deprecated: {cause}"))
    return source.text


def _with_marks(text: str, plans: Sequence[Plan], width: int) -> str:
    from loadstream_codemods.deprecation import add_marks
    from loadstream_codemods.errors import CannotApplyError

    try:
        return add_marks(text, plans, width)
    except CannotApplyError as error:
        raise NotEditableError(error.cause, error.plan) from error
