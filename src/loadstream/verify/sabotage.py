"""Small faults put into working code, to show that the comparison would notice them.

Before a batch the old side is compared with a sabotaged copy of itself: a checker that calls
these equal cannot be believed about anything else.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from loadstream.verify.checks import Call, Target


@dataclass(frozen=True, slots=True)
class Mutant:
    """One file with one fault: what was done, in words, and the text of the whole file."""

    path: str
    label: str
    source: str


_FLIPPED: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Gt: (">", "<="),
    ast.GtE: (">=", "<"),
    ast.Lt: ("<", ">="),
    ast.LtE: ("<=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
}


def flipped_comparisons(path: str, source: str) -> Iterator[Mutant]:
    """One mutant for each comparison of the file, main guards excepted."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    lines = source.encode("utf-8").splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    data = b"".join(lines)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare) or len(node.ops) != 1:
            continue
        if isinstance(node.left, ast.Name) and node.left.id == "__name__":
            continue
        flip = _FLIPPED.get(type(node.ops[0]))
        left, right = node.left, node.comparators[0]
        if flip is None or left.end_lineno is None or left.end_col_offset is None:
            continue
        begin = starts[left.end_lineno - 1] + left.end_col_offset
        end = starts[right.lineno - 1] + right.col_offset
        between = data[begin:end]
        was, becomes = (text.encode() for text in flip)
        if between.count(was) == 1:
            changed = data[:begin] + between.replace(was, becomes) + data[end:]
            label = f"{flip[0]} turned into {flip[1]} at {path}:{node.lineno}"
            yield Mutant(path, label, changed.decode("utf-8"))


def dropped_elements(path: str, source: str) -> Iterator[Mutant]:
    """One mutant for each `return`ed or assigned load: the last element of its list is lost."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    lines = source.splitlines(keepends=True)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or node.end_lineno != node.lineno:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = node.func.id if isinstance(node.func, ast.Name) else name
        if not name.startswith(("load", "read_json")) or node.end_col_offset is None:
            continue
        line = lines[node.lineno - 1]
        encoded = line.encode("utf-8")
        call = encoded[node.col_offset : node.end_col_offset].decode("utf-8")
        shorter = f"(lambda v: v[:-1] if isinstance(v, list) else v)({call})"
        changed = (
            encoded[: node.col_offset].decode("utf-8")
            + shorter
            + encoded[node.end_col_offset :].decode("utf-8")
        )
        text = "".join([*lines[: node.lineno - 1], changed, *lines[node.lineno :]])
        yield Mutant(path, f"the last element dropped at {path}:{node.lineno}", text)


def plain_fault(path: str, source: str, target: Target) -> Mutant:
    """A fault that no data can hide and that is always reached: a line of output more."""
    if isinstance(target, Call):
        name = target.function.split(".")[0]
        head = f"\n_kept = {name}\ndef {name}(*a, **k):\n"
        fault = f"{head}    print('sabotage')\n    return _kept(*a, **k)\n"
        return Mutant(path, f"one more line printed by {name}", source + fault)
    lines = source.splitlines(keepends=True)
    at = _behind_head(source)
    text = "".join([*lines[:at], "print('sabotage')\n", *lines[at:]])
    return Mutant(path, f"one more line printed at the start of {path}", text)


def _behind_head(source: str) -> int:
    """The number of lines that must stay first: the docstring and imports from `__future__`."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return 0
    at = 0
    for index, statement in enumerate(body):
        is_docstring = (
            index == 0 and ast.get_docstring(ast.Module(body, []), clean=False) is not None
        )
        is_future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if not is_docstring and not is_future:
            break
        at = statement.end_lineno or at
    return at
