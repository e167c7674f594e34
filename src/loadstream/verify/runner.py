"""Runs one side once: starts the child, has it watched, and returns what was observed.

The child (child.py) leads a session of its own; when it has ended, its keeper ends whatever it
left behind. watch.py keeps its limits, harvest.py collects what it wrote.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from loadstream.verify import child as child_module
from loadstream.verify.checks import Call, Script, Target
from loadstream.verify.gate import Gate
from loadstream.verify.harvest import (
    read_filtered,
    read_log,
    read_measured,
    read_result,
)
from loadstream.verify.keeper import Keeper, Kept
from loadstream.verify.observed import FileChange, Observed
from loadstream.verify.predicates import Predicate
from loadstream.verify.reached import read_hits
from loadstream.verify.slots import Slot
from loadstream.verify.tested import read_tests
from loadstream.verify.watch import Limits, Watch
from loadstream.verify.written import outside_changes, temporary_changes, tree_changes

# Loads child.py from its compiled form; as a script it would be compiled for every run.
_LAUNCH = (
    "import sys; from importlib.machinery import SourceFileLoader as L; p = sys.argv.pop(1); "
    "m = type(sys)('_loadstream_child'); m.__file__ = p; "
    "exec(L(m.__name__, p).get_code(m.__name__), m.__dict__); m.main()"
)


@dataclass(frozen=True, slots=True)
class Run:
    """What to run: the target, the folder (relative to the tree) to run it in, how to watch it.

    `original` is the user's own tree, which must stay as it is. `import_path` are folders
    relative to the tree. `variables` are a script's names to compare at its end, `functions`
    those of its functions to call then, `predicates` the filters whose answers are counted.
    `lines` are those to be noted when they run, by file.
    `measure` is None, `memory` or `traced`; `guarded` keeps
    the audit hook, which costs a little, while measuring too.
    """

    target: Target
    directory: str
    original: Path
    interpreter: str
    import_path: tuple[str, ...]
    variables: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    predicates: tuple[Predicate, ...] = ()
    lines: tuple[tuple[str, tuple[int, ...]], ...] = ()
    counting: bool = False
    measure: str | None = None
    guarded: bool = False

    def guarding(self) -> Run:
        """The same, with the user's own tree kept unwritten while it is measured too."""
        return replace(self, guarded=True)

    def counting_filters(self) -> Run:
        """The same, with the filters' answers and the lines noted even where that is slow."""
        return replace(self, counting=True)

    def measuring(self, how: str) -> Run:
        """The same, measured: `memory` (and time) or `traced`."""
        return replace(self, measure=how)


class StoppedError(Exception):
    """The verification is being stopped; nothing more is started."""


