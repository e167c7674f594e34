"""Sites to new text, file by file. Nothing is written here.

    bytes → text → loaders' twins, marks → sites → accepted plans → codemods → text that parses
    → bytes

LibCST comes in at the codemods only, so a repository without anything to rewrite does without it.
"""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from loadstream.analysis.literals import search_with
from loadstream.analysis.notebooks import code_of, source_of
from loadstream.analysis.plans import Plan, ReportOnly, Safety
from loadstream.analysis.reasons import Reason, Refusal, too_large
from loadstream.analysis.repository import Repository
from loadstream.analysis.settings import Settings
from loadstream.analysis.sites import Site, find_sites, in_cells
from loadstream.analysis.source import SourceError, SourceFile, parse
from loadstream.analysis.spans import Position
from loadstream.analysis.worth_parsing import is_worth_parsing
from loadstream.machine.search import fast_finder
from loadstream.machine.spread import spread
from loadstream.rewrite.encoding import encoded
from loadstream.rewrite.marking import with_marks
from loadstream.rewrite.results import (
    Changed,
    Failed,
    FileResult,
    RewriteUnavailableError,
    Unchanged,
)
from loadstream.rewrite.twinning import (
    OldPlaces,
    Twinned,
    Wanted,
    WantedByFile,
    find_twinned,
    overlaid,
    wanted_in,
)

if TYPE_CHECKING:
    from loadstream.machine.clusters import Cluster


def rewrite(
    files: Sequence[Path],
    *,
    root: Path,
    codes: Collection[str] | Callable[[Path], Collection[str]] | None = None,
    unsafe: bool = False,
    named: Collection[Path] = (),
    settings: Settings | None = None,
    deprecate: bool = False,
    jobs: int | None = 1,
    cluster: Cluster | None = None,
) -> Iterator[FileResult]:
    """What rewriting each of `files` would give, in their order; writes nothing.

    Imports are followed inside `root`; `settings` are the repository's. `codes` restricts the
    patterns (None: all), in all files or by what it says of a path; unsafe rewrites are made only
    if `unsafe`. Files in `named` are parsed whether or not they hold a loader's name. Loaders get
    their twins (LS108) first, and calls in all of the files can move to these; if `deprecate`,
    loaders with a streamer are marked then. `jobs` is how many processes share the work at most,
    None as many as make sense; with a `cluster` its workers do it. The results are the same. Raises
    RewriteUnavailableError where something is to be rewritten and LibCST is missing.
    """
    search_with(fast_finder)
    wanted = partial(is_wanted, unsafe=unsafe)
    run = Run(
        Repository(root, settings),
        WantedByFile(codes, wanted) if callable(codes) else partial(wanted, codes=codes),
        frozenset(named),
        deprecate,
    )
    loaders = run.with_twins(files)
    is_shared = jobs != 1 or cluster is not None
    heavy = [path for path in files if is_shared and path not in loaders and run.is_heavy(path)]
    results: Iterator[FileResult]
    if cluster is None:
        # What the first one has to find out is then known to all processes.
        results = itertools.chain(map(run.result, heavy[:1]), spread(run.result, heavy[1:], jobs))
    else:
        from loadstream.rewrite.elsewhere import rewritten_elsewhere

        results = rewritten_elsewhere(run, files, heavy, codes, unsafe, cluster)
    spread_out = set(heavy)
    for path in files:
        if path in loaders:
            yield loaders[path]
        else:
            yield next(results) if path in spread_out else run.result(path)


def rewrite_text(
    data: bytes,
    path: Path,
    repository: Repository,
    *,
    codes: Collection[str] | None = None,
    unsafe: bool = False,
) -> FileResult:
    """What rewriting `data`, which counts as the file at `path`, would give, twins included.

    `codes` and `unsafe` as for `rewrite`. Raises RewriteUnavailableError where something is to be
    rewritten and LibCST is missing.
    """
    wanted = partial(is_wanted, codes=codes, unsafe=unsafe)
    run = Run(repository, wanted, frozenset({path}), deprecate=False, read=lambda _: data)
    return run.with_twins([path]).get(path) or run.result(path)


