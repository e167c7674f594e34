"""The predicates that the new code hands to streams, so that their answers can be counted.

A comparison in which a filter kept nothing, or rejected nothing, says little. Which functions
are filters is read from the source: what stands at `filter_func=`. The child counts what they
return (child_predicates.py), without touching them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

_PARAMETER = "filter_func"


@dataclass(frozen=True, slots=True)
class Predicate:
    """A filter by the file that it is in, relative to the tree, and the line it begins at."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many elements each filter, named `path:line`, kept and rejected."""

    counts: Mapping[str, tuple[int, int]]

    @property
    def kept(self) -> int:
        """Elements for which a filter was true."""
        return sum(kept for kept, _ in self.counts.values())

    @property
    def rejected(self) -> int:
        """Elements for which a filter was false."""
        return sum(rejected for _, rejected in self.counts.values())

    @property
    def gap(self) -> str:
        """What the filters together never did, in words; empty where they did both or nothing."""
        if not self.counts or (self.kept and self.rejected):
            return ""
        return _one_sided("the filters", self.kept, self.rejected)

    @property
    def one_sided(self) -> tuple[str, ...]:
        """A line for each filter that kept nothing or rejected nothing."""
        return tuple(
            _one_sided(f"the filter at {place}", kept, rejected)
            for place, (kept, rejected) in self.counts.items()
            if not (kept and rejected)
        )


def _one_sided(what: str, kept: int, rejected: int) -> str:
    return f"{what} {'rejected' if kept else 'kept'} none of {kept + rejected} elements"


def total(counts: Iterable[Mapping[str, tuple[int, int]] | None]) -> Coverage:
    """The coverage of several runs together."""
    summed: dict[str, tuple[int, int]] = {}
    for found in counts:
        for place, (kept, rejected) in (found or {}).items():
            before = summed.get(place, (0, 0))
            summed[place] = (before[0] + kept, before[1] + rejected)
    return Coverage(summed)


def find_predicates(trees: Mapping[str, ast.Module]) -> tuple[Predicate, ...]:
    """The filters in the files `trees`: lambdas in place, and functions given by their name."""
    found: dict[Predicate, None] = {}
    defined = {path: _functions(tree) for path, tree in trees.items()}
    everywhere: dict[str, Predicate] = {}
    for path, names in defined.items():
        for name, line in names.items():
            everywhere.setdefault(name, Predicate(path, line))
    for path, tree in trees.items():
        for value in _given(tree):
            if isinstance(value, ast.Lambda):
                found[Predicate(path, value.lineno)] = None
            elif isinstance(value, ast.Name):
                if value.id in defined[path]:
                    found[Predicate(path, defined[path][value.id])] = None
                elif value.id in everywhere:
                    found[everywhere[value.id]] = None
    return tuple(found)


def _given(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg == _PARAMETER:
                    yield keyword.value


def _functions(tree: ast.Module) -> dict[str, int]:
    """The line at which the code of each function begins: that of its first decorator."""
    return {
        node.name: min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    }