class Runner:
    """Starts runs and can stop all of them at once, from any thread.

    Each slot has a keeper (keeper.py), which starts its runs and ends what they leave behind.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keepers: dict[Path, Keeper] = {}
        self._live: set[Kept] = set()
        self._gate = Gate()
        self._reaching: set[str] = set()
        self._stopped = False

    def stop(self) -> None:
        """Kill everything that runs; what is waiting to start raises `StoppedError`."""
        with self._lock:
            self._stopped = True
            for kept in self._live:
                kept.kill()

    def close(self) -> None:
        """End the keepers; to be called when no run is under way."""
        self.stop()
        for keeper in self._keepers.values():
            keeper.close()

    def run(
        self, run: Run, slot: Slot, side: str, replaced: Mapping[str, bytes], limits: Limits
    ) -> Observed:
        """Run `side` once in `slot` with some files replaced.

        What is seen to write beyond its tree is run again while nothing else runs, from then on
        always: its files would else be those of several runs.

        Raises `VerifyError` where the interpreter cannot be started.
        """
        key = repr(run.target)
        first: Observed | None = None
        if key not in self._reaching:
            with self._gate.among_others():
                first = self._once(run, slot, side, replaced, limits)
            if not first.outside or run.measure:
                return first
            self._reaching.add(key)
            if first.stopped:
                return first
        with self._gate.alone():
            observed = self._once(run, slot, side, replaced, limits)
        if first is not None:
            outside = tuple(dict.fromkeys(observed.outside + first.outside))
            observed = replace(observed, outside=outside)
        return observed

    def _once(
        self, run: Run, slot: Slot, side: str, replaced: Mapping[str, bytes], limits: Limits
    ) -> Observed:
        with slot.side(side, replaced) as tree:
            folder = slot.folder / "job"
            temporary = slot.folder / "tmp"
            for place in (folder, temporary):
                _empty(place)
            _write_job(run, folder, temporary, tree, slot, bool(replaced))
            started = time.monotonic()
            kept = self._start(run, folder, temporary)
            try:
                watch = Watch(kept, limits, run.measure is not None)
                stopped = watch.until_it_ends()
            finally:
                with self._lock:
                    self._live.discard(kept)
                    if kept.lost or not kept.done:
                        self._keepers.pop(folder).destroy()
            seconds = time.monotonic() - started
            result = read_result(folder)
            log = read_log(folder, tree)
            if self._stopped:
                raise StoppedError
            written: tuple[FileChange, ...] = ()
            if not run.measure:
                written = (
                    *tree_changes(slot, side, replaced),
                    *temporary_changes(temporary, log.random),
                    *outside_changes(log.outside, slot),
                )
            return Observed(
                code=None if stopped else kept.code,
                stopped=stopped,
                complete=bool(result),
                stdout=watch.output("stdout"),
                stderr=watch.output("stderr"),
                raised=tuple(result["raised"]) if result.get("raised") else None,
                returned=(result["returned"],) if "returned" in result else None,
                arguments=result.get("arguments"),
                variables=result.get("variables", {}),
                written=written,
                opened=log.opened,
                outside=tuple(log.outside),
                refused=log.refused,
                filtered=read_filtered(result),
                escaped=tuple(result.get("escaped", ())),
                measured=read_measured(result, watch.memory.seen, watch.memory.several),
                seconds=seconds,
                reached=read_hits(folder),
                left=kept.left,
                started=log.started or watch.memory.several,
                tests=read_tests(result, run.target),
            )

    def _start(self, run: Run, folder: Path, temporary: Path) -> Kept:
        command = [run.interpreter, "-c", _LAUNCH, str(child_module.__file__), str(folder)]
        with self._lock:
            if self._stopped:
                raise StoppedError
            keeper = self._keepers.get(folder)
            if keeper is None:
                keeper = self._keepers[folder] = Keeper()
            # Where runs are compared, an address that is printed must be seen to vary.
            fixed_addresses = run.measure is not None
            kept = keeper.start(command, _environment(temporary, folder.parent), fixed_addresses)
            self._live.add(kept)
        return kept


def _environment(temporary: Path, ceiling: Path) -> dict[str, str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "COVERAGE", "COV_CORE", "PYTEST_"))
        or name == "PYTHONPATH"
    }
    environment.update(
        PYTHONHASHSEED="0",
        PYTHONDONTWRITEBYTECODE="1",
        PYTHONUTF8="1",
        LC_ALL="C.UTF-8",
        LANG="C.UTF-8",
        TZ="UTC",
        COLUMNS="80",
        LINES="24",
        NO_COLOR="1",
        GIT_CEILING_DIRECTORIES=str(ceiling),
        TMPDIR=str(temporary),
    )
    return environment


def _audited(run: Run) -> bool:
    return run.measure is None or run.guarded


def _write_job(
    run: Run, folder: Path, temporary: Path, tree: Path, slot: Slot, generated: bool
) -> None:
    script = call = None
    if isinstance(run.target, Script):
        script = {
            "path": run.target.path,
            "module": run.target.module,
            "args": list(run.target.args),
        }
    elif isinstance(run.target, Call):
        call = {
            "module": run.target.module,
            "function": run.target.function,
            "args": list(run.target.args),
            "kwargs": dict(run.target.kwargs),
            "path": run.target.path,
        }
    job = {
        "tree": str(tree),
        "directory": run.directory,
        "temporary": str(temporary),
        "original": str(run.original),
        "workspace": str(slot.folder.parent),
        "path": list(run.import_path),
        "script": script,
        "call": call,
        "variables": list(run.variables),
        "functions": list(run.functions),
        "predicates": [[predicate.path, predicate.line] for predicate in run.predicates],
        "lines": [[path, list(lines)] for path, lines in run.lines],
        "count": generated or run.counting,
        "measure": run.measure,
        "audit": _audited(run),
        "replacements": [[str(tree), "<tree>"], [str(temporary), "<tmp>"]],
    }
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
