"""The data that a load reads, and whether other code opens or writes it, as its text tells."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

from loadstream.analysis.loader_names import noun_of
from loadstream.analysis.modules import Definition
from loadstream.analysis.scopes import FUNCTIONS
from loadstream.analysis.trees import children

_OPENING_MODULES = frozenset({"io", "gzip", "bz2", "lzma", "codecs", "fsspec"})
# Objects of iopath and fvcore whose `open(path, mode)` gives a file like the builtin's.
PATH_MANAGERS = frozenset({"PathManager", "g_pathmgr", "pathmgr"})
FILE_CHANGES = frozenset(
    "write_text write_bytes unlink rename replace remove move copy copyfile copy2 touch "
    "truncate".split()
)


class PlainFile(NamedTuple):
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
    if isinstance(callee.value, ast.Name) and callee.value.id in _OPENING_MODULES | PATH_MANAGERS:
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
    """Whether an open() only reads, or writes a file that is certainly not a loader's data.

    What is written beside a plain load is looked at in writes.py.
    """
    mode = opening_mode(call)
    if isinstance(data, PlainFile) or (mode is not None and not set(mode) & set("wax+")):
        return True
    if isinstance(call.func, ast.Attribute) or not call.args or data is None:
        return False
    path = call.args[0]
    if not isinstance(path, ast.Constant) or not isinstance(path.value, str):
        return False
    base = re.split(r"[/\\]", path.value)[-1]
    return bool(base) and base not in data.module.source.text


def writes_source(nodes: Iterable[ast.AST], loader: Definition) -> ast.Call | None:
    """A call under `nodes` that plainly writes the loader's data: `save_x` beside `load_x`, or an
    open() for writing of a file that the loader's module names.
    """
    calls = (node for node in run_by(nodes) if isinstance(node, ast.Call))
    return next((call for call in calls if _writes_source(call, loader)), None)


def called(call: ast.Call) -> str:
    """The last part of what is called."""
    callee = call.func
    return callee.attr if isinstance(callee, ast.Attribute) else getattr(callee, "id", "")


def _writes_source(call: ast.Call, loader: Definition) -> bool:
    noun = noun_of(loader.name)
    end = f"_{noun}" if noun else ""
    writers = {f"{verb}{end}" for verb in ("save", "write", "dump", "store", "update")}
    if called(call) in writers:
        return True
    if called(call) != "open":
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
            pending.extend(children(node))
