"""LS101 filter-collect: the comprehension's conditions go into the stream.

[s for s in load_x() if c]            list(stream_x(filter_func=lambda s: c))
[s["id"] for s in load_x() if c]      [s["id"] for s in stream_x(filter_func=lambda s: c)]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import libcst as cst

from loadstream.analysis import plans
from loadstream_codemods.command import PatternCommand
from loadstream_codemods.engine import Edits
from loadstream_codemods.errors import CannotApplyError
from loadstream_codemods.task import Build, Filter, Task, in_own_lines
from loadstream_codemods.whitespace import code_of, new_line

_COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
_Comprehension: TypeAlias = cst.ListComp | cst.SetComp | cst.DictComp | cst.GeneratorExp
_BRACKETS = (
    cst.LeftSquareBracket,
    cst.RightSquareBracket,
    cst.LeftCurlyBrace,
    cst.RightCurlyBrace,
    cst.LeftParen,
    cst.RightParen,
)


def edit(anchor: cst.CSTNode, task: Task) -> cst.CSTNode:
    """The comprehension over the stream, or the collected stream itself."""
    shape = task.plan.shape
    assert isinstance(shape, plans.FilterCollect)
    whole, anchor = comprehension_at(anchor)
    filter_ = moved_conditions(anchor.for_in, shape.moved, shape.predicate)
    wrap = shape.wrap
    if wrap is None:
        return fit_comprehension(
            whole, lambda call: over_stream(anchor, shape.moved, task, call), filter_, task
        )
    if not wrap:
        if not isinstance(whole, cst.Call):
            return task.fit(lambda call: call, filter_, [anchor])
        outer = whole

        def given_to(call: cst.Call) -> cst.Call:
            return outer.with_changes(args=[outer.args[0].with_changes(value=call)])

        return task.fit(
            given_to, filter_, [anchor], roomy=in_own_lines(given_to, whole, task.setting, task)
        )

    def wrapped(call: cst.Call) -> cst.Call:
        return cst.Call(
            func=cst.Name(wrap), args=[cst.Arg(call)], lpar=anchor.lpar, rpar=anchor.rpar
        )

    return task.fit(
        wrapped, filter_, [anchor], roomy=in_own_lines(wrapped, anchor, task.setting, task)
    )


def comprehension_at(anchor: cst.CSTNode) -> tuple[_Comprehension | cst.Call, _Comprehension]:
    """The whole that is edited, the call that has its brackets if it has none, and what is in it.

    Raises CannotApplyError.
    """
    match anchor:
        case cst.Call(args=[cst.Arg(value=cst.GeneratorExp(lpar=[]) as given)]):
            return anchor, given
        case cst.ListComp() | cst.SetComp() | cst.DictComp() | cst.GeneratorExp():
            return anchor, anchor
    raise CannotApplyError("the site is no comprehension")


def fit_comprehension(
    old: _Comprehension | cst.Call, rebuilt: Build, filter_: Filter | None, task: Task
) -> cst.BaseExpression:
    """The comprehension that `rebuilt` makes, its clauses on lines of their own if need be.

    `old` may be the call that is given nothing else: its brackets are the comprehension's. One that
    was broken already stays so, and what is broken in it starts where its line does.
    """
    setting = task.setting
    if isinstance(old, cst.Call):
        return fit_given(old, rebuilt, filter_, task, hugs=setting.hugs)
    if "\n" in code_of(old, task.module):
        return _fit_broken(old, lambda new: new, rebuilt, filter_, task)
    outer = setting.extra
    inner = outer + task.module.default_indent

    def whole(call: cst.Call) -> cst.BaseExpression:
        new = rebuilt(call)
        assert isinstance(new, _COMPREHENSIONS)
        return _in_brackets(new, inner, outer)

    def clauses(call: cst.Call) -> cst.BaseExpression:
        new = rebuilt(call)
        assert isinstance(new, _COMPREHENSIONS)
        new = new.with_changes(for_in=on_own_lines(new.for_in, new_line(inner)))
        return _in_brackets(new, inner, outer)

    has_brackets = not isinstance(old, cst.GeneratorExp) or old.lpar
    return task.fit(rebuilt, filter_, [old], roomy=(whole, clauses) if has_brackets else ())


def fit_given(
    old: cst.Call, rebuilt: Build, filter_: Filter | None, task: Task, *, hugs: bool
) -> cst.BaseExpression:
    """The call `old`, given the comprehension that `rebuilt` makes and nothing else.

    Where the file `hugs`, brackets that stand close together are broken together.
    """
    [argument] = old.args
    setting = task.setting

    def given(new: cst.BaseExpression) -> cst.BaseExpression:
        return old.with_changes(args=[argument.with_changes(value=new)])

    def clauses(call: cst.Call) -> cst.Call:
        new = rebuilt(call)
        assert isinstance(new, cst.GeneratorExp)
        inner = setting.extra + task.module.default_indent
        new = new.with_changes(for_in=on_own_lines(new.for_in, new_line(inner)))
        return broken.with_changes(args=[end.with_changes(value=new)])

    if "\n" in code_of(old, task.module):
        return (
            _fit_broken(old, given, rebuilt, filter_, task)
            if isinstance(argument.value, cst.GeneratorExp)
            else task.fit(lambda call: given(rebuilt(call)), filter_, [old])
        )
    inner = setting.extra + task.module.default_indent
    broken = old.with_changes(whitespace_before_args=new_line(inner))
    end = argument.with_changes(whitespace_after_arg=new_line(setting.extra))

    def whole(call: cst.Call) -> cst.Call:
        return broken.with_changes(args=[end.with_changes(value=rebuilt(call))])

    return task.fit(
        lambda call: given(rebuilt(call)),
        filter_,
        [old],
        roomy=() if hugs else (whole, clauses),
    )


def _fit_broken(
    old: cst.BaseExpression,
    placed: Callable[[cst.BaseExpression], cst.BaseExpression],
    rebuilt: Build,
    filter_: Filter | None,
    task: Task,
) -> cst.BaseExpression:
    """What is broken already, as it is; if only at the brackets, maybe at its clauses, too."""
    margin, indent = task.setting.at_source, task.module.default_indent
    setting = replace(task.setting, extra=margin)
    _, comprehension = comprehension_at(old)

    def build(call: cst.Call) -> cst.BaseExpression:
        return placed(rebuilt(call))

    def clauses(call: cst.Call) -> cst.BaseExpression:
        new = rebuilt(call)
        assert isinstance(new, _COMPREHENSIONS)
        return placed(new.with_changes(for_in=on_own_lines(new.for_in, new_line(margin))))

    inside = [part for part in comprehension.children if not isinstance(part, _BRACKETS)]
    is_broken = any("\n" in code_of(part, task.module) for part in inside)
    if is_broken or not margin.endswith(indent):
        return task.fit(build, filter_, [old], setting)
    setting = replace(setting, extra=margin.removesuffix(indent))
    return task.fit(build, filter_, [old], setting, roomy=(clauses,))


def _in_brackets(whole: _Comprehension, inner: str, outer: str) -> cst.BaseExpression:
    """The comprehension with its brackets on lines of their own."""
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


def on_own_lines(clause: cst.CompFor, line_break: cst.ParenthesizedWhitespace) -> cst.CompFor:
    """`clause`, each `for` and `if` of it on a line of its own."""
    inner = clause.inner_for_in
    return clause.with_changes(
        whitespace_before=line_break,
        ifs=[condition.with_changes(whitespace_before=line_break) for condition in clause.ifs],
        inner_for_in=None if inner is None else on_own_lines(inner, line_break),
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
