"""LS107 items: the members of an object are read one by one.

for k, v in load_x().items():         for k, v in stream_items(path):
for k in doc:                         for k, value in stream_items(path):
    work(k, doc[k])                       work(k, value)
sorted(load_x().keys())               sorted(key for key, _ in stream_items(path))
[k for k in load_x().keys() if c]     [k for k, _ in stream_items(path) if c]
"""

from __future__ import annotations

import libcst as cst

from loadstream.analysis import plans
from loadstream_codemods.command import PatternCommand
from loadstream_codemods.engine import Edits
from loadstream_codemods.errors import CannotApplyError
from loadstream_codemods.filter_collect import comprehension_at, fit_comprehension, fit_given
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
    target = _pair(anchor.target, shape.value)
    return anchor.with_changes(target=target, iter=new_source, whitespace_before_in=_SPACE)


def edit_comprehension(anchor: cst.CSTNode, task: Task) -> cst.CSTNode:
    """The comprehension over the pairs, whose values it does not read."""
    shape = task.plan.shape
    assert isinstance(shape, plans.KeysComprehension)
    whole, comprehension = comprehension_at(anchor)
    clause = comprehension.for_in
    target = _pair(clause.target, shape.value)
    pairs = comprehension.with_changes(
        for_in=clause.with_changes(target=target, whitespace_before_in=_SPACE)
    )

    def build(call: cst.Call) -> cst.BaseExpression:
        return task.in_place(call, pairs)

    return fit_comprehension(whole, build, None, task)


def edit_keys(anchor: cst.CSTNode, task: Task) -> cst.CSTNode:
    """The keys of the pairs, one by one."""
    shape = task.plan.shape
    assert isinstance(shape, plans.Keys)
    if not isinstance(anchor, cst.Call) and anchor is not task.placeholder:
        raise CannotApplyError("the keys are not where the plan says")
    own = task.source.lpar, task.source.rpar
    left, right = ([], []) if shape.bare else ([cst.LeftParen()], [cst.RightParen()])
    target = _pair(cst.Name("key"), shape.value)

    def build(call: cst.Call) -> cst.BaseExpression:
        return cst.GeneratorExp(
            elt=cst.Name("key"),
            for_in=cst.CompFor(target=target, iter=call),
            lpar=own[0] or left,
            rpar=own[1] or right,
        )

    if isinstance(anchor, cst.Call):
        return fit_given(anchor, build, None, task, hugs=False)
    return task.fit(build, None, [])


def _pair(key: cst.BaseAssignTargetExpression, value: str) -> cst.Tuple:
    comma = cst.Comma(whitespace_after=_SPACE)
    return cst.Tuple([cst.Element(key, comma), cst.Element(cst.Name(value))], lpar=[], rpar=[])


EDITS: Edits = {
    plans.ItemsLoop: edit,
    plans.KeysComprehension: edit_comprehension,
    plans.Keys: edit_keys,
    plans.SinglePass: edit_source,
}


class Items(PatternCommand):
    """LS107 alone."""

    DESCRIPTION = "Read an object's members one by one instead of loading the whole object."
    CODE = "LS107"
    EDITS = EDITS
