"""LS105 find-first: `next` takes from the stream, which stops reading at the first match.

next((s for s in load_x() if c), None)    next(stream_x(filter_func=lambda s: c), None)
[s for s in load_x() if c][0]             next(stream_x(filter_func=lambda s: c))
"""

from __future__ import annotations

import libcst as cst

from loadstream.analysis import plans
from loadstream_codemods.command import PatternCommand
from loadstream_codemods.engine import Edits
from loadstream_codemods.errors import CannotApplyError
from loadstream_codemods.filter_collect import moved_conditions, over_stream
from loadstream_codemods.single_pass import edit as edit_source
from loadstream_codemods.task import Task, in_own_lines


def edit(anchor: cst.CSTNode, task: Task) -> cst.CSTNode:
    """The call of `next` over the stream."""
    shape = task.plan.shape
    assert isinstance(shape, plans.FindFirst)
    if not isinstance(anchor, cst.Call) or not anchor.args:
        raise CannotApplyError("the site is no call of next")
    subject, *default = anchor.args
    generator = subject.value
    if not isinstance(generator, cst.GeneratorExp):
        raise CannotApplyError("next is not given a generator")
    filter_ = moved_conditions(generator.for_in, shape.moved, shape.predicate)

    def build(call: cst.Call) -> cst.BaseExpression:
        taken = call if shape.bare else over_stream(generator, shape.moved, task, call)
        return anchor.with_changes(args=[subject.with_changes(value=taken), *default])

    return task.fit(build, filter_, [anchor], roomy=in_own_lines(build, anchor, task.setting, task))


def edit_subscript(anchor: cst.CSTNode, task: Task) -> cst.CSTNode:
    """The call of `next` in the place of a comprehension's first element."""
    shape = task.plan.shape
    assert isinstance(shape, plans.FirstOf)
    match anchor:
        case cst.Subscript(value=cst.ListComp() as listed):
            pass
        case _:
            raise CannotApplyError("the site is no comprehension's element")
    filter_ = moved_conditions(listed.for_in, shape.moved, shape.predicate)
    generator = cst.GeneratorExp(elt=listed.elt, for_in=listed.for_in, lpar=[], rpar=[])

    def build(call: cst.Call) -> cst.BaseExpression:
        taken = cst.Call(
            func=cst.Name("next"),
            args=[cst.Arg(_bare(call, iterator=shape.iterator))],
            lpar=anchor.lpar,
            rpar=anchor.rpar,
        )
        if shape.bare:
            return taken
        rest = over_stream(generator, shape.moved, task, call)
        return taken.with_changes(
            args=[cst.Arg(rest, whitespace_after_arg=listed.rbracket.whitespace_before)],
            whitespace_before_args=listed.lbracket.whitespace_after,
        )

    return task.fit(build, filter_, [anchor], roomy=in_own_lines(build, anchor, task.setting, task))


def _bare(call: cst.Call, *, iterator: bool) -> cst.Call:
    return call if iterator else cst.Call(func=cst.Name("iter"), args=[cst.Arg(call)])


EDITS: Edits = {
    plans.FindFirst: edit,
    plans.FirstOf: edit_subscript,
    plans.SinglePass: edit_source,
}


class FindFirst(PatternCommand):
    """LS105 alone: `next` over a generator, and the loop that stops at its first match.

    `[…][0]` is not among them: its rewrite is unsafe.
    """

    DESCRIPTION = "Stop reading at the first match instead of loading everything before."
    CODE = "LS105"
    EDITS = EDITS
