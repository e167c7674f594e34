"""LS104 single-pass: a loop counts its elements, where the length of the list was asked for.

for s in rows:                        session_count = 0
    work(s)                           for session_count, s in enumerate(stream_x(), start=1):
print(len(rows))                          work(s)
                                      print(session_count)
"""

from __future__ import annotations

import libcst as cst

from loadstream.analysis import plans
from loadstream_codemods.engine import Edits
from loadstream_codemods.errors import CannotApplyError
from loadstream_codemods.task import Task

_SPACE = cst.SimpleWhitespace(" ")


def edit(anchor: cst.CSTNode, task: Task) -> cst.CSTNode:
    """The loop over numbered elements; the lengths are replaced, and the zero comes, elsewhere."""
    shape = task.plan.shape
    assert isinstance(shape, plans.CountedLoop)
    if not isinstance(anchor, cst.For):
        raise CannotApplyError("the site is no loop")
    source = anchor.iter

    def build(call: cst.Call) -> cst.BaseExpression:
        return _numbered(task.in_place(call, source))

    target = anchor.target
    if isinstance(target, cst.Tuple) and not target.lpar:
        target = target.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    comma = cst.Comma(whitespace_after=_SPACE)
    counter = cst.Element(cst.Name(shape.counter), comma)
    return anchor.with_changes(
        target=cst.Tuple([counter, cst.Element(target)], lpar=[], rpar=[]),
        iter=task.fit(build, None, [source]),
        whitespace_after_for=_SPACE,
        whitespace_before_in=_SPACE,
        whitespace_after_in=_SPACE,
    )


def _numbered(elements: cst.BaseExpression) -> cst.Call:
    start = cst.Arg(
        cst.Integer("1"),
        keyword=cst.Name("start"),
        equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
    )
    first = cst.Arg(elements, comma=cst.Comma(whitespace_after=_SPACE))
    return cst.Call(cst.Name("enumerate"), [first, start])


EDITS: Edits = {plans.CountedLoop: edit}
