"""Caveats: what makes a rewrite unsafe, so that it is made only when it is asked for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from loadstream.analysis.callers import handled_call
from loadstream.analysis.data_files import PlainFile, called
from loadstream.analysis.effects import changes, is_seen, unknowns
from loadstream.analysis.handlers import OF_OPENING, every_handler, handles_only, tells_apart
from loadstream.analysis.kept_inside import keeps_inside
from loadstream.analysis.loader_files import given_files
from loadstream.analysis.loads import Kind
from loadstream.analysis.managers import leaves_finally
from loadstream.analysis.passes import (
    PROGRESS_BARS,
    CallPass,
    ComprehensionPass,
    LoopPass,
    may_stop_early,
)
from loadstream.analysis.plans import Safety
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.source_writes import write_refusal, writes_beside
from loadstream.analysis.taking_turns import other_exception
from loadstream.analysis.trees import walk
from loadstream.analysis.uses import Use

_OPENS = frozenset("open read_text read_bytes stat iterdir listdir scandir glob".split())


class Caveat(NamedTuple):
    """What a rewrite of this use is: safe, or unsafe for the reasons given."""

    safety: Safety
    refusals: tuple[Refusal, ...]


def caveat(use: Use) -> Caveat:
    """What makes a rewrite of this use unsafe, if anything does."""
    if use.load.kind is Kind.STREAMED:
        gone = tuple(_notebook_global(use))
        return Caveat(Safety.UNSAFE if gone else Safety.SAFE, gone)
    found = (
        *_notebook_global(use),
        *_partial_effects(use),
        *_may_write_source(use),
        *_progress(use),
        *_maybe_list(use),
        *_early_stop(use),
        *_folded_guard(use),
        *(refusal for later in use.beside for refusal in caveat(later).refusals),
        *other_exception(use),
    )
    return Caveat(Safety.UNSAFE if found else Safety.SAFE, found)


def _notebook_global(use: Use) -> Iterator[Refusal]:
    """A name goes that whoever works with the notebook may read."""
    if use.module.source.notebook is None:
        return
    for binding in use.bindings:
        for target in binding.targets if isinstance(binding, ast.Assign) else [binding.target]:
            scope = use.module.scopes.scope_of[target]
            if isinstance(target, ast.Name) and scope.home(target.id).is_module:
                span = use.span(target)
                fact = f"`{target.id}` of line {span.start.line} goes, which the notebook may read"
                yield Refusal(Reason.NOTEBOOK_GLOBAL, fact, span)
                return


def strictness(use: Use) -> tuple[Refusal, ...]:
    """With `strict = true`: the pass must do nothing before a broken file is noticed."""
    if not use.repository.settings.strict or use.load.kind is not Kind.LOADED:
        return ()
    if not _has_effects(use):
        return ()
    fact = f"strict: line {use.span(use.anchor).start.line} would work on a part of a broken file"
    return (Refusal(Reason.PARTIAL_EFFECTS, fact, use.span(use.anchor)),)


def _partial_effects(use: Use) -> Iterator[Refusal]:
    """A handler around the pass would see a broken file half-way, or another exception first."""
    partial = _has_effects(use) or may_stop_early(use.how) or _is_zipped(use)
    around = every_handler(use.source, use.module, use.repository)
    handler = next((h for h in around if not _only_of_opening(h, use)), None)
    if handler is not None:
        if partial or tells_apart(handler):
            span = use.span(handler)
            what = "run with part of the loop done" if partial else "see what an element raises"
            fact = f"the handler of line {span.start.line} would {what} before the break"
            yield Refusal(Reason.PARTIAL_EFFECTS, fact, span)
        return
    if not partial or (keeps_inside(use) and not may_stop_early(use.how)):
        return
    outside = handled_call(use.anchor, use.module, use.repository)
    if outside is not None:
        place = f"line {outside.handler.lineno}"
        if outside.module.real_path != use.module.real_path:
            place += f" of {outside.module.path.name}"
        fact = (
            f"the handler of {place}, around a call of {outside.name}(), would go on with part"
            f" of the loop of line {use.span(use.anchor).start.line} done"
        )
        yield Refusal(Reason.PARTIAL_EFFECTS, fact, use.span(use.anchor))


def _only_of_opening(handler: ast.stmt, use: Use) -> bool:
    """Whether a handler sees what opening a file raises, and nothing in the pass opens one."""
    if not handles_only(handler, OF_OPENING) or leaves_finally(handler):
        return False
    load = set(walk(use.load.call))
    unknown = unknowns([use.anchor], use.module, use.repository, use.load.data)
    opens = (n for n in walk(use.anchor) if isinstance(n, ast.Call) and called(n) in _OPENS)
    return not any(node not in load for node in (*unknown, *opens))


def takes_first(use: Use) -> ast.Subscript | None:
    """The `[…][0]` around a list comprehension over the value."""
    if not isinstance(use.how, ComprehensionPass) or not isinstance(use.how.node, ast.ListComp):
        return None
    parent = use.module.scopes.parents[use.how.node]
    if not isinstance(parent, ast.Subscript) or not isinstance(parent.ctx, ast.Load):
        return None
    index = parent.slice.value if isinstance(parent.slice, ast.Constant) else None
    return parent if type(index) is int and index == 0 else None


def _folded_guard(use: Use) -> Iterator[Refusal]:
    """What a guard let by in silence."""
    if use.guard is not None:
        span = use.span(use.guard)
        fact = f"the guard of line {span.start.line} goes: it let by other values in silence"
        yield Refusal(Reason.FOLDED_GUARD, fact, span)


def _early_stop(use: Use) -> Iterator[Refusal]:
    """The first of a list that is no longer made."""
    first = takes_first(use)
    if first is not None:
        fact = "what comes after the first match is no longer looked at"
        yield Refusal(Reason.EARLY_STOP, fact, use.span(first))


def _is_zipped(use: Use) -> bool:
    """Whether the elements are paired with others, which may be fewer."""
    return any(called(call) == "zip" for call in _wrappers(use))


def _wrappers(use: Use) -> Iterator[ast.Call]:
    """The calls between the value and its pass: `enumerate(zip(rows, names))`."""
    inner: ast.AST = use.source
    while inner is not use.anchor:
        inner = use.module.scopes.parents[inner]
        if isinstance(inner, ast.Call):
            yield inner


def _progress(use: Use) -> Iterator[Refusal]:
    """A bar without a total prints something else; around enumerate() or zip() it had none."""
    for call in _wrappers(use):
        total = any(keyword.arg == "total" for keyword in call.keywords)
        if called(call) in PROGRESS_BARS and not total and call.args[:1] == [use.source]:
            fact = f"{ast.unparse(call.func)}() counts without a total around a stream"
            yield Refusal(Reason.PROGRESS, fact, use.span(call))


def _maybe_list(use: Use) -> Iterator[Refusal]:
    """Keys of what may be no object."""
    loop = use.how.items if isinstance(use.how, LoopPass) else None
    if loop is not None and not loop.of_keys:
        fact = f"`{loop.document}` could be a list of integers"
        yield Refusal(Reason.MAYBE_LIST, fact, use.span(loop.source))


def _has_effects(use: Use) -> bool:
    """Whether the pass does something before its end that a handler's code could see."""
    if isinstance(use.how, LoopPass | CallPass):
        return True
    nodes = [node for node in walk(use.anchor) if node is not use.load.call]
    if any(isinstance(node, ast.NamedExpr) for node in nodes):
        return True
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    if any(changes(call) or is_seen(call, use.module, use.repository) for call in calls):
        return True
    unknown = unknowns([use.anchor], use.module, use.repository, use.load.data)
    return any(node is not use.load.call for node in unknown)


def _may_write_source(use: Use) -> Iterator[Refusal]:
    """Two paths that are given from outside may be the same one."""
    data = use.load.data
    files = (data,) if isinstance(data, PlainFile) else given_files(use.load)
    for write in (write for file in files for write in writes_beside(use, file)):
        yield write_refusal(write.at, "may write the file that is read", use)
        return
