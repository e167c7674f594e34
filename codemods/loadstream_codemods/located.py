"""From plans to tasks: the nodes at the places that a plan names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from loadstream.analysis.plans import (
    AccumulateLoop,
    CountedLoop,
    FilterCollect,
    FilterLoop,
    ItemsLoop,
    Keys,
    KeysComprehension,
    Plan,
    SinglePass,
    Split,
)
from loadstream_codemods.errors import CannotApplyError
from loadstream_codemods.placement import opened, opening, removed_by
from loadstream_codemods.places import Places
from loadstream_codemods.statements import Removed
from loadstream_codemods.stream_call import stream_call
from loadstream_codemods.task import Setting, Task

COMPREHENSIONS = (FilterCollect, KeysComprehension)
LOOPS = (FilterLoop, AccumulateLoop, ItemsLoop, CountedLoop)


def tasks_of(plans: Sequence[Plan], module: cst.Module, places: Places) -> list[Task]:
    """One task a plan. Raises CannotApplyError, with the plan whose text is another."""
    return [_task_of(number, plan, module, places) for number, plan in enumerate(plans)]


def _task_of(number: int, plan: Plan, module: cst.Module, places: Places) -> Task:
    try:
        return _task(number, plan, module, places)
    except CannotApplyError as error:
        raise type(error)(error.cause, plan) from error


def _task(number: int, plan: Plan, module: cst.Module, places: Places) -> Task:
    call = places.expression(plan.stream.call)
    if not isinstance(call, cst.Call):
        raise CannotApplyError("the load is no call")
    source = places.expression(plan.source)
    initial = None
    if isinstance(plan.shape, AccumulateLoop):
        initial = places.small_statement(plan.shape.initial)
    removed = _removed(plan, call, initial, places)
    return Task(
        plan=plan,
        module=module,
        call=call,
        source=source,
        anchor=_anchor(plan, source, places),
        placeholder=_placeholder(number),
        removed=removed,
        reads=_reads(plan, places),
        opening=opening(plan, places, removed, module),
        guard=None if plan.guard is None else places.statement(plan.guard),
        before=_before(plan, places),
        arguments=call,
        stream=plan.stream,
        setting=Setting("", "", "", "", ""),
        initial=initial,
        parts={part: part for part in _parts(plan, places)},
    )


def _placeholder(number: int) -> cst.Name:
    """A name that nobody uses; in parentheses, as keywords may stand close to it."""
    return cst.Name(f"_loadstream_source_{number}", lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def _removed(
    plan: Plan, call: cst.Call, initial: cst.BaseSmallStatement | None, places: Places
) -> Removed:
    # The comments inside a load live on in the new call, as far as its arguments do, or where the
    # file is opened.
    lives_on = (stream_call(call, plan.stream, None), *opened(plan, places))
    removed: dict[cst.BaseSmallStatement, tuple[cst.CSTNode, ...]] = {}
    for binding in plan.bindings:
        removed[places.small_statement(binding)] = lives_on
    removed.update(removed_by(plan, places))
    if initial is not None:
        removed[initial] = ()
    if isinstance(plan.shape, Split):
        for one in plan.shape.filters:
            if one.statement != plan.anchor:
                filter_ = places.small_statement(one.statement)
                removed[filter_] = (filter_,)  # the edit takes care of its comments
    return removed


def _anchor(plan: Plan, source: cst.BaseExpression, places: Places) -> cst.CSTNode:
    if isinstance(plan.shape, SinglePass):
        return source
    if isinstance(plan.shape, LOOPS):
        return places.statement(plan.anchor)
    if isinstance(plan.shape, Split):
        return places.small_statement(plan.anchor)
    anchor = places.expression(plan.anchor)
    # The brackets of `sum(s for s in rows)`, which may have to be broken, are those of the call.
    is_bare = isinstance(plan.shape, Keys) and plan.shape.bare
    is_generator = isinstance(plan.shape, COMPREHENSIONS) and isinstance(anchor, cst.GeneratorExp)
    return places.around(anchor) if is_bare or is_generator else anchor


def _parts(plan: Plan, places: Places) -> Iterator[cst.BaseExpression]:
    """The filters that become one pass."""
    if isinstance(plan.shape, Split):
        for one in plan.shape.filters:
            yield places.expression(one.comprehension)


def _reads(plan: Plan, places: Places) -> frozenset[cst.BaseExpression]:
    if not isinstance(plan.shape, ItemsLoop | CountedLoop):
        return frozenset()
    if isinstance(plan.shape, ItemsLoop) and not all(
        plan.anchor.encloses(read) for read in plan.shape.reads
    ):
        raise CannotApplyError("a value is read outside of the loop")
    return frozenset(places.expression(read) for read in plan.shape.reads)


def _before(plan: Plan, places: Places) -> cst.BaseStatement | None:
    """The statement that a `def` can stand before, None where it must be a lambda.

    A statement behind a colon on one line has no room before it.
    """
    shape = plan.shape.filters[-1] if isinstance(plan.shape, Split) else plan.shape
    predicate = getattr(shape, "predicate", None)
    if predicate is None or predicate.before is None:
        return None
    try:
        return places.statement(predicate.before)
    except CannotApplyError:
        return None
