"""The streamer's name comes beside the loader's in its import; the loader's goes when unused.

Sorted imports stay sorted, one name a line stays one name a line, comments live on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from loadstream.analysis.plans import ImportChange
from loadstream_codemods.errors import CannotApplyError
from loadstream_codemods.places import comments
from loadstream_codemods.statements import rebuilt, rebuilt_suite
from loadstream_codemods.whitespace import LINE_WIDTH, code_of, new_line


@dataclass(frozen=True, slots=True)
class ImportNote:
    """One import statement, and the changes that plans ask for, each with its loader's name."""

    statement: cst.ImportFrom
    changes: tuple[tuple[ImportChange, str | None], ...]


def with_imports(module: cst.Module, notes: Sequence[ImportNote]) -> cst.Module:
    """`module` with its import statements changed. Raises CannotApplyError for `import *`."""
    if not notes:
        return module
    used = _Used()
    module.visit(used)
    swap = _Swap(module, {note.statement: note for note in notes}, used)
    new = module.visit(swap)
    assert isinstance(new, cst.Module)
    return new


class _Used(cst.CSTVisitor):
    """The names that the module refers to, by reading them or in a string such as `__all__`'s."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def visit_Name(self, node: cst.Name) -> None:  # noqa: N802
        self.names.add(node.value)

    def visit_SimpleString(self, node: cst.SimpleString) -> None:  # noqa: N802
        if re.fullmatch(r"[\w.]+", node.raw_value):
            self.names.add(node.raw_value.rpartition(".")[2])
        else:  # a quoted annotation
            self.names.update(re.findall(r"\w+", node.raw_value) if "[" in node.raw_value else ())

    def visit_Attribute(self, node: cst.Attribute) -> bool:  # noqa: N802
        node.value.visit(self)  # what follows the dot is no name of this module
        return False

    def visit_Arg(self, node: cst.Arg) -> bool:  # noqa: N802
        node.value.visit(self)
        return False

    def visit_ImportFrom(self, _: cst.ImportFrom) -> bool:  # noqa: N802
        return False

    def visit_Import(self, _: cst.Import) -> bool:  # noqa: N802
        return False


class _Swap(cst.CSTTransformer):
    """Puts the changed statements in place, and takes out the empty ones."""

    def __init__(
        self, module: cst.Module, notes: dict[cst.ImportFrom, ImportNote], used: _Used
    ) -> None:
        super().__init__()
        self._module = module
        self._notes = notes
        self._used = used
        self._empty: dict[cst.BaseSmallStatement, cst.CSTNode | None] = {}
        self._depth = 0

    def visit_IndentedBlock(self, _: cst.IndentedBlock) -> None:  # noqa: N802
        self._depth += 1

    def leave_ImportFrom(  # noqa: N802
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.ImportFrom:
        note = self._notes.get(original_node)
        if note is None:
            return updated_node
        names = _changed(updated_node, note, self._used.names)
        if not names:
            self._empty[original_node] = None
            return updated_node
        new = updated_node.with_changes(names=names)
        margin = self._depth * len(self._module.default_indent)
        if len(_one_line(new, self._module)) + margin > LINE_WIDTH and new.lpar is None:
            new = _one_name_a_line(new, self._module.default_indent)
        return new

    def leave_IndentedBlock(  # noqa: N802
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        self._depth -= 1
        return rebuilt(original_node, updated_node, self._empty, {})

    def leave_SimpleStatementSuite(  # noqa: N802
        self, original_node: cst.SimpleStatementSuite, updated_node: cst.SimpleStatementSuite
    ) -> cst.SimpleStatementSuite:
        return rebuilt_suite(original_node, updated_node, self._empty)

    def leave_Module(  # noqa: N802
        self, original_node: cst.Module, updated_node: cst.Module
    ) -> cst.Module:
        return rebuilt(original_node, updated_node, self._empty, {})


def _changed(statement: cst.ImportFrom, note: ImportNote, used: set[str]) -> list[cst.ImportAlias]:
    if isinstance(statement.names, cst.ImportStar):
        if any(change.add for change, _ in note.changes):
            raise CannotApplyError("a name cannot be added to import *")
        return [cst.ImportAlias(cst.Name("_"))]
    aliases = list(statement.names)
    in_order = _is_sorted(aliases)
    going = {
        change.remove
        for change, _ in note.changes
        if change.remove is not None and change.remove not in used
    }
    for change, loader in note.changes:
        if change.add is not None and change.add not in map(_text, aliases):
            separator = _separator(aliases, statement)
            _add(aliases, change.add, loader, going, separator, in_order=in_order)
    for name in going:
        _remove(aliases, name)
    return aliases


def _text(alias: cst.ImportAlias) -> str:
    name = alias.evaluated_name
    return f"{name} as {alias.evaluated_alias}" if alias.evaluated_alias else name


def _bound(alias: cst.ImportAlias) -> str:
    return alias.evaluated_alias or alias.evaluated_name


def _is_sorted(aliases: Sequence[cst.ImportAlias]) -> bool:
    return _sorted_names([_text(alias) for alias in aliases])


def _sorted_names(names: Sequence[str]) -> bool:
    return [name.lower() for name in names] == sorted(name.lower() for name in names)


def _add(
    aliases: list[cst.ImportAlias],
    name: str,
    loader: str | None,
    going: set[str],
    separator: cst.Comma,
    *,
    in_order: bool,
) -> None:
    new = _alias(name)
    at = next((i for i, alias in enumerate(aliases) if _bound(alias) == loader), len(aliases) - 1)
    swapped = [*map(_text, aliases[:at]), name, *map(_text, aliases[at + 1 :])]
    if loader in going and _bound(aliases[at]) == loader:
        commented = bool(comments(aliases[at]))
        if commented or not in_order or _sorted_names(swapped):
            aliases[at] = aliases[at].with_changes(name=new.name, asname=new.asname)
            going.discard(loader or "")
            return
    if in_order:
        at = sum(_text(alias).lower() <= name.lower() for alias in aliases) - 1
    _insert(aliases, at + 1, new, separator)


def _alias(name: str) -> cst.ImportAlias:
    imported, _, alias = name.partition(" as ")
    return cst.ImportAlias(
        name=cst.Name(imported), asname=cst.AsName(cst.Name(alias)) if alias else None
    )


def _insert(
    aliases: list[cst.ImportAlias], index: int, new: cst.ImportAlias, separator: cst.Comma
) -> None:
    if index < len(aliases):
        aliases.insert(index, new.with_changes(comma=separator))
        return
    last = aliases[-1]
    if isinstance(last.comma, cst.Comma):
        # The last comma holds the way to the closing bracket, and perhaps the last name's comment.
        end = last.comma.whitespace_after
        between = separator
        if isinstance(end, cst.ParenthesizedWhitespace) and isinstance(
            separator.whitespace_after, cst.ParenthesizedWhitespace
        ):
            between = cst.Comma(
                whitespace_after=end.with_changes(last_line=separator.whitespace_after.last_line)
            )
            end = new_line(end.last_line.value)
        aliases[-1] = last.with_changes(comma=between)
        aliases.append(new.with_changes(comma=cst.Comma(whitespace_after=end)))
    else:
        aliases[-1] = last.with_changes(comma=separator)
        aliases.append(new)


def _separator(aliases: Sequence[cst.ImportAlias], statement: cst.ImportFrom) -> cst.Comma:
    """What stands between two names here, without comments."""
    bracket = statement.lpar
    if len(aliases) == 1 and bracket is not None:
        after = bracket.whitespace_after
        if isinstance(after, cst.ParenthesizedWhitespace):
            return cst.Comma(whitespace_after=new_line(after.last_line.value))
    for alias in aliases[:-1]:
        if isinstance(alias.comma, cst.Comma):
            after = alias.comma.whitespace_after
            if isinstance(after, cst.ParenthesizedWhitespace):
                return cst.Comma(whitespace_after=new_line(after.last_line.value))
            return cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    return cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


def _remove(aliases: list[cst.ImportAlias], name: str) -> None:
    for index, alias in enumerate(aliases):
        if _bound(alias) != name:
            continue
        if comments(alias):  # a linter's pragma has no other place: the name stays
            return
        if index == len(aliases) - 1 and index > 0:
            if comments(aliases[index - 1]):
                return
            aliases[index - 1] = aliases[index - 1].with_changes(comma=alias.comma)
        del aliases[index]
        return


def _one_line(statement: cst.ImportFrom, module: cst.Module) -> str:
    return code_of(statement, module)


def _one_name_a_line(statement: cst.ImportFrom, indent: str) -> cst.ImportFrom:
    assert not isinstance(statement.names, cst.ImportStar)
    *names, last = statement.names
    return statement.with_changes(
        lpar=cst.LeftParen(whitespace_after=new_line(indent)),
        rpar=cst.RightParen(),
        names=[
            *(
                name.with_changes(comma=cst.Comma(whitespace_after=new_line(indent)))
                for name in names
            ),
            last.with_changes(comma=cst.Comma(whitespace_after=new_line(""))),
        ],
    )
