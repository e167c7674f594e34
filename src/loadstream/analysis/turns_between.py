"""What speaks against one pass for filters that something stands between (LS109).

Only what between_filters.py allows stands there. The later filters run before it now: that is seen
where one of them raises, so that it does not come to run, or where it raises itself, so that their
lists are there all the same.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from loadstream.analysis.between_filters import between
from loadstream.analysis.handlers import every_handler
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.repository import Repository, patches_itself
from loadstream.analysis.scopes import FUNCTIONS
from loadstream.analysis.source import SourceFile
from loadstream.analysis.splits import assigned, target_of
from loadstream.analysis.trees import walk
from loadstream.analysis.uses import Use

_CALLED = ("print", "len")  # by the statements between
_SET_HERE = rb"\.(?:print|len)\s*=(?!=)"
# `sys.stdout, sys.stderr = …`, `with redirect_stdout(…)` and the like, with a word of each.
_REPLACED = (
    ("stdout", rb"(?m)^[^\n=()#]*\.stdout\s*(?:,[^\n=()]*)?=(?!=)"),
    ("redirect_stdout", rb"\bredirect_stdout\b"),
    ("__builtins__", rb"\b__builtins__\b"),
)


def filter_statements(use: Use) -> list[ast.Assign]:
    """The assignments of the lists that the filters of `use` make."""
    found = (assigned(each.how, use.module) for each in use.in_a_row)
    return [statement for statement in found if statement is not None]


def statements_between(use: Use) -> list[ast.stmt]:
    """What stands between the filters of `use`."""
    return between(filter_statements(use), use.module) or []


def against_between(use: Use, *, ends_the_same: bool) -> Iterator[Refusal]:
    """What speaks against the pass because of what stands between its filters, if anything does.

    `ends_the_same` is whether the first filter certainly raises before any other does.
    """
    statements = statements_between(use)
    if not statements:
        return
    first = statements[0]
    line = use.span(first).start.line
    if not ends_the_same:
        fact = f"line {line} stands between the filters, and a filter behind it may raise"
        yield Refusal(Reason.EFFECTS_BETWEEN, fact, use.span(first))
    elif _may_be_another_print(statements, use):
        fact = f"line {line} stands between the filters, and what it prints may run other code"
        yield Refusal(Reason.EFFECTS_BETWEEN, fact, use.span(first))
    for handler in [*every_handler(use.source, use.module, use.repository), *finally_around(use)]:
        place = use.span(handler).start.line
        fact = f"the try or with of line {place} would see more lists if line {line} raises"
        yield Refusal(Reason.PARTIAL_EFFECTS, fact, use.span(handler))
        return
    yield from _outliving(use, line)


def finally_around(use: Use) -> Iterator[ast.stmt]:
    """The statements around the filters whose `finally` runs behind them."""
    for outer in use.module.scopes.ancestors(use.anchor):
        if isinstance(outer, FUNCTIONS):
            return
        if isinstance(outer, ast.stmt) and getattr(outer, "finalbody", []):
            yield outer


def _may_be_another_print(statements: list[ast.stmt], use: Use) -> bool:
    """Whether any file puts something else in the place of what they call or print to."""
    if not any(isinstance(node, ast.Call) for one in statements for node in walk(one)):
        return False
    own = use.module.source
    return use.repository.answer(
        ("another print", own.path), lambda: _is_replaced(own, use.repository)
    )


def _is_replaced(own: SourceFile, repository: Repository) -> bool:
    """Whether `own` or any file replaces print, len or the standard output."""
    mentions, text = repository.mentions, own.text.encode(errors="replace")
    return (
        mentions.replacing_anywhere("stdout")
        or bool(mentions.replacing_member("stdout"))
        or any(mentions.replacing("builtins", name) for name in _CALLED)
        or any(repository.patches(own.path, name) for name in _CALLED)
        or any(patches_itself(own, name) for name in ("stdout", *_CALLED))
        or any(re.search(pattern, text) for pattern in (_SET_HERE, *dict(_REPLACED).values()))
        or any(mentions.match(word, pattern) for word, pattern in _REPLACED)
    )


def _outliving(use: Use, line: int) -> Iterator[Refusal]:
    """A list that others know would be there for them although what stands before it has raised."""
    scopes = use.module.scopes
    here = use.scope.function()
    for statement in filter_statements(use)[1:]:
        target = target_of(statement)
        home = scopes.scope_of[target].home(target.id)
        others = (r.scope.function() for r in scopes.references(home, target.id))
        if home is not here or any(one is not here for one in others):
            fact = f"`{target.id}`, which others know, would be there if line {line} raises"
            yield Refusal(Reason.PARTIAL_EFFECTS, fact, use.span(target))
            return
