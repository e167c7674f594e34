"""Docstrings that a rewrite leaves behind: they still say that everything is loaded.

Prose is for people to change. What is found here is pointed at, never edited.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from typing import NamedTuple

from loadstream.analysis.source import SourceFile
from loadstream.analysis.spans import Span
from loadstream.analysis.trees import walk

_LOADING = re.compile(r"\b(?:load(?:s|ed|ing)?|in(?:to)? memory|list of all)\b", re.IGNORECASE)


class StaleDocstring(NamedTuple):
    """A docstring around a rewritten place. `owner` is the function's or class's name."""

    line: int
    owner: str


def stale_docstrings(source: SourceFile, rewritten: Iterable[Span]) -> tuple[StaleDocstring, ...]:
    """The docstrings of `source` around the places in `rewritten` that speak of loading."""
    spans = tuple(rewritten)
    found = []
    for node in walk(source.tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        text = ast.get_docstring(node, clean=False)
        inside = any(source.lines.span(node).encloses(span) for span in spans)
        if text is not None and inside and _LOADING.search(text):
            found.append(StaleDocstring(node.body[0].lineno, node.name))
    return tuple(sorted(found, key=lambda docstring: docstring.line))
