"""Sites to new text, file by file. Nothing is written here.

    bytes → text → sites → accepted plans → codemods → text that parses → bytes

LibCST comes in at the codemods only, so a repository without anything to rewrite does without it.
"""

from __future__ import annotations

import importlib.util
import io
import tokenize
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from loadstream.analysis.modules import Repository
from loadstream.analysis.plans import Plan, ReportOnly, Safety
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.settings import Settings
from loadstream.analysis.sites import Site, find_sites, may_hold_sites
from loadstream.analysis.source import SourceError, decode, parse
from loadstream.rewrite.results import (
    Changed,
    Failed,
    FileResult,
    RewriteUnavailableError,
    Unchanged,
)


def rewrite(
    files: Sequence[Path],
    *,
    root: Path,
    codes: Collection[str] | None = None,
    unsafe: bool = False,
    named: Collection[Path] = (),
    settings: Settings | None = None,
) -> Iterator[FileResult]:
    """What rewriting each of `files` would give, in their order; writes nothing.

    Imports are followed inside `root`; `settings` are the repository's. `codes` restricts the
    patterns (None: all); unsafe rewrites are made only if `unsafe`. Files in `named` are parsed
    whether or not they hold a loader's name. Raises RewriteUnavailableError where something is to
    be rewritten and LibCST is missing.
    """
    repository = Repository(root, settings)
    for path in files:
        yield _rewrite_file(path, repository, codes, unsafe, path in named)


def _rewrite_file(
    path: Path, repository: Repository, codes: Collection[str] | None, unsafe: bool, named: bool
) -> FileResult:
    try:
        data = path.read_bytes()
        if not named and not may_hold_sites(data, repository.settings.names):
            return Unchanged(path, ())
        source = parse(decode(data), path)
        sites = find_sites(source, repository)
        wanted = [site for site in sites if _is_wanted(site, codes, unsafe)]
        if not wanted:
            return Unchanged(path, sites)
        text, refused = _edited(source.text, [site.plan for site in wanted if site.plan])
        applied = tuple(site for site in wanted if site.plan not in refused)
        kept = tuple(_kept(site, refused) for site in sites if site not in applied)
        if text == source.text:
            return Unchanged(path, kept)
        new = _encoded(text, source.text, data)
        _check_syntax(text, path)
    except OSError as error:
        return Failed(path, 1, 1, error.strerror or str(error))
    except SourceError as error:
        return Failed(path, error.line, error.column, error.cause)
    return Changed(path, data, new, applied, kept)


def _is_wanted(site: Site, codes: Collection[str] | None, unsafe: bool) -> bool:
    plan = site.plan
    return (
        plan is not None
        and not isinstance(plan.shape, ReportOnly)
        and (codes is None or plan.code in codes)
        and (unsafe or plan.safety is Safety.SAFE)
    )


def _edited(text: str, plans: Sequence[Plan]) -> tuple[str, dict[Plan, Refusal]]:
    """The text with all plans carried out that can be, and why the others cannot.

    Raises SourceError where LibCST cannot read the text at all.
    """
    if importlib.util.find_spec("libcst") is None:
        raise RewriteUnavailableError
    from loadstream_codemods.apply import apply
    from loadstream_codemods.errors import CannotApplyError, UnreadableError

    refused: dict[Plan, Refusal] = {}
    remaining = list(plans)
    while remaining:
        try:
            return apply(text, remaining), refused
        except UnreadableError as error:
            raise SourceError(error.cause, error.line, error.column) from error
        except CannotApplyError as error:
            fault = error
        # A fault that only the whole file shows is laid on the last plan, then on the one before
        # it: those that remain are good together.
        culprit = remaining[-1] if fault.plan is None else fault.plan
        remaining.remove(culprit)
        refused[culprit] = _refusal(fault, culprit)
    return text, refused


def _refusal(error: Exception, plan: Plan) -> Refusal:
    from loadstream_codemods.errors import CommentLostError

    if isinstance(error, CommentLostError):
        return Refusal(Reason.COMMENT_LOST, error.cause, plan.anchor)
    return Refusal(Reason.NOT_EDITABLE, f"the edit cannot be made: {error}", plan.anchor)


def _kept(site: Site, refused: dict[Plan, Refusal]) -> Site:
    if site.plan is None or site.plan not in refused:
        return site
    return replace(site, plan=None, refusals=(*site.refusals, refused[site.plan]))


def _encoded(new: str, old: str, data: bytes) -> bytes:
    """`new` in the encoding of `data`. Raises SourceError where that is not reversible."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    try:
        if old.encode(encoding) == data:
            return new.encode(encoding)
    except UnicodeEncodeError:
        pass
    raise SourceError(f"its {encoding} bytes cannot be written back as they were")


def _check_syntax(text: str, path: Path) -> None:
    try:
        parse(text, path)
    except SourceError as error:
        raise SourceError(
            f"the rewritten file would not parse ({error.cause}), so it is left as it is: "
            "please report this",
            error.line,
            error.column,
        ) from error
