"""How a loaded value is used: the facts about one load that patterns and hazards look at.

A load is used in place (`for s in load_x():`) or through one variable (`rows = load_x()`). Where
the only use is one pass over the elements, or one in each of several branches, the result is a
`Use`; otherwise it is every reason that was seen against it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from loadstream.analysis.branches import exclusive
from loadstream.analysis.counting import can_count, is_behind
from loadstream.analysis.guards import find_guard, folded
from loadstream.analysis.handlers import unequal_handlers
from loadstream.analysis.key_loops import items_loop
from loadstream.analysis.loads import Kind, Load
from loadstream.analysis.modules import Module, Repository
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
from loadstream.analysis.placements import placement_of
from loadstream.analysis.plain import stream_of_part
from loadstream.analysis.plans import IntoWith, MovedWith, NewWith, Placement
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.rebinding import doubtful_reference, owned_reads
from loadstream.analysis.scopes import (
    COMPREHENSIONS,
    FUNCTIONS,
    Access,
    Reference,
    Scope,
)
from loadstream.analysis.spans import Span

Binding: TypeAlias = ast.Assign | ast.AnnAssign


@dataclass(frozen=True, slots=True)
class Use:
    """One load that is used in one pass, or in one of its passes.

    `source` is the expression that the pass reads: the load, or the variable that holds it, in
    which case `bindings` are the assignments from the load on. `part` is the part of the loaded
    value that the pass reads. `scope` is the scope that the pass's text stands in. `placement` is
    given where the file has to be opened around the pass. `guard` is an `if` that goes, of which
    the pass is the whole body (guards.py). `others` are the passes in the other
    branches, of which never two run; they have no others themselves. `lengths` are calls of len()
    on the same part behind the loop, which then has to count.
    """

    load: Load
    how: Pass
    source: ast.expr
    bindings: tuple[Binding, ...]
    part: Part
    scope: Scope
    module: Module
    repository: Repository
    placement: Placement | None = None
    guard: ast.If | None = None
    others: tuple[Use, ...] = ()
    lengths: tuple[ast.Call, ...] = ()

    @property
    def each(self) -> tuple[Use, ...]:
        """This use and those in the other branches, in the order of the text."""
        return (self, *self.others)

    @property
    def binding(self) -> Binding | None:
        """The assignment of the load itself, None where it is used in place."""
        return self.bindings[0] if self.bindings else None

    @property
    def anchor(self) -> ast.For | ast.expr:
        """The loop, comprehension or call that makes the pass."""
        return self.how.node

    def span(self, node: ast.expr | ast.stmt) -> Span:
        """The place of a node of this file."""
        return self.module.source.lines.span(node)


@dataclass(frozen=True, slots=True)
class _Read:
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


def find_use(load: Load, module: Module, repository: Repository) -> Use | tuple[Refusal, ...]:
    """The passes that use `load`, of which one runs, or all that speaks against that."""
    found = _follow(load.expression, WHOLE, (), load, module, repository)
    found = list(_counted(found, load, module))
    reads = [item for item in found if isinstance(item, _Read)]
    refusals = [item for item in found if isinstance(item, Refusal)]
    if reads:  # of an array or object beside the single values that are taken
        refusals = [
            replace(r, reason=Reason.HEADER_AND_ARRAY) if r.reason is Reason.PROJECTION else r
            for r in refusals
        ]
    for index, other in enumerate(reads):
        before = (r for r in reads[:index] if not exclusive(r.source, other.source, module))
        earlier = next(before, None)
        if earlier is None:
            continue
        parts = other.part.keys[:1] != earlier.part.keys[:1]
        reason = Reason.HEADER_AND_ARRAY if parts else Reason.MULTI_PASS
        fact = f"`{ast.unparse(other.source)}` is read {'too' if parts else 'again'}"
        refusals.append(refuse_at(reason, fact, other.source, module))
    if not refusals and reads:
        return _joined([_use(read, load, module, repository) for read in reads])
    if not refusals:
        fact = "the value is not read"
        refusals.append(refuse_at(Reason.UNUSED, fact, load.expression, module))
    refusals.sort(key=lambda r: r.reason is not Reason.HANDLER_SCOPE)  # it explains the others
    return tuple(dict.fromkeys(refusals))


def _counted(found: list[_Read | Refusal], load: Load, module: Module) -> Iterator[_Read | Refusal]:
    """What was found, with each length given to a pass that can count it, or refused."""
    reads = [item for item in found if isinstance(item, _Read)]
    lengths: dict[ast.expr, list[ast.Call]] = {}
    for read in reads:
        if not _counts(read.how) or len(reads) == 1:
            continue
        loop = next((other for other in reads if _counts_for(other, read, load, module)), None)
        if loop is not None:
            assert isinstance(read.how, ReductionPass)
            lengths.setdefault(loop.source, []).append(read.how.node)
    done = {call for calls in lengths.values() for call in calls}
    for item in found:
        if isinstance(item, Refusal):
            yield item
            continue
        if not _counts(item.how):
            yield replace(item, lengths=tuple(lengths.get(item.source, ())))
            continue
        if item.how.node in done:
            continue
        name = ast.unparse(item.source)
        if item.around is not None:
            fact = f"`{name}` is traversed in the loop"
            yield refuse_at(Reason.IN_LOOP, fact, item.around, module)
        elif any(r is not item and not exclusive(r.source, item.source, module) for r in reads):
            fact = f"len() of `{name}` is taken"
            yield refuse_at(Reason.NEEDS_LIST, fact, item.source, module)
        else:
            yield item


def _counts_for(loop: _Read, length: _Read, load: Load, module: Module) -> bool:
    """Whether the loop that is a read can count what the length is taken of."""
    return (
        load.kind is Kind.LOADED
        and isinstance(loop.how, LoopPass)
        and loop.part.view is View.ELEMENTS
        and _is_same(loop.part, length.part)
        and set(length.bindings) <= set(loop.bindings)
        and can_count(loop.how, loop.source, module)
        and is_behind(length.source, loop.how.node, module)
    )


def _is_same(one: Part, other: Part) -> bool:
    defaults = [None if p.default is None else ast.dump(p.default) for p in (one, other)]
    return (one.keys, one.view) == (other.keys, other.view) and defaults[0] == defaults[1]


def _joined(found: list[Use | tuple[Refusal, ...]]) -> Use | tuple[Refusal, ...]:
    """The uses in all branches as one, or what speaks against any of them."""
    uses = [use for use in found if isinstance(use, Use)]
    if len(uses) < len(found):
        refusals = [r for refused in found if not isinstance(refused, Use) for r in refused]
        return tuple(dict.fromkeys(refusals))
    first, *others = uses
    for other in others:
        if _goes(other.placement) != _goes(first.placement):
            fact = "the file is closed in one branch only"
            return (refuse_at(Reason.ESCAPES_WITH, fact, other.source, other.module),)
    return replace(first, others=tuple(others))


def _goes(placement: Placement | None) -> tuple[Span, ...] | None:
    """The statements that open or close the file now and go with a placement."""
    match placement:
        case MovedWith(statement) | IntoWith(statement):
            return (statement,)
        case NewWith(removed=removed):
            return removed
    return None


def _use(
    read: _Read, load: Load, module: Module, repository: Repository
) -> Use | tuple[Refusal, ...]:
    placement: Placement | None = None
    opening = load.opening
    if opening is not None and load.stream is not None:
        way = stream_of_part(load, read.part, module, repository)
        if isinstance(way, Refusal):
            return (way,)
        load = replace(load, stream=way[0], imports=way[1])
        placed = placement_of(opening, read.bindings, read.how.node, module)
        if isinstance(placed, Refusal):
            return (placed,)
        placement = placed
    scope = module.scopes.scope_of[read.source]
    return Use(
        load,
        read.how,
        read.source,
        read.bindings,
        read.part,
        scope,
        module,
        repository,
        placement,
        read.guard,
        lengths=read.lengths,
    )


def _follow(
    node: ast.expr,
    part: Part,
    bindings: tuple[Binding, ...],
    load: Load,
    module: Module,
    repository: Repository,
) -> list[_Read | Refusal]:
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
                return [replace(consumer, reason=Reason.PROJECTION)]
            return [consumer]
        looped = _enclosing_loop(node, bindings[0], module) if bindings else None
        if _counts(consumer):
            return [_Read(node, consumer, part, bindings, looped)]
        if looped is not None:
            fact = f"`{ast.unparse(node)}` is traversed in the loop"
            return [refuse_at(Reason.IN_LOOP, fact, looped, module)]
        return [_Read(node, consumer, part, bindings)]
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
) -> list[_Read | Refusal]:
    name = variable.id
    reads = sorted(owned_reads(variable, module), key=place_of)
    found: list[_Read | Refusal] = [*_doubts_of_variable(variable, module, repository)]
    loop = items_loop(variable, reads, module) if load.opening is not None and not found else None
    if loop is not None and not any(_is_read_later(read, module) for read in loop.reads):
        if around := _enclosing_loop(loop.source, bindings[0], module):
            fact = f"`{name}` is traversed in the loop"
            return [refuse_at(Reason.IN_LOOP, fact, around, module)]
        part = replace(part, view=View.ITEMS)
        return [_Read(loop.source, LoopPass(loop.node, wrapped=False, items=loop), part, bindings)]
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
    passes = sum(isinstance(item, _Read) for item in found)
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
) -> _Read | None:
    """The one loop over the variable, where all else that is read of it is a guard around that."""
    guard = find_guard(reads, module) if load.kind is Kind.LOADED else None
    if guard is None:
        return None
    read = reads[1].node
    assert isinstance(read, ast.Name)
    match _follow(read, part, bindings, load, module, repository):
        case [_Read(how=LoopPass(node=loop, items=None)) as only] if loop is guard.loop:
            whole = folded(guard, part, only.part)
            return None if whole is None else replace(only, part=whole, guard=guard.statement)
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


def _counts(how: Pass) -> bool:
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
