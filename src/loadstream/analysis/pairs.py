"""Pairs: a loader and the streamer beside it, found by their names, checked by their text.

`load_x` pairs with `stream_x`, `iter_x` or `iter_load_x` in the same module or class; pairs of the
configuration come first. Either says that both give the same elements; this file looks for signs
that they do not. Names that say nothing (`get_x`, `iter_x`) pair only where the one's body is a
plain load and the other's what LS108 would write for it.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import NamedTuple

from loadstream.analysis.attributes import is_of_class, is_static
from loadstream.analysis.classes import Lookup, own_member
from loadstream.analysis.configured import ConfiguredPair, data_size
from loadstream.analysis.deprecation import decorators
from loadstream.analysis.effects import WARNS
from loadstream.analysis.filters import is_predicate
from loadstream.analysis.loader_names import (
    FILTER_PARAMETERS,
    loader_names,
    streamer_names,
    twin_names,
)
from loadstream.analysis.modules import ClassDefinition, Definition
from loadstream.analysis.object_state import signs
from loadstream.analysis.plain_loaders import is_plain_loader, plain_names_for
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.repository import Repository
from loadstream.analysis.signatures import defaults
from loadstream.analysis.trees import walk
from loadstream.analysis.twin_text import is_twin

_DECISIVE = ("prints", "sorts", "handles errors", "checks for the file", "writes")
_OWN_EFFECTS = ("prints", "sorts", "writes", WARNS)
_KEEPS = "keeps state"


class Pair(NamedTuple):
    """A loader with its streamer. `filter_parameter` is the streamer's, if it has a usable one.

    `configured` is given where the configuration pairs them.
    """

    loader: Definition
    streamer: Definition
    filter_parameter: str | None
    configured: ConfiguredPair | None = None


def is_loader(definition: Definition, repository: Repository) -> bool:
    """Whether this is a plain function that returns what it loads: no generator, no coroutine.

    By its name, or, whatever its name is, because its body is certainly a plain load.
    """
    if _configured(definition, repository) is not None:
        return True
    if not streamer_names(definition.name):
        return is_plain_loader(definition, repository)
    return not (isinstance(definition.function, ast.AsyncFunctionDef) or _yields(definition))


def find_pair(loader: Definition, repository: Repository) -> Pair | None:
    """The pair that `loader` belongs to, None where it has no streamer beside it."""
    configured = _configured(loader, repository)
    if configured is not None:
        streamer = configured.streamer
        wanted = configured.setting.filter_parameter
        parameter = _filter_parameter(streamer, repository, wanted)
        return Pair(loader, streamer, parameter, configured)
    trusted = streamer_names(loader.name)
    for name in dict.fromkeys((*trusted, *twin_names(loader.name))):
        found = _beside(loader, name, repository)
        if isinstance(found, Definition) and isinstance(found.function, ast.FunctionDef):
            if name not in trusted and not is_twin(found, loader, repository):
                continue
            return Pair(loader, found, _filter_parameter(found, repository, None))
    return None


def _beside(one: Definition, name: str, repository: Repository) -> Definition | Lookup | None:
    """What is called `name` in the same module or class."""
    if one.owner is None:
        return repository.definition(one.module, name)
    return own_member(one.owner, name)


def pairs_of_streamer(streamer: Definition, repository: Repository) -> list[Pair]:
    """The pairs that a streamer belongs to."""
    found = [
        pair
        for configured in repository.configured_pairs
        if configured.streamer == streamer
        and (pair := find_pair(configured.loader, repository)) is not None
    ]
    for name in (*loader_names(streamer.name), *plain_names_for(streamer.name, repository)):
        loader = _beside(streamer, name, repository)
        pair = find_pair(loader, repository) if isinstance(loader, Definition) else None
        if pair is not None and pair.streamer == streamer and pair.configured is None:
            found.append(pair)
    return found


def _configured(loader: Definition, repository: Repository) -> ConfiguredPair | None:
    return next((one for one in repository.configured_pairs if one.loader == loader), None)


def doubts(
    pair: Pair, repository: Repository, owner: ClassDefinition | None = None
) -> tuple[Refusal, ...]:
    """What speaks against the pair: signs that the two do not give the same, or small data.

    `owner` is the class of the object that methods are called on. A configured pair is trusted
    with what decorators do, and with what the loader keeps.
    """
    refusals = []
    loading = signs(pair.loader, repository, owner)
    streaming = signs(pair.streamer, repository, owner)
    if pair.configured is None:
        kept = loading & {_KEEPS, "is decorated as a cache"}
        if kept or is_decorated(pair.loader, decorators(pair.loader)):
            fact = f"{pair.loader.name} is decorated or keeps what it loaded"
            refusals.append(Refusal(Reason.CACHED_LOADER, fact))
        if is_decorated(pair.streamer, pair.streamer.function.decorator_list):
            fact = f"{pair.streamer.name} is decorated, so what it returns is not known"
            refusals.append(Refusal(Reason.UNRESOLVED, fact))
    else:
        refusals += _small_data(pair.configured, repository)
    if only := [sign for sign in _DECISIVE if sign in loading - streaming]:
        fact = f"{pair.loader.name} {' and '.join(only)}, {pair.streamer.name} does not"
        refusals.append(Refusal(Reason.LOADER_EFFECTS, fact))
    if only := [sign for sign in _OWN_EFFECTS if sign in streaming - loading]:
        fact = f"{pair.streamer.name} {' and '.join(only)}, {pair.loader.name} does not"
        refusals.append(Refusal(Reason.LOADER_EFFECTS, fact))
    if pair.streamer.owner is not None and _KEEPS in streaming - loading:
        fact = f"{pair.streamer.name} sets an attribute, {pair.loader.name} does not"
        refusals.append(Refusal(Reason.LOADER_EFFECTS, fact))
    return tuple(refusals)


def is_decorated(definition: Definition, by: Sequence[ast.expr]) -> bool:
    """Whether one of the decorators `by` is other than those of every class."""
    method = definition.function
    own = definition.owner is not None and (is_static(method) or is_of_class(method))
    return len(by) > (1 if own else 0)


def _small_data(configured: ConfiguredPair, repository: Repository) -> list[Refusal]:
    least = repository.settings.min_size
    size = data_size(configured.setting, repository)
    if least is None or size is None or size >= least:
        return []
    fact = f"{configured.setting.data} has {size:,} bytes, min-size is {least:,}"
    return [Refusal(Reason.SMALL_DATA, fact)]


def gives_iterator(streamer: Definition, repository: Repository, depth: int = 4) -> bool:
    """Whether next() can be asked of what the streamer returns, not only iter().

    True for a generator function, and where every `return` gives a generator expression, an
    iterator of the builtins, a call of loadstream's runtime, or of another such function.
    """
    if _yields(streamer):
        return True
    returned = [
        node.value
        for node in walk(streamer.function)
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
        for node in walk(definition.function)
    )


def _filter_parameter(
    streamer: Definition, repository: Repository, configured: str | None
) -> str | None:
    """The parameter for a predicate: the configured one, or one of a known name, None by default.

    A streamer that handles errors is not trusted with somebody's condition: it could swallow or
    wrap what the condition raises.
    """
    if "handles errors" in signs(streamer, repository):
        return None
    known = defaults(streamer)
    if configured is not None:
        return configured if configured in known else None
    for name in FILTER_PARAMETERS:
        default = known.get(name)
        if isinstance(default, ast.Constant) and default.value is None:
            return name if is_predicate(streamer, name) else None
    return None
