"""Loads by a method: `repo.load_x()` with a `stream_x` in the same class, and calls of that.

The object before the dot must be of a class that is exactly known, or the classes that inherit
must all agree; see receivers and classes. Everything that could make the two methods differ, or
replace one of them, refuses.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from loadstream.analysis.arguments import map_arguments
from loadstream.analysis.attributes import is_of_class, is_static
from loadstream.analysis.classes import Lookup, bases, lineage, member, own_member
from loadstream.analysis.deprecation import watched
from loadstream.analysis.loader_names import loader_names, twin_names
from loadstream.analysis.loads import Kind, Load
from loadstream.analysis.modules import ClassDefinition, Definition, Module
from loadstream.analysis.object_changes import object_changes, related_classes
from loadstream.analysis.object_state import names_used
from loadstream.analysis.pairs import (
    Pair,
    doubts,
    find_pair,
    gives_iterator,
    is_loader,
    pairs_of_streamer,
)
from loadstream.analysis.plain_loaders import plain_names_for
from loadstream.analysis.plans import StreamCall
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.receivers import Nature, Receiver, Unclear, receiver_of
from loadstream.analysis.recursion import recursion
from loadstream.analysis.repository import Repository
from loadstream.analysis.twins import without_streamer
from loadstream.analysis.ways import name_in_reach


class _Found(NamedTuple):
    """The pairs that a method call may be of, by the class of the object; or why it is not told."""

    pairs: list[tuple[ClassDefinition, Pair]]
    facts: list[tuple[Reason, str]]


def method_load(
    call: ast.Call, callee: ast.Attribute, module: Module, repository: Repository
) -> Iterator[Load]:
    """The load that `call` of `object.name` is, if the method is a loader of the repository.

    Where no function of the repository has a streamer's name it is not looked at: to tell what an
    object is takes reading many files, and the load would be kept whatever it is.
    """
    twins = twin_names(callee.attr)
    if not repository.configured_pairs and not any(map(repository.defines, twins)):
        return
    receiver = receiver_of(callee.value, module, repository)
    if receiver is None:
        return
    first = receiver.owner if isinstance(receiver, Unclear) else receiver.classes[0]
    loader = member(first, callee.attr, repository)
    if isinstance(loader, Lookup):
        guessed = _inherited_somewhere(first, callee.attr, repository)
        if guessed is None or not is_loader(guessed, repository):
            return
        fact = f"{first.name} inherits from a class that is not known"
        yield _kept(call, guessed, [(Reason.UNRESOLVED, fact)], module, repository)
        return
    if not is_loader(loader, repository):
        return
    if isinstance(receiver, Unclear):
        yield _kept(call, loader, [(Reason.UNRESOLVED, receiver.fact)], module, repository)
        return
    found = _pairs(receiver, callee.attr, repository)
    if not found.pairs:
        yield _kept(call, loader, found.facts, module, repository)
        return
    yield _load(call, callee, receiver, found, module, repository)


def _inherited_somewhere(
    owner: ClassDefinition, name: str, repository: Repository
) -> Definition | None:
    """A method of that name in the class or in any ancestor that is known."""
    pending, seen = [owner], {owner}
    while pending:
        current = pending.pop(0)
        found = own_member(current, name)
        if isinstance(found, Definition):
            return found
        for base in bases(current, repository):
            if isinstance(base, ClassDefinition) and base not in seen:
                seen.add(base)
                pending.append(base)
    return None


def _pairs(receiver: Receiver, name: str, repository: Repository) -> _Found:
    """The pair of each class that the object may be of."""
    pairs: list[tuple[ClassDefinition, Pair]] = []
    facts: list[tuple[Reason, str]] = []
    for owner in receiver.classes:
        loader = member(owner, name, repository)
        if isinstance(loader, Lookup):
            facts.append((Reason.UNRESOLVED, f"{owner.name} may have another {name}"))
            continue
        if _is_abstract(loader):
            continue
        pair = find_pair(loader, repository)
        if pair is None:
            facts.append((Reason.NO_STREAM, without_streamer(loader, repository)))
            continue
        pairs.append((owner, pair))
        facts += _disagreements(owner, pair, receiver, repository)
    if not pairs and not facts:
        facts.append((Reason.UNRESOLVED, f"{name} is abstract, and no class gives it a body"))
    return _Found(pairs, facts)


def _is_abstract(definition: Definition) -> bool:
    return any(
        ast.unparse(decorator) in ("abstractmethod", "abc.abstractmethod")
        for decorator in definition.function.decorator_list
    )


def _disagreements(
    owner: ClassDefinition, pair: Pair, receiver: Receiver, repository: Repository
) -> Iterator[tuple[Reason, str]]:
    """What makes the two methods of a pair no pair on an object of `owner`."""
    loader, streamer = pair.loader, pair.streamer
    if streamer.owner is None:
        return
    if member(owner, streamer.name, repository) != streamer:
        fact = f"{owner.name} overrides {streamer.name}, or inherits it from another class"
        yield Reason.UNRESOLVED, fact
    if receiver.nature is Nature.CLASS:
        for one in (loader, streamer):
            if not (is_static(one.function) or is_of_class(one.function)):
                yield Reason.UNRESOLVED, f"{one.name} is called through its class, without object"
    alone = names_used(loader, owner, repository) ^ names_used(streamer, owner, repository)
    for below in lineage(owner, repository) or []:
        if below == loader.owner:
            break
        for name in sorted(alone):
            if own_member(below, name) is not Lookup.ABSENT:
                fact = f"{below.name} overrides {name}, which only one of the pair uses"
                yield Reason.UNRESOLVED, fact


def _kept(
    call: ast.Call,
    loader: Definition,
    facts: list[tuple[Reason, str]],
    module: Module,
    repository: Repository,
) -> Load:
    """A load that stays, for reasons that are known before its use is looked at."""
    span = module.source.lines.span(call)
    refusals = tuple(dict.fromkeys(Refusal(reason, fact, span) for reason, fact in facts))
    pair = find_pair(loader, repository)
    streamer = None if pair is None else dotted_name(pair.streamer, repository)
    name = dotted_name(loader, repository)
    return Load(Kind.LOADED, call, call, name, streamer, loader, False, None, None, refusals)


def dotted_name(definition: Definition, repository: Repository) -> str:
    """The function's name as seen from the root: `common.repository.DataRepository.load_x`."""
    return f"{repository.dotted_name(definition.module.path)}.{definition.qualified_name}"


