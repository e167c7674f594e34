"""Runs one side once: starts the child, has it watched, and returns what was observed.

The child (child.py) leads a session of its own; when it has ended, whatever it left behind is
killed. watch.py keeps its limits, harvest.py collects what it wrote.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from loadstream.verify import child as child_module
from loadstream.verify.checks import Call, Script, Target
from loadstream.verify.harvest import (
    file_changes,
    read_filtered,
    read_log,
    read_measured,
    read_result,
)
from loadstream.verify.observed import Observed
from loadstream.verify.predicates import Predicate
from loadstream.verify.slots import Slot
from loadstream.verify.tested import read_tests
from loadstream.verify.watch import MARK, Limits, Watch, kill_group, kill_marked

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
    counting: bool = False
    measure: str | None = None
    guarded: bool = False

    def guarding(self) -> Run:
        """The same, with the user's own tree kept unwritten while it is measured too."""
        return replace(self, guarded=True)

    def counting_filters(self) -> Run:
        """The same, with the filters' answers counted even where that is slow."""
        return replace(self, counting=True)

    def measuring(self, how: str) -> Run:
        """The same, measured: `memory` (and time) or `traced`."""
        return replace(self, measure=how)


class StoppedError(Exception):
    """The verification is being stopped; nothing more is started."""


class Runner:
    """Starts children and can stop all of them at once, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._live: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    def stop(self) -> None:
        """Kill everything that runs; what is waiting to start raises `StoppedError`."""
        with self._lock:
            self._stopped = True
            for process in self._live:
                kill_group(process)

    def run(
        self, run: Run, slot: Slot, side: str, replaced: Mapping[str, bytes], limits: Limits
    ) -> Observed:
        """Run `side` once in `slot` with some files replaced."""
        with slot.side(side, replaced) as tree:
            folder = slot.folder / "job"
            temporary = slot.folder / "tmp"
            for place in (folder, temporary):
                _empty(place)
            mark = uuid.uuid4().hex
            _write_job(run, folder, temporary, tree, slot, bool(replaced))
            started = time.monotonic()
            process = self._start(run, folder, temporary, mark)
            try:
                watch = Watch(process, limits, run.measure is not None)
                stopped = watch.until_it_ends()
            finally:
                kill_group(process)
                process.wait()
                with self._lock:
                    self._live.discard(process)
            seconds = time.monotonic() - started
            result = read_result(folder)
            log = read_log(folder, tree)
            if log.started or not result or not _audited(run):
                kill_marked(mark)
            if self._stopped:
                raise StoppedError
            written = () if run.measure else file_changes(slot, side, replaced, tree)
            return Observed(
                code=None if stopped else process.returncode,
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
                outside=log.outside,
                refused=log.refused,
                filtered=read_filtered(result),
                escaped=tuple(result.get("escaped", ())),
                measured=read_measured(result, watch.resident),
                seconds=seconds,
                tests=read_tests(result, run.target),
            )

    def _start(self, run: Run, folder: Path, temporary: Path, mark: str) -> subprocess.Popen[bytes]:
        command = [run.interpreter, "-c", _LAUNCH, str(child_module.__file__), str(folder)]
        with self._lock:
            if self._stopped:
                raise StoppedError
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=_environment(temporary, mark, folder.parent),
                start_new_session=True,
                bufsize=0,
            )
            self._live.add(process)
        return process


def _environment(temporary: Path, mark: str, ceiling: Path) -> dict[str, str]:
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
    environment[MARK] = mark
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
        "count": generated or run.counting,
        "measure": run.measure,
        "audit": _audited(run),
        "replacements": [[str(tree), "<tree>"], [str(temporary), "<tmp>"]],
    }
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
