"""The imports of a module, changed once its new text is known.

The streamer's name comes beside the loader's in its import, a name of loadstream's runtime into
the run of imports where `json` came from, and what nothing uses any more goes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import libcst as cst

from loadstream.analysis.settings import LINE_WIDTH
from loadstream_codemods.errors import CannotApplyError
from loadstream_codemods.import_names import (
    add_name,
    is_sorted,
    one_name_a_line,
    remove_name,
    separator_of,
    text_of,
)
from loadstream_codemods.import_runs import Addition, with_addition, with_addition_in_suite
from loadstream_codemods.references import References
from loadstream_codemods.statements import Changes, Suite, rebuilt, rebuilt_suite
from loadstream_codemods.whitespace import code_of

AnyImport: TypeAlias = cst.Import | cst.ImportFrom
_ORDER_PRAGMA = re.compile(r"E402|wrong-import-position")
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ImportNote:
    """What plans ask of one import statement.

    `names` come into it, each with the loader's bound name if it takes that one's place. `going`
    (loaders) and `decoders_going` (`json`, `load`) leave it where nothing uses them. `runtime` are
    the names to import from `loadstream` in the same run of imports.
    """

    names: tuple[tuple[str, str | None], ...] = ()
    going: frozenset[str] = _NOTHING
    decoders_going: frozenset[str] = _NOTHING
    runtime: frozenset[str] = _NOTHING

    def with_more(self, other: ImportNote) -> ImportNote:
        """What both ask."""
        return ImportNote(
            self.names + other.names,
            self.going | other.going,
            self.decoders_going | other.decoders_going,
            self.runtime | other.runtime,
        )


def with_imports(
    module: cst.Module, notes: Sequence[tuple[AnyImport, ImportNote]], width: int = LINE_WIDTH
) -> cst.Module:
    """`module` with its import statements changed, on lines of at most `width`.

    Raises CannotApplyError for `import *`, and where a statement is not in the module any more.
    """
    if not notes:
        return module
    swap = _Swap(module, {_key(statement): note for statement, note in notes}, width)
    new = module.visit(swap)
    assert isinstance(new, cst.Module)
    if swap.seen != len(notes):
        raise CannotApplyError("an import statement is gone")
    return new


def _key(statement: AnyImport) -> cst.CSTNode:
    """What stays the same node when the statement's semicolon changes."""
    names = statement.names
    return names if isinstance(names, cst.ImportStar) else names[0]


class _Swap(cst.CSTTransformer):
    """Puts the changed statements in place, and takes out the empty ones."""

    def __init__(
        self, module: cst.Module, notes: Mapping[cst.CSTNode, ImportNote], width: int
    ) -> None:
        super().__init__()
        self._width = width
        self.seen = 0
        self._module = module
        self._notes = notes
        self._references = References(module)
        self._empty: dict[cst.BaseSmallStatement, tuple[cst.CSTNode, ...]] = {}
        self._scopes: list[cst.FunctionDef | cst.ClassDef] = []
        self._lines: list[cst.SimpleStatementLine] = []
        self._depth = 0

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Keep track of what an import stands in."""
        match node:
            case cst.IndentedBlock():
                self._depth += 1
            case cst.FunctionDef() | cst.ClassDef():
                self._scopes.append(node)
            case cst.SimpleStatementLine():
                self._lines.append(node)
        return not isinstance(node, (cst.BaseExpression, cst.Expr))

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> cst.CSTNode:  # type: ignore[override]
        """Change the statements first, then what they stand in."""
        match original_node, updated_node:
            case ((cst.Import() | cst.ImportFrom()), (cst.Import() | cst.ImportFrom())):
                note = self._notes.get(_key(original_node))
                return updated_node if note is None else self._changed(original_node, note)
            case cst.SimpleStatementLine(), _:
                self._lines.pop()
            case ((cst.FunctionDef() | cst.ClassDef()), _):
                self._scopes.pop()
            case cst.IndentedBlock(), cst.IndentedBlock():
                body = self._body(original_node, updated_node)
                self._depth -= 1
                return body
            case cst.Module(), cst.Module():
                return self._body(original_node, updated_node)
            case cst.SimpleStatementSuite(), cst.SimpleStatementSuite():
                old, new = with_addition_in_suite(original_node, updated_node, self._addition())
                return rebuilt_suite(old, new, self._empty)
        return updated_node

    def _body(self, old: Suite, new: Suite) -> Suite:
        return rebuilt(*with_addition(old, new, self._addition()), Changes(self._empty))

    def _addition(self) -> Addition:
        return Addition(
            wanted=self._runtime,
            gone=lambda statement: statement in self._empty,
            set_=self._set,
            end_beside=end_beside,
            nested=self._depth > 0,
        )

    def _changed(self, statement: AnyImport, note: ImportNote) -> AnyImport:
        self.seen += 1
        if isinstance(statement.names, cst.ImportStar):
            if note.names:
                raise CannotApplyError("a name cannot be added to import *")
            return statement
        names = self._names(list(statement.names), statement, note)
        if not names:
            self._empty[statement] = ()
            return statement
        if names == list(statement.names):
            return statement
        new = statement.with_changes(names=names)
        return self._set(new) if isinstance(new, cst.ImportFrom) else new

    def _names(
        self, aliases: list[cst.ImportAlias], statement: AnyImport, note: ImportNote
    ) -> list[cst.ImportAlias]:
        in_order = is_sorted(aliases)
        going = self._unused(note)
        if len(aliases) == 1 and note.decoders_going & going and self._is_commented(note):
            return aliases
        for name, loader in note.names:
            assert isinstance(statement, cst.ImportFrom)
            if name not in map(text_of, aliases):
                separator = separator_of(aliases, statement)
                add_name(aliases, name, loader, going, separator, in_order=in_order)
        for name in sorted(going):
            remove_name(aliases, name)
        return aliases

    def _unused(self, note: ImportNote) -> set[str]:
        scope = self._scopes[-1] if self._scopes else None
        if isinstance(scope, cst.ClassDef):  # others may read it as an attribute
            return set()
        uses = self._references
        return {
            *(name for name in note.going if not uses.of_loader(name, scope)),
            *(name for name in note.decoders_going if not uses.of_decoder(name, scope)),
        }

    def _is_commented(self, note: ImportNote) -> bool:
        """Tell whether the line says something that is only of use beside this import."""
        if not self._lines or len(self._lines[-1].body) > 1:
            return False
        comment = self._lines[-1].trailing_whitespace.comment
        if comment is None:
            return False
        return not (note.runtime and _ORDER_PRAGMA.search(comment.value))

    def _runtime(self, statement: cst.BaseSmallStatement) -> frozenset[str]:
        """The names to import beside `statement`."""
        if not isinstance(statement, (cst.Import, cst.ImportFrom)):
            return _NOTHING
        note = self._notes.get(_key(statement))
        return _NOTHING if note is None else note.runtime

    def _set(self, statement: cst.ImportFrom) -> cst.ImportFrom:
        """`statement`, with one name a line where it would be too long for one."""
        margin = self._depth * len(self._module.default_indent)
        length = margin + len(code_of(statement, self._module))
        if length > self._width and statement.lpar is None:
            return one_name_a_line(statement, self._module.default_indent)
        return statement


def end_beside(line: cst.SimpleStatementLine) -> cst.TrailingWhitespace:
    """The end of a new line: an import that may stand low, told to a linter, keeps that right."""
    comment = line.trailing_whitespace.comment
    is_pragma = comment is not None and _ORDER_PRAGMA.search(comment.value)
    return line.trailing_whitespace if is_pragma else cst.TrailingWhitespace()
