"""Shows that a check of tests can fail: with a fault put into one test it must come out different.

Sabotage of the code under test would say more of the tests than of the checker; so the fault is
in a test that passes, as its first statement.
"""

from __future__ import annotations

import ast
from pathlib import Path

from loadstream.verify.observed import Observed
from loadstream.verify.sabotage import Fault
from loadstream.verify.selection import parse_file

_FAULT = 'raise AssertionError("sabotage")'


def faulty_test(tree: Path, sound: Observed) -> Fault | None:
    """The file of the first test that passed and is a plain function, with a fault in it."""
    if sound.tests is None:
        return None
    for name, (outcome, _) in sound.tests.outcomes.items():
        path, *names = name.partition("[")[0].split("::")
        if outcome != "passed" or not names or not path.endswith(".py"):
            continue
        parsed = parse_file(tree / path)
        if parsed is None:
            continue
        function = _function(parsed[0], names)
        if function is not None:
            return Fault(path, f"a fault in {name}", _with_fault(parsed[1], function))
    return None


def _function(tree: ast.Module, names: list[str]) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    body: list[ast.stmt] = tree.body
    *classes, last = names
    for name in classes:
        found = [node for node in body if isinstance(node, ast.ClassDef) and node.name == name]
        if not found:
            return None
        body = found[-1].body
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    functions = [node for node in body if isinstance(node, kinds) and node.name == last]
    return functions[-1] if functions else None


def _with_fault(source: str, function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    first = function.body[0]
    decorators = getattr(first, "decorator_list", [])
    line = min([first.lineno, *(decorator.lineno for decorator in decorators)])
    # As ast counts them: a line separator within a string ends no line.
    lines = source.replace("\r\n", "\n").split("\n")
    data = lines[line - 1].encode("utf-8")
    head = data[: first.col_offset].decode("utf-8")  # a decorator stands at the same column
    rest = data[first.col_offset :].decode("utf-8")
    if head.strip():
        lines[line - 1] = f"{head}{_FAULT}; {rest}"
    else:
        lines[line - 1] = f"{head}{_FAULT}\n{head}{rest}"
    return "\n".join(lines)
