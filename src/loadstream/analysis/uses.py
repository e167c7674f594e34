"""How a loaded value is used: the facts about one load that patterns and hazards look at.

A load is used in place (`for s in load_x():`) or through one variable (`rows = load_x()`). Where
the only use is one pass over the elements, or one in each of several branches, the result is a
`Use`; otherwise it is every reason that was seen against it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from loadstream.analysis.branches import exclusive
from loadstream.analysis.counting import can_count, is_behind
from loadstream.analysis.loads import Kind, Load
from loadstream.analysis.modules import Module
from loadstream.analysis.parts import Part, View
from loadstream.analysis.passes import (
    LoopPass,
    Pass,
    ReductionPass,
    refuse_at,
)
from loadstream.analysis.placements import placement_of
from loadstream.analysis.plain import stream_of_part
from loadstream.analysis.plans import IntoWith, MovedWith, NewWith, Placement
from loadstream.analysis.reads import Binding, Read, find_reads, takes_length
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.repository import Repository
from loadstream.analysis.scopes import (
    Scope,
)
from loadstream.analysis.spans import Span
from loadstream.analysis.splits import are_filters_in_a_row


class Use(NamedTuple):
    """One load that is used in one pass, or in one of its passes.

    `source` is the expression that the pass reads: the load, or the variable that holds it, in
    which case `bindings` are the assignments from the load on. `part` is the part of the loaded
    value that the pass reads. `scope` is the scope that the pass's text stands in. `placement` is
    given where the file has to be opened around the pass. `guard` is an `if` that goes, of which
    the pass is the whole body (guards.py). `others` are the passes in the other
    branches, of which never two run; they have no others themselves. `beside` are filters of the
    same value that follow directly, if this is one, too (splits.py). `lengths` are calls of len()
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
    beside: tuple[Use, ...] = ()
    lengths: tuple[ast.Call, ...] = ()

    @property
    def each(self) -> tuple[Use, ...]:
        """This use and those in the other branches, in the order of the text."""
        return (self, *self.others)

    @property
    def in_a_row(self) -> tuple[Use, ...]:
        """This use and the filters that directly follow."""
        return (self, *self.beside)

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


def find_use(load: Load, module: Module, repository: Repository) -> Use | tuple[Refusal, ...]:
    """The passes that use `load`, of which one runs, or all that speaks against that."""
    found = find_reads(load, module, repository)
    found = list(_counted(found, load, module))
    reads = [item for item in found if isinstance(item, Read)]
    refusals = [item for item in found if isinstance(item, Refusal)]
    if reads:  # of an array or object beside the single values that are taken
        refusals = [
            r._replace(reason=Reason.HEADER_AND_ARRAY) if r.reason is Reason.PROJECTION else r
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
    if not [r for r in refusals if r.reason is not Reason.MULTI_PASS]:
        ordered = sorted(reads, key=lambda read: (read.source.lineno, read.source.col_offset))
        if are_filters_in_a_row(ordered, load, module):
            use = _use(ordered[0], load, module, repository)
            if isinstance(use, Use):
                return _with_filters_beside(use, ordered[1:])
            refusals.extend(use)
    if not refusals and reads:
        return _joined([_use(read, load, module, repository) for read in reads])
    if not refusals:
        fact = "the value is not read"
        refusals.append(refuse_at(Reason.UNUSED, fact, load.expression, module))
    refusals.sort(key=lambda r: r.reason is not Reason.HANDLER_SCOPE)  # it explains the others
    return tuple(dict.fromkeys(refusals))


def _with_filters_beside(use: Use, reads: list[Read]) -> Use:
    """The use by a filter, with those of the same value that directly follow."""
    beside = []
    for read in reads:
        scope = use.module.scopes.scope_of[read.source]
        beside.append(use._replace(how=read.how, source=read.source, scope=scope))
    return use._replace(beside=tuple(beside))


def _counted(found: list[Read | Refusal], load: Load, module: Module) -> Iterator[Read | Refusal]:
    """What was found, with each length given to a pass that can count it, or refused."""
    reads = [item for item in found if isinstance(item, Read)]
    lengths: dict[ast.expr, list[ast.Call]] = {}
    for read in reads:
        if not takes_length(read.how) or len(reads) == 1:
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
        if not takes_length(item.how):
            yield item._replace(lengths=tuple(lengths.get(item.source, ())))
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


def _counts_for(loop: Read, length: Read, load: Load, module: Module) -> bool:
    """Whether the loop that is a read can count what the length is taken of."""
    return (
        load.kind is Kind.LOADED
        and isinstance(loop.how, LoopPass)
        and loop.part.view is View.ELEMENTS
        and loop.part.is_same(length.part)
        and set(length.bindings) <= set(loop.bindings)
        and can_count(loop.how, loop.source, module)
        and is_behind(length.source, loop.how.node, module)
    )


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
    return first._replace(others=tuple(others))


def _goes(placement: Placement | None) -> tuple[Span, ...] | None:
    """The statements that open or close the file now and go with a placement."""
    match placement:
        case MovedWith(statement) | IntoWith(statement):
            return (statement,)
        case NewWith(removed=removed):
            return removed
    return None


def _use(
    read: Read, load: Load, module: Module, repository: Repository
) -> Use | tuple[Refusal, ...]:
    placement: Placement | None = None
    opening = load.opening
    if opening is not None and load.stream is not None:
        way = stream_of_part(load, read.part, module, repository)
        if isinstance(way, Refusal):
            return (way,)
        load = load._replace(stream=way[0], imports=way[1])
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
