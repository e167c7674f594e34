"""What a twin can be called: a name that nobody uses yet, where the twin will stand.

A function's name must be free in its file. A method's must be free in its class and in all that
inherit either way, and nothing may ask an object for it: what had no such member has one now.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from loadstream.analysis.attributes import changes, family, is_in_body
from loadstream.analysis.classes import Lookup, own_member
from loadstream.analysis.modules import ClassDefinition, Definition, Module, Repository
from loadstream.analysis.pairs import streamer_names
from loadstream.analysis.plain_loaders import no_twin
from loadstream.analysis.reasons import Refusal
from loadstream.analysis.receivers import Receiver, receiver_of

_RUNTIME = frozenset({"stream_json", "stream_items", "stream_values", "stream_lines"})


def free_name(loader: Definition, repository: Repository) -> str | Refusal:
    """The first name by convention for the twin of `loader`, or why that name is not free."""
    name = next(name for name in streamer_names(loader.name) if name not in _RUNTIME)
    taken = next(
        _of_function(name, loader, repository)
        if loader.owner is None
        else _of_method(name, loader, loader.owner, repository),
        None,
    )
    return name if taken is None else no_twin(loader, taken)


def _of_function(name: str, loader: Definition, repository: Repository) -> Iterator[str]:
    """What speaks against the name in the module, and for those who import all of it."""
    module = loader.module
    scopes = module.scopes
    if any(name in scope.bound or name in scope.global_names for scope in scopes.module.walk()):
        yield f"the name {name} is already used in its file"
    if scopes.star_imports:
        yield "its file imports * from another, so that no name is known free"
    if _star_taken(name, module, repository):
        yield f"a file that imports * has another {name}"


def _star_taken(name: str, module: Module, repository: Repository) -> bool:
    """Whether a file that may import everything from `module` uses `name` for its own."""
    return any(
        path != module.path and b"import *" in text and name.encode() in text
        for path, text in repository.texts
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
    others = sorted(related - {owner}, key=lambda one: one.name)
    for other in others:
        if own_member(other, loader.name) is not Lookup.ABSENT:
            yield f"{other.name} has another {loader.name}"
    scope = next(s for s in owner.module.scopes.module.walk() if s.node is owner.node)
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
    for path, text in repository.texts:
        if by_text.search(text):
            return True
        if name.encode() not in text or not mentioned.search(text):
            continue
        module = repository.module(path)
        if module is None or any(
            _may_be_of(node.value, related, module, repository)
            for node in ast.walk(module.source.tree)
            if isinstance(node, ast.Attribute) and node.attr == name
        ):
            return True
    return False


def _may_be_of(
    expression: ast.expr, related: set[ClassDefinition], module: Module, repository: Repository
) -> bool:
    receiver = receiver_of(expression, module, repository)
    return not isinstance(receiver, Receiver) or not related.isdisjoint(receiver.classes)
