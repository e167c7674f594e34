"""LS105 find-first: `next` takes from the stream, which stops reading at the first match.

next((s for s in load_x() if c), None)    next(stream_x(filter_func=lambda s: c), None)
"""

from __future__ import annotations

import libcst as cst

from loadstream.analysis import plans
from loadstream_codemods.command import PatternCommand
from loadstream_codemods.engine import Edits
from loadstream_codemods.errors import CannotApplyError
from loadstream_codemods.filter_collect import moved_conditions, over_stream
from loadstream_codemods.single_pass import edit as edit_source
from loadstream_codemods.task import Task


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

    return task.fit(build, filter_, [anchor])


EDITS: Edits = {plans.FindFirst: edit, plans.SinglePass: edit_source}


class FindFirst(PatternCommand):
    """LS105 alone: `next` over a generator, and the loop that stops at its first match."""

    DESCRIPTION = "Stop reading at the first match instead of loading everything before."
    CODE = "LS105"
    EDITS = EDITS
