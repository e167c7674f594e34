"""Checks on other machines: both sides travel by content, what was found comes back by value.

A worker lays both sides out in a folder of its own and runs its checks there, one after the other.
Only this process writes into the user's folders: counterexamples too are stored here.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from loadstream.machine.clusters import spread_over
from loadstream.verify.changed_lines import ChangedFile
from loadstream.verify.counterexamples import FOLDER, put
from loadstream.verify.model import VerifyError
from loadstream.verify.passes import Examined, examine_all
from loadstream.verify.selection import Code
from loadstream.verify.settings import Settings
from loadstream.verify.sides import Pair
from loadstream.verify.smallest import Origin, replay_of
from loadstream.verify.trees import folders, walk
from loadstream.verify.workspace import Workspace

_MOST = 1 << 30  # bytes of both sides that travel

_Stored = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class _File:
    """A file or link of a side: its content by its digest, or what it leads to."""

    digest: str
    target: str
    mode: int
    modified: int


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides by content: what is the same in both is there once."""

    files: Mapping[str, Mapping[str, _File]]
    folders: Mapping[str, tuple[str, ...]]
    contents: Mapping[str, bytes]

    @classmethod
    def of(cls, workspace: Workspace) -> Sides:
        """Those of a workspace. Raises `VerifyError` where they are too large to travel."""
        files: dict[str, dict[str, _File]] = {}
        contents: dict[str, bytes] = {}
        size = 0
        for side, master in workspace.masters.items():
            files[side] = {}
            for path in [*walk(master)]:
                place = master / path
                status = place.lstat()
                mode, modified = stat.S_IMODE(status.st_mode), status.st_mtime_ns
                if place.is_symlink():
                    files[side][path] = _File("", str(place.readlink()), mode, modified)
                    continue
                content = place.read_bytes()
                digest = hashlib.sha256(content).hexdigest()
                size += 0 if digest in contents else len(content)
                contents[digest] = content
                files[side][path] = _File(digest, "", mode, modified)
                if size > _MOST:
                    raise VerifyError(
                        f"both sides hold more than {_MOST >> 20:,} MB, which is too much to send "
                        "to a cluster: move data out of the tree, or leave out --executor"
                    )
        every = {side: tuple(folders(master)) for side, master in workspace.masters.items()}
        return cls(files, every, contents)

    def lay_out(self, workspace: Workspace) -> None:
        """Make a new workspace the same."""
        for side, master in workspace.masters.items():
            for folder in self.folders[side]:
                (master / folder).mkdir(parents=True, exist_ok=True)
            for path, file in self.files[side].items():
                place = master / path
                place.parent.mkdir(parents=True, exist_ok=True)
                if file.target:
                    place.symlink_to(file.target)
                    continue
                place.write_bytes(self.contents[file.digest])
                os.utime(place, ns=(file.modified, file.modified))
                place.chmod(file.mode)


@dataclass(frozen=True, slots=True)
class Task:
    """What all checks of a verification have in common."""

    sides: Sides
    codes: Mapping[str, Code]
    origin: Origin
    settings: Settings
    changed: Mapping[str, ChangedFile]


def examined_elsewhere(
    workspace: Workspace,
    pairings: Sequence[Pair],
    codes: Mapping[str, Code],
    origin: Origin,
    settings: Settings,
    changed: Mapping[str, ChangedFile],
) -> list[Examined]:
    """All passes over all checks, in their order, by the cluster of the settings."""
    cluster = settings.cluster
    assert cluster is not None
    plain = Settings()
    sent = replace(settings, cluster=None, progress=plain.progress)
    task = Task(Sides.of(workspace), codes, origin, sent, changed)
    found: list[Examined] = []
    for pairing, (examined, stored) in zip(
        pairings, spread_over(cluster, examined_there, task, pairings), strict=True
    ):
        found.append(_with_counterexample(examined, stored, origin))
        settings.progress(f"compared {pairing.check.name}")
    return found


def examined_there(task: Task, pairings: Sequence[Pair]) -> list[tuple[Examined, _Stored]]:
    """What some checks show, each with its counterexample: done by a worker."""
    found = []
    with tempfile.TemporaryDirectory(prefix="loadstream-verify-") as home:
        cache = Path(home).resolve()
        settings = replace(task.settings, jobs=1, interpreter="")
        settings = replace(settings.settled(), memory=task.settings.memory)
        origin = replace(task.origin, cache=cache, shown_from=cache)
        with Workspace(cache) as workspace:
            task.sides.lay_out(workspace)
            for pairing in pairings:
                (examined,) = examine_all(
                    workspace, [_here(pairing)], task.codes, origin, settings, task.changed
                )
                found.append((examined, _taken(cache / FOLDER)))
    return found


def _here(pairing: Pair) -> Pair:
    """A check as it is run by this Python. The user's own tree is not on this machine."""
    runs = {side: replace(run, interpreter=sys.executable) for side, run in pairing.runs.items()}
    return replace(pairing, runs=runs)


def _taken(folder: Path) -> _Stored:
    """The counterexamples that were stored; they are not there any more then."""
    stored = {}
    for path in sorted(folder.glob("*.json")):
        stored[path.name] = path.read_bytes()
        path.unlink()
    return stored


def _with_counterexample(examined: Examined, stored: _Stored, origin: Origin) -> Examined:
    """The same, with its counterexample stored here."""
    result = examined.result
    for name, content in stored.items():
        path = put(origin.cache, name, content)
        if result.counterexample is not None:
            replay = replay_of(path, origin.shown_from)
            result = replace(result, counterexample=replace(result.counterexample, replay=replay))
    return replace(examined, result=result)
