"""Runs one side once: starts the child, watches its limits, and returns what was observed.

Output is read through pipes, digested as it comes and kept up to a cap, so that a gigabyte of it
costs neither memory nor disk and is still compared to the last byte. The child leads a session of
its own; when it has ended, whatever it left behind is killed.
"""

from __future__ import annotations

import hashlib
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from loadstream.verify import child as child_module
from loadstream.verify import encode as encode_module
from loadstream.verify.checks import Call, Script, Target
from loadstream.verify.workspace import FileChange, Slot

KEPT_OUTPUT = 1 << 20
_KEPT_FILE = 8 << 20
_MARK = "LOADSTREAM_VERIFY_RUN"


# Loads child.py from its compiled form; as a script it would be compiled for every run.
_LAUNCH = (
    "import sys; from importlib.machinery import SourceFileLoader as L; p = sys.argv.pop(1); "
    "m = type(sys)('_loadstream_child'); m.__file__ = p; "
    "exec(L(m.__name__, p).get_code(m.__name__), m.__dict__); m.main()"
)


@dataclass(frozen=True, slots=True)
class Output:
    """One stream of output: its first `KEPT_OUTPUT` bytes, its length, a digest of all of it."""

    head: bytes
    size: int
    digest: str

    @property
    def complete(self) -> bool:
        """True where `head` is all that was written."""
        return len(self.head) == self.size


