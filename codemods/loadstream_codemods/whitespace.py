"""The white space that new code is set with: comment lines, blank lines, lines in brackets."""

from __future__ import annotations

import os.path
import re
from collections.abc import Sequence
from typing import TypeVar

import libcst as cst

BLANK = cst.EmptyLine(indent=False)
_HEADING = re.compile(r"([-=#*~_])\1\1")
_CONTINUED = re.compile(r"(\\(?:\r\n?|\n))([ \t]*)")


def comment_line(comment: str) -> cst.EmptyLine:
    """`comment` on a line of its own, indented as the block."""
    return cst.EmptyLine(comment=cst.Comment(comment))


def trailing(comment: str | None) -> cst.TrailingWhitespace:
    """The end of a line, with `comment` behind it if there is one."""
    if comment is None:
        return cst.TrailingWhitespace()
    return cst.TrailingWhitespace(cst.SimpleWhitespace("  "), cst.Comment(comment))


def new_line(indent: str, comments: Sequence[str] = ()) -> cst.ParenthesizedWhitespace:
    """A line break inside brackets; the next line starts `indent` deeper than the block.

    `comments` come on lines of their own before it.
    """
    return cst.ParenthesizedWhitespace(
        empty_lines=[
            cst.EmptyLine(
                indent=True, whitespace=cst.SimpleWhitespace(indent), comment=cst.Comment(comment)
            )
            for comment in comments
        ],
        indent=True,
        last_line=cst.SimpleWhitespace(indent),
    )


def without_leading_blanks(lines: Sequence[cst.EmptyLine]) -> list[cst.EmptyLine]:
    """`lines` from the first comment on."""
    for index, line in enumerate(lines):
        if line.comment is not None:
            return list(lines[index:])
    return []


def blanks_before(lines: Sequence[cst.EmptyLine]) -> int:
    """How many blank lines stand before the first comment."""
    return len(lines) - len(without_leading_blanks(lines))


def divided(
    lines: Sequence[cst.EmptyLine],
) -> tuple[list[cst.EmptyLine], list[cst.EmptyLine]]:
    """The lines above a statement: those that head a section, and the comments on it alone.

    The latter touch it. A comment with a blank line below it speaks of more than one statement, as
    does one that is drawn as a heading: `# --- data ---`.
    """
    own = len(lines)
    while own and (comment := lines[own - 1].comment) and not _HEADING.search(comment.value):
        own -= 1
    return list(lines[:own]), list(lines[own:])


Node = TypeVar("Node", bound=cst.CSTNode)


def continued(node: Node, indent: str, *, deeper: bool) -> Node:
    """`node` with the lines behind a backslash where they belong once its block has moved.

    LibCST moves all other lines with the block, by `indent`, deeper or out.
    """
    found = _Continued(indent, deeper)
    moved = node.visit(found)
    if not found.any:  # the very same nodes, which others may look for
        return node
    assert isinstance(moved, type(node))
    return moved


def code_of(node: cst.CSTNode, module: cst.Module) -> str:
    """The text of `node`, as if its block were not indented; lines end with a line feed."""
    return module.code_for_node(node).replace("\r\n", "\n").replace("\r", "\n")


def shifted(node: cst.BaseExpression, module: cst.Module, indent: str) -> cst.BaseExpression:
    """`node` with its continuation lines moved together so that they start at `indent`.

    A least line that only closes a bracket stands at the margin instead.
    """
    breaks = _Breaks()
    node.visit(breaks)
    if not breaks.margins:
        return node
    common = os.path.commonprefix(breaks.margins)  # noqa: RUF071 (these are no paths)
    least = min(
        code_of(node, module).split("\n")[1:], key=lambda line: len(line) - len(line.lstrip())
    )
    margin = "" if least.lstrip()[:1] in tuple(")]}") else indent
    moved = node.visit(_Shift(common, margin))
    assert isinstance(moved, cst.BaseExpression)
    return moved


class _Continued(cst.CSTTransformer):
    """Moves the lines that a backslash continues."""

    def __init__(self, indent: str, deeper: bool) -> None:
        super().__init__()
        self.any = False
        self._indent = indent
        self._deeper = deeper

    def leave_SimpleWhitespace(  # noqa: N802
        self, _: cst.SimpleWhitespace, updated_node: cst.SimpleWhitespace
    ) -> cst.SimpleWhitespace:
        if "\\" not in updated_node.value:
            return updated_node
        self.any = True
        return cst.SimpleWhitespace(_CONTINUED.sub(self._moved, updated_node.value))

    def _moved(self, line: re.Match[str]) -> str:
        margin = line[2] + self._indent if self._deeper else line[2].removesuffix(self._indent)
        return line[1] + margin


class _Breaks(cst.CSTVisitor):
    """Collects the margins of the continuation lines."""

    def __init__(self) -> None:
        super().__init__()
        self.margins: list[str] = []

    def visit_ParenthesizedWhitespace(  # noqa: N802
        self, node: cst.ParenthesizedWhitespace
    ) -> None:
        self.margins.append(node.last_line.value)
        self.margins += [
            line.whitespace.value for line in node.empty_lines if line.comment is not None
        ]


class _Shift(cst.CSTTransformer):
    """Replaces the common margin of the continuation lines."""

    def __init__(self, old: str, new: str) -> None:
        super().__init__()
        self._old = old
        self._new = new

    def _moved(self, whitespace: cst.SimpleWhitespace) -> cst.SimpleWhitespace:
        return cst.SimpleWhitespace(self._new + whitespace.value.removeprefix(self._old))

    def leave_ParenthesizedWhitespace(  # noqa: N802
        self, _: cst.ParenthesizedWhitespace, updated_node: cst.ParenthesizedWhitespace
    ) -> cst.ParenthesizedWhitespace:
        return updated_node.with_changes(
            indent=True,
            last_line=self._moved(updated_node.last_line),
            empty_lines=[
                line
                if line.comment is None
                else line.with_changes(indent=True, whitespace=self._moved(line.whitespace))
                for line in updated_node.empty_lines
            ],
        )
