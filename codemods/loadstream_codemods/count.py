"""LS106 count: elements are counted as they stream by.

len(load_x())                         sum(1 for _ in stream_x())
len([s for s in load_x() if c])       sum(1 for _ in stream_x(filter_func=lambda s: c))
"""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from loadstream.analysis import plans
from loadstream_codemods.command import PatternCommand
from loadstream_codemods.engine import Edits
from loadstream_codemods.errors import CannotApplyError
from loadstream_codemods.filter_collect import moved_conditions, on_own_lines
from loadstream_codemods.task import Filter, Task
from loadstream_codemods.whitespace import new_line


def edit(anchor: cst.CSTNode, task: Task) -> cst.CSTNode:
    """The sum of one for each element of the stream."""
    shape = task.plan.shape
    assert isinstance(shape, plans.Count)
    match anchor:
        case cst.Call(args=[cst.Arg(value=counted)]):
            pass
        case _:
            raise CannotApplyError("the site is no call of len")
    target: cst.BaseAssignTargetExpression = cst.Name("_")
    filter_: Filter | None = None
    left: tuple[cst.CompIf, ...] = ()
    if (
        isinstance(counted, (cst.ListComp, cst.GeneratorExp))
        and counted.for_in.inner_for_in is None
    ):
        clause = counted.for_in
        filter_ = moved_conditions(clause, shape.moved, shape.predicate)
        left = tuple(clause.ifs[shape.moved :])
        target = clause.target if left else target
    elif shape.moved:
        raise CannotApplyError("the conditions are not where the plan says")

    def build(call: cst.Call) -> cst.Call:
        return cst.Call(
            func=cst.Name("sum"),
            args=[cst.Arg(_ones(target, call, left))],
            lpar=anchor.lpar,
            rpar=anchor.rpar,
        )

    inner = task.setting.extra + task.module.default_indent

    def whole(call: cst.Call) -> cst.Call:
        new = build(call)
        [ones] = new.args
        return new.with_changes(
            whitespace_before_args=new_line(inner),
            args=[ones.with_changes(whitespace_after_arg=new_line(task.setting.extra))],
        )

    def clauses(call: cst.Call) -> cst.Call:
        new = whole(call)
        [ones] = new.args
        assert isinstance(ones.value, cst.GeneratorExp)
        for_in = on_own_lines(ones.value.for_in, new_line(inner))
        value = ones.value.with_changes(for_in=for_in)
        return new.with_changes(args=[ones.with_changes(value=value)])

    return task.fit(build, filter_, [anchor], roomy=(whole, clauses))


def _ones(
    target: cst.BaseAssignTargetExpression, call: cst.Call, conditions: Sequence[cst.CompIf]
) -> cst.GeneratorExp:
    clause = cst.CompFor(target=target, iter=call, ifs=conditions)
    return cst.GeneratorExp(elt=cst.Integer("1"), for_in=clause, lpar=[], rpar=[])


EDITS: Edits = {plans.Count: edit}


class Count(PatternCommand):
    """LS106 alone."""

    DESCRIPTION = "Count while streaming instead of measuring a loaded list."
    CODE = "LS106"
    EDITS = EDITS
