"""Which calls in a file load, and which already stream: the first step of the analysis."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from loadstream.analysis import plain
from loadstream.analysis.loader_names import loader_names, streamer_names, twin_names
from loadstream.analysis.loads import Load
from loadstream.analysis.modules import Module
from loadstream.analysis.paired import paired_load, paired_stream
from loadstream.analysis.plain_loaders import plain_names
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.repository import Repository
from loadstream.analysis.stars import settle_stars


def find_loads(module: Module, repository: Repository) -> Iterator[Load]:
    """Every load and every stream call of the module, in the order of the text.

    Behind an `import *` of what cannot be read no name is certain: plain loads are told, and kept.
    """
    calls = module.every(ast.Call)[:]
    calls.sort(key=lambda call: (call.lineno, call.col_offset, -(call.end_col_offset or 0)))
    aliases = _aliases(module)
    loaders, streamers = repository.answer(("names of pairs",), lambda: _names(repository))
    certain: bool | None = None
    for call in calls:
        name = _called_name(call)
        name = aliases.get(name, name)
        paired = streamer_names(name) or loader_names(name) or name in loaders or name in streamers
        if not paired and (name not in plain.NAMES or plain.is_other_loads(call)):
            continue
        if certain is None:  # asked only where it matters: it takes the scopes of the file
            certain = settle_stars(module, repository)
        if not certain:
            if name in plain.NAMES:
                yield from map(
                    partial(_uncertain, module), plain.plain_load(call, module, repository)
                )
        elif streamer_names(name) or name in loaders:
            found = list(paired_load(call, module, repository))
            yield from found or plain.plain_load(call, module, repository)
        elif loader_names(name) or name in streamers:
            yield from paired_stream(call, module, repository)
        elif name in plain.NAMES:
            yield from plain.plain_load(call, module, repository)


def _names(repository: Repository) -> tuple[frozenset[str], frozenset[str]]:
    """What loaders, and what streamers, may be called that the convention does not tell of."""
    by_body, pairs = plain_names(repository), repository.configured_pairs
    twins = (twin for name in by_body for twin in twin_names(name))
    return (
        by_body.union(pair.loader.name for pair in pairs),
        frozenset(twins).union(pair.streamer.name for pair in pairs),
    )


def _uncertain(module: Module, load: Load) -> Load:
    fact = "the names here may come from an `import *`"
    notebook = module.source.notebook
    if notebook is not None and notebook.uncertain:
        fact = "a magic of the notebook may bind any name"
    refusal = Refusal(Reason.UNRESOLVED, fact, module.source.lines.span(load.call))
    return load._replace(refusals=(*load.refusals, refusal))


def _aliases(module: Module) -> dict[str, str]:
    """Names given by `import … as`, with the name that each stands for."""
    return {
        alias.asname: alias.name
        for node in module.every(ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }


def _called_name(call: ast.Call) -> str:
    """The last part of what is called."""
    callee = call.func
    if isinstance(callee, ast.Attribute):
        return callee.attr
    return callee.id if isinstance(callee, ast.Name) else ""
