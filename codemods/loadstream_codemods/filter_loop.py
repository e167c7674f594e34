"""LS102 filter-loop: the conditions that open a loop's body go into the stream.

for s in load_x():                    for s in stream_x(filter_func=lambda s: c):
    if c:                                 work(s)
        work(s)
"""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from loadstream.analysis import plans
from loadstream_codemods.command import PatternCommand
from loadstream_codemods.engine import Edits
from loadstream_codemods.errors import CannotApplyError
from loadstream_codemods.predicate import negated
from loadstream_codemods.task import Filter, Task
from loadstream_codemods.whitespace import continued, without_leading_blanks


def edit(anchor: cst.CSTNode, task: Task) -> cst.CSTNode:
    """The loop over the filtered stream."""
    shape = task.plan.shape
    assert isinstance(shape, plans.FilterLoop)
    if not isinstance(anchor, cst.For):
        raise CannotApplyError("the site is no loop")
    block = as_block(anchor.body)
    guards, rest = block.body[: shape.guards], block.body[shape.guards :]
    terms = [negated(guard_test(guard)) for guard in guards]
    discarded: list[cst.CSTNode] = list(guards)
    if shape.unwrap:
        condition, rest = _only_if(rest)
        terms.append(condition.test)
        inner = as_block(condition.body)
        discarded += [*condition.leading_lines, condition.test, inner.header]
        # What stood behind the inner block's last statement stays behind it.
        block = inner.with_changes(
            header=block.header,
            indent=block.indent,
            footer=[*inner.footer, *block.footer],
        )
        indent = task.module.default_indent if inner.indent is None else inner.indent
        rest = [continued(statement, indent, deeper=False) for statement in inner.body]
    new_source = task.fit(
        lambda call: task.in_place(call, anchor.iter),
        Filter(shape.predicate, tuple(terms)),
        [*discarded, anchor.iter],
    )
    return anchor.with_changes(iter=new_source, body=block.with_changes(body=_opened(rest)))


def as_block(suite: cst.BaseSuite) -> cst.IndentedBlock:
    """`suite` as an indented block, whether or not it stood behind its colon on one line."""
    if isinstance(suite, cst.IndentedBlock):
        return suite
    assert isinstance(suite, cst.SimpleStatementSuite)
    line = cst.SimpleStatementLine(body=suite.body, trailing_whitespace=suite.trailing_whitespace)
    return cst.IndentedBlock(body=[line])


def guard_test(statement: cst.BaseStatement) -> cst.BaseExpression:
    """The test of `if test: continue`. Raises CannotApplyError for another statement."""
    if not is_guard(statement):
        raise CannotApplyError("a statement is not the guard that the plan says")
    assert isinstance(statement, cst.If)
    return statement.test


def is_guard(statement: cst.BaseStatement) -> bool:
    """Tell whether `statement` is `if …: continue` and nothing else."""
    match statement:
        case cst.If(orelse=None, body=suite):
            match as_block(suite).body:
                case [cst.SimpleStatementLine(body=[cst.Continue()])]:
                    return True
    return False


def _only_if(
    statements: Sequence[cst.BaseStatement],
) -> tuple[cst.If, Sequence[cst.BaseStatement]]:
    match statements:
        case [cst.If(orelse=None) as condition]:
            return condition, ()
    raise CannotApplyError("the loop's body is not the one if that the plan says")


def _opened(statements: Sequence[cst.BaseStatement]) -> list[cst.BaseStatement]:
    if not statements:
        return [cst.SimpleStatementLine(body=[cst.Pass()])]
    first, *rest = statements
    lines = getattr(first, "leading_lines", ())
    return [first.with_changes(leading_lines=without_leading_blanks(lines)), *rest]


EDITS: Edits = {plans.FilterLoop: edit}


class FilterLoop(PatternCommand):
    """LS102 alone."""

    DESCRIPTION = "Filter while streaming instead of at the top of a loop's body."
    CODE = "LS102"
    EDITS = EDITS
