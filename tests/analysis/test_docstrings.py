"""Docstrings around rewritten places that still speak of loading."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadstream.analysis.docstrings import StaleDocstring, stale_docstrings
from loadstream.analysis.source import parse
from loadstream.analysis.spans import Position, Span

TEXT = '''\
def report():
    """{docstring}"""
    return sum(load_x())


def other():
    """Loads the lot."""
'''
CALL = Span(Position(3, 15), Position(3, 23))


@pytest.mark.parametrize(
    "docstring", ["Loads all rows.", "Sum what was loaded", "Read into memory."]
)
def test_a_docstring_that_speaks_of_loading_is_pointed_at(docstring):
    source = parse(TEXT.format(docstring=docstring), Path("x.py"))
    assert stale_docstrings(source, [CALL]) == (StaleDocstring(2, "report"),)


@pytest.mark.parametrize("docstring", ["The sum of all rows.", "What was downloaded."])
def test_other_docstrings_are_left_alone(docstring):
    source = parse(TEXT.format(docstring=docstring), Path("x.py"))
    assert stale_docstrings(source, [CALL]) == ()


def test_without_a_rewritten_place_nothing_is_pointed_at():
    assert stale_docstrings(parse(TEXT, Path("x.py")), []) == ()
