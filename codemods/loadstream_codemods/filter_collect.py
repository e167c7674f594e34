"""LS101 filter-collect: the comprehension's conditions go into the stream.

[s for s in load_x() if c]            list(stream_x(filter_func=lambda s: c))
[s["id"] for s in load_x() if c]      [s["id"] for s in stream_x(filter_func=lambda s: c)]
"""

from __future__ import annotations

import libcst as cst

from loadstream.analysis import plans
from loadstream_codemods.command import PatternCommand
from loadstream_codemods.engine import Edits
from loadstream_codemods.errors import CannotApplyError
from loadstream_codemods.task import Build, Filter, Task
from loadstream_codemods.whitespace import code_of, new_line

_COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)


def edit(anchor: cst.CSTNode, task: Task) -> cst.CSTNode:
    """The comprehension over the stream, or the collected stream itself."""
    shape = task.plan.shape
    assert isinstance(shape, plans.FilterCollect)
    if not isinstance(anchor, _COMPREHENSIONS):
        raise CannotApplyError("the site is no comprehension")
    filter_ = moved_conditions(anchor.for_in, shape.moved, shape.predicate)
    wrap = shape.wrap
    if wrap is None:
        comprehension = anchor
        return task.fit(
            lambda call: over_stream(comprehension, shape.moved, task, call),
            filter_,
            [anchor],
            roomy=one_clause_a_line(
                comprehension,
                lambda call: over_stream(comprehension, shape.moved, task, call),
                task,
            ),
        )
    if not wrap:
        return task.fit(lambda call: call, filter_, [anchor])
    return task.fit(
        lambda call: cst.Call(
            func=cst.Name(wrap), args=[cst.Arg(call)], lpar=anchor.lpar, rpar=anchor.rpar
        ),
        filter_,
        [anchor],
    )


def one_clause_a_line(comprehension: cst.BaseComp, rebuilt: Build, task: Task) -> Build | None:
    """How to set each clause on a line of its own, where somebody has not done so already."""
    if "\n" in code_of(comprehension, task.module):
        return None
    outer = task.setting.extra
    inner = outer + task.module.default_indent

    def build(call: cst.Call) -> cst.BaseExpression:
        whole = rebuilt(call)
        assert isinstance(whole, _COMPREHENSIONS)
        whole = whole.with_changes(for_in=_on_own_lines(whole.for_in, new_line(inner)))
        match whole:
            case cst.ListComp():
                brackets = {"lbracket": whole.lbracket, "rbracket": whole.rbracket}
            case cst.SetComp() | cst.DictComp():
                brackets = {"lbrace": whole.lbrace, "rbrace": whole.rbrace}
            case _:
                return whole.with_changes(
                    lpar=[*whole.lpar[:-1], _opening(whole.lpar[-1], inner)],
                    rpar=[_closing(whole.rpar[0], outer), *whole.rpar[1:]],
                )
        (left, opening), (right, closing) = brackets.items()
        changes = {left: _opening(opening, inner), right: _closing(closing, outer)}
        return whole.with_changes(**changes)

    has_brackets = not isinstance(comprehension, cst.GeneratorExp) or comprehension.lpar
    return build if has_brackets else None


def _on_own_lines(clause: cst.CompFor, line_break: cst.ParenthesizedWhitespace) -> cst.CompFor:
    inner = clause.inner_for_in
    return clause.with_changes(
        whitespace_before=line_break,
        ifs=[condition.with_changes(whitespace_before=line_break) for condition in clause.ifs],
        inner_for_in=None if inner is None else _on_own_lines(inner, line_break),
    )


def _opening(bracket: cst.CSTNode, indent: str) -> cst.CSTNode:
    return bracket.with_changes(whitespace_after=new_line(indent))


def _closing(bracket: cst.CSTNode, indent: str) -> cst.CSTNode:
    return bracket.with_changes(whitespace_before=new_line(indent))


def moved_conditions(
    clause: cst.CompFor, moved: int, predicate: plans.Predicate | None
) -> Filter | None:
    """The first `moved` conditions of `clause` as a filter, None where none moves."""
    if moved == 0:
        return None
    if predicate is None or len(clause.ifs) < moved:
        raise CannotApplyError("the conditions are not where the plan says")
    return Filter(predicate, tuple(condition.test for condition in clause.ifs[:moved]))


def over_stream(
    comprehension: cst.BaseComp, moved: int, task: Task, call: cst.Call
) -> cst.BaseExpression:
    """The comprehension with `call` in the place of its source, without its moved conditions."""
    clause = comprehension.for_in
    streamed = comprehension.with_changes(for_in=clause.with_changes(ifs=clause.ifs[moved:]))
    return task.in_place(call, streamed)


EDITS: Edits = {plans.FilterCollect: edit}


class FilterCollect(PatternCommand):
    """LS101 alone."""

    DESCRIPTION = "Filter while streaming instead of in a comprehension over a loaded list."
    CODE = "LS101"
    EDITS = EDITS
