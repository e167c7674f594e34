"""Where the file is open: a stream reads it during the pass, so its block has to reach that far.

The pass may stand in the block already; otherwise the block comes around the pass's statement.
"""

from __future__ import annotations

import ast
import itertools

from loadstream.analysis.modules import Module
from loadstream.analysis.openings import Assigned, Opening, WholeText, WithBlock
from loadstream.analysis.plain import FRESH_HANDLE
from loadstream.analysis.plans import MovedWith, NewWith, Placement
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.scopes import COMPREHENSIONS

# Statements that evaluate a pass once, at their beginning, and can stand in a block of their own.
_ENCLOSABLE = (ast.For, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Expr)
# Expressions that evaluate what they hold again and again, later, or perhaps not at all.
_NOT_ONCE = (*COMPREHENSIONS, ast.Lambda, ast.IfExp, ast.BoolOp, ast.Compare)


def placement_of(
    opening: Opening, bindings: tuple[ast.stmt, ...], anchor: ast.AST, module: Module
) -> Placement | Refusal | None:
    """How the file comes to be open while `anchor` is evaluated; None where it already is."""
    scopes = module.scopes
    around = [anchor, *scopes.ancestors(anchor)]
    match opening:
        case WithBlock(statement=block) if block not in around:
            if set(block.body) - set(bindings) or len(block.items) > 1:
                fact = "the value is used after its with block"
                return Refusal(Reason.ESCAPES_WITH, fact, module.source.lines.span(anchor))  # type: ignore[arg-type]
            statement = _enclosed(anchor, module)
            if isinstance(statement, Refusal):
                return statement
            return MovedWith(module.source.lines.span(block), module.source.lines.span(statement))
        case Assigned(close=ast.Expr() as close) if _is_before(close, anchor, module):
            statement = _enclosed(anchor, module)
            if isinstance(statement, Refusal):
                return statement
            lines = module.source.lines
            item = lines.text(lines.span(opening.opening))
            removed = (lines.span(opening.statement), lines.span(close))
            return NewWith(item, opening.name.id, removed, lines.span(statement))
        case WholeText(opening=item):
            statement = _enclosed(anchor, module)
            if isinstance(statement, Refusal):
                return statement
            taken = {r.name for scope in scopes.module.walk() for r in scope.references}
            if FRESH_HANDLE in taken:
                fact = f"the name {FRESH_HANDLE} is already used here"
                return Refusal(Reason.UNRESOLVED, fact, module.source.lines.span(opening.call))
            return NewWith(item, FRESH_HANDLE, (), module.source.lines.span(statement))
    return None


def _is_before(close: ast.stmt, anchor: ast.AST, module: Module) -> bool:
    return close.lineno < module.scopes.statement(anchor).lineno


def _enclosed(anchor: ast.AST, module: Module) -> ast.stmt | Refusal:
    """The statement of the pass, if a with block can come around it."""
    statement = module.scopes.statement(anchor)
    within = itertools.takewhile(
        lambda node: node is not statement, module.scopes.ancestors(anchor)
    )
    if isinstance(statement, _ENCLOSABLE) and not any(isinstance(n, _NOT_ONCE) for n in within):
        return statement
    fact = "the value is used after its file is closed, where no with block can stand"
    return Refusal(Reason.ESCAPES_WITH, fact, module.source.lines.span(statement))
