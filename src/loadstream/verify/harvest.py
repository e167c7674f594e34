"""Collects what a run has left in its job folder: its result and its log of opened files."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loadstream.verify.observed import Measured


def read_result(folder: Path) -> dict[str, Any]:
    """`result.json` of the job folder; empty where the child did not come to write it."""
    try:
        loaded = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


@dataclass(frozen=True, slots=True)
class Log:
    """What the audit hook saw, each path once: `started` says that another program was started.

    `outside` says of each file beyond the tree how large it was where the run only added to it.
    `random` are names that tempfile made up, in the order in which it did.
    """

    opened: tuple[str, ...]
    outside: Mapping[str, int]
    refused: tuple[str, ...]
    random: tuple[str, ...]
    started: bool


def read_log(folder: Path, tree: Path) -> Log:
    """`opened.log` of the job folder; files of the tree come as paths relative to it."""
    paths: dict[str, list[str]] = {kind: [] for kind in ("read", "refused", "random", "started")}
    outside: dict[str, int] = {}
    try:
        lines = (folder / "opened.log").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    for line in lines:
        with suppress(ValueError, KeyError):
            kind, path, *more = json.loads(line)
            if kind == "outside":
                # Once it is written anew, all of it is the run's.
                outside[path] = more[0] if more[0] is not None and outside.get(path) != 0 else 0
            else:
                paths[kind].append(path)
    opened = [
        os.path.relpath(path, tree).replace(os.sep, "/")
        for path in paths["read"]
        if path.startswith(f"{tree}{os.sep}")
    ]
    return Log(
        opened=tuple(opened),
        outside=outside,
        refused=tuple(paths["refused"]),
        random=tuple(paths["random"]),
        started=bool(paths["started"]),
    )


def read_filtered(result: Mapping[str, Any]) -> dict[str, tuple[int, int]] | None:
    """What the filters kept and rejected; an exception would look like a rejection."""
    counted = result.get("filtered")
    if counted is None:
        return None
    if result.get("raised"):
        return {}
    return {place: (kept, rejected) for place, (kept, rejected) in counted.items()}


def read_measured(
    result: Mapping[str, Any], seen: list[tuple[float, int]], several: bool
) -> Measured | None:
    """What the child measured of itself, with the resident memory that the parent saw.

    Of `several` processes only the parent sees all: then the peak is at least what it saw.
    """
    read = result.get("measured")
    if not read:
        return None
    start, end = read["started"], read["ended"]
    inside = [(moment - start, size) for moment, size in seen if start <= moment <= end]
    line = [(0.0, read["baseline"]), *inside[:: max(1, len(inside) // 60)]]
    peak, reading = read["peak"], read["reading"]
    if several:
        peak = max(peak, *(size for _, size in inside), 0)
        reading = f"{reading}, and PSS of all processes every 20 ms"
    return Measured(
        seconds=read["seconds"],
        baseline=read["baseline"],
        peak=peak,
        traced=read["traced"],
        reading=reading,
        timeline=tuple(line),
    )
