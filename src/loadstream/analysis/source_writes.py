"""Writes of the data before the pass or in it: a stream would read a file that changes under it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loadstream.analysis.between import code_between, opened_at
from loadstream.analysis.data_files import PlainFile, called, opening_mode, writes_source
from loadstream.analysis.loader_files import given_files, object_files, own_files
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.trees import walk
from loadstream.analysis.uses import Use
from loadstream.analysis.writes import Same, Write, writes

_READERS = frozenset({"Image", "PIL.Image", "webbrowser", "rasterio", "nib", "wave"})
# Where other code runs before the pass goes on.
_SUSPENDING = (ast.Yield, ast.YieldFrom, ast.Await, ast.AsyncFor, ast.AsyncWith)


def writes_its_source(use: Use) -> Iterator[Refusal]:
    """What runs before the pass or in it must not write the data."""
    data = use.load.data
    if not isinstance(data, PlainFile):
        call = writes_source([use.anchor], data)
        if call is not None:
            yield write_refusal(call, "writes what is read", use)
            return
    load = use.load
    files = (
        (data,)
        if isinstance(data, PlainFile)
        else (*given_files(load), *own_files(load), *object_files(load, use.module))
    )
    for write in (write for file in files for write in writes_beside(use, file)):
        if write.same is Same.YES:
            yield write_refusal(write.at, "writes what is read", use)
            return


def writes_beside(use: Use, data: PlainFile) -> Iterator[Write]:
    """What the pass, and what runs before it, write that may be the data."""
    start = opened_at(use)
    between = [] if start is None else code_between(start, use)
    suspends = any(isinstance(node, _SUSPENDING) for node in walk(use.anchor))
    # While the pass is suspended, any code of this module may run.
    nodes: list[ast.AST] = [*between, use.anchor, *_held_open(use)]
    if suspends:
        nodes = [n for n in walk(use.module.source.tree) if isinstance(n, ast.stmt)]
    return writes(nodes, data, use.module, use.repository)


def _held_open(use: Use) -> Iterator[ast.expr]:
    """What with blocks around the pass, or assignments, open to be appended to or changed in place.

    A file that is opened to be written anew is empty before the load.
    """
    around = [n for n in use.module.scopes.ancestors(use.anchor) if isinstance(n, ast.With)]
    opened = [item.context_expr for block in around for item in block.items]
    opened += [
        call
        for call in use.module.calls.get("open", ())
        if isinstance(use.module.scopes.parents[call], ast.Assign)
    ]
    for call in opened:
        if not isinstance(call, ast.Call) or not _opens_file(call):
            continue
        if set(opening_mode(call) or "+") & set("a+"):
            yield call


def _opens_file(call: ast.Call) -> bool:
    """Whether an `open` is one of files: that of an image library, say, only reads."""
    if called(call) != "open":
        return False
    callee = call.func
    return not (isinstance(callee, ast.Attribute) and ast.unparse(callee.value) in _READERS)


def write_refusal(at: ast.expr, fact: str, use: Use) -> Refusal:
    """The refusal for what writes."""
    span = use.span(at)
    what = f"{ast.unparse(at.func)}()" if isinstance(at, ast.Call) else f"`{ast.unparse(at)}`"
    text = f"{what} at line {span.start.line} {fact}"
    return Refusal(Reason.WRITES_SOURCE, text, span)
