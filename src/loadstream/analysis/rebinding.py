"""Names that are bound more than once: which reads see the value of one assignment.

An assignment owns the reads that follow it in its own block, up to the statement that binds the
name again. They certainly see its value, whatever else binds the name elsewhere. A read that no
assignment owns may see any of them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loadstream.analysis.managers import swallows
from loadstream.analysis.modules import Module
from loadstream.analysis.scopes import FUNCTIONS, Access, Reference, Scope
from loadstream.analysis.trees import walk

_LOOPS = (ast.For, ast.AsyncFor, ast.While)


def owned_reads(variable: ast.Name, module: Module) -> list[Reference]:
    """The reads that certainly see what the assignment to `variable` assigned."""
    scopes = module.scopes
    home = scopes.scope_of[variable].home(variable.id)
    reads = [r for r in scopes.references(home, variable.id) if r.access is Access.READ]
    if len(scopes.references(home, variable.id)) == len(reads) + 1:
        return reads
    region = set(_region(variable, home, module))
    return [reference for reference in reads if reference.node in region]


def doubtful_reference(variable: ast.Name, module: Module) -> Reference | None:
    """A reference that may see the value beside those that certainly do, or that ends its life.

    That is a read which no assignment owns, because the name is bound more than once or only under
    a condition, unless it stands before the assignment and no loop leads back to it; a change in
    place by `+=`; and a `del`.
    """
    scopes = module.scopes
    home = scopes.scope_of[variable].home(variable.id)
    references = scopes.references(home, variable.id)
    owned = set(_region(variable, home, module))
    for other in _assigned(references, module):
        owned.update(_region(other, home, module))
    for reference in references:
        node = reference.node
        if reference.access is Access.DELETE:
            return reference
        if isinstance(scopes.parents.get(node), ast.AugAssign) and reference.access is Access.BIND:
            return reference
        unowned = reference.access is Access.READ and node not in owned
        if unowned and not (
            _is_before(node, variable, module) or _is_own_handle(node, variable, module)
        ):
            return reference
    return None


def _assigned(references: list[Reference], module: Module) -> Iterator[ast.Name]:
    """The names among `references` that assignments bind."""
    for reference in references:
        node = reference.node
        binder = module.scopes.parents.get(node)
        bound = isinstance(node, ast.Name) and reference.access is Access.BIND
        if bound and isinstance(binder, ast.Assign | ast.AnnAssign):
            assert isinstance(node, ast.Name)
            yield node


def _region(variable: ast.Name, home: Scope, module: Module) -> Iterator[ast.AST]:
    """The nodes behind the assignment in its block, up to where the name is bound again.

    The end of a with block is no end: what stands behind it goes on.
    """
    scopes = module.scopes
    statement = scopes.statement(variable)
    binders = {r.node for r in scopes.references(home, variable.id) if r.access is not Access.READ}
    for later in _following(statement, module):
        nodes = set(walk(later))
        again = nodes & binders
        if not again:
            yield from nodes
            continue
        target = _plain_target(later)
        value = later.value if isinstance(later, ast.Assign | ast.AnnAssign) else None
        if target is not None and again == {target} and value is not None:
            yield from walk(value)
        return


def _following(statement: ast.stmt, module: Module) -> Iterator[ast.stmt]:
    """The statements behind `statement` in its block, and those behind a with block it ends."""
    while True:
        block = module.scopes.block(statement)
        yield from block[block.index(statement) + 1 :]
        outer = module.scopes.parents[statement]
        if not isinstance(outer, ast.With) or any(
            swallows(i.context_expr, module, None) for i in outer.items
        ):
            return
        statement = outer


def _plain_target(statement: ast.stmt) -> ast.Name | None:
    """The name that a statement `name = …` assigns to."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        return target if isinstance(target, ast.Name) else None
    if isinstance(statement, ast.AnnAssign):
        return statement.target if isinstance(statement.target, ast.Name) else None
    return None


def _is_own_handle(read: ast.AST, variable: ast.Name, module: Module) -> bool:
    """Whether a read in the assignment's own value sees what the with around it has bound."""
    statement = module.scopes.statement(variable)
    if read not in set(walk(statement)):
        return False
    for outer in module.scopes.ancestors(statement):
        if isinstance(outer, (*FUNCTIONS, *_LOOPS)):
            return False
        if isinstance(outer, ast.With):
            targets = [item.optional_vars for item in outer.items]
            if any(isinstance(t, ast.Name) and t.id == variable.id for t in targets):
                return True
    return False


def _is_before(read: ast.AST, variable: ast.Name, module: Module) -> bool:
    """Whether a read runs before the assignment, and never again behind it."""
    if not isinstance(read, ast.expr):
        return False
    if (read.lineno, read.col_offset) > (variable.lineno, variable.col_offset):
        return False
    around = set(module.scopes.ancestors(read))
    for outer in module.scopes.ancestors(variable):
        if isinstance(outer, FUNCTIONS):
            break
        if outer in around and isinstance(outer, _LOOPS):
            return False
    return True
