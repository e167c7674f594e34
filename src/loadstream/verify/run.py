"""The verification from end to end: what is run, on which inputs, and what it showed.

verify_revisions and compare_callables differ in what they put into the workspace and in what they
select; from there on the flow is one: comparing pass, measuring passes, report.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from loadstream.machine.cache_folder import CACHE_FOLDER
from loadstream.machine.description import describe_machine
from loadstream.verify import counterexamples, git
from loadstream.verify.changed_lines import ChangedFile
from loadstream.verify.checks import Check
from loadstream.verify.demands import (
    argument_notes,
    demand_data,
    demand_names,
    not_covered,
    with_files,
)
from loadstream.verify.examine import Examiner
from loadstream.verify.interrupts import interruptible
from loadstream.verify.lab import Lab
from loadstream.verify.model import (
    Report,
    SiteChange,
    VerifyError,
)
from loadstream.verify.original import Original
from loadstream.verify.passes import result_of, run_checks, with_writes
from loadstream.verify.reached import Batch
from loadstream.verify.runner import Runner
from loadstream.verify.selection import Code, differences, read_code, select
from loadstream.verify.settings import Settings
from loadstream.verify.sides import (
    Pair,
    fill_from_revision,
    fill_with_contents,
    find_named,
    named_differences,
    named_target,
    pair_of,
    pair_of_named,
)
from loadstream.verify.smallest import Origin, Search
from loadstream.verify.trees import walk
from loadstream.verify.workspace import Workspace

_USUAL = Settings()


def verify_revisions(
    root: Path,
    settings: Settings = _USUAL,
    *,
    base: str = "HEAD",
    checks: Sequence[Check] = (),
    sites: Mapping[str, tuple[SiteChange, ...]] | None = None,
) -> Report:
    """Run what changed between `base` and the working tree of `root` on both sides, and compare.

    Without `checks`, every script and every callable without required arguments that the change
    touches is run. `sites` are the rewritten places by path relative to `root`, attached to the
    checks that ran them.

    Raises `VerifyError`: not a repository, unknown revision, nothing changed, nothing to run, a
    check that cannot be run as it stands, no such interpreter.
    """
    started = time.monotonic()
    settings = settings.settled()
    revision = git.find_revision(root, base)
    folder = root.resolve()
    directory = folder.relative_to(revision.root).as_posix()
    prefix = "" if directory == "." else f"{directory}/"
    changed = git.changed_paths(revision)
    if not changed:
        raise VerifyError(f"nothing to verify: the working tree does not differ from {base}")
    cache = folder / CACHE_FOLDER
    with interruptible(), Workspace(cache) as workspace:
        notes = fill_from_revision(workspace, revision, changed)
        codes = {side: read_code(master) for side, master in workspace.masters.items()}
        differing = differences(codes["old"], codes["new"], changed)
        chosen = tuple(checks)
        demand_names(chosen)
        notes += demand_data(chosen, workspace.masters["old"], directory)
        required: tuple[str, ...] = ()
        if not chosen:
            selection = select(codes["old"], codes["new"], changed, prefix)
            chosen = selection.checks
            notes += selection.notes
            required = selection.required
            if not chosen:
                raise VerifyError(_nothing_to_run(base, selection.notes))
        pairings = [
            pair_of(
                check, revision.root, directory, settings.interpreter, codes["old"], codes["new"]
            )
            for check in chosen
        ]
        if checks:
            pairings = [with_files(pairing, differing, codes["new"]) for pairing in pairings]
        origin = Origin("revisions", revision.commit, "", "", cache, Path.cwd())
        attached = {f"{prefix}{path}": found for path, found in (sites or {}).items()}
        batch = Batch(differing, required, attached)
        original = Original.of(revision.root)
        outcome, self_test = run_checks(workspace, pairings, codes, origin, settings, batch)
        outcome, written = with_writes(outcome, original)
    said = tuple(f"{result.name} is not run: " for result in outcome.results)
    if checks:
        notes += not_covered(pairings, differing, {lines.path for lines in outcome.lines})
    never_ran = {lines.path for lines in outcome.lines if lines.missed}
    notes += argument_notes(outcome.results, never_ran, pairings, codes["new"])
    return Report(
        base=revision.label,
        checks=outcome.results,
        machine=describe_machine(),
        self_test=self_test,
        notes=tuple(note for note in notes if not note.startswith(said)) + outcome.notes + written,
        seconds=time.monotonic() - started,
        lines=outcome.lines,
        unreached_sites=outcome.unreached_sites,
    )


def compare_callables(
    old: str,
    new: str,
    settings: Settings = _USUAL,
    *,
    data: Sequence[str] = (),
) -> Report:
    """Compare two functions (`path.py:function`) or two scripts (`path.py`), as above.

    Paths are relative to the working directory, which both sides run in (in a copy of the tree).
    `data` are globs of files that generated data replace, besides those that old is seen to read.

    Raises `VerifyError` for a missing file or function, or one that needs arguments.
    """
    started = time.monotonic()
    settings = settings.settled()
    here = Path.cwd()
    cache = here / CACHE_FOLDER
    with interruptible(), Workspace(cache) as workspace:
        pairing, codes, differing = _named_pair(
            workspace, old, new, here, settings.interpreter, data
        )
        notes = demand_data(
            [pairing.check], workspace.masters["old"], pairing.runs["old"].directory
        )
        origin = Origin("callables", "", old, new, cache, here)
        original = Original.of(pairing.runs["new"].original)
        batch = Batch(differing)
        outcome, self_test = run_checks(workspace, [pairing], codes, origin, settings, batch)
        outcome, written = with_writes(outcome, original)
    return Report(
        base=old,
        head=new,
        checks=outcome.results,
        machine=describe_machine(),
        self_test=self_test,
        notes=notes + outcome.notes + written,
        seconds=time.monotonic() - started,
        lines=outcome.lines,
    )


def replay(file: Path, settings: Settings = _USUAL, *, root: Path | None = None) -> Report:
    """Run one stored counterexample again; nothing is measured.

    `root` is the repository (default: the one that the file is stored in, else the working
    directory). Raises `VerifyError` where `file` is no counterexample.
    """
    started = time.monotonic()
    stored = counterexamples.read(file)
    settings = replace(settings, jobs=1).settled()
    folder = (root or home_of(file)).resolve()
    with interruptible(), Workspace(folder / CACHE_FOLDER) as workspace:
        if stored.mode == "callables":
            pairing, _, _ = _named_pair(
                workspace, stored.old, stored.new, folder, settings.interpreter, ()
            )
            base, head = stored.old, stored.new
        elif stored.mode == "contents":
            fill_with_contents(workspace, folder, stored.contents)
            codes = {side: read_code(master) for side, master in workspace.masters.items()}
            pairing = pair_of(
                stored.check, folder, ".", settings.interpreter, codes["old"], codes["new"]
            )
            base, head = "working tree", "the rewrite, not written"
        else:
            revision = git.find_revision(folder, stored.base)
            changed = git.changed_paths(revision)
            fill_from_revision(workspace, revision, changed)
            codes = {side: read_code(master) for side, master in workspace.masters.items()}
            directory = folder.relative_to(revision.root).as_posix()
            pairing = pair_of(
                stored.check,
                revision.root,
                directory,
                settings.interpreter,
                codes["old"],
                codes["new"],
            )
            base, head = revision.label, "working tree"
        origin = Origin(
            stored.mode,
            stored.base,
            stored.old,
            stored.new,
            folder / CACHE_FOLDER,
            Path.cwd(),
            stored.contents,
        )
        lab = Lab(Runner(), workspace, 1)
        try:
            examiner = Examiner(lab, Search(lab, origin), settings.timeout, settings.memory, 1)
            finding = examiner.again(pairing, stored.kind, stored.files)
        finally:
            lab.close()
    result = result_of(pairing.check, finding)
    return Report(
        base=base,
        head=head,
        checks=(result,),
        machine=describe_machine(),
        self_test="not done: a replay runs one stored input again",
        seconds=time.monotonic() - started,
    )


def _named_pair(
    workspace: Workspace, old: str, new: str, here: Path, interpreter: str, data: Sequence[str]
) -> tuple[Pair, dict[str, Code], dict[str, ChangedFile]]:
    sides = {"old": find_named(old, here), "new": find_named(new, here)}
    if (sides["old"].function is None) != (sides["new"].function is None):
        raise VerifyError("one side is a function and the other a script: give two of one kind")
    for side, named in sides.items():
        workspace.add(side, named.root, list(walk(named.root)))
        workspace.add_folders(named.root)
    codes = {side: read_code(workspace.masters[side]) for side in sides}
    check = Check(
        name=f"{old} → {new}",
        target=named_target(sides["new"], codes["new"]),
        data=tuple(data),
        files=(sides["new"].path,),
    )
    pairing = pair_of_named(check, sides, codes, here, interpreter)
    return pairing, codes, named_differences(sides, codes)


def _nothing_to_run(base: str, notes: Sequence[str]) -> str:
    if notes:
        more = f" (and {len(notes) - 1} more)" if len(notes) > 1 else ""
        return f"nothing to run: {notes[0]}{more}"
    return (
        f"nothing to run: no Python code differs from {base} but comments and formatting; "
        "name a check in [[tool.loadstream.checks]]"
    )


def home_of(file: Path) -> Path:
    """The folder whose cache holds the counterexample `file`, else the working directory."""
    folder = file.resolve().parent
    if folder.name == counterexamples.FOLDER and folder.parent.name == CACHE_FOLDER:
        return folder.parent.parent
    return Path.cwd()
