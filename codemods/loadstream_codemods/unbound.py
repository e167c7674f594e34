"""A last look at the new text: is it Python, and does it read a name that it lost?

Plans are sound one by one, but they may be carried out in part: where two share an assignment and
one of them is left out, the other must not take it away.
"""

from __future__ import annotations

import builtins
import symtable
import warnings
from collections.abc import Iterator

from loadstream_codemods.errors import CannotApplyError

_KNOWN = frozenset(dir(builtins)) | {"__file__", "__path__", "__annotations__"}


def check_names(old: str, new: str) -> None:
    """Raise CannotApplyError where `new` reads a name that `old` binds and `new` does not."""
    before = _table(old)
    if before is None:
        return
    after = _table(new)
    if after is None:
        raise CannotApplyError("the new code would be no Python")
    known = {
        symbol.get_name()
        for scope in _scopes(before)
        for symbol in scope.get_symbols()
        if _binds(symbol)
    }
    if missing := (_unbound(after) - _unbound(before)) & known:
        raise CannotApplyError(f"nothing would bind the name {min(missing)!r} any more")


def _table(text: str) -> symtable.SymbolTable | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as an invalid escape: that was there before
        try:
            return symtable.symtable(text, "<text>", "exec")
        except (SyntaxError, ValueError, RecursionError):
            return None


def _unbound(module: symtable.SymbolTable) -> set[str]:
    """The names that are read as the module's, which does not bind them."""
    read: set[str] = set()
    bound = {symbol.get_name() for symbol in module.get_symbols() if _binds(symbol)}
    for scope in _scopes(module):
        for symbol in scope.get_symbols():
            if symbol.is_global() and symbol.is_referenced():
                read.add(symbol.get_name())
            if symbol.is_declared_global() and _binds(symbol):
                bound.add(symbol.get_name())
    return read - bound - _KNOWN


def _binds(symbol: symtable.Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _scopes(child)
