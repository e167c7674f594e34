"""What a twin can be called: a name that nobody uses yet, where the twin will stand.

A function's name must be free in its file. A method's must be free in its class and in all that
inherit either way, and nothing may ask an object for it: what had no such member has one now.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from loadstream.analysis.attributes import changes, family, is_in_body
from loadstream.analysis.classes import Lookup, own_member
from loadstream.analysis.loader_names import streamer_names, twin_names
from loadstream.analysis.modules import ClassDefinition, Definition, Module
from loadstream.analysis.plain_loaders import is_plain_loader, no_twin
from loadstream.analysis.reasons import Refusal
from loadstream.analysis.receivers import Receiver, receiver_of
from loadstream.analysis.repository import Repository
from loadstream.analysis.scopes import FUNCTIONS

_RUNTIME = frozenset({"stream_json", "stream_items", "stream_values", "stream_lines"})


def free_name(loader: Definition, repository: Repository) -> str | Refusal:
    """The name for the twin of `loader`, or why it is not free."""
    name = _name_for(loader.name)
    taken = next(
        _of_function(name, loader, repository)
        if loader.owner is None
        else _of_method(name, loader, loader.owner, repository),
        None,
    )
    return name if taken is None else no_twin(loader, taken)


def _name_for(loader_name: str) -> str:
    return next(name for name in twin_names(loader_name) if name not in _RUNTIME)


def _rivals(
    name: str, loader: Definition, around: Iterable[ast.stmt], repository: Repository
) -> Iterator[str]:
    """The other functions of a module or class that a function called `name` would stand beside.

    By convention it would be the streamer of one, or another plain loader's twin is called so too.
    """
    for node in around:
        if not isinstance(node, FUNCTIONS) or node.name == loader.name:
            continue
        other = Definition(loader.module, node, loader.owner)
        if name in streamer_names(node.name) or (
            name not in streamer_names(loader.name)
            and twin_names(node.name)
            and name == _name_for(node.name)
            and is_plain_loader(other, repository)
        ):
            yield f"{name} would be taken for the streamer of {node.name}"


def _of_function(name: str, loader: Definition, repository: Repository) -> Iterator[str]:
    """What speaks against the name in the module, and for those who import all of it."""
    module = loader.module
    scopes = module.scopes
    yield from _rivals(name, loader, module.source.tree.body, repository)
    if any(name in scope.bound or name in scope.global_names for scope in scopes.module.walk()):
        yield f"the name {name} is already used in its file"
    if scopes.star_imports:
        yield "its file imports * from another, so that no name is known free"
    if star_taken(name, module, repository):
        yield f"a file that imports * has another {name}"


def star_taken(name: str, module: Module, repository: Repository) -> bool:
    """Whether a file that may import everything from `module` uses `name` for its own."""
    return any(
        path != module.path and b"import *" in text
        for path, text in repository.mentions.with_word(name).items()
    )


def _of_method(
    name: str, loader: Definition, owner: ClassDefinition, repository: Repository
) -> Iterator[str]:
    """What speaks against the name in the class, its relatives, and whoever asks objects for it."""
    related = family([owner], repository)
    if related is None:
        yield f"not all classes that {owner.name} inherits from, or its heirs, are known"
        return
    if any(map(_is_protocol, related)):
        yield f"{owner.name} is a Protocol, which asks for each of its methods"
    for one in sorted(related, key=lambda one: one.name):
        yield from _rivals(name, loader, one.node.body, repository)
    others = sorted(related - {owner}, key=lambda one: one.name)
    for other in others:
        if own_member(other, loader.name) is not Lookup.ABSENT:
            yield f"{other.name} has another {loader.name}"
    scope = owner.module.scopes.made_by[owner.node]
    if any(reference.name == name for reference in scope.references):
        yield f"the name {name} is already used in {owner.name}"
    if is_in_body(name, [owner], repository):
        yield f"{owner.name}, or a class it is related to, has {name} or makes up its attributes"
    if changes(name, repository) != []:
        yield f"an attribute {name} is set somewhere"
    if _is_asked_for(name, related, repository):
        yield f"objects are asked for {name} already"


def _is_protocol(owner: ClassDefinition) -> bool:
    return any("Protocol" in ast.unparse(base) for base in owner.node.bases)


def _is_asked_for(name: str, related: set[ClassDefinition], repository: Repository) -> bool:
    """Whether some place may find the member by its name, of an object of a related class.

    `obj.stream_rows` of an object that is not known, `getattr(obj, "stream_rows")`, or a name that
    is put together: `getattr(obj, "stream_" + noun)`.
    """
    return repository.answer(
        ("asked for", name, frozenset(related)), lambda: _asked_for(name, related, repository)
    )


def _asked_for(name: str, related: set[ClassDefinition], repository: Repository) -> bool:
    lead = re.match(r"_*[a-z]+_?", name)
    start = re.escape((name if lead is None else lead.group()).encode())
    by_text = re.compile(rb"""['"](?:%b|%b(?:['"{%%]))""" % (re.escape(name.encode()), start))
    mentioned = re.compile(rb"\.\s*%b\b" % re.escape(name.encode()))
    literal = (name if lead is None else lead.group()).encode()
    for path, text in repository.texts.items():
        if literal not in text:  # the name begins so, too
            continue
        if by_text.search(text):
            return True
        if name.encode() not in text or not mentioned.search(text):
            continue
        module = repository.module(path)
        if module is None or any(
            _may_be_of(node.value, related, module, repository)
            for node in module.every(ast.Attribute)
            if node.attr == name
        ):
            return True
    return False


def _may_be_of(
    expression: ast.expr, related: set[ClassDefinition], module: Module, repository: Repository
) -> bool:
    receiver = receiver_of(expression, module, repository)
    return not isinstance(receiver, Receiver) or not related.isdisjoint(receiver.classes)
