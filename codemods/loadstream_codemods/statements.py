"""Statements that go and functions that come, in one block; comments and blank lines stay tidy."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar, cast

import libcst as cst

from loadstream_codemods.errors import CannotApplyError, CommentLostError
from loadstream_codemods.places import comments, without
from loadstream_codemods.whitespace import (
    BLANK,
    blanks_before,
    comment_line,
    divided,
    without_leading_blanks,
)

Removed = Mapping[cst.BaseSmallStatement, tuple[cst.CSTNode, ...]]
AnyStatement: TypeAlias = cst.SimpleStatementLine | cst.BaseCompoundStatement
Pairs: TypeAlias = list[tuple[AnyStatement, AnyStatement]]
TOP, NESTED = (BLANK, BLANK), (BLANK,)  # around a function
Suite = TypeVar("Suite", cst.Module, cst.IndentedBlock)


@dataclass(frozen=True, slots=True)
class Changes:
    """What becomes of the statements of a block, by their nodes as they were parsed.

    The values of `removed` are what lives on of a statement elsewhere, with its comments.
    `definitions` come before their statements; `moved` go as a whole, their leading comments with
    them; `wrapped` say what is put around a statement; `counters` are names that are set to 0
    before it. `functions` are the blocks that are bodies of functions. `guards` are `if`s whose
    bodies take their place. `readers` are the statements that hold the pass for which a statement
    is removed, from the outside inwards.
    """

    removed: Removed
    definitions: Mapping[cst.BaseStatement, Sequence[cst.FunctionDef]] = field(default_factory=dict)
    moved: Collection[cst.BaseStatement] = ()
    wrapped: Mapping[cst.BaseStatement, Callable[[AnyStatement], AnyStatement]] = field(
        default_factory=dict
    )
    counters: Mapping[cst.BaseStatement, str] = field(default_factory=dict)
    functions: set[cst.IndentedBlock] = field(default_factory=set)
    guards: Collection[cst.BaseStatement] = ()
    readers: Mapping[cst.BaseSmallStatement, Sequence[cst.BaseStatement]] = field(
        default_factory=dict
    )

    def concern(self, statement: cst.BaseStatement) -> bool:
        """Tell whether there is something to be done at `statement`."""
        return (
            statement in self.definitions
            or statement in self.counters
            or statement in self.moved
            or statement in self.wrapped
            or statement in self.guards
            or _loses(statement, self.removed)
        )


def rebuilt(old: Suite, new: Suite, changes: Changes) -> Suite:
    """`new` without the removed statements and with each definition before its statement.

    `old` is the block as it was parsed and `new` the same statements after editing, one for one.
    """
    if not any(changes.concern(was) for was in old.body):
        return new
    top = isinstance(old, cst.Module)
    headed = top and _header_ends_in_comment(new)
    pairs = cast("Pairs", list(zip(old.body, new.body, strict=True)))
    gap = TOP if top else NESTED
    is_apart = not top and old not in changes.functions
    documented = old in changes.functions and _is_docstring(old.body[0])
    body, carried = _statements(
        pairs, changes, gap, gap if is_apart else (), headed, documented=documented
    )
    left_over: list[cst.EmptyLine] = without_leading_blanks(carried)
    if not body and not top:
        return new.with_changes(body=[_pass(left_over)])
    return new.with_changes(body=body, footer=[*left_over, *new.footer])


def _statements(
    pairs: Pairs,
    changes: Changes,
    gap: Sequence[cst.EmptyLine],
    first_gap: Sequence[cst.EmptyLine],
    headed: bool,
    *,
    documented: bool,
) -> tuple[list[AnyStatement], list[cst.EmptyLine]]:
    """The new body, and the lines of removed statements that nothing comes after."""
    body: list[AnyStatement] = []
    carried: list[cst.EmptyLine] = []
    travelling: dict[cst.BaseStatement, list[cst.EmptyLine]] = {}
    gone_with: AnyStatement | None = None  # a moved one that only removed ones have followed
    for index, (was, now) in enumerate(pairs):
        left = _left(was, now, changes)
        lines = _remains(was, changes) if left is None else _leading(left)
        if carried or (index and not body):
            lines = _merged(carried, lines)
            if not body and not headed:
                lines = without_leading_blanks(lines)
        if was in changes.wrapped and gone_with is not None and not comments(*lines):
            lines = list(gone_with.leading_lines)[: blanks_before(gone_with.leading_lines)]
            lines = lines if body or headed else []
        if was in travelling and left is not None:
            blanks = blanks_before(lines)
            lines = [*lines[:blanks], *travelling[was], *lines[blanks:]]
        if left is not None and index > 1 and len(body) == 1 and documented:
            lines = [*_blanks(pairs[1][0]), *without_leading_blanks(lines)]
        for function in changes.definitions.get(was, ()):
            body.append(function.with_changes(leading_lines=gap if body else first_gap))
            lines = [*gap, *without_leading_blanks(lines)]
        if was in changes.counters:
            blanks = blanks_before(lines)
            zero = _zero(changes.counters[was])
            body.append(zero.with_changes(leading_lines=lines[:blanks]))
            lines = list(lines[blanks:])
        if left is None:
            carried = lines
            reader = None if was in changes.moved else _reader(index, pairs, changes)
            if reader is not None:
                carried, own = divided(lines)
                travelling.setdefault(reader, []).extend(own)
            gone_with = was if was in changes.moved else gone_with
        else:
            gone_with = None
            if was in changes.guards:
                body += _unguarded(left, lines)
            else:
                body.append(left.with_changes(leading_lines=lines))
            carried = []
    return body, carried


def _unguarded(guard: AnyStatement, lines: Sequence[cst.EmptyLine]) -> list[AnyStatement]:
    """The statements of an `if` that goes, the first below the `lines` above the `if`."""
    assert isinstance(guard, cst.If)
    suite = guard.body
    if not isinstance(suite, cst.IndentedBlock):
        raise CannotApplyError("the guard is written on one line")
    if comments(*suite.footer):
        raise CommentLostError("a comment at the end of the guard has no place")
    own = [*comments(guard.test), *comments(suite.header)]
    first, *others = cast("list[AnyStatement]", list(suite.body))
    above = [*lines, *map(comment_line, own), *without_leading_blanks(_leading(first))]
    return [first.with_changes(leading_lines=above), *others]


def rebuilt_suite(
    old: cst.SimpleStatementSuite, new: cst.SimpleStatementSuite, removed: Removed
) -> cst.SimpleStatementSuite:
    """The same for the statements behind a colon on one line."""
    body = [now for was, now in zip(old.body, new.body, strict=True) if was not in removed]
    if len(body) == len(new.body):
        return new
    return new.with_changes(body=_ended(body) or [cst.Pass()])


def _zero(name: str) -> cst.SimpleStatementLine:
    target = cst.AssignTarget(cst.Name(name))
    return cst.SimpleStatementLine(body=[cst.Assign([target], cst.Integer("0"))])


def _pass(lines: Sequence[cst.EmptyLine]) -> cst.SimpleStatementLine:
    return cst.SimpleStatementLine(body=[cst.Pass()], leading_lines=without_leading_blanks(lines))


def _header_ends_in_comment(suite: cst.Module | cst.IndentedBlock) -> bool:
    header = suite.header
    return isinstance(header, Sequence) and bool(header) and header[-1].comment is not None


def _loses(was: cst.CSTNode, removed: Removed) -> bool:
    return isinstance(was, cst.SimpleStatementLine) and any(s in removed for s in was.body)


def _left(was: AnyStatement, now: AnyStatement, changes: Changes) -> AnyStatement | None:
    """What stands in the place of `now`, None where nothing does."""
    if was in changes.moved:
        return None
    left = _without(was, now, changes.removed)
    wrap = changes.wrapped.get(was)
    return left if wrap is None or left is None else wrap(left)


def _without(was: AnyStatement, now: AnyStatement, removed: Removed) -> AnyStatement | None:
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


def _remains(line: AnyStatement, changes: Changes) -> list[cst.EmptyLine]:
    """The blank lines and comments that a statement leaves behind."""
    if line in changes.moved:
        return divided(line.leading_lines)[0]
    assert isinstance(line, cst.SimpleStatementLine)
    removed = changes.removed
    inner = comments(*line.body)
    for statement in line.body:
        inner = without(inner, comments(*removed.get(statement, ())))
    own = [*inner, *comments(line.trailing_whitespace)]
    return [*line.leading_lines, *(comment_line(comment) for comment in own)]


def _reader(index: int, pairs: Pairs, changes: Changes) -> cst.BaseStatement | None:
    """The statement of the block that the comments of a removed one go to, None if they stay.

    They stay where they head what directly follows, or where that is the pass itself, bare.
    """
    line, _ = pairs[index]
    after = [was for was, _ in pairs[index + 1 :]]
    if not after or not after[0].leading_lines or not isinstance(line, cst.SimpleStatementLine):
        return None
    holders = [one for small in line.body for one in changes.readers.get(small, ())]
    reader = next((one for one in after if one in holders), None)
    return None if reader is after[0] and not comments(*after[0].leading_lines) else reader


def _is_docstring(statement: cst.BaseStatement) -> bool:
    match statement:
        case cst.SimpleStatementLine(
            body=[cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString())]
        ):
            return True
    return False


def _blanks(statement: AnyStatement) -> list[cst.EmptyLine]:
    lines = _leading(statement)
    return lines[: blanks_before(lines)]


def _merged(above: Sequence[cst.EmptyLine], below: Sequence[cst.EmptyLine]) -> list[cst.EmptyLine]:
    """The lines of a removed statement and those of the next one, as one run.

    Blank lines are those that stand there: their ends may not be those of new lines.
    """
    comments_above = without_leading_blanks(above)
    comments_below = without_leading_blanks(below)
    blanks = below[: blanks_before(below)]
    if not comments_above:
        return [*max(above, blanks, key=len), *comments_below]
    apart = blanks_before(list(reversed(above)))
    if not (comments_below or apart or len(blanks) > 1):
        return list(above)
    commented = len(above) - apart
    return [*above[:commented], *max(above[commented:], blanks, key=len), *comments_below]


def _leading(statement: AnyStatement) -> list[cst.EmptyLine]:
    return list(statement.leading_lines)
