"""Exception handlers around a load and around its pass: the main unsoundness of streaming.

A load meets a broken file where it stands, a stream where it is traversed. Only where the same
handlers surround both does the program's error handling still do its work.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Collection, Iterator

from loadstream.analysis.data_files import called
from loadstream.analysis.managers import leaves_finally, swallows
from loadstream.analysis.modules import Module
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.repository import Repository
from loadstream.analysis.scopes import FUNCTIONS
from loadstream.analysis.trees import walk

# Exceptions that no broken or missing data file raises: their handlers see nothing new.
_UNRELATED = frozenset(
    "ZeroDivisionError AttributeError IndexError StopIteration KeyboardInterrupt SystemExit "
    "AssertionError ImportError ModuleNotFoundError GeneratorExit NameError".split()
)
# Those that no code of a pass raises either.
_RARE = frozenset(
    "StopIteration KeyboardInterrupt SystemExit ImportError ModuleNotFoundError GeneratorExit "
    "NameError".split()
)
# What only opening a file raises, not what is in it.
OF_OPENING = frozenset(
    "FileNotFoundError PermissionError IsADirectoryError NotADirectoryError".split()
)
# How a handler looks at its exception without a name for it.
_LOOKS = frozenset("exc_info exception format_exc print_exc traceback".split())


def handlers(node: ast.AST, module: Module, repository: Repository) -> Iterator[ast.stmt]:
    """The statements around `node`, in its function, that may handle what a data file raises."""
    for outer in every_handler(node, module, repository):
        if (
            isinstance(outer, ast.With | ast.AsyncWith)
            or leaves_finally(outer)
            or not handles_only(outer, _UNRELATED)
        ):
            yield outer


def every_handler(node: ast.AST, module: Module, repository: Repository) -> Iterator[ast.stmt]:
    """The statements around `node`, in its function, that may handle what it raises.

    But for handlers of what only a search or the system raises (StopIteration, SystemExit).
    """
    inner: ast.AST = node
    for outer in module.scopes.ancestors(node):
        if isinstance(outer, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            return
        if isinstance(outer, ast.Try) or type(outer).__name__ == "TryStar":
            assert isinstance(outer, ast.stmt)
            handled = inner in getattr(outer, "body", ()) and not handles_only(outer, _RARE)
            is_final = inner in getattr(outer, "finalbody", ())
            if handled or (leaves_finally(outer) and not is_final):
                yield outer
        elif (
            isinstance(outer, ast.With | ast.AsyncWith)
            and inner in outer.body
            and any(swallows(item.context_expr, module, repository) for item in outer.items)
        ):
            yield outer
        inner = outer


def handles_only(statement: ast.stmt, exceptions: Collection[str]) -> bool:
    """Whether a try handles nothing but `exceptions`; a `with` does not say what it handles."""
    if isinstance(statement, ast.With | ast.AsyncWith):
        return False
    for handler in getattr(statement, "handlers", ()):
        caught = handler.type
        if caught is None:
            return False
        names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
        if not all(isinstance(n, ast.Name) and n.id in exceptions for n in names):
            return False
    return True


def tells_apart(statement: ast.stmt) -> bool:
    """Whether it matters to a handler which exception it is given.

    Not where it takes every one in one clause and does not look at it.
    """
    if isinstance(statement, ast.With | ast.AsyncWith):
        contexts = [item.context_expr for item in statement.items]
        calls = [c for c in contexts if isinstance(c, ast.Call) and called(c) == "suppress"]
        return not any(_takes_all([*call.args]) for call in calls)
    clauses: list[ast.ExceptHandler] = getattr(statement, "handlers", [])
    if len(clauses) != 1 or not _takes_all([clauses[0].type]):
        return True
    for node in (child for part in clauses[0].body for child in walk(part)):
        match node:
            case ast.Raise(exc=None):
                return True
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=name):
                if name == clauses[0].name or name in _LOOKS:
                    return True
    return False


def _takes_all(types: list[ast.expr | None]) -> bool:
    names = (None if t is None else getattr(t, "id", "") for t in types)
    return any(name is None or name in ("Exception", "BaseException") for name in names)


def unequal_handlers(
    load: ast.AST, read: ast.AST, module: Module, repository: Repository
) -> tuple[Refusal, ...]:
    """The handlers that cover one of the two nodes but not the other, as refusals."""
    at_load, at_read = (list(handlers(node, module, repository)) for node in (load, read))
    only_load = [h for h in at_load if h not in at_read]
    only_read = [h for h in at_read if h not in at_load]
    clause = _other_clause(load, read, module)
    facts = [
        *((h, "the handler of line {} covers the load but not the pass") for h in only_load),
        *((h, "the handler of line {} covers the pass but not the load") for h in only_read),
    ]
    if clause is not None and clause not in only_load:
        facts.append((clause, "load and pass stand in different clauses of the try of line {}"))
    return tuple(
        Refusal(Reason.HANDLER_SCOPE, fact.format(node.lineno), module.source.lines.span(node))
        for node, fact in facts
    )


def _other_clause(load: ast.AST, read: ast.AST, module: Module) -> ast.stmt | None:
    """A try whose body holds the load, and whose handler, else or finally holds the read."""
    path = [load, *module.scopes.ancestors(load)]
    around_read = [read, *module.scopes.ancestors(read)]
    for inner, outer in itertools.pairwise(path):
        is_try = isinstance(outer, ast.Try) or type(outer).__name__ == "TryStar"
        if is_try and isinstance(outer, ast.stmt) and outer in around_read:
            body: list[ast.stmt] = getattr(outer, "body", [])
            child = around_read[around_read.index(outer) - 1]
            if inner in body and child not in body:
                return outer
    return None
