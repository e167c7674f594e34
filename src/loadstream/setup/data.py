"""The data files of a tree, by their names and sizes; none is opened.

Which loader reads which is told by the paths that its text names, also through the constants and
functions of its module.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from loadstream.analysis.modules import Definition

_DATA = re.compile(r"\.(?:json|jsonl|ndjson|geojson)(?:\.(?:gz|bz2|xz|zst))?$", re.IGNORECASE)
_OF_TOOLS = re.compile(
    r"(?:package|package-lock|composer|tsconfig.*|jsconfig.*|manifest|renovate|lerna)\.json"
)
_NOT_ENTERED = frozenset({"__pycache__", "node_modules", "site-packages"})


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of JSON or JSON Lines, packed or not; `path` is from the root, with `/`."""

    path: str
    size: int


def data_files(root: Path) -> tuple[DataFile, ...]:
    """The data files below `root`, the biggest first, ignored ones too: data often is.

    Folders that links lead to are left out, and what cannot be read.
    """
    found = []
    for place, folders, files in os.walk(root):
        folders[:] = [name for name in folders if _is_entered(place, name)]
        for name in files:
            if _DATA.search(name) and not _OF_TOOLS.fullmatch(name):
                path = Path(place, name)
                try:
                    size = path.stat().st_size
                except OSError:
                    continue
                found.append(DataFile(path.relative_to(root).as_posix(), size))
    return tuple(sorted(found, key=lambda one: (-one.size, one.path)))


def _is_entered(place: str, name: str) -> bool:
    if name.startswith(".") or name in _NOT_ENTERED:
        return False
    return not Path(place, name, "pyvenv.cfg").exists()


def read_by(loader: Definition, files: Sequence[DataFile]) -> tuple[DataFile, ...]:
    """Those of `files` that the text of a loader names, as far as that is certain."""
    named = [text for text in _texts(loader) if _DATA.search(text)]
    found = {file for text in named if (file := _only(text, files, loader)) is not None}
    return tuple(sorted(found, key=lambda one: (-one.size, one.path)))


def _only(text: str, files: Sequence[DataFile], loader: Definition) -> DataFile | None:
    """The one file that a path in a text can mean."""
    parts = [part for part in PurePosixPath(text).parts if part not in ("..", "/")]
    end = f"/{'/'.join(parts)}"
    fitting = [file for file in files if f"/{file.path}".endswith(end)]
    if len(fitting) > 1:
        folders = set(_texts(loader))
        fitting = [file for file in fitting if PurePosixPath(file.path).parent.name in folders]
    return fitting[0] if len(fitting) == 1 else None


def _texts(loader: Definition) -> Iterator[str]:
    """The strings of a loader's text, and of what it names in its module."""
    named: dict[str, ast.stmt] = {}
    for statement in loader.module.source.tree.body:
        match statement:
            case ast.FunctionDef(name=name) | ast.Assign(targets=[ast.Name(id=name)]):
                named[name] = statement
            case ast.AnnAssign(target=ast.Name(id=name)):
                named[name] = statement
    pending: list[ast.stmt] = [loader.function]
    seen = {loader.name}
    while pending:
        for node in ast.walk(pending.pop()):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
            elif isinstance(node, ast.Name) and node.id in named and node.id not in seen:
                seen.add(node.id)
                pending.append(named[node.id])
