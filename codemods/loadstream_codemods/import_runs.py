"""Where `from loadstream import …` comes in the run of imports that `json` was imported in.

    import json                           import json
    import sys                            import sys

    import numpy                          import numpy
    from tqdm import tqdm                 from loadstream import stream_json
                                          from tqdm import tqdm

It never comes above the run's first line: what stands before that may change `sys.path`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias, cast

import libcst as cst

from loadstream_codemods.statements import AnyStatement, Suite
from loadstream_codemods.whitespace import BLANK, blanks_before, without_leading_blanks

MODULE = "loadstream"
Wanted: TypeAlias = Callable[[cst.BaseSmallStatement], frozenset[str]]


class Kind(IntEnum):
    """The sections of an import block, in their order."""

    FUTURE = 0
    STANDARD = 1
    OTHER = 2
    RELATIVE = 3


@dataclass(frozen=True, slots=True)
class Addition:
    """The names `wanted` beside a statement, and how they are to be imported.

    `gone` tells which statements will not be there any more; `set_` sets the new statement, and
    `end_beside` gives the end of its line beside that of the line that asks for it.
    """

    wanted: Wanted
    gone: Callable[[cst.BaseSmallStatement], bool]
    set_: Callable[[cst.ImportFrom], cst.ImportFrom]
    end_beside: Callable[[cst.SimpleStatementLine], cst.TrailingWhitespace]
    nested: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """In front of the line `index` of a run; `apart` from what stands above and below.

    `last`: at the end of the section above, and not at the head of the next.
    """

    index: int
    apart: bool
    last: bool = False


def with_addition(old: Suite, new: Suite, addition: Addition) -> tuple[Suite, Suite]:
    """Both bodies with the same new lines: `old` as it was parsed, `new` with its edits.

    Statements stay paired one for one, so that `rebuilt` can go on with them.
    """
    before = cast("list[AnyStatement]", list(old.body))
    after = cast("list[AnyStatement]", list(new.body))
    index = 0
    while index < len(before):
        line = before[index]
        if not isinstance(line, cst.SimpleStatementLine) or not _names(line.body, addition):
            index += 1
        elif _is_imports(line):
            index = _add_to_run(before, after, index, addition)
        else:
            now = after[index]
            assert isinstance(now, cst.SimpleStatementLine)
            both = _added(line.body, now.body, addition)
            before[index], after[index] = (
                line.with_changes(body=both[0]),
                now.with_changes(body=both[1]),
            )
            index += 1
    if len(before) == len(old.body) and all(a is b for a, b in zip(before, old.body, strict=True)):
        return old, new
    return old.with_changes(body=before), new.with_changes(body=after)


def with_addition_in_suite(
    old: cst.SimpleStatementSuite, new: cst.SimpleStatementSuite, addition: Addition
) -> tuple[cst.SimpleStatementSuite, cst.SimpleStatementSuite]:
    """The same for statements behind a colon on one line."""
    if not _names(old.body, addition):
        return old, new
    before, after = _added(old.body, new.body, addition)
    return old.with_changes(body=before), new.with_changes(body=after)


def _names(statements: Sequence[cst.BaseSmallStatement], addition: Addition) -> set[str]:
    return {name for statement in statements for name in addition.wanted(statement)}


def _import(names: set[str], addition: Addition) -> cst.ImportFrom:
    aliases = [cst.ImportAlias(cst.Name(name)) for name in sorted(names)]
    return addition.set_(cst.ImportFrom(module=cst.Name(MODULE), names=aliases))


def _added(
    old: Sequence[cst.BaseSmallStatement],
    new: Sequence[cst.BaseSmallStatement],
    addition: Addition,
) -> tuple[list[cst.BaseSmallStatement], list[cst.BaseSmallStatement]]:
    """Statements of one line, the new import behind the last that asks for it."""
    last = max(index for index, statement in enumerate(old) if addition.wanted(statement))
    added = _import(_names(old, addition), addition)
    before, after = list(old), list(new)
    before.insert(last + 1, added)
    after.insert(last + 1, added)
    return before, after


def _add_to_run(
    before: list[AnyStatement], after: list[AnyStatement], at: int, addition: Addition
) -> int:
    """Put the new line into the run of imports around `at`; give the index behind the run."""
    start, end = run_around(before, at)
    run = [line for line in before[start:end] if isinstance(line, cst.SimpleStatementLine)]
    names = {name for line in run for name in _names(line.body, addition)}
    below = before[end] if end < len(before) else None
    is_close = below is not None and blanks_before(below.leading_lines) == 0
    place = _place(run, nested=addition.nested, is_close=is_close)
    asking = next(line for line in run if _names(line.body, addition))
    end_of_line = addition.end_beside(asking)
    if end_of_line is asking.trailing_whitespace and _goes(asking, addition):
        # Its comment lives on behind the new import.
        before[before.index(asking)] = asking.with_changes(
            trailing_whitespace=cst.TrailingWhitespace()
        )
    new = cst.SimpleStatementLine(body=[_import(names, addition)], trailing_whitespace=end_of_line)
    index = start + place.index
    if place.apart:
        new = new.with_changes(leading_lines=_gap(run[: place.index], addition))
    elif place.index < len(run) and not place.last:
        # As the first line of its section it takes over the blank lines before it.
        second = after[index]
        lines = list(second.leading_lines)
        new = new.with_changes(leading_lines=lines[: blanks_before(lines)])
        after[index] = second.with_changes(leading_lines=without_leading_blanks(lines))
    before.insert(index, new)
    after.insert(index, new)
    return end + 1


def run_around(body: Sequence[AnyStatement], at: int) -> tuple[int, int]:
    """The first of the lines of imports around the line `at`, and the one behind the last."""
    start, end = at, at + 1
    while start > 0 and _is_imports(body[start - 1]):
        start -= 1
    while end < len(body) and _is_imports(body[end]):
        end += 1
    return start, end


def _is_imports(line: cst.CSTNode) -> bool:
    return isinstance(line, cst.SimpleStatementLine) and all(
        isinstance(statement, (cst.Import, cst.ImportFrom)) for statement in line.body
    )


def _gap(above: Sequence[cst.SimpleStatementLine], addition: Addition) -> list[cst.EmptyLine]:
    """One blank line, none where all of the section above goes."""
    section = sections_of(above)[-1]
    return [] if all(_goes(line, addition) for line in section) else [BLANK]


def _goes(line: cst.SimpleStatementLine, addition: Addition) -> bool:
    return all(addition.gone(statement) for statement in line.body)


def sections_of(
    run: Sequence[cst.SimpleStatementLine],
) -> list[list[cst.SimpleStatementLine]]:
    """The lines between blank lines."""
    found: list[list[cst.SimpleStatementLine]] = []
    for line in run:
        if not found or any(empty.comment is None for empty in line.leading_lines):
            found.append([])
        found[-1].append(line)
    return found


def _place(run: Sequence[cst.SimpleStatementLine], *, nested: bool, is_close: bool) -> _Place:
    sections = sections_of(run)
    start = 0
    for section in sections:
        if any(kind_of(line) is Kind.OTHER for line in section):
            index = max(start + _index_among(section), 1)
            labelled = any(empty.comment for empty in section[0].leading_lines)
            last = index == start + len(section)
            return _Place(index, apart=index == start and labelled, last=last)
        start += len(section)
    return _own_place(run, sections, nested=nested, is_close=is_close)


def _own_place(
    run: Sequence[cst.SimpleStatementLine],
    sections: Sequence[Sequence[cst.SimpleStatementLine]],
    *,
    nested: bool,
    is_close: bool,
) -> _Place:
    """Behind the last line of the standard library."""
    index = 1 + max(
        (at for at, line in enumerate(run) if kind_of(line) <= Kind.STANDARD), default=len(run) - 1
    )
    is_compact = (len(run) == 1 and (nested or is_close)) or (len(sections) == 1 and is_close)
    start = 0
    for section in sections:
        if start < index < start + len(section):
            is_compact = True  # a block without sections gets none
        start += len(section)
    return _Place(index, apart=not is_compact)


def _index_among(section: Sequence[cst.SimpleStatementLine]) -> int:
    """Where in a section with other absolute imports the new one belongs."""
    kinds = [kind_of(line) for line in section]
    if kinds != sorted(kinds):
        return len(section)
    first = kinds.index(Kind.OTHER)
    members = section[first : first + kinds.count(Kind.OTHER)]
    names = [module_of(line) for line in members]
    is_from = [isinstance(line.body[0], cst.ImportFrom) for line in members]
    before = sum(name <= MODULE for name in names)
    if is_from != sorted(is_from):  # plain and `from` imports in one order
        return first + (before if names == sorted(names) else len(members))
    plain = is_from.count(False)
    froms = names[plain:]
    if froms != sorted(froms):
        return first + len(members)
    return first + plain + sum(name <= MODULE for name in froms)


def kind_of(line: cst.SimpleStatementLine) -> Kind:
    """The section that an import belongs to."""
    statement = line.body[0]
    if isinstance(statement, cst.ImportFrom) and statement.relative:
        return Kind.RELATIVE
    top = module_of(line).partition(".")[0]
    if top == "__future__":
        return Kind.FUTURE
    return Kind.STANDARD if top in _STANDARD else Kind.OTHER


def module_of(line: cst.SimpleStatementLine) -> str:
    """The imported module's name, in lower case."""
    match line.body[0]:
        case cst.Import(names=[first, *_]):
            return first.evaluated_name.lower()
        case cst.ImportFrom(module=cst.Attribute() | cst.Name() as module):
            return cst.Module([]).code_for_node(module).lower()
    return ""


_STANDARD = frozenset(name.lower() for name in sys.stdlib_module_names)
