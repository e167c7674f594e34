"""LS103 accumulate-loop: a loop that only appends its element becomes a predicate.

    kept = []                             def is_kept(s):
    for s in load_x():                        n = len(s)
        n = len(s)                            return n > 20
        if n > 20:
            kept.append(s)                kept = list(stream_x(filter_func=is_kept))

Steps and conditions keep their text and comments: `return` stands where `append` stood, and an
element that is not appended falls through to `return False`. Where there are conditions only, a
lambda says it shorter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import libcst as cst

from loadstream.analysis import plans
from loadstream_codemods.command import PatternCommand
from loadstream_codemods.engine import Edits
from loadstream_codemods.errors import CannotApplyError
from loadstream_codemods.filter_loop import as_block, is_guard
from loadstream_codemods.places import comments
from loadstream_codemods.predicate import negated, returned
from loadstream_codemods.task import Filter, Task, in_own_lines
from loadstream_codemods.whitespace import comment_line, trailing, without_leading_blanks

_FALSE = cst.Return(value=cst.Name("False"), whitespace_after_return=cst.SimpleWhitespace(" "))
_TRUE = cst.Return(value=cst.Name("True"), whitespace_after_return=cst.SimpleWhitespace(" "))


def edit(anchor: cst.CSTNode, task: Task) -> cst.CSTNode:
    """The assignment of the collected stream, in the place of the loop."""
    shape = task.plan.shape
    assert isinstance(shape, plans.AccumulateLoop)
    if not isinstance(anchor, cst.For) or task.initial_now is None:
        raise CannotApplyError("the site is no loop after an empty list")
    predicate_of = _Predicate(shape.accumulator, task.module)
    block = as_block(anchor.body)
    terms = predicate_of.conditions(block.body)
    inside = comments(*block.body, *block.footer)
    assign = _assigned(task.initial_now, cst.Name("_"), task.module)
    setting = replace(task.setting, prefix=task.setting.block + assign, suffix="", extra="")
    if terms == [] and not inside:
        filter_ = None
    else:
        only_conditions = terms is not None and not inside
        filter_ = Filter(
            shape.predicate,
            tuple(terms or ()) if only_conditions else (),
            lambda: predicate_of.body(block),
        )

    def collected(call: cst.Call) -> cst.Call:
        return cst.Call(func=cst.Name("list"), args=[cst.Arg(call)])

    value = task.fit(
        collected,
        filter_,
        [anchor.iter],
        setting,
        in_own_lines(collected, anchor.iter, setting, task),
    )
    return cst.SimpleStatementLine(
        body=[_with_value(task.initial_now, value)],
        leading_lines=anchor.leading_lines,
        trailing_whitespace=block.header,
    )


def _with_value(
    initial: cst.BaseSmallStatement, value: cst.BaseExpression
) -> cst.BaseSmallStatement:
    if not isinstance(initial, (cst.Assign, cst.AnnAssign)):
        raise CannotApplyError("the accumulator is not assigned where the plan says")
    return initial.with_changes(value=value, semicolon=cst.MaybeSentinel.DEFAULT)


def _assigned(
    initial: cst.BaseSmallStatement, value: cst.BaseExpression, module: cst.Module
) -> str:
    """The text in front of the assigned value."""
    return module.code_for_node(_with_value(initial, value)).removesuffix("_")


class _Predicate:
    """A loop's body read as a question about its element: is it appended to `accumulator`?"""

    def __init__(self, accumulator: str, module: cst.Module) -> None:
        self._accumulator = accumulator
        self._module = module

    def conditions(self, body: Sequence[cst.BaseStatement]) -> list[cst.BaseExpression] | None:
        """The conditions that all must hold, None where there are other steps too."""
        terms: list[cst.BaseExpression] = []
        *guards, last = body
        for guard in guards:
            if not is_guard(guard):
                return None
            assert isinstance(guard, cst.If)
            terms.append(negated(guard.test))
        match last:
            case cst.SimpleStatementLine(body=[only]) if self._appends(only):
                return terms
            case cst.If(orelse=None) if not is_guard(last):
                inner = self.conditions(as_block(last.body).body)
                return None if inner is None else [*terms, last.test, *inner]
        return None

    def body(self, block: cst.IndentedBlock) -> cst.IndentedBlock:
        """The body of the predicate."""
        statements = self._returning(block.body)
        if not _ends_in_return(statements):
            statements.append(cst.SimpleStatementLine(body=[_FALSE]))
        first = statements[0]
        lines = without_leading_blanks(getattr(first, "leading_lines", ()))
        statements[0] = first.with_changes(leading_lines=lines)
        return block.with_changes(body=statements, header=cst.TrailingWhitespace())

    def _returning(self, body: Sequence[cst.BaseStatement]) -> list[cst.BaseStatement]:
        *steps, last = body
        return [*(self._step(step) for step in steps), self._last(last)]

    def _step(self, statement: cst.BaseStatement) -> cst.BaseStatement:
        """A statement after which others follow: a guard, or local assignments."""
        match statement:
            case cst.If() if is_guard(statement):
                return statement.with_changes(body=_leaving(statement.body))
            case cst.SimpleStatementLine() if not any(map(self._appends, statement.body)):
                return statement
        raise CannotApplyError("the loop's body is not what the plan says")

    def _last(self, statement: cst.BaseStatement) -> cst.BaseStatement:
        match statement:
            case cst.If(orelse=None) if not is_guard(statement):
                inner = as_block(statement.body)
                match inner.body:
                    case [cst.SimpleStatementLine(body=[only])] if self._appends(only):
                        return self._return_of(statement, inner)
                return statement.with_changes(
                    body=inner.with_changes(body=self._returning(inner.body))
                )
            case cst.SimpleStatementLine(body=[*steps, append]) if self._appends(append):
                if any(map(self._appends, steps)):
                    raise CannotApplyError("the loop appends twice")
                return statement.with_changes(body=[*steps, _TRUE])
        return self._step(statement)

    def _return_of(self, condition: cst.If, inner: cst.IndentedBlock) -> cst.SimpleStatementLine:
        """`return c` for `if c: acc.append(x)`, the comments of both lines kept."""
        [append] = inner.body
        assert isinstance(append, cst.SimpleStatementLine)
        notes = comments(inner.header, *append.leading_lines, append.trailing_whitespace)
        below = comments(*inner.footer)
        behind = notes.pop(0) if len(notes) == 1 and not below else None
        return returned(condition.test, self._module).with_changes(
            leading_lines=[
                *condition.leading_lines,
                *(comment_line(note) for note in [*notes, *below]),
            ],
            trailing_whitespace=trailing(behind),
        )

    def _appends(self, statement: cst.BaseSmallStatement) -> bool:
        match statement:
            case cst.Expr(
                value=cst.Call(
                    func=cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value="append"))
                )
            ):
                return name == self._accumulator
        return False


def _leaving(suite: cst.BaseSuite) -> cst.BaseSuite:
    """The suite of a guard with `return False` in place of `continue`."""
    if isinstance(suite, cst.IndentedBlock):
        [line] = suite.body
        return suite.with_changes(body=[line.with_changes(body=[_FALSE])])
    return suite.with_changes(body=[_FALSE])


def _ends_in_return(statements: Sequence[cst.BaseStatement]) -> bool:
    match statements[-1]:
        case cst.SimpleStatementLine(body=[*_, cst.Return()]):
            return True
    return False


EDITS: Edits = {plans.AccumulateLoop: edit}


class AccumulateLoop(PatternCommand):
    """LS103 alone."""

    DESCRIPTION = "Collect a filtered stream instead of appending in a loop over a loaded list."
    CODE = "LS103"
    EDITS = EDITS