@dataclass(frozen=True, slots=True)
class Measured:
    """What the child read of itself, in bytes and seconds, and what the parent saw meanwhile."""

    seconds: float
    baseline: int
    peak: int
    traced: int | None
    reading: str
    timeline: tuple[tuple[float, int], ...]


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything that one run showed.

    `code` is the exit code (negative: killed by that signal), None where it did not end within
    its limits, and `stopped` says which. `raised` is (class, message) of an uncaught exception.
    `returned`, `arguments` and `variables` are nodes of encode.py; `returned` is None where
    nothing was returned (a script, an exception, an early exit). `opened` are the files of the
    tree that were opened for reading, `outside` those beyond it that were written.
    """

    code: int | None
    stopped: str
    stdout: Output
    stderr: Output
    raised: tuple[str, str] | None
    returned: tuple[Any] | None
    arguments: Any
    variables: Mapping[str, Any]
    written: tuple[FileChange, ...]
    opened: tuple[str, ...]
    outside: tuple[str, ...]
    escaped: tuple[str, ...]
    measured: Measured | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Limits:
    """For one run: `timeout` in seconds, `memory` in bytes of resident memory."""

    timeout: float
    memory: int


@dataclass(frozen=True, slots=True)
class Run:
    """What to run: the target, the folder (relative to the tree) to run it in, how to watch it.

    `original` is the user's own tree, which must stay as it is. `import_path` are folders
    relative to the tree. `variables` are a script's names to compare at its end, `functions`
    those of its functions to call then. `measure` is None, `memory` or `traced`; `guarded` keeps
    shared files apart while measuring too.
    """

    target: Target
    directory: str
    original: Path
    interpreter: str
    import_path: tuple[str, ...]
    variables: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    measure: str | None = None
    guarded: bool = False

    def guarding(self) -> Run:
        """The same, with shared files parted before they are written while it is measured too."""
        return replace(self, guarded=True)

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
                _kill_group(process)

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
            _write_job(run, folder, temporary, tree, slot)
            started = time.monotonic()
            process = self._start(run, folder, temporary, mark)
            try:
                watch = _Watch(process, limits, run.measure is not None)
                stopped = watch.until_it_ends()
            finally:
                _kill_group(process)
                process.wait()
                with self._lock:
                    self._live.discard(process)
            seconds = time.monotonic() - started
            result = _read_result(folder)
            opened, outside, starts = _read_opened(folder, tree)
            if starts or not result:
                _kill_marked(mark)
            if self._stopped:
                raise StoppedError
            written: tuple[FileChange, ...] = ()
            if run.measure is None:
                written = _file_changes(slot, side, replaced, tree)
            return Observed(
                code=None if stopped else process.returncode,
                stopped=stopped,
                stdout=watch.output("stdout"),
                stderr=watch.output("stderr"),
                raised=tuple(result["raised"]) if result.get("raised") else None,
                returned=(result["returned"],) if "returned" in result else None,
                arguments=result.get("arguments"),
                variables=result.get("variables", {}),
                written=written,
                opened=opened,
                outside=outside,
                escaped=tuple(result.get("escaped", ())),
                measured=_measured(result, watch.resident),
                seconds=seconds,
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
    environment[_MARK] = mark
    return environment


def _write_job(run: Run, folder: Path, temporary: Path, tree: Path, slot: Slot) -> None:
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
        "encoder": str(encode_module.__file__),
        "path": list(run.import_path),
        "script": script,
        "call": call,
        "variables": list(run.variables),
        "functions": list(run.functions),
        "measure": run.measure,
        "audit": run.measure is None or run.guarded,
        "replacements": [[str(tree), "<tree>"], [str(temporary), "<tmp>"]],
    }
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")


class _Watch:
    """Reads both outputs and keeps the limits until the child has ended."""

    def __init__(self, process: subprocess.Popen[bytes], limits: Limits, measured: bool) -> None:
        self._process = process
        self._limits = limits
        self._pause = 0.004 if measured else 0.05
        self._heads = {"stdout": bytearray(), "stderr": bytearray()}
        self._sizes = {"stdout": 0, "stderr": 0}
        self._digests = {"stdout": hashlib.sha256(), "stderr": hashlib.sha256()}
        self.resident: list[tuple[float, int]] = []

    def output(self, name: str) -> Output:
        """What came through `stdout` or `stderr`."""
        return Output(bytes(self._heads[name]), self._sizes[name], self._digests[name].hexdigest())

    def until_it_ends(self) -> str:
        """Wait; the empty string where the child ended by itself, else the limit it met."""
        deadline = time.monotonic() + self._limits.timeout
        stopped = ""
        with selectors.DefaultSelector() as selector:
            for name in ("stdout", "stderr"):
                stream = getattr(self._process, name)
                os.set_blocking(stream.fileno(), False)
                selector.register(stream, selectors.EVENT_READ, name)
            # The wait grows, so that a short run is noticed at once and a long one costs nothing.
            wait = 0.001
            while True:
                for key, _ in selector.select(min(wait, self._pause)):
                    if not self._read(key):
                        selector.unregister(key.fileobj)
                        # Its output has ended, so it is about to end itself.
                        wait = 0.0005
                if self._process.poll() is not None:
                    break
                if not selector.get_map():
                    time.sleep(min(wait, self._pause))
                wait *= 1.5
                stopped = self._limit(deadline)
                if stopped:
                    _kill_group(self._process)
                    self._process.wait()
                    break
            self._drain(selector)
        for name in ("stdout", "stderr"):
            getattr(self._process, name).close()
        return stopped

    def _limit(self, deadline: float) -> str:
        if time.monotonic() >= deadline:
            return f"did not end within {self._limits.timeout:g} s"
        resident = _resident(self._process.pid)
        if resident:
            self.resident.append((time.monotonic(), resident))
            if resident > self._limits.memory:
                return f"used more than {self._limits.memory >> 20:,} MB of memory"
        return ""

    def _drain(self, selector: selectors.BaseSelector) -> None:
        """What is left in the pipes; a child of the child that still writes gets no more time."""
        _kill_group(self._process)
        end = time.monotonic() + 2
        while selector.get_map() and time.monotonic() < end:
            events = selector.select(0.02)
            if not events:
                return
            for key, _ in events:
                if not self._read(key):
                    selector.unregister(key.fileobj)

    def _read(self, key: selectors.SelectorKey) -> bool:
        """False at the end of the stream."""
        try:
            data = os.read(key.fd, 1 << 16)
        except BlockingIOError:
            return True
        if not data:
            return False
        name = key.data
        self._digests[name].update(data)
        self._sizes[name] += len(data)
        head = self._heads[name]
        if len(head) < KEPT_OUTPUT:
            head += data[: KEPT_OUTPUT - len(head)]
        return True


def _resident(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/statm").read_bytes().split()
    except OSError:
        return 0
    return int(fields[1]) * _PAGE if len(fields) > 1 else 0


_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def _read_result(folder: Path) -> dict[str, Any]:
    try:
        loaded = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _read_opened(folder: Path, tree: Path) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    opened: list[str] = []
    outside: list[str] = []
    starts = False
    try:
        lines = (folder / "opened.log").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    for line in lines:
        with suppress(ValueError):
            kind, path = json.loads(line)
            if kind == "started":
                starts = True
            elif kind == "outside":
                outside.append(path)
            elif kind == "read" and path.startswith(f"{tree}{os.sep}"):
                opened.append(os.path.relpath(path, tree).replace(os.sep, "/"))
    return tuple(opened), tuple(outside), starts


def _measured(result: Mapping[str, Any], seen: list[tuple[float, int]]) -> Measured | None:
    read = result.get("measured")
    if not read:
        return None
    start, end = read["started"], read["ended"]
    inside = [(moment - start, size) for moment, size in seen if start <= moment <= end]
    line = [(0.0, read["baseline"]), *inside[:: max(1, len(inside) // 60)]]
    return Measured(
        seconds=read["seconds"],
        baseline=read["baseline"],
        peak=read["peak"],
        traced=read["traced"],
        reading=read["reading"],
        timeline=tuple(line),
    )


def _file_changes(
    slot: Slot, side: str, replaced: Mapping[str, bytes], tree: Path
) -> tuple[FileChange, ...]:
    written, deleted = slot.changes(side, replaced)
    changes = []
    for path in written:
        place = tree / path
        if place.is_symlink() or not place.is_file():
            text = str(place.readlink()) if place.is_symlink() else "special file"
            changes.append(FileChange(path, 0, text, None))
            continue
        digest = hashlib.sha256()
        size = 0
        kept: list[bytes] = []
        with place.open("rb") as handle:
            while block := handle.read(1 << 20):
                digest.update(block)
                if size < _KEPT_FILE:
                    kept.append(block)
                size += len(block)
        content = b"".join(kept) if size <= _KEPT_FILE else None
        changes.append(FileChange(path, size, digest.hexdigest(), content))
    changes.extend(FileChange(path, 0, "", None) for path in deleted)
    return tuple(changes)


def _empty(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.kill()
        return
    # The group outlives its leader as long as it has members, so this is right after the end too.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _kill_marked(mark: str) -> None:
    """Kill what left the child's session: it still has the mark in its environment."""
    wanted = f"{_MARK}={mark}".encode()
    for entry in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if wanted in entry.read_bytes():
                os.kill(int(entry.parent.name), signal.SIGKILL)
