"""Statements that go and functions that come, in one block; comments and blank lines stay tidy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypeVar, cast

import libcst as cst

from loadstream_codemods.places import comments, without
from loadstream_codemods.whitespace import (
    BLANK,
    blanks_before,
    comment_line,
    without_leading_blanks,
)

Removed = Mapping[cst.BaseSmallStatement, "cst.CSTNode | None"]
Definitions = Mapping[cst.BaseStatement, Sequence[cst.FunctionDef]]
AnyStatement: TypeAlias = cst.SimpleStatementLine | cst.BaseCompoundStatement
Pairs: TypeAlias = list[tuple[AnyStatement, AnyStatement]]
TOP, NESTED = (BLANK, BLANK), (BLANK,)  # around a function
Suite = TypeVar("Suite", cst.Module, cst.IndentedBlock)


def rebuilt(old: Suite, new: Suite, removed: Removed, definitions: Definitions) -> Suite:
    """`new` without the removed statements and with each definition before its statement.

    `old` is the block as it was parsed and `new` the same statements after editing, one for one;
    `removed` and `definitions` go by the nodes of `old`. The value of `removed` is what lives on
    of the statement elsewhere, with its comments.
    """
    if not any(was in definitions or _loses(was, removed) for was in old.body):
        return new
    top = isinstance(old, cst.Module)
    headed = top and _header_ends_in_comment(new)
    pairs = cast("Pairs", list(zip(old.body, new.body, strict=True)))
    gap = TOP if top else NESTED
    body, carried = _statements(pairs, removed, definitions, gap, headed)
    left_over: list[cst.EmptyLine] = without_leading_blanks(carried)
    if not body and not top:
        return new.with_changes(body=[_pass(left_over)])
    return new.with_changes(body=body, footer=[*left_over, *new.footer])


def _statements(
    pairs: Pairs,
    removed: Removed,
    definitions: Definitions,
    gap: Sequence[cst.EmptyLine],
    headed: bool,
) -> tuple[list[AnyStatement], list[cst.EmptyLine]]:
    """The new body, and the lines of removed statements that nothing comes after."""
    body: list[AnyStatement] = []
    carried: list[cst.EmptyLine] = []
    for index, (was, now) in enumerate(pairs):
        left = _without(was, now, removed)
        lines = _remains(was, removed) if left is None else _leading(left)
        if carried or (index and not body):
            lines = _merged(carried, lines)
            if not body and not headed:
                lines = without_leading_blanks(lines)
        for function in definitions.get(was, ()):
            body.append(function.with_changes(leading_lines=gap if body else ()))
            lines = [*gap, *without_leading_blanks(lines)]
        if left is None:
            carried = lines
        else:
            body.append(left.with_changes(leading_lines=lines))
            carried = []
    return body, carried


def rebuilt_suite(
    old: cst.SimpleStatementSuite, new: cst.SimpleStatementSuite, removed: Removed
) -> cst.SimpleStatementSuite:
    """The same for the statements behind a colon on one line."""
    body = [now for was, now in zip(old.body, new.body, strict=True) if was not in removed]
    if len(body) == len(new.body):
        return new
    return new.with_changes(body=_ended(body) or [cst.Pass()])


def _pass(lines: Sequence[cst.EmptyLine]) -> cst.SimpleStatementLine:
    return cst.SimpleStatementLine(body=[cst.Pass()], leading_lines=without_leading_blanks(lines))


def _header_ends_in_comment(suite: cst.Module | cst.IndentedBlock) -> bool:
    header = suite.header
    return isinstance(header, Sequence) and bool(header) and header[-1].comment is not None


def _loses(was: cst.CSTNode, removed: Removed) -> bool:
    return isinstance(was, cst.SimpleStatementLine) and any(s in removed for s in was.body)


def _without(was: cst.CSTNode, now: AnyStatement, removed: Removed) -> AnyStatement | None:
    """`now` without its removed parts, None where nothing is left."""
    if not isinstance(was, cst.SimpleStatementLine) or not _loses(was, removed):
        return now
    assert isinstance(now, cst.SimpleStatementLine)
    body = [new for old, new in zip(was.body, now.body, strict=True) if old not in removed]
    return now.with_changes(body=_ended(body)) if body else None


def _ended(body: list[cst.BaseSmallStatement]) -> list[cst.BaseSmallStatement]:
    if body:
        body[-1] = body[-1].with_changes(semicolon=cst.MaybeSentinel.DEFAULT)
    return body


def _remains(line: cst.BaseStatement, removed: Removed) -> list[cst.EmptyLine]:
    """The blank lines and comments of a line that goes."""
    assert isinstance(line, cst.SimpleStatementLine)
    inner = comments(*line.body)
    for statement in line.body:
        kept = removed.get(statement)
        inner = without(inner, comments(kept) if kept is not None else [])
    own = [*inner, *comments(line.trailing_whitespace)]
    return [*line.leading_lines, *(comment_line(comment) for comment in own)]


def _merged(above: Sequence[cst.EmptyLine], below: Sequence[cst.EmptyLine]) -> list[cst.EmptyLine]:
    """The lines of a removed statement and those of the next one, as one run."""
    comments_above = without_leading_blanks(above)
    comments_below = without_leading_blanks(below)
    if not comments_above:
        blanks = max(blanks_before(above), blanks_before(below))
        return [*([BLANK] * blanks), *comments_below]
    is_section_break = blanks_before(below) > 1
    return [*above, *(below if comments_below or is_section_break else ())]


def _leading(statement: AnyStatement) -> list[cst.EmptyLine]:
    return list(statement.leading_lines)
