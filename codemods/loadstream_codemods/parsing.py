"""From a text to a LibCST module that gives this text back."""

from __future__ import annotations

import re

import libcst as cst

from loadstream_codemods.errors import CannotApplyError, UnreadableError
from loadstream_codemods.nesting import check_depth

_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n|\Z)")


def parsed(text: str) -> tuple[cst.Module, str]:
    """The module of `text`, and the blank lines and comments at its end that it leaves out.

    LibCST drops a blank line at the end of a file if one with spaces comes after it, and a last
    line feed that is a lone carriage return, so such an end stays outside. Raises UnreadableError
    where LibCST cannot read what `ast` can.
    """
    check_depth(text)
    for head in (text, _without_end(text)):
        module, code = _module(head)
        if head == code or (head.startswith(code) and not head[len(code) :].strip()):
            return module, text[len(code) :]
    raise UnreadableError("LibCST does not give this file back as it is")


def with_newline(text: str, newline: str) -> str:
    """`text` with `newline` at the end of each line: those of a plan's text are line feeds."""
    return re.sub(r"\r\n?|\n", lambda _: newline, text)


def expression_of(text: str, newline: str) -> cst.BaseExpression:
    """The expression that `text` is, for a module whose lines end with `newline`.

    Raises CannotApplyError.
    """
    config = cst.PartialParserConfig(default_newline=newline)
    try:
        return cst.parse_expression(with_newline(text, newline), config)
    except cst.ParserSyntaxError as error:
        raise CannotApplyError(f"{text!r} is no expression") from error


def _without_end(text: str) -> str:
    lines = _LINE.findall(text)
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return "".join(lines)


def _module(text: str) -> tuple[cst.Module, str]:
    try:
        module = cst.parse_module(text)
        return module, module.code
    except cst.ParserSyntaxError as error:
        cause = f"LibCST cannot parse this file: {error.message}"
        raise UnreadableError(cause, error.editor_line, error.editor_column) from error
    except (cst.CSTValidationError, TypeError) as error:  # TypeError for `if(lambda: x)():`
        raise UnreadableError(f"LibCST cannot parse this file: {error}") from error
