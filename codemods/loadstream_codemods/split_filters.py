"""LS109 split-filters: several filters over one load become one pass that fills all their lists.

rows = load_x()                       low, high = split(
low = [s for s in rows if c]              stream_x(),
high = [s for s in rows if d]             lambda s: c,
                                          lambda s: d,
                                      )

The call takes the place of the last filter; the others go, and the comments above them come down
to it. Where something stands between them it takes that of the first, so that all else stays as it
is. A condition that is broken over lines, holds a comment, or is too long becomes a `def`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import libcst as cst

from loadstream.analysis import plans
from loadstream_codemods.command import PatternCommand
from loadstream_codemods.engine import Edits
from loadstream_codemods.errors import CannotApplyError, CommentLostError
from loadstream_codemods.filter_collect import moved_conditions
from loadstream_codemods.places import comments, without
from loadstream_codemods.predicate import as_lambda, joined
from loadstream_codemods.stream_call import stream_call
from loadstream_codemods.task import Setting, Task, fits
from loadstream_codemods.whitespace import code_of, new_line


def edit(anchor: cst.CSTNode, task: Task) -> cst.CSTNode:
    """The assignment of all lists at once, in the place of the last filter."""
    shape = task.plan.shape
    assert isinstance(shape, plans.Split)
    if not isinstance(anchor, cst.Assign) or len(task.parts) != len(shape.filters):
        raise CannotApplyError("the filters are not where the plan says")
    if without(comments(task.source), comments(stream_call(task.call, task.stream, None))):
        raise CommentLostError("a comment has no place")
    targets = ", ".join(one.target for one in shape.filters)
    before = task.setting.prefix
    if ";" in before:  # where the other filters stand, or what they read
        before = task.setting.block
    where = replace(task.setting, prefix=f"{before}{targets} = ")
    predicates = [
        _Predicate(one, part, task)
        for one, part in zip(shape.filters, task.parts.values(), strict=True)
    ]
    return anchor.with_changes(
        targets=[cst.AssignTarget(_names(shape.filters))],
        value=_fitting(predicates, task, where),
        semicolon=anchor.semicolon,
    )


class _Predicate:
    """The conditions of one filter: a lambda, or a `def` where that cannot be or is too long."""

    def __init__(self, one: plans.SplitFilter, part: cst.CSTNode, task: Task) -> None:
        if not isinstance(part, cst.ListComp):
            raise CannotApplyError("the site is no list comprehension")
        clause = part.for_in
        filter_ = moved_conditions(clause, len(clause.ifs), one.predicate)
        if filter_ is None:
            raise CannotApplyError("a filter has no condition")
        self._filter = filter_
        self._task = task
        self._left_over = without(comments(part), comments(*filter_.terms))
        self._lambda = as_lambda(one.predicate.parameter, joined(filter_.terms))
        self._is_nameable = one.predicate.name is not None and task.before is not None
        self.is_named = bool(self._left_over) or "\n" in code_of(self._lambda, task.module)
        if self.is_named and not self._is_nameable and self._left_over:
            raise CommentLostError("a comment has no place")
        self.is_named = self.is_named and self._is_nameable

    @property
    def value(self) -> cst.BaseExpression:
        """What is handed over."""
        name = self._filter.predicate.name
        return cst.Name(name or "") if self.is_named else self._lambda

    def shorten(self) -> None:
        """Make it a `def`, if one can stand before."""
        self.is_named = self._is_nameable

    def definitions(self) -> list[cst.FunctionDef]:
        """The `def`, if there is one."""
        return [self._task.define(self._filter, self._left_over)] if self.is_named else []


def _fitting(predicates: Sequence[_Predicate], task: Task, where: Setting) -> cst.Call:
    """The call on one line, or with one argument a line; what is too long for its line is named."""
    module, stream = task.module, stream_call(task.arguments, task.stream, None)
    on_one = _call([stream, *(one.value for one in predicates)])
    if not fits(on_one, module, where):
        inner = where.extra + module.default_indent
        line = replace(where, prefix=where.block + inner, suffix=",", longest=0)
        for one in predicates:
            if not fits(one.value, module, line):
                one.shorten()
        on_one = _call([stream, *(one.value for one in predicates)])
    task.definitions += [function for one in predicates for function in one.definitions()]
    if fits(on_one, module, where):
        return on_one
    return _in_lines(on_one, where.extra, module.default_indent)


def _call(values: Sequence[cst.BaseExpression]) -> cst.Call:
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    *earlier, last = values
    arguments = [*(cst.Arg(value, comma=comma) for value in earlier), cst.Arg(last)]
    return cst.Call(cst.Name("split"), arguments)


def _in_lines(call: cst.Call, outer: str, indent: str) -> cst.Call:
    inner = outer + indent
    comma = cst.Comma(whitespace_after=new_line(inner))
    *earlier, last = call.args
    return call.with_changes(
        whitespace_before_args=new_line(inner),
        args=[
            *(argument.with_changes(comma=comma) for argument in earlier),
            last.with_changes(comma=cst.Comma(whitespace_after=new_line(outer))),
        ],
    )


def _names(filters: Sequence[plans.SplitFilter]) -> cst.Tuple:
    names = [cst.Element(cst.Name(one.target)) for one in filters]
    return cst.Tuple(names, lpar=[], rpar=[])


EDITS: Edits = {plans.Split: edit}


class SplitFilters(PatternCommand):
    """LS109 alone."""

    DESCRIPTION = "Fill the lists of several filters in one pass over a stream."
    CODE = "LS109"
    EDITS = EDITS
