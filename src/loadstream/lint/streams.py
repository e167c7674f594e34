"""What streams already: the calls that no finding is about, for the statistics."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterable
from pathlib import Path

from loadstream.analysis.calls import find_loads
from loadstream.analysis.loads import Kind
from loadstream.analysis.notebooks import source_of
from loadstream.analysis.repository import Repository
from loadstream.analysis.source import SourceError, failures_of_one_file

_STREAMERS = frozenset({"stream_json", "stream_items", "stream_values", "stream_lines"})


def count_streams(files: Iterable[tuple[bytes, Path]], repository: Repository) -> int:
    """How many calls of streamers there are in `files`, of the runtime's own too.

    Files that cannot be parsed have none.
    """
    total = 0
    for data, path in files:
        with contextlib.suppress(SourceError):
            source = source_of(data, path.absolute())
            with failures_of_one_file():
                loads = find_loads(repository.module_of(source), repository)
                total += sum(load.kind is not Kind.LOADED for load in loads)
                total += _runtime_calls(source.tree)
    return total


def _runtime_calls(tree: ast.Module) -> int:
    """How many calls in a module are of a function that it imports from loadstream."""
    nodes = list(ast.walk(tree))
    names = {
        alias.asname or alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module == "loadstream" and not node.level
        for alias in node.names
        if alias.name in _STREAMERS
    }
    called = [node.func for node in nodes if isinstance(node, ast.Call)]
    plain = sum(isinstance(func, ast.Name) and func.id in names for func in called)
    return plain + sum(
        isinstance(func, ast.Attribute)
        and func.attr in _STREAMERS
        and isinstance(func.value, ast.Name)
        and func.value.id == "loadstream"
        for func in called
    )
