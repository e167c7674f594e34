"""Pairs: a loader and the streamer beside it, found by their names, checked by their text.

`load_x` pairs with `stream_x`, `iter_x` or `iter_load_x` in the same module. The convention says
that both give the same elements; this file looks for signs that they do not.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from loadstream.analysis.effects import markers
from loadstream.analysis.modules import Definition, Repository
from loadstream.analysis.plans import StreamCall
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.scopes import all_arguments
from loadstream.analysis.spans import Lines

FILTER_PARAMETERS = ("filter_func", "predicate", "filter_fn", "condition", "where")
_DECISIVE = ("prints", "sorts", "handles errors", "checks for the file", "writes")


@dataclass(frozen=True, slots=True)
class Pair:
    """A loader with its streamer. `filter_parameter` is the streamer's, if it has a usable one."""

    loader: Definition
    streamer: Definition
    filter_parameter: str | None


def streamer_names(loader_name: str) -> tuple[str, ...]:
    """The names under which a loader's streamer may stand, best first; empty for other names."""
    prefix, _, noun = loader_name.lstrip("_").partition("_")
    if prefix != "load" or not noun:
        return ()
    lead = "_" * (len(loader_name) - len(loader_name.lstrip("_")))
    return (f"{lead}stream_{noun}", f"{lead}iter_{noun}", f"{lead}iter_load_{noun}")


def loader_names(streamer_name: str) -> tuple[str, ...]:
    """The name of the loader beside a streamer of that name; empty for other names."""
    for prefix in ("stream_", "iter_load_", "iter_"):
        if streamer_name.startswith(prefix) and len(streamer_name) > len(prefix):
            return (f"load_{streamer_name.removeprefix(prefix)}",)
    return ()


def is_loader(definition: Definition) -> bool:
    """Whether this is a plain function that returns what it loads: no generator, no coroutine."""
    return bool(streamer_names(definition.name)) and not (
        isinstance(definition.function, ast.AsyncFunctionDef) or _yields(definition)
    )


def find_pair(loader: Definition, repository: Repository) -> Pair | None:
    """The pair that `loader` belongs to, None where it has no streamer beside it."""
    for name in streamer_names(loader.name):
        streamer = repository.definition(loader.module, name)
        if streamer is not None and isinstance(streamer.function, ast.FunctionDef):
            return Pair(loader, streamer, _filter_parameter(streamer, repository))
    return None


def doubts(pair: Pair, repository: Repository) -> tuple[Refusal, ...]:
    """What in the text of the two functions speaks against their giving the same elements."""
    refusals = []
    loading, streaming = markers(pair.loader, repository), markers(pair.streamer, repository)
    if pair.loader.function.decorator_list or loading & {"keeps state", "is decorated as a cache"}:
        fact = f"{pair.loader.name} is decorated or keeps what it loaded"
        refusals.append(Refusal(Reason.CACHED_LOADER, fact))
    if pair.streamer.function.decorator_list:
        fact = f"{pair.streamer.name} is decorated, so what it returns is not known"
        refusals.append(Refusal(Reason.UNRESOLVED, fact))
    if only := [sign for sign in _DECISIVE if sign in loading - streaming]:
        fact = f"{pair.loader.name} {' and '.join(only)}, {pair.streamer.name} does not"
        refusals.append(Refusal(Reason.LOADER_EFFECTS, fact))
    return tuple(refusals)


def gives_iterator(streamer: Definition, repository: Repository, depth: int = 4) -> bool:
    """Whether next() can be asked of what the streamer returns, not only iter().

    True for a generator function, and where every `return` gives a generator expression, an
    iterator of the builtins, a call of loadstream's runtime, or of another such function.
    """
    if _yields(streamer):
        return True
    returned = [
        node.value
        for node in ast.walk(streamer.function)
        if isinstance(node, ast.Return) and node.value is not None
    ]
    return bool(returned) and all(
        isinstance(value, ast.GeneratorExp)
        or (isinstance(value, ast.Call) and _calls_iterator(value, streamer, repository, depth))
        for value in returned
    )


