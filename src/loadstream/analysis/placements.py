"""Where the file is open: a stream reads it during the pass, so its block has to reach that far.

The pass may stand in the block already; otherwise the block comes around the pass's statement.
"""

from __future__ import annotations

import ast
import itertools

from loadstream.analysis.data_files import run_by
from loadstream.analysis.modules import Module
from loadstream.analysis.openings import Assigned, Opening, WholeText, WithBlock
from loadstream.analysis.plain import FRESH_HANDLE
from loadstream.analysis.plans import IntoWith, MovedWith, NewWith, Placement
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.scopes import COMPREHENSIONS

# Statements that may end a with block before its end.
_LEAVES = (ast.Return, ast.Break, ast.Continue)
# Statements that evaluate a pass once, at their beginning, and can stand in a block of their own.
_ENCLOSABLE = (
    ast.For,
    ast.If,
    ast.Assert,
    ast.Assign,
    ast.AnnAssign,
    ast.AugAssign,
    ast.Return,
    ast.Expr,
)


def placement_of(
    opening: Opening, bindings: tuple[ast.stmt, ...], anchor: ast.AST, module: Module
) -> Placement | Refusal | None:
    """How the file comes to be open while `anchor` is evaluated; None where it already is."""
    scopes = module.scopes
    around = [anchor, *scopes.ancestors(anchor)]
    match opening:
        case WithBlock(statement=block) if block not in around:
            statement = _enclosed(anchor, block, module)
            if isinstance(statement, Refusal):
                return statement
            spans = module.source.lines.span(block), module.source.lines.span(statement)
            holds_more = bool(set(block.body) - set(bindings))
            if len(block.items) > 1 or (holds_more and not _follows(statement, block, module)):
                fact = "the value is used after its with block"
                return Refusal(Reason.ESCAPES_WITH, fact, spans[1])
            return IntoWith(*spans) if holds_more else MovedWith(*spans)
        case Assigned(close=ast.Expr() as close) if _is_before(close, anchor, module):
            statement = _enclosed(anchor, opening.statement, module)
            if isinstance(statement, Refusal):
                return statement
            lines = module.source.lines
            item = lines.text(lines.span(opening.opening))
            removed = (lines.span(opening.statement), lines.span(close))
            return NewWith(item, opening.name.id, removed, lines.span(statement))
        case WholeText(opening=item, call=call):
            statement = _enclosed(anchor, module.scopes.statement(call), module)
            if isinstance(statement, Refusal):
                return statement
            taken = {r.name for scope in scopes.module.walk() for r in scope.references}
            if FRESH_HANDLE in taken:
                fact = f"the name {FRESH_HANDLE} is already used here"
                return Refusal(Reason.UNRESOLVED, fact, module.source.lines.span(call))
            return NewWith(item, FRESH_HANDLE, (), module.source.lines.span(statement))
    return None


def _follows(statement: ast.stmt, block: ast.With, module: Module) -> bool:
    """Whether `statement` stands directly behind the with block, which ends by running through."""
    around = module.scopes.block(block)
    leaves = any(isinstance(node, _LEAVES) for node in run_by(block.body))
    return not leaves and around[around.index(block) + 1 :][:1] == [statement]


def _is_before(close: ast.stmt, anchor: ast.AST, module: Module) -> bool:
    return close.lineno < module.scopes.statement(anchor).lineno


def _enclosed(anchor: ast.AST, load: ast.stmt, module: Module) -> ast.stmt | Refusal:
    """The statement of the pass, if a with block can come around it.

    Where the pass stands in a with that opens other files behind the statement `load`, that whole
    `with`: they are opened after the data as before, and not at all where there is no data.
    """
    scopes = module.scopes
    statement = scopes.statement(anchor)
    path = [anchor, *scopes.ancestors(anchor)]
    path = path[: path.index(statement) + 1]
    is_elif = isinstance(statement, ast.If) and _is_elif(statement, module)
    is_once = all(_evaluates(outer, inner) for inner, outer in itertools.pairwise(path))
    if not isinstance(statement, _ENCLOSABLE) or is_elif or not is_once:
        fact = "the value is used after its file is closed, where no with block can stand"
        return Refusal(Reason.ESCAPES_WITH, fact, module.source.lines.span(statement))
    around_load = set(scopes.ancestors(load))
    outer: ast.AST = statement
    while isinstance(outer := scopes.parents[outer], ast.With) and outer not in around_load:
        statement = outer
    return statement


def _evaluates(outer: ast.AST, inner: ast.AST) -> bool:
    """Whether `outer` evaluates its part `inner` once, as soon as it is evaluated itself."""
    match outer:
        case ast.BoolOp(values=[first, *_]) | ast.IfExp(test=first):
            return inner is first
        case ast.Compare(left=left, comparators=[first, *_]):
            return inner is left or inner is first
    return not isinstance(outer, (*COMPREHENSIONS, ast.Lambda))


def _is_elif(statement: ast.If, module: Module) -> bool:
    """Whether an `if` is the whole else of another one, which may have been written `elif`."""
    outer = module.scopes.parents[statement]
    return isinstance(outer, ast.If) and outer.orelse == [statement]
