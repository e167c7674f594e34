"""LS107 items: the members of an object are read one by one.

for k, v in load_x().items():         for k, v in stream_items(path):
for k in doc:                         for k, value in stream_items(path):
    work(k, doc[k])                       work(k, value)
"""

from __future__ import annotations

import libcst as cst

from loadstream.analysis import plans
from loadstream_codemods.command import PatternCommand
from loadstream_codemods.engine import Edits
from loadstream_codemods.errors import CannotApplyError
from loadstream_codemods.single_pass import edit as edit_source
from loadstream_codemods.task import Task

_SPACE = cst.SimpleWhitespace(" ")


def edit(anchor: cst.CSTNode, task: Task) -> cst.CSTNode:
    """The loop over keys and values; the values that its body reads are in place already."""
    shape = task.plan.shape
    assert isinstance(shape, plans.ItemsLoop)
    if not isinstance(anchor, cst.For):
        raise CannotApplyError("the site is no loop")
    source = anchor.iter
    new_source = task.fit(
        lambda call: task.in_place(call, source),
        None,
        [source],
    )
    pair = cst.Tuple(
        [cst.Element(anchor.target, comma=_comma()), cst.Element(cst.Name(shape.value))],
        lpar=[],
        rpar=[],
    )
    return anchor.with_changes(target=pair, iter=new_source, whitespace_before_in=_SPACE)


def _comma() -> cst.Comma:
    return cst.Comma(whitespace_after=_SPACE)


EDITS: Edits = {plans.ItemsLoop: edit, plans.SinglePass: edit_source}


class Items(PatternCommand):
    """LS107 alone."""

    DESCRIPTION = "Read an object's members one by one instead of loading the whole object."
    CODE = "LS107"
    EDITS = EDITS