def _calls_iterator(
    call: ast.Call, streamer: Definition, repository: Repository, depth: int
) -> bool:
    callee, module = call.func, streamer.module
    if isinstance(callee, ast.Attribute):
        return callee.attr == "stream" or ast.unparse(callee).startswith("loadstream.stream_")
    if not isinstance(callee, ast.Name) or depth == 0:
        return False
    binding = module.only_binding(callee.id)
    if binding is None:
        known = not module.scopes.bindings(module.scopes.module, callee.id)
        return known and callee.id in ("iter", "map", "filter", "zip", "enumerate")
    if isinstance(binding.node, ast.alias):
        statement = module.scopes.parents[binding.node]
        if isinstance(statement, ast.ImportFrom) and statement.module == "loadstream":
            return binding.node.name.startswith("stream_")
    definition = repository.definition(module, callee.id)
    return definition is not None and gives_iterator(definition, repository, depth - 1)


def _yields(definition: Definition) -> bool:
    scopes = definition.module.scopes
    return any(
        isinstance(node, ast.Yield | ast.YieldFrom)
        and scopes.scope_of[node].function().node is definition.function
        for node in ast.walk(definition.function)
    )


def _filter_parameter(streamer: Definition, repository: Repository) -> str | None:
    """The parameter for a predicate: it has a known name, and None as its default.

    A streamer that handles errors is not trusted with somebody's condition: it could swallow or
    wrap what the condition raises.
    """
    if "handles errors" in markers(streamer, repository):
        return None
    defaults = _defaults(streamer)
    for name in FILTER_PARAMETERS:
        default = defaults.get(name)
        if isinstance(default, ast.Constant) and default.value is None:
            return name
    return None


def _defaults(definition: Definition) -> dict[str, ast.expr | None]:
    """Every parameter that can be given by keyword, with its default."""
    arguments = definition.function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    padding: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    pairs = [
        *zip(positional, [*padding, *arguments.defaults], strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return {a.arg: default for a, default in pairs if a not in arguments.posonlyargs}


def map_arguments(
    call: ast.Call, callee: str, pair: Pair, lines: Lines
) -> StreamCall | tuple[Refusal, ...]:
    """The streamer's call for this load, arguments carried over by name; or why it cannot be."""
    starred = any(isinstance(a, ast.Starred) for a in call.args)
    if starred or any(k.arg is None for k in call.keywords):
        fact = f"{pair.loader.name} is called with * or ** arguments"
        return (Refusal(Reason.KEYWORD_UNPACKING, fact, lines.span(call)),)
    signature = pair.loader.function.args
    positional = [*signature.posonlyargs, *signature.args]
    accepted, own = _defaults(pair.streamer), _defaults(pair.loader)
    facts = []
    keywords: list[str | None] = []
    for index in range(len(call.args)):
        if index >= len(positional) or positional[index].arg not in accepted:
            facts.append(f"{pair.streamer.name} has no parameter for argument {index + 1}")
            continue
        keywords.append(positional[index].arg)
    for keyword in call.keywords:
        assert keyword.arg is not None
        if keyword.arg not in accepted or keyword.arg not in own:
            facts.append(f"{pair.streamer.name} takes no {keyword.arg}=")
        keywords.append(None)
    given = {k for k in keywords if k} | {k.arg for k in call.keywords if k.arg}
    facts += _different_defaults(pair, own, accepted, given)
    if facts:
        refusals = dict.fromkeys(facts)
        return tuple(Refusal(Reason.SIGNATURE_MISMATCH, f, lines.span(call)) for f in refusals)
    return StreamCall(lines.span(call), callee, tuple(keywords), pair.filter_parameter)


def _different_defaults(
    pair: Pair,
    own: dict[str, ast.expr | None],
    accepted: dict[str, ast.expr | None],
    given: set[str],
) -> list[str]:
    facts = []
    for argument in all_arguments(pair.loader.function.args):
        name = argument.arg
        default = own.get(name)
        if name in given or default is None:
            continue
        if name not in accepted:
            # A switch that is off by default asks for nothing that the streamer would miss.
            if not (isinstance(default, ast.Constant) and default.value in (None, False)):
                facts.append(f"{pair.streamer.name} takes no {name}=")
            continue
        theirs = accepted[name]
        if theirs is None or ast.dump(theirs) != ast.dump(default):
            facts.append(f"{name}= has another default in {pair.streamer.name}")
    for name, default in accepted.items():
        if default is None and name not in given:
            facts.append(f"{pair.streamer.name} requires {name}=")
        elif name == pair.filter_parameter and name in own:
            facts.append(f"{pair.loader.name} takes {name}= itself")
    return facts
