"""What `rewrite --verify` does before it writes: old and new are run, what is not equal is kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.sites import Site
from loadstream.cli.progress import progress
from loadstream.cli.verification import configured_checks, verify_errors
from loadstream.project.errors import InputError
from loadstream.rewrite import Changed, FileResult, Unchanged
from loadstream.verify import Judged, Settings, Verdict, verify_candidate

if TYPE_CHECKING:
    from loadstream.project.config import Configuration


def verified(
    results: Sequence[FileResult], configuration: Configuration
) -> tuple[tuple[FileResult, ...], dict[Path, Judged]]:
    """The results with those changes taken back that did not come out equal, and what was shown.

    Raises InputError for a file outside the repository, or where a configured check means nothing.
    """
    root = configuration.root.resolve()
    changed = {result.path: result for result in results if isinstance(result, Changed)}
    if not changed:
        return tuple(results), {}
    names = {path: _inside(path, root) for path in changed}
    with verify_errors(), progress() as step:
        judged = verify_candidate(
            root,
            {names[path]: result.new for path, result in changed.items()},
            Settings(pairs=0, progress=step),
            requires={
                names[path]: frozenset(names[other] for other in result.requires if other in names)
                for path, result in changed.items()
            },
            checks=configured_checks(configuration),
        )
    found = {path: judged[name] for path, name in names.items()}
    return tuple(
        _kept(result, found[result.path])
        if isinstance(result, Changed) and found[result.path].verdict is not Verdict.EQUAL
        else result
        for result in results
    ), found


def _inside(path: Path, root: Path) -> str:
    try:
        return path.resolve().relative_to(root).as_posix()
    except ValueError:
        raise InputError(
            f"{path}: not in the repository at {root}, so it cannot be verified"
        ) from None


def _kept(result: Changed, judged: Judged) -> Unchanged:
    """The file with every site kept, for what was shown."""
    fact = f"{judged.verdict.value}: {judged.why}"
    if judged.counterexample is not None:
        fact += f"; {judged.counterexample.replay}"
    kept = [_kept_site(site, fact) for site in result.applied]
    sites = sorted([*result.kept, *kept], key=lambda site: site.span.start)
    return Unchanged(result.path, tuple(sites))


def _kept_site(site: Site, fact: str) -> Site:
    return site._replace(plan=None, refusals=(Refusal(Reason.NOT_VERIFIED, fact, site.span),))
