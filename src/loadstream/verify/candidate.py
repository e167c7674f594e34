"""A change that is not written yet: the working tree against itself with new contents.

Of the new files those stay that every check which runs them finds equal. Where one is taken back
the others are verified again, because they ran with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from loadstream.machine.cache_folder import CACHE_FOLDER
from loadstream.verify.checks import Check
from loadstream.verify.demands import demand_names, with_files
from loadstream.verify.interrupts import interruptible
from loadstream.verify.model import CheckResult, Counterexample, Verdict, worst
from loadstream.verify.original import Original
from loadstream.verify.passes import run_checks, with_writes
from loadstream.verify.reached import Batch
from loadstream.verify.selection import differences, read_code, select
from loadstream.verify.settings import Settings
from loadstream.verify.sides import fill_with_contents, pair_of
from loadstream.verify.smallest import Origin
from loadstream.verify.workspace import Workspace

_USUAL = Settings(pairs=0)


@dataclass(frozen=True, slots=True)
class Judged:
    """What was shown of one new file. `why` is the evidence, or what is wrong, in one line."""

    verdict: Verdict
    why: str
    counterexample: Counterexample | None = None


def verify_candidate(
    root: Path,
    contents: Mapping[str, bytes],
    settings: Settings = _USUAL,
    *,
    requires: Mapping[str, frozenset[str]] | None = None,
    checks: Sequence[Check] = (),
) -> dict[str, Judged]:
    """What the checks show of each file of `contents`, new bytes by path relative to `root`.

    Run are the scripts and functions that the change touches, and `checks`. `requires` names the
    new files without which a file must not be written. Equal are those that may be written: on
    both sides, with all the others that are equal, every check that runs them agreed, and there
    was one. Raises `VerifyError` where nothing can be run at all.
    """
    settings = settings.settled()
    remaining = dict(contents)
    judged: dict[str, Judged] = {}
    while remaining:
        found = _round(root, remaining, checks, settings)
        taken_back = {path: one for path, one in found.items() if one.verdict is not Verdict.EQUAL}
        taken_back |= _without(taken_back, remaining, requires or {})
        judged |= found | taken_back
        if not taken_back:
            break
        for path in taken_back:
            del remaining[path]
    return judged


def _without(
    gone: Mapping[str, Judged],
    remaining: Mapping[str, bytes],
    requires: Mapping[str, frozenset[str]],
) -> dict[str, Judged]:
    """The files that need one of those that are gone, directly or by others."""
    found: dict[str, Judged] = {}
    pending = list(gone)
    while pending:
        lost = pending.pop()
        for path in remaining:
            if lost in requires.get(path, ()) and path not in gone and path not in found:
                found[path] = Judged(
                    Verdict.INCONCLUSIVE, f"it needs the rewrite of {lost}, which is not made"
                )
                pending.append(path)
    return found


def _round(
    root: Path, contents: Mapping[str, bytes], checks: Sequence[Check], settings: Settings
) -> dict[str, Judged]:
    """What all checks show of the files of `contents` put into the tree together."""
    cache = root / CACHE_FOLDER
    with interruptible(), Workspace(cache) as workspace:
        fill_with_contents(workspace, root, contents)
        codes = {side: read_code(master) for side, master in workspace.masters.items()}
        differing = differences(codes["old"], codes["new"], contents)
        selection = select(codes["old"], codes["new"], contents)
        demand_names(checks)
        pairings = [
            with_files(
                pair_of(check, root, ".", settings.interpreter, codes["old"], codes["new"]),
                differing,
                codes["new"],
            )
            for check in (*selection.checks, *checks)
        ]
        if not pairings:
            return dict.fromkeys(contents, _NOT_RUN)
        origin = Origin("contents", "", "", "", cache, Path.cwd(), contents)
        batch = Batch(differing, selection.required)
        original = Original.of(root)
        outcome, _ = run_checks(workspace, pairings, codes, origin, settings, batch)
        outcome, _ = with_writes(outcome, original)
    return {path: _judged(path, outcome.results) for path in contents}


_NOT_RUN = Judged(
    Verdict.INCONCLUSIVE,
    "nothing runs it: name a check in [[tool.loadstream.checks]]",
)


def _judged(path: str, results: Sequence[CheckResult]) -> Judged:
    own = [
        result
        for result in results
        if path in (*result.files, result.name)
        or any(lines.path == path and lines.ran for lines in result.lines)
    ]
    if not own:
        return _NOT_RUN
    # Where it is not known what a check runs, as of tests, it counts against everything.
    own += [r for r in results if not r.files and r.verdict is Verdict.DIFFERENT]
    verdict = worst(result.verdict for result in own)
    result = next(result for result in own if result.verdict is verdict)
    return Judged(verdict, f"{result.name}: {result.explanation}", result.counterexample)
