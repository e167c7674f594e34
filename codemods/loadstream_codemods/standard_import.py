"""Where an import of the warnings module comes in a run of imports: as in the file's own order.

    import json                           import json
    import sys                            import sys
                                          import warnings
    import numpy
                                          import numpy

It stays in the section of the import beside which it was asked for. Blank lines and comments stay
where they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import libcst as cst

from loadstream_codemods.import_runs import Kind, kind_of, module_of, run_around, sections_of
from loadstream_codemods.imports import end_beside
from loadstream_codemods.statements import AnyStatement
from loadstream_codemods.whitespace import blanks_before, without_leading_blanks


def with_standard_import(
    module: cst.Module, beside: cst.SimpleStatementLine, text: str
) -> cst.Module:
    """`module` with the import `text` in the section of `beside`, a line of its body."""
    new = cst.parse_statement(text, module.config_for_parsing)
    assert isinstance(new, cst.SimpleStatementLine)
    new = new.with_changes(trailing_whitespace=end_beside(beside))
    body = cast("list[AnyStatement]", list(module.body))
    at = next(index for index, line in enumerate(body) if line is beside)
    start, end = run_around(body, at)
    if start <= at < end:
        run = [line for line in body[start:end] if isinstance(line, cst.SimpleStatementLine)]
        for section in sections_of(run):
            if any(line is beside for line in section):
                index = start + _place(new, section)
                break
            start += len(section)
    else:
        index = at + 1  # the line holds something else, too
    if index == start < end and start:
        # As the first line of its section it takes over the blank lines before it.
        lines = list(body[index].leading_lines)
        new = new.with_changes(leading_lines=lines[: blanks_before(lines)])
        body[index] = body[index].with_changes(leading_lines=without_leading_blanks(lines))
    body.insert(index, new)
    return module.with_changes(body=body)


def _place(new: cst.SimpleStatementLine, section: Sequence[cst.SimpleStatementLine]) -> int:
    """In front of which line of the section the new one belongs."""
    standard = [line for line in section if kind_of(line) is Kind.STANDARD]
    if not standard:
        return len(section)
    behind_all = section.index(standard[-1]) + 1
    is_from = [_is_from(line) for line in standard]
    if is_from == sorted(is_from):  # plain imports come first
        standard = [line for line in standard if _is_from(line) == _is_from(new)]
        if not standard:
            is_labelled = any(line.comment for line in section[0].leading_lines)
            return behind_all if _is_from(new) or is_labelled else _first(section)
    names = [module_of(line) for line in standard]
    before = sum(name <= module_of(new) for name in names)
    if names != sorted(names):
        before = len(names)
    if before:
        return section.index(standard[before - 1]) + 1
    is_labelled = any(line.comment for line in standard[0].leading_lines)
    return section.index(standard[0]) + is_labelled


def _first(section: Sequence[cst.SimpleStatementLine]) -> int:
    """The first line behind imports from the future."""
    return next(i for i, line in enumerate(section) if kind_of(line) is not Kind.FUTURE)


def _is_from(line: cst.SimpleStatementLine) -> bool:
    return isinstance(line.body[0], cst.ImportFrom)