@dataclass(slots=True)
class Run:
    """One run over the files of a repository: which sites it wants, and the twins of its loaders.

    `around` is the repository with these twins, in which calls are followed.
    """

    repository: Repository
    wanted: Wanted | WantedByFile
    named: frozenset[Path]
    deprecate: bool
    read: Callable[[Path], bytes] = Path.read_bytes
    twinned: dict[Path, Twinned] = field(default_factory=dict)
    around: Repository = field(init=False)

    def __post_init__(self) -> None:
        self.around = self.repository

    def with_twins(self, files: Iterable[Path]) -> dict[Path, FileResult]:
        """The results of the files whose loaders get twins or marks, which hold for all others.

        Where such a file cannot be edited in the end its twins are taken back, and the others are
        asked again.
        """
        files = tuple(files)
        self.twinned = find_twinned(files, self.repository, self.wanted, self.read)
        if self.deprecate:
            around = overlaid(self.repository, self.twinned)
            self.twinned = with_marks(files, self.twinned, around, self.wanted)
        while True:
            self.around = overlaid(self.repository, self.twinned)
            results = {path: self.result(path) for path in self.twinned}
            failed = [path for path, result in results.items() if isinstance(result, Failed)]
            if not failed:
                return results
            for path in failed:
                del self.twinned[path]

    def result(self, path: Path) -> FileResult:
        """What becomes of one file."""
        try:
            return self._result(path, self.read(path))
        except OSError as error:
            return Failed(path, 1, 1, error.strerror or str(error))
        except SourceError as error:
            return Failed(path, error.line, error.column, error.cause, error.cell)

    def is_heavy(self, path: Path) -> bool:
        """Whether there may be something to edit in a file, so that others could help."""
        try:
            return self._may_hold_sites(path.read_bytes(), path)
        except (OSError, SourceError):
            return False

    def _may_hold_sites(self, data: bytes, path: Path) -> bool:
        return is_worth_parsing(code_of(data, path), self.repository)

    def _result(self, path: Path, data: bytes) -> FileResult:
        twins = self.twinned.get(path)
        if twins is None and path not in self.named and not self._may_hold_sites(data, path):
            return Unchanged(path, ())
        source = source_of(data, path)
        try:
            return self._of_source(source, data, twins)
        except SourceError as error:
            raise error if source.notebook is None else source.notebook.error(error) from error

    def _of_source(self, old: SourceFile, data: bytes, twins: Twinned | None) -> FileResult:
        path, text = old.path, old.text
        source = old if twins is None else twins.source
        sites = find_sites(source, self.around)
        wants = wanted_in(path, self.wanted)
        wanted = [site for site in sites if wants(site)]
        plans = [site.plan for site in wanted if site.plan]
        new, refused = _edited(source, plans, self.repository.settings.line_width)
        applied = [site for site in wanted if site.plan not in refused]
        kept = [_kept(site, refused) for site in sites if site not in applied]
        if twins is not None:
            places = OldPlaces(text, source.text, self._old_sites(path, text))
            applied = sorted([*twins.applied, *map(places.of, applied)], key=_place)
            kept = sorted([*twins.kept, *map(places.of, kept)], key=_place)
        if new == text:
            return Unchanged(path, in_cells(kept, old))
        _check_syntax(new, path)
        return Changed(
            path,
            data,
            _encoded(new, old, data),
            in_cells(applied, old),
            in_cells(kept, old),
            self._required_by(path, applied),
        )

    def _old_sites(self, path: Path, text: str) -> tuple[Site, ...]:
        return find_sites(parse(text, path), self.repository)

    def _required_by(self, path: Path, applied: Iterable[Site]) -> frozenset[Path]:
        """The other files whose twins the new text calls."""
        streams = {site.stream for site in applied}
        return frozenset(
            home
            for home, twins in self.twinned.items()
            if home != path and not twins.streamers.isdisjoint(streams)
        )


def _encoded(new: str, old: SourceFile, data: bytes) -> bytes:
    return encoded(new, old.text, data) if old.notebook is None else old.notebook.encoded(new)


def _place(site: Site) -> Position:
    return site.span.start


def with_site(source: SourceFile, data: bytes, site: Site, width: int) -> str | None:
    """The text of `source` with `site` alone rewritten; None where that cannot be done.

    `data` is the file as it was read. Raises SourceError where the new text would be no file of
    its kind, RewriteUnavailableError where LibCST is missing.
    """
    assert site.plan is not None
    new, refused = _edited(source, [site.plan], width)
    if refused or new == source.text:
        return None
    _check_syntax(new, source.path)
    _encoded(new, source, data)
    return new


def is_wanted(site: Site, *, codes: Collection[str] | None = None, unsafe: bool) -> bool:
    """Tell whether a run over all of `codes` (None: every one) would rewrite `site`."""
    plan = site.plan
    return (
        plan is not None
        and not isinstance(plan.shape, ReportOnly)
        and (codes is None or all(part.code in codes for part in plan.each))
        and (unsafe or plan.safety is Safety.SAFE)
    )


def _edited(
    source: SourceFile, plans: Sequence[Plan], width: int
) -> tuple[str, dict[Plan, Refusal]]:
    """The text with all plans carried out that can be, and why the others cannot.

    Raises SourceError where LibCST cannot read the text at all.
    """
    text = source.text
    if not plans:
        return text, {}
    if source.is_too_large:
        return text, {plan: too_large(plan.anchor) for plan in plans}
    if importlib.util.find_spec("libcst") is None:
        raise RewriteUnavailableError
    from loadstream_codemods.apply import apply
    from loadstream_codemods.errors import CannotApplyError, UnreadableError

    refused: dict[Plan, Refusal] = {}
    remaining = list(plans)
    while remaining:
        try:
            return apply(text, remaining, width), refused
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
    return site._replace(plan=None, refusals=(*site.refusals, refused[site.plan]))


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
