"""The `with` that opens the file comes around the pass that reads from it.

    with open(path) as f:                 total = 0
        data = json.load(f)               with open(path) as f:
    total = 0                                 for row in stream_json(f, "$.rows"):
    for row in data["rows"]:                      total += row["n"]
        total += row["n"]

The pass is a statement of some block; it is put inside when that block is rebuilt, after all edits
within it, and LibCST indents it by where it then stands.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import libcst as cst

from loadstream.analysis.plans import IntoWith, MovedWith, NewWith, Plan
from loadstream_codemods.errors import CannotApplyError
from loadstream_codemods.parsing import expression_of
from loadstream_codemods.places import Places
from loadstream_codemods.statements import AnyStatement, Removed
from loadstream_codemods.whitespace import (
    BLANK,
    blanks_before,
    comment_line,
    continued,
    divided,
    shifted,
)


@dataclass(slots=True)
class Opening:
    """The `with` of one plan, and the statement that it comes around.

    `goes` is the statement that it was till now, None where it is a new one; `header` is the
    `with` as it stands by then.
    """

    plan: Plan
    around: cst.BaseStatement
    goes: cst.With | None
    header: cst.With
    placed: bool = False

    def indent(self, module: cst.Module) -> str:
        """How much deeper the pass stands than before."""
        body = self.header.body
        own = body.indent if isinstance(body, cst.IndentedBlock) else None
        return module.default_indent if own is None else own

    def wrapped(self, module: cst.Module, statement: AnyStatement) -> cst.With:
        """The `with` around `statement`.

        The comments above the statement stay above it; where the `with` has none of its own they
        introduce both.
        """
        self.placed = True
        statement = continued(statement, self.indent(module), deeper=True)
        if isinstance(self.plan.placement, IntoWith):
            return self._with_at_its_end(statement)
        above = list(statement.leading_lines)
        blanks, notes = above[: blanks_before(above)], above[blanks_before(above) :]
        _, own = divided(self.header.leading_lines)
        inside = [*_notes_inside(self.header.body), *(notes if own else ())]
        suite = self.header.body
        if isinstance(suite, cst.IndentedBlock):
            block = suite.with_changes(footer=())
        else:
            assert isinstance(suite, cst.SimpleStatementSuite)
            block = cst.IndentedBlock(body=(), header=suite.trailing_whitespace)
        return self.header.with_changes(
            leading_lines=[*blanks, *(own or notes)],
            body=block.with_changes(body=[statement.with_changes(leading_lines=inside)]),
        )

    def _with_at_its_end(self, statement: AnyStatement) -> cst.With:
        """The `with` that stays, and `statement` at the end of its block."""
        suite = self.header.body
        if not isinstance(suite, cst.IndentedBlock):
            raise CannotApplyError("the with is written on one line", self.plan)
        above = [line if line.comment else BLANK for line in statement.leading_lines]
        last = statement.with_changes(leading_lines=[*suite.footer, *above])
        block = suite.with_changes(body=[*suite.body, last], footer=())
        return self.header.with_changes(body=block)


def opening(plan: Plan, places: Places, removed: Removed, module: cst.Module) -> Opening | None:
    """What `plan` opens around its pass, None where it opens nothing. Raises CannotApplyError."""
    match plan.placement:
        case MovedWith(statement, around):
            goes = places.statement(statement)
            if not isinstance(goes, cst.With):
                raise CannotApplyError("the statement to be moved is no with")
            if not _holds_only(goes, removed):
                raise CannotApplyError("the with to be moved holds more than the load")
            if around.start < statement.end:
                raise CannotApplyError("the pass does not come after the with")
            return Opening(plan, _alone(places.statement(around), removed), goes, goes)
        case IntoWith(statement, around):
            goes = places.statement(statement)
            if not isinstance(goes, cst.With):
                raise CannotApplyError("the statement to be extended is no with")
            return Opening(plan, _alone(places.statement(around), removed), goes, goes)
        case NewWith(item, name, _, around):
            header = cst.With(items=[_item(item, name, module)], body=cst.IndentedBlock(body=()))
            return Opening(plan, _alone(places.statement(around), removed), None, header)
    return None


def _alone(statement: cst.BaseStatement, removed: Removed) -> cst.BaseStatement:
    """`statement`, unless its line holds others too: the file would be open around these as well.

    Raises CannotApplyError.
    """
    if isinstance(statement, cst.SimpleStatementLine):
        staying = [small for small in statement.body if small not in removed]
        if len(staying) > 1:
            raise CannotApplyError("another statement stands on the line of the pass")
    return statement


def removed_by(plan: Plan, places: Places) -> Removed:
    """The statements that go because the `with` does their work; its item lives on."""
    match plan.placement:
        case NewWith(_, _, statements, _):
            return {places.small_statement(span): opened(plan, places) for span in statements}
    return {}


def opened(plan: Plan, places: Places) -> tuple[cst.CSTNode, ...]:
    """What a new `with` opens: the user's own text."""
    match plan.placement:
        case NewWith(item, _, _, _):
            return (expression_of(item, places.newline),)
    return ()


def by_statement(openings: Collection[Opening]) -> Mapping[cst.BaseStatement, Opening]:
    """`openings` by what they come around. Raises CannotApplyError where two come around one."""
    found: dict[cst.BaseStatement, Opening] = {}
    for one in openings:
        if one.around in found:
            raise CannotApplyError("another file is opened around the same statement", one.plan)
        found[one.around] = one
    return found


def _item(item: str, name: str, module: cst.Module) -> cst.WithItem:
    return cst.WithItem(
        item=shifted(expression_of(item, module.default_newline), module, module.default_indent),
        asname=cst.AsName(cst.Name(name)),
    )


def _holds_only(statement: cst.With, removed: Removed) -> bool:
    suite = statement.body
    lines = suite.body if isinstance(suite, cst.IndentedBlock) else [suite]
    return all(
        isinstance(line, (cst.SimpleStatementLine, cst.SimpleStatementSuite))
        and all(small in removed for small in line.body)
        for line in lines
    )


def _notes_inside(suite: cst.BaseSuite) -> list[cst.EmptyLine]:
    """The comments that the load's own lines leave behind."""
    if not isinstance(suite, cst.IndentedBlock):
        return []
    lines = [line for statement in suite.body for line in getattr(statement, "leading_lines", ())]
    return [
        comment_line(line.comment.value)
        for line in [*lines, *suite.footer]
        if line.comment is not None
    ]
