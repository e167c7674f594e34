"""The smallest program that still diverges: statements go, blocks are opened.

Works on the text, so that what is left is formatted as it was.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable, Iterator

from tests.differential.model import Divergence, Program

_MOST_TRIALS = 400


def shrink(
    found: Divergence, diverges: Callable[[Program], Divergence | None], trials: int = _MOST_TRIALS
) -> Divergence:
    """The smallest divergence of the same kind that can be reached from `found`."""
    left = trials

    def still(program: Program) -> Divergence | None:
        nonlocal left
        left -= 1
        again = diverges(program)
        return again if again is not None and again.kind == found.kind else None

    if found.document is not None:
        alone = still(Program(found.program.text, (found.document,)))
        found = alone or found
    smaller = True
    while smaller and left > 0:
        smaller = False
        for text in _smaller(found.program.text):
            again = still(Program(text, found.program.documents))
            if again is not None:
                found, smaller = again, True
                break
            if left <= 0:
                break
    return found


def _smaller(text: str) -> Iterator[str]:
    """Texts with one statement less, the last and largest first, or with one block opened."""
    lines = text.split("\n")
    tree = ast.parse(text)
    statements = [
        (parent, block)
        for parent in ast.walk(tree)
        for name in ("body", "orelse", "finalbody", "handlers")
        if isinstance(block := getattr(parent, name, None), list)
    ]
    spots = [(node, parent, block) for parent, block in statements for node in block]
    spots.sort(key=lambda spot: (spot[0].lineno - (spot[0].end_lineno or 0), -spot[0].lineno))
    for node, parent, block in spots:
        first, last = _first_line(node) - 1, node.end_lineno
        alone = lines[first][: node.col_offset].strip() == ""
        if not alone:
            continue
        kept = [*lines[:first], *lines[last:]]
        if len(block) == 1 and not isinstance(parent, ast.Module):
            kept.insert(first, " " * node.col_offset + "pass")
        if _is_valid(kept):
            yield "\n".join(kept)
        elif first and _is_valid(without := [*lines[: first - 1], *lines[last:]]):
            yield "\n".join(without)
    for node, _, _ in spots:
        body = getattr(node, "body", None)
        if not body or body[0].lineno == node.lineno:
            continue
        inner = textwrap.dedent("\n".join(lines[_first_line(body[0]) - 1 : body[-1].end_lineno]))
        opened = textwrap.indent(inner, " " * node.col_offset).split("\n")
        kept = [*lines[: _first_line(node) - 1], *opened, *lines[node.end_lineno :]]
        if _is_valid(kept):
            yield "\n".join(kept)


def _first_line(node: ast.AST) -> int:
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(d.lineno for d in decorators)])  # type: ignore[attr-defined]


def _is_valid(lines: list[str]) -> bool:
    try:
        compile("\n".join(lines), "program.py", "exec")
    except SyntaxError:
        return False
    return True
