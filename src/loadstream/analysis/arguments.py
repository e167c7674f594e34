"""The loader's arguments as the streamer's: carried over by name, or as the configuration says."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from loadstream.analysis.pairs import Pair
from loadstream.analysis.plans import StreamCall
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.scopes import all_arguments
from loadstream.analysis.settings import ArgumentMap
from loadstream.analysis.signatures import defaults, parameters, positional_names
from loadstream.analysis.spans import Lines
from loadstream.analysis.trees import walk


def map_arguments(
    call: ast.Call, callee: str, pair: Pair, lines: Lines
) -> StreamCall | tuple[Refusal, ...]:
    """The streamer's call for this load, or why its arguments cannot be carried over."""
    starred = any(isinstance(a, ast.Starred) for a in call.args)
    if starred or any(k.arg is None for k in call.keywords):
        fact = f"{pair.loader.name} is called with * or ** arguments"
        return (Refusal(Reason.KEYWORD_UNPACKING, fact, lines.span(call)),)
    mapping: ArgumentMap = {} if pair.configured is None else pair.configured.setting.arguments
    facts: list[str] = []
    carried = list(_carried(call, pair, mapping, lines, facts))
    names = [name for one in carried for name in one.names]
    twice = dict.fromkeys(name for name in names if names.count(name) > 1)
    facts += [f"{pair.streamer.name} would be given {name}= twice" for name in twice]
    facts += _different_defaults(pair, {one.parameter for one in carried}, set(names))
    if facts:
        refusals = dict.fromkeys(facts)
        return tuple(Refusal(Reason.SIGNATURE_MISMATCH, f, lines.span(call)) for f in refusals)
    keywords = tuple(one.keyword for one in carried if one.is_given)
    texts = tuple(text for one in carried for text in one.texts)
    changed = any(one.is_mapped for one in carried)
    arguments = texts if changed else None
    return StreamCall(lines.span(call), callee, keywords, pair.filter_parameter, arguments)


class _Carried(NamedTuple):
    """One argument (or default) of the loader, and what the streamer gets for it.

    `keyword` is what the argument is to be passed under, None where it has its keyword already.
    `names` are the parameters of the streamer that are given by it, `texts` these arguments.
    """

    parameter: str
    keyword: str | None
    names: tuple[str, ...]
    texts: tuple[str, ...]
    is_given: bool = True
    is_mapped: bool = False


def _carried(
    call: ast.Call, pair: Pair, mapping: ArgumentMap, lines: Lines, facts: list[str]
) -> Iterator[_Carried]:
    """What becomes of each argument, and of each default that the mapping speaks of."""
    accepted, own = defaults(pair.streamer), defaults(pair.loader)
    positional = positional_names(pair.loader)
    given: list[tuple[str, ast.expr, bool]] = []
    for index, argument in enumerate(call.args):
        if index >= len(positional) or (
            positional[index] not in accepted and positional[index] not in mapping
        ):
            facts.append(f"{pair.streamer.name} has no parameter for argument {index + 1}")
        else:
            given.append((positional[index], argument, True))
    for keyword in call.keywords:
        assert keyword.arg is not None
        if keyword.arg not in own or (keyword.arg not in accepted and keyword.arg not in mapping):
            facts.append(f"{pair.streamer.name} takes no {keyword.arg}=")
        else:
            given.append((keyword.arg, keyword.value, False))
    for name, value, by_position in given:
        if name in mapping:
            yield from _mapped(name, value, mapping, lines, facts)
        else:
            text = f"{name}={lines.text(lines.span(value))}"
            yield _Carried(name, name if by_position else None, (name,), (text,))
    named = {name for name, _, _ in given}
    for name in mapping:
        if name not in named:
            yield from _mapped_default(name, own.get(name), pair, mapping, facts)


def _mapped(
    name: str, value: ast.expr, mapping: ArgumentMap, lines: Lines, facts: list[str]
) -> Iterator[_Carried]:
    mapped = mapping[name]
    if isinstance(mapped, str):
        text = f"{mapped}={lines.text(lines.span(value))}"
        yield _Carried(name, mapped, (mapped,), (text,), is_mapped=True)
        return
    keywords = _keywords_for(value, mapped)
    if keywords is None:
        facts.append(f"the map of {name}= has no {ast.unparse(value)}")
        return
    texts = tuple(f"{keyword}={value!r}" for keyword, value in keywords.items())
    yield _Carried(name, None, tuple(keywords), texts, is_mapped=True)


def _mapped_default(
    name: str, default: ast.expr | None, pair: Pair, mapping: ArgumentMap, facts: list[str]
) -> Iterator[_Carried]:
    """What a parameter that is not given stands for: its default counts as given."""
    mapped = mapping[name]
    accepted = defaults(pair.streamer)
    if default is None:
        facts.append(f"{pair.loader.name} is called without {name}=")
    elif isinstance(mapped, str):
        theirs = accepted.get(mapped)
        if theirs is None or ast.dump(theirs) != ast.dump(default):
            facts.append(f"{name}= has another default than {mapped}= in {pair.streamer.name}")
        else:
            yield _Carried(name, None, (mapped,), (), is_given=False)
    else:
        keywords = _keywords_for(default, mapped)
        if keywords is None:
            facts.append(f"the map of {name}= has no {ast.unparse(default)}, its default")
            return
        needed = {k: v for k, v in keywords.items() if not _is_default(accepted.get(k), v)}
        texts = tuple(f"{keyword}={value!r}" for keyword, value in needed.items())
        is_mapped = bool(texts)
        yield _Carried(name, None, tuple(keywords), texts, is_given=False, is_mapped=is_mapped)


def _keywords_for(
    value: ast.expr, mapped: dict[str, dict[str, object]] | object
) -> dict[str, object] | None:
    """The keywords that a constant stands for; None where it is none, or is not in the map."""
    if not isinstance(value, ast.Constant) or not isinstance(mapped, dict):
        return None
    key = value.value if isinstance(value.value, str) else repr(value.value)
    found = mapped.get(key)
    return found if isinstance(found, dict) else None


def _is_default(default: ast.expr | None, value: object) -> bool:
    return (
        isinstance(default, ast.Constant)
        and type(default.value) is type(value)
        and default.value == value
    )


def _different_defaults(pair: Pair, carried: set[str], given: set[str]) -> list[str]:
    """What the streamer would do otherwise than the loader, for all that is not given."""
    own, accepted = defaults(pair.loader), defaults(pair.streamer)
    facts = []
    for argument in all_arguments(parameters(pair.loader)):
        name = argument.arg
        default = own.get(name)
        if name in carried or default is None:
            continue
        if name not in accepted:
            # A switch that is off by default asks for nothing that the streamer would miss.
            if not (isinstance(default, ast.Constant) and default.value in (None, False)):
                facts.append(f"{pair.streamer.name} takes no {name}=")
            continue
        theirs = accepted[name]
        if theirs is None or ast.dump(theirs) != ast.dump(default) or _is_rebound(default, pair):
            facts.append(f"{name}= has another default in {pair.streamer.name}")
    for name, default in accepted.items():
        if default is None and name not in given:
            facts.append(f"{pair.streamer.name} requires {name}=")
        elif name == pair.filter_parameter and name in own:
            facts.append(f"{pair.loader.name} takes {name}= itself")
    return facts


def _is_rebound(default: ast.expr, pair: Pair) -> bool:
    """Whether a default names what may be another at the definition of the streamer."""
    module = pair.loader.module
    return any(
        len(module.scopes.bindings(module.scopes.module, node.id)) > 1
        for node in walk(default)
        if isinstance(node, ast.Name)
    )
