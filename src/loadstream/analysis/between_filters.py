"""What may stand between filters that become one pass: a small, closed list of statements.

    marathons = [s for s in sessions if s["kind"] == "marathon"]
    print(f"{len(marathons)} marathons")
    errors = [s for s in sessions if s["kind"] == "error"]

The later filters now run before such a statement. So it only looks at the lists that were there by
then, and at literals: it prints them, or keeps them in a name that no filter and no function knows.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Collection, Sequence

from loadstream.analysis.modules import Module
from loadstream.analysis.pure_conditions import is_builtin, literal
from loadstream.analysis.trees import walk

_OF_PRINT = frozenset({"end", "flush", "sep"})  # never `file`, which may be anything


def between(filters: Sequence[ast.Assign], module: Module) -> list[ast.stmt] | None:
    """The statements between `filters`; None where these are in several blocks, or out of order."""
    block = module.scopes.block(filters[0])
    if not all(one in block for one in filters):
        return None
    places = [block.index(one) for one in filters]
    if places != sorted(places):
        return None
    return [one for one in block[places[0] : places[-1]] if one not in filters]


def are_harmless(
    filters: Sequence[ast.Assign], others: Collection[ast.stmt], module: Module
) -> bool:
    """Whether all that stands between `filters` could as well come behind them.

    If no filter raises, that is, and nobody is there to see what is left when a statement between
    raises (turns_between.py). `others` are statements whose names mean something to the filters.
    """
    block = module.scopes.block(filters[0])
    nodes = (node for statement in (*filters, *others) for node in walk(statement))
    taken = {node.id for node in nodes if isinstance(node, ast.Name)}
    look = _Look(module)
    for earlier, later in itertools.pairwise(filters):
        look.known.update(node.id for node in earlier.targets if isinstance(node, ast.Name))
        for statement in block[block.index(earlier) + 1 : block.index(later)]:
            if not _is_harmless(statement, look, taken):
                return False
    return True


def _is_harmless(statement: ast.stmt, look: _Look, taken: Collection[str]) -> bool:
    """Whether a statement is on the list; a name that it assigns is known from there on."""
    match statement:
        case ast.Pass():
            return True
        case ast.Expr(value=ast.Constant()):
            # In a notebook it may come last in its cell, which would show it.
            return look.module.source.notebook is None
        case ast.Expr(value=ast.Call(func=ast.Name(id="print") as callee) as call):
            named = (one.arg in _OF_PRINT and _is_constant(one.value) for one in call.keywords)
            only_looks = all(map(look.only, call.args)) and all(named)
            return only_looks and is_builtin(callee, look.module)
        case ast.Assign(targets=[ast.Name() as target], value=value):
            if target.id in taken or not look.only(value) or not _is_own(target, look.module):
                return False
            look.known.add(target.id)
            return True
    return False


class _Look:
    """Asks whether expressions only look at what is `known`: lists of JSON, and what is of them."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.known: set[str] = set()

    def only(self, node: ast.expr) -> bool:
        """Whether `node` has no effect but, at worst, to raise, and runs no code of the user's."""
        match node:
            case ast.Constant():
                return True
            case ast.Name(id=name):
                return name in self.known or literal(node, self.module) is not None
            case ast.JoinedStr(values=parts):
                return all(map(self.only, parts))
            case ast.FormattedValue(value=value, format_spec=spec):
                return self.only(value) and (spec is None or _is_plain(spec))
            case ast.BinOp(left=left, right=right):
                return self.only(left) and self.only(right)
            case ast.UnaryOp(operand=operand):
                return self.only(operand)
            case ast.Call(func=ast.Name(id="len") as callee, args=[ast.Name(id=name)], keywords=[]):
                return name in self.known and is_builtin(callee, self.module)
            case ast.Call(
                func=ast.Attribute(value=ast.Constant(value=str()), attr="format"),
                args=args,
                keywords=[],
            ):
                return all(map(self.only, args))
        return False


def _is_plain(spec: ast.expr) -> bool:
    """Whether a format is written out: `:>10`, not `:>{width}`."""
    return isinstance(spec, ast.JoinedStr) and all(map(_is_constant, spec.values))


def _is_constant(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant)


def _is_own(target: ast.Name, module: Module) -> bool:
    """Whether a name is one of the code around it alone, that no other function reads or binds."""
    scopes = module.scopes
    scope = scopes.scope_of[target].function()
    home = scopes.scope_of[target].home(target.id)
    references = scopes.references(home, target.id)
    return home is scope and all(one.scope.function() is scope for one in references)
