"""Loads through a pair: `load_x()` with a `stream_x()` beside it, and calls of that streamer.

A call is followed to the function that it calls through imports, aliases and re-exports, or to the
method of an object whose class is known. What cannot be followed is not a load. A loader without a
streaming twin is a load that is kept.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loadstream.analysis.arguments import map_arguments
from loadstream.analysis.callees import Callee, bindings_seen, resolve
from loadstream.analysis.deprecation import watched
from loadstream.analysis.loader_names import FILTER_PARAMETERS
from loadstream.analysis.loads import Kind, Load
from loadstream.analysis.methods import dotted_name, method_load, streamer_method
from loadstream.analysis.modules import Module
from loadstream.analysis.pairs import (
    Pair,
    doubts,
    find_pair,
    gives_iterator,
    is_loader,
    pairs_of_streamer,
)
from loadstream.analysis.plans import ImportChange, StreamCall
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.recursion import recursion
from loadstream.analysis.repository import Repository, patches_itself
from loadstream.analysis.signatures import positional_names
from loadstream.analysis.twins import without_streamer
from loadstream.analysis.ways import way_to_streamer


def paired_load(call: ast.Call, module: Module, repository: Repository) -> Iterator[Load]:
    """The load that `call` is, if it calls a loader of the repository."""
    callee = resolve(call.func, module, repository)
    if callee is not None:
        if is_loader(callee.definition, repository):
            yield from _function_load(call, callee, module, repository)
    elif isinstance(call.func, ast.Attribute):
        yield from method_load(call, call.func, module, repository)


def _function_load(
    call: ast.Call, callee: Callee, module: Module, repository: Repository
) -> Iterator[Load]:
    loader = callee.definition
    dotted = dotted_name(loader, repository)
    pair = find_pair(loader, repository)
    if pair is None:
        if "json" not in loader.module.source.text:
            return  # a `load_model` or `load_tests`: nothing tells that it has to do with JSON
        span = module.source.lines.span(call)
        refusal = Refusal(Reason.NO_STREAM, without_streamer(loader, repository), span)
        yield Load(Kind.LOADED, call, call, dotted, None, loader, False, None, None, (refusal,))
        return
    span = module.source.lines.span(call)
    refusals = [doubt._replace(span=span) for doubt in doubts(pair, repository)]
    refusals += recursion(call, pair, module, repository)
    refusals += watched(call, loader, module)
    stream: StreamCall | None = None
    imports: ImportChange | None = None
    called = call.func.id if isinstance(call.func, ast.Name) else loader.name
    for path, name in ((module.path, called), (loader.module.path, loader.name)):
        if repository.patches(path, name):
            fact = f"another file replaces {path.stem}.{name}, as a test does"
            refusals.append(Refusal(Reason.PATCHED, fact, module.source.lines.span(call)))
            break
    if patches_itself(module.source, called):
        fact = f"this file replaces {called}, as a test does"
        refusals.append(Refusal(Reason.PATCHED, fact, span))
    way = way_to_streamer(call, callee, pair.streamer, module, repository)
    if isinstance(way, Refusal):
        refusals.append(way)
    else:
        text, imports = way
        mapped = map_arguments(call, text, pair, module.source.lines)
        if isinstance(mapped, StreamCall):
            stream = mapped
        else:
            refusals.extend(mapped)
    yield Load(
        Kind.LOADED,
        call,
        call,
        dotted,
        dotted_name(pair.streamer, repository),
        loader,
        gives_iterator(pair.streamer, repository),
        stream,
        imports,
        tuple(refusals),
    )


def paired_stream(call: ast.Call, module: Module, repository: Repository) -> Iterator[Load]:
    """A stream call, for the patterns that mend how streams are used."""
    for pair in _pairs_of(call.func, module, repository):
        stream = _unfiltered(call, pair, module)
        expression, kind = call, Kind.STREAMED
        parent = module.scopes.parents[call]
        if _is_list_of(parent, call, module):
            assert isinstance(parent, ast.Call)
            expression, kind = parent, Kind.COLLECTED
        dotted = dotted_name(pair.streamer, repository)
        iterator = gives_iterator(pair.streamer, repository)
        yield Load(kind, expression, call, dotted, dotted, pair.loader, iterator, stream, None, ())
        return


def _pairs_of(callee: ast.expr, module: Module, repository: Repository) -> list[Pair]:
    """The pairs whose streamer `callee` is."""
    found = resolve(callee, module, repository)
    if found is not None:
        is_plain = isinstance(found.definition.function, ast.FunctionDef)
        return pairs_of_streamer(found.definition, repository) if is_plain else []
    if isinstance(callee, ast.Attribute):
        return streamer_method(callee, module, repository)
    return []


def _is_list_of(parent: ast.AST, call: ast.Call, module: Module) -> bool:
    return (
        isinstance(parent, ast.Call)
        and isinstance(parent.func, ast.Name)
        and parent.func.id == "list"
        and not bindings_seen("list", module.scopes.scope_of[parent])
        and parent.args == [call]
        and not parent.keywords
    )


def _unfiltered(call: ast.Call, pair: Pair, module: Module) -> StreamCall | None:
    """The same call, to be given a filter if it takes one; None where it may have one already."""
    unpacked = any(isinstance(a, ast.Starred) for a in call.args)
    unpacked = unpacked or any(k.arg is None for k in call.keywords)
    parameter = pair.filter_parameter
    if unpacked or any(k.arg in (parameter, *FILTER_PARAMETERS) for k in call.keywords):
        return None
    positional = positional_names(pair.streamer)[: len(call.args)]
    filters = {parameter, *FILTER_PARAMETERS}
    if filters & {*positional} or len(call.args) > len(positional):
        return None
    lines = module.source.lines
    keywords = (None,) * (len(call.args) + len(call.keywords))
    return StreamCall(lines.span(call), lines.text(lines.span(call.func)), keywords, parameter)
