"""What may change an object between a load by one of its methods and the end of the pass.

`rows = repo.load_x()` reads the object now; `repo.stream_x()` in the place of the pass reads it
then, and a generator goes on reading it while its elements are consumed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loadstream.analysis.attributes import changes_of, family, is_changed, is_set
from loadstream.analysis.classes import Lookup, member
from loadstream.analysis.effects import SEEN, markers, unknowns
from loadstream.analysis.modules import ClassDefinition, Definition, Module
from loadstream.analysis.object_state import Reads, reads
from loadstream.analysis.pairs import Pair
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.receivers import Receiver
from loadstream.analysis.repository import Repository
from loadstream.analysis.scopes import COMPREHENSIONS, FUNCTIONS, Access
from loadstream.analysis.trees import walk

_MAKERS = ("__init__", "__post_init__")


def object_changes(
    call: ast.Call,
    receiver: Receiver,
    pairs: list[tuple[ClassDefinition, Pair]],
    module: Module,
    repository: Repository,
) -> Iterator[Refusal]:
    """Why the streamers would not find the object as the loaders found it."""
    span = module.source.lines.span(call)
    variable = _variable(call, module)
    facts: list[str] = []
    for owner, pair in pairs:
        streaming = reads(pair.streamer, owner, repository)
        facts += _changed_while_read(streaming, pair, owner, repository)
        if variable is not None:
            both = streaming | reads(pair.loader, owner, repository)
            facts += _changed_before_pass(both, call, pair, owner, module, repository)
    if variable is not None:
        facts += _made_later(receiver, variable, module, repository)
    for fact in dict.fromkeys(facts):
        yield Refusal(Reason.ARGUMENTS_CHANGE, fact, span)


def _variable(call: ast.Call, module: Module) -> ast.Name | None:
    """The variable that the load is assigned to, so that the pass may come later."""
    parent = module.scopes.parents[call]
    targets = (
        parent.targets
        if isinstance(parent, ast.Assign)
        else [parent.target]
        if isinstance(parent, ast.AnnAssign)
        else []
    )
    return targets[0] if targets and isinstance(targets[0], ast.Name) else None


def _changed_while_read(
    streaming: Reads, pair: Pair, owner: ClassDefinition, repository: Repository
) -> Iterator[str]:
    """What the streamer reads between two elements must be set once, when the object is made."""
    name = pair.streamer.name
    if streaming.whole_late:
        yield f"{name} passes its object on while it gives out elements"
    for attribute in sorted(streaming.late):
        if _is_set_again(attribute, owner, repository):
            yield f"{name} reads `.{attribute}` between two elements, and it is set elsewhere too"


def _is_set_again(attribute: str, owner: ClassDefinition, repository: Repository) -> bool:
    """Whether anything but the making of the object may change one of its attributes."""
    found = changes_of(attribute, (owner,), repository)
    return found is None or any(
        change.method is None or change.method.name not in _MAKERS for change in found
    )


def _changed_before_pass(
    both: Reads,
    call: ast.Call,
    pair: Pair,
    owner: ClassDefinition,
    module: Module,
    repository: Repository,
) -> Iterator[str]:
    """Nothing behind the load, in the same function, may set what the methods read."""
    scopes = module.scopes
    place = scopes.scope_of[call].function().node
    repeated = any(isinstance(n, ast.For | ast.While) for n in scopes.ancestors(call))
    own = {pair.loader.name, pair.streamer.name}
    for node in walk(place):
        line = getattr(node, "lineno", 0)
        if line < call.lineno and not repeated:
            continue
        if isinstance(node, ast.Attribute) and (both.whole or node.attr in both.names):
            if is_set(node) or is_changed(node, module):
                yield f"`{ast.unparse(node)}` is set at line {line}, after the load"
        elif isinstance(node, ast.Call) and node is not call:
            method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if method in own or not method:
                continue
            if member(owner, method, repository) is not Lookup.ABSENT and (
                both.whole or any(_is_set_again(n, owner, repository) for n in both.names)
            ):
                yield f"{ast.unparse(node.func)}() at line {line} may change the object"


def _made_later(
    receiver: Receiver, variable: ast.Name, module: Module, repository: Repository
) -> Iterator[str]:
    """An object that is made for this load would be made at the pass: that must be the same."""
    if receiver.bound is not None:
        loop = _loop_around(receiver.bound, module)
        if loop is not None and not _read_only_in(loop, variable, module):
            yield "the object is bound in a loop that the pass is outside of"
    built = receiver.built
    if built is None:
        return
    for argument in [*built.args, *(keyword.value for keyword in built.keywords)]:
        if not _is_steady(argument, variable, module):
            yield f"the object is made of `{ast.unparse(argument)}`, which may be another then"
    for name in _MAKERS:
        maker = member(receiver.classes[0], name, repository)
        if maker is Lookup.UNCERTAIN or (
            isinstance(maker, Definition) and not _only_sets(maker, repository)
        ):
            yield f"{receiver.classes[0].name}() does more than set attributes"


def _is_steady(argument: ast.expr, variable: ast.Name, module: Module) -> bool:
    """Whether an argument is a constant, or a name that cannot mean something else at the pass."""
    if not isinstance(argument, ast.Name):
        return isinstance(argument, ast.Constant)
    home = module.scopes.scope_of[argument].home(argument.id)
    bindings = module.scopes.changes(home, argument.id)
    if len(bindings) != 1:
        return False
    loop = _loop_around(bindings[0].node, module)
    return loop is None or _read_only_in(loop, variable, module)


def _loop_around(statement: ast.AST, module: Module) -> ast.AST | None:
    """The innermost loop that runs a statement again and again in its function."""
    for outer in module.scopes.ancestors(statement):
        if isinstance(outer, FUNCTIONS):
            return None
        if isinstance(outer, (ast.For, ast.AsyncFor, ast.While, *COMPREHENSIONS)):
            return outer
    return None


def _read_only_in(loop: ast.AST, variable: ast.Name, module: Module) -> bool:
    home = module.scopes.scope_of[variable].home(variable.id)
    inside = set(walk(loop))
    return all(
        reference.node in inside
        for reference in module.scopes.references(home, variable.id)
        if reference.access is Access.READ
    )


def _only_sets(maker: Definition, repository: Repository) -> bool:
    """Whether making the object has no effect that could be seen elsewhere."""
    unknown = [
        node
        for node in unknowns(maker.function.body, maker.module, repository, None)
        if ast.unparse(node) != "super().__init__()"
    ]
    return not unknown and not markers(maker, repository) & SEEN


def related_classes(
    classes: tuple[ClassDefinition, ...], repository: Repository
) -> tuple[ClassDefinition, ...]:
    """The classes with their ancestors and heirs, as far as these are known."""
    found = family(classes, repository)
    return classes if found is None else tuple(found)
