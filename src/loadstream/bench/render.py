"""The benchmark as a table for the terminal."""

from __future__ import annotations

from loadstream.bench.model import BenchResults


def render_text(results: BenchResults) -> str:
    """Both tables (approaches, and growth with size) as plain text, 100 columns at most."""
    raise NotImplementedError