def _load(
    call: ast.Call,
    callee: ast.Attribute,
    receiver: Receiver,
    found: _Found,
    module: Module,
    repository: Repository,
) -> Load:
    span = module.source.lines.span(call)
    refusals = [Refusal(reason, fact, span) for reason, fact in found.facts]
    first = found.pairs[0][1]
    for owner, pair in found.pairs:
        refusals += [doubt._replace(span=span) for doubt in doubts(pair, repository, owner)]
        refusals += _replaced(owner, pair, call, module, repository)
        refusals += recursion(
            call, pair, module, repository, related_classes(receiver.classes, repository)
        )
    refusals += watched(call, first.loader, module)
    for path, name in receiver.names:
        if repository.patches(path, name):
            fact = f"another file replaces {path.stem}.{name}, as a test does"
            refusals.append(Refusal(Reason.PATCHED, fact, span))
    refusals += object_changes(call, receiver, found.pairs, module, repository)
    calls = {
        _stream_call(call, callee, pair, module, repository): pair.streamer.name
        for _, pair in found.pairs
    }
    stream = next(iter(calls))
    if not isinstance(stream, StreamCall):
        refusals += stream
    elif len(calls) > 1:
        fact = f"classes that inherit give {first.streamer.name} another signature"
        refusals.append(Refusal(Reason.SIGNATURE_MISMATCH, fact, span))
    return Load(
        Kind.LOADED,
        call,
        call,
        dotted_name(first.loader, repository),
        dotted_name(first.streamer, repository),
        first.loader,
        all(gives_iterator(pair.streamer, repository) for _, pair in found.pairs),
        stream if isinstance(stream, StreamCall) else None,
        None,
        tuple(dict.fromkeys(refusals)),
    )


def _replaced(
    owner: ClassDefinition, pair: Pair, call: ast.Call, module: Module, repository: Repository
) -> Iterator[Refusal]:
    """Whether some file sets one of the two methods, on the class or on an object."""
    for name in (pair.loader.name, pair.streamer.name):
        if repository.patches_member(owner.name, name):
            fact = f"{name} of a {owner.name} is replaced somewhere, as a test does"
            yield Refusal(Reason.PATCHED, fact, module.source.lines.span(call))


def _stream_call(
    call: ast.Call, callee: ast.Attribute, pair: Pair, module: Module, repository: Repository
) -> StreamCall | tuple[Refusal, ...]:
    lines = module.source.lines
    streamer = pair.streamer
    if streamer.owner is None:
        if name_in_reach(streamer, call, module, repository) is None:
            fact = f"{streamer.name} is a function of its own, and is not imported here"
            return (Refusal(Reason.UNRESOLVED, fact, lines.span(call)),)
        return map_arguments(call, streamer.name, pair, lines)
    if streamer.owner != pair.loader.owner:
        fact = f"{streamer.qualified_name} belongs to another class than the loader"
        return (Refusal(Reason.UNRESOLVED, fact, lines.span(call)),)
    text = f"{lines.text(lines.span(callee.value))}.{streamer.name}"
    return map_arguments(call, text, pair, lines)


def streamer_method(callee: ast.Attribute, module: Module, repository: Repository) -> list[Pair]:
    """The pairs of the streamer that `object.name` certainly is; empty where it is none.

    As for loads, what the object is is not looked at where nothing has the loader's name.
    """
    loaders = (*loader_names(callee.attr), *plain_names_for(callee.attr, repository))
    if not repository.configured_pairs and not any(map(repository.defines, loaders)):
        return []
    receiver = receiver_of(callee.value, module, repository)
    if not isinstance(receiver, Receiver):
        return []
    methods = {member(owner, callee.attr, repository) for owner in receiver.classes}
    streamer = methods.pop()
    if methods or not isinstance(streamer, Definition):
        return []
    if not isinstance(streamer.function, ast.FunctionDef):
        return []
    return pairs_of_streamer(streamer, repository)
