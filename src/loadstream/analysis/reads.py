"""Where a loaded value, or a part of it, is read: followed through variables to each pass.

What cannot be followed, or is no pass, is a refusal with its reason and place.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from loadstream.analysis.guards import find_guard, folded
from loadstream.analysis.handlers import unequal_handlers
from loadstream.analysis.key_loops import items_loop
from loadstream.analysis.loads import Kind, Load
from loadstream.analysis.modules import Module
from loadstream.analysis.mutations import mutated_reuse
from loadstream.analysis.parts import WHOLE, Part, View, climb
from loadstream.analysis.pass_down import pass_down
from loadstream.analysis.passes import (
    LoopPass,
    Pass,
    ReductionPass,
    builtin_name,
    consumer_of,
    outlives,
    refuse_at,
    takes_as_it_is,
)
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.rebinding import doubtful_reference, owned_reads
from loadstream.analysis.repository import Repository
from loadstream.analysis.scopes import (
    COMPREHENSIONS,
    FUNCTIONS,
    Access,
    Reference,
    Scope,
)

Binding: TypeAlias = ast.Assign | ast.AnnAssign


class Read(NamedTuple):
    """One place where the value, or a part of it, is read in one pass, or has its length taken.

    `around` is the loop that takes the length again and again.
    """

    source: ast.expr
    how: Pass
    part: Part
    bindings: tuple[Binding, ...]
    around: ast.stmt | ast.expr | None = None
    guard: ast.If | None = None
    lengths: tuple[ast.Call, ...] = ()


def find_reads(load: Load, module: Module, repository: Repository) -> list[Read | Refusal]:
    """Every pass over the value of `load` or a part of it, and all that speaks against one."""
    return _follow(load.expression, WHOLE, (), load, module, repository)


def _follow(
    node: ast.expr,
    part: Part,
    bindings: tuple[Binding, ...],
    load: Load,
    module: Module,
    repository: Repository,
) -> list[Read | Refusal]:
    """Every read of `node`, a part of the loaded value, directly or through a variable."""
    if load.opening is not None:
        node, part = climb(node, part, module)
    parent = module.scopes.parents[node]
    variable = variable_of(node, parent)
    if variable is None:
        consumer = _collected_keys(node, part, module) or consumer_of(node, module)
        if isinstance(consumer, Refusal):
            consumer = pass_down(node, part, load, module, repository) or consumer
        if isinstance(consumer, Refusal):
            if part.keys and part.view is View.ELEMENTS and takes_as_it_is(node, module):
                return [consumer._replace(reason=Reason.PROJECTION)]
            return [consumer]
        looped = _enclosing_loop(node, bindings[0], module) if bindings else None
        if takes_length(consumer):
            return [Read(node, consumer, part, bindings, looped)]
        if looped is not None:
            fact = f"`{ast.unparse(node)}` is traversed in the loop"
            return [refuse_at(Reason.IN_LOOP, fact, looped, module)]
        return [Read(node, consumer, part, bindings)]
    assert isinstance(parent, ast.Assign | ast.AnnAssign)
    return _through_variable(variable, part, (*bindings, parent), load, module, repository)


def _collected_keys(node: ast.expr, part: Part, module: Module) -> ReductionPass | None:
    """`list(doc.keys())`: the values go by."""
    call = module.scopes.parents[node]
    if part.view is not View.KEYS or not isinstance(call, ast.Call) or call.args != [node]:
        return None
    name = builtin_name(call, module)
    return ReductionPass(call, name, wrapped=False) if name in ("list", "tuple") else None


def variable_of(expression: ast.expr, parent: ast.AST) -> ast.Name | None:
    """The plain name that a statement assigns `expression` to."""
    if isinstance(parent, ast.Assign) and parent.value is expression and len(parent.targets) == 1:
        target = parent.targets[0]
        return target if isinstance(target, ast.Name) else None
    if isinstance(parent, ast.AnnAssign) and parent.value is expression:
        return parent.target if isinstance(parent.target, ast.Name) else None
    return None


def _through_variable(
    variable: ast.Name,
    part: Part,
    bindings: tuple[Binding, ...],
    load: Load,
    module: Module,
    repository: Repository,
) -> list[Read | Refusal]:
    name = variable.id
    reads = sorted(owned_reads(variable, module), key=place_of)
    found: list[Read | Refusal] = [*_doubts_of_variable(variable, module, repository)]
    loop = items_loop(variable, reads, module) if load.opening is not None and not found else None
    if loop is not None and not any(_is_read_later(read, module) for read in loop.reads):
        if around := _enclosing_loop(loop.source, bindings[0], module):
            fact = f"`{name}` is traversed in the loop"
            return [refuse_at(Reason.IN_LOOP, fact, around, module)]
        part = part._replace(view=View.ITEMS)
        return [Read(loop.source, LoopPass(loop.node, wrapped=False, items=loop), part, bindings)]
    guarded = _guarded(reads, part, bindings, load, module, repository) if not found else None
    if guarded is not None:
        return [guarded]
    found += mutated_reuse(variable, reads, module)
    for reference in reads:
        node = reference.node
        assert isinstance(node, ast.Name)
        found += _follow(node, part, bindings, load, module, repository)
    if not reads and not found:
        lines = module.source.lines
        found.append(Refusal(Reason.UNUSED, f"`{name}` is not read", lines.span(variable)))
    passes = sum(isinstance(item, Read) for item in found)
    if passes != 1 or passes != len(found):
        for reference in reads:
            found += unequal_handlers(bindings[-1], reference.node, module, repository)
    return found


def _is_read_later(read: ast.expr, module: Module) -> bool:
    """Whether a read stands in a generator that may be kept, until the key is another."""
    scope: Scope | None = module.scopes.scope_of[read]
    while scope is not None and isinstance(scope.node, COMPREHENSIONS):
        if isinstance(scope.node, ast.GeneratorExp) and outlives(scope.node, module):
            return True
        scope = scope.parent
    return False


def _guarded(
    reads: list[Reference],
    part: Part,
    bindings: tuple[Binding, ...],
    load: Load,
    module: Module,
    repository: Repository,
) -> Read | None:
    """The one loop over the variable, where all else that is read of it is a guard around that."""
    guard = find_guard(reads, module) if load.kind is Kind.LOADED else None
    if guard is None:
        return None
    read = reads[1].node
    assert isinstance(read, ast.Name)
    match _follow(read, part, bindings, load, module, repository):
        case [Read(how=LoopPass(node=loop, items=None)) as only] if loop is guard.loop:
            whole = folded(guard, part, only.part)
            return None if whole is None else only._replace(part=whole, guard=guard.statement)
    return None


def _doubts_of_variable(
    variable: ast.Name, module: Module, repository: Repository
) -> Iterator[Refusal]:
    """What speaks against a variable's holding the value, and nothing else, wherever it is read."""
    scopes = module.scopes
    name = variable.id
    home = scopes.scope_of[variable].home(name)
    span = module.source.lines.span(variable)
    if home.is_class:
        yield Refusal(Reason.ESCAPES, f"`{name}` is an attribute of a class", span)
    if home.is_module and scopes.scope_of[variable] is not home:
        yield Refusal(Reason.ESCAPES, f"`{name}` is a global set in a function", span)
    if home.is_module and repository.importers_mention(module.path, name):
        yield Refusal(Reason.ESCAPES, f"another file imports `{name}`", span)
    doubtful = doubtful_reference(variable, module)
    if doubtful is not None:
        fact = "may be another value, or none," if doubtful.access is Access.READ else "is changed"
        yield refuse_at(Reason.REBOUND, f"`{name}` {fact}", doubtful.node, module)
        if doubtful.access is Access.READ:
            yield from unequal_handlers(variable, doubtful.node, module, repository)
    for other in scopes.references(home, name):
        node = other.node
        if other.scope.function() is not scopes.scope_of[variable].function():
            if isinstance(node, ast.expr):
                fact = f"`{name}` is read in a nested function"
                yield refuse_at(Reason.CLOSURE, fact, node, module)
            else:
                fact = f"`{name}` is bound elsewhere"
                yield Refusal(Reason.REBOUND, fact, span)


def takes_length(how: Pass) -> bool:
    """Whether a pass is `len(…)`."""
    return isinstance(how, ReductionPass) and how.name == "len"


def reads_of(references: list[Reference]) -> list[Reference]:
    """Those of `references` that read."""
    return [r for r in references if r.access is Access.READ]


def place_of(reference: Reference) -> tuple[int, int]:
    """Where a reference stands, to sort by."""
    node = reference.node
    return (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))


def _enclosing_loop(node: ast.AST, binding: ast.stmt, module: Module) -> ast.stmt | ast.expr | None:
    """The loop that runs `node` again and again while `binding` runs once, if there is one."""
    around_binding = set(module.scopes.ancestors(binding))
    inner: ast.AST = node
    for outer in module.scopes.ancestors(node):
        if outer in around_binding:
            break
        if isinstance(outer, ast.While):
            return outer
        if (
            isinstance(outer, ast.For | ast.AsyncFor | ast.comprehension)
            and inner is not outer.iter
        ):
            return outer if isinstance(outer, ast.stmt) else outer.iter
        if isinstance(outer, COMPREHENSIONS) and inner is not outer.generators[0]:
            return outer
        if isinstance(outer, FUNCTIONS):
            break
        inner = outer
    return None
