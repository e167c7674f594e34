"""The names that the plans of one file bring in: none that could be taken for another."""

from __future__ import annotations

from functools import cached_property

from loadstream.analysis.modules import Module
from loadstream.analysis.scopes import FUNCTIONS
from loadstream.analysis.spans import Span


class Taken:
    """The names that a file knows, and those that its plans bring in."""

    def __init__(self, module: Module) -> None:
        self._known = {r.name for scope in module.scopes.module.walk() for r in scope.references}
        self._lines = module.source.lines
        self._nodes = [
            scope.node for scope in module.scopes.module.walk() if isinstance(scope.node, FUNCTIONS)
        ]
        self._predicates: dict[Span | None, set[str]] = {}

    def fresh(self, wish: str, before: Span | None = None) -> str:
        """`wish`, or `wish_2`, …, which is then taken: for a predicate in its function only."""
        if before is None:
            others = self._known.union(*self._predicates.values())
            mine = self._known
        else:
            mine = self._predicates.setdefault(self._function(before), set())
            others = self._known | mine
        name, number = wish, 2
        while name in others:
            name, number = f"{wish}_{number}", number + 1
        mine.add(name)
        return name

    @cached_property
    def _functions(self) -> list[Span]:
        return [self._lines.span(node) for node in self._nodes]

    def _function(self, place: Span) -> Span | None:
        """The innermost function around `place`, None at the top of the file."""
        around = [span for span in self._functions if span.encloses(place)]
        return max(around, key=lambda span: span.start, default=None)
