"""The data that a load reads, and whether other code opens or writes it, as its text tells."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from loadstream.analysis.modules import Definition
from loadstream.analysis.scopes import FUNCTIONS

_OPENING_MODULES = frozenset({"io", "gzip", "bz2", "lzma", "codecs"})
_FILE_CHANGES = frozenset(
    "write_text write_bytes unlink rename replace remove move copy copyfile copy2 touch".split()
)


@dataclass(frozen=True, slots=True)
class PlainFile:
    """The file that a plain load reads. `path` is the expression for it, if there is one."""

    path: ast.expr | None


# What a load reads: the data of a loader of the repository, or one file.
DataFile: TypeAlias = Definition | PlainFile


def mode_position(call: ast.Call) -> int:
    """The position of the mode among the arguments of an `open(…)`: 0 for `path.open(mode)`.

    1 for `open(path, mode)`, `gzip.open(path, mode)` and `archive.open(member, mode)`.
    """
    callee = call.func
    if not isinstance(callee, ast.Attribute):
        return 1
    if isinstance(callee.value, ast.Name) and callee.value.id in _OPENING_MODULES:
        return 1
    first = call.args[0] if call.args else None
    is_member = isinstance(first, ast.Constant) and not _is_mode(first.value)
    return 1 if is_member else 0


def _is_mode(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 4 and set(value) <= set("rwxabtU+")


def opening_mode(call: ast.Call) -> str | None:
    """The mode of an `open(…)` or `path.open(…)`; None where it is computed."""
    position = mode_position(call)
    mode: ast.expr | None = call.args[position] if len(call.args) > position else None
    for keyword in call.keywords:
        if keyword.arg == "mode":
            mode = keyword.value
        elif keyword.arg is None:
            return None
    if mode is None:
        return "r"
    return mode.value if isinstance(mode, ast.Constant) and isinstance(mode.value, str) else None


def opens_elsewhere(call: ast.Call, data: DataFile | None) -> bool:
    """Whether an open() only reads, or writes a file that is certainly not the data."""
    mode = opening_mode(call)
    if mode is not None and not set(mode) & set("wax+"):
        return True
    if isinstance(call.func, ast.Attribute) or not call.args or data is None:
        return False
    base = _base_name(call.args[0])
    if base is None:
        return False
    if isinstance(data, PlainFile):
        own = _base_name(data.path)
        return own is not None and own.lower() != base.lower()
    return base not in data.module.source.text


def _base_name(path: ast.expr | None) -> str | None:
    """The last part of a path that is written down as one string."""
    if not isinstance(path, ast.Constant) or not isinstance(path.value, str):
        return None
    return re.split(r"[/\\]", path.value)[-1] or None


def writes_data(nodes: Iterable[ast.AST], data: DataFile | None) -> ast.Call | None:
    """A call under `nodes` that plainly writes, moves or deletes the data.

    For a loader `save_x` beside `load_x`, or an open() for writing of a file that its module
    names; for a plain load anything that is given the same path, or a path that may be the same
    one under another name.
    """
    calls = (node for node in run_by(nodes) if isinstance(node, ast.Call))
    if isinstance(data, PlainFile):
        return next((call for call in calls if _writes_file(call, data)), None)
    if data is None:
        return None
    return next((call for call in calls if _writes_source(call, data)), None)


def _called(call: ast.Call) -> str:
    callee = call.func
    return callee.attr if isinstance(callee, ast.Attribute) else getattr(callee, "id", "")


def _writes_file(call: ast.Call, data: PlainFile) -> bool:
    if _called(call) == "open":
        return not opens_elsewhere(call, data) and _may_be(_written(call), data.path)
    if _called(call) in _FILE_CHANGES and data.path is not None:
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        text = ast.dump(data.path)
        return any(a is not None and ast.dump(a) == text for a in (owner, *call.args))
    return False


def _written(call: ast.Call) -> ast.expr | None:
    if isinstance(call.func, ast.Attribute) and mode_position(call) == 0:
        return call.func.value
    return call.args[0] if call.args else None


def _may_be(written: ast.expr | None, read: ast.expr | None) -> bool:
    """Whether two expressions for paths may be the same one: equal, or both plain names."""
    if written is None or read is None:
        return True
    if isinstance(written, ast.Constant) and isinstance(read, ast.Constant):
        return _base_name(written) == _base_name(read)
    plain = (ast.Name, ast.Attribute, ast.Subscript)
    return ast.dump(written) == ast.dump(read) or (
        isinstance(written, plain) and isinstance(read, plain)
    )


def _writes_source(call: ast.Call, loader: Definition) -> bool:
    noun = loader.name.partition("_")[2]
    writers = {f"{verb}_{noun}" for verb in ("save", "write", "dump", "store", "update")}
    if _called(call) in writers:
        return True
    if _called(call) != "open":
        return False
    mode = opening_mode(call)
    path = call.args[0] if call.args else None
    return (
        mode is not None
        and bool(set(mode) & set("wax+"))
        and isinstance(path, ast.Constant)
        and not opens_elsewhere(call, loader)
    )


def run_by(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Everything under `nodes` that runs when they run: bodies of nested functions do not."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, FUNCTIONS):
            pending.extend([*node.decorator_list, *node.args.defaults])
        else:
            pending.extend(ast.iter_child_nodes(node))
