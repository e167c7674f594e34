"""The report as one HTML file that opens offline."""

from __future__ import annotations

from loadstream.verify.model import Report


def render(report: Report) -> str:
    """The whole report as one self-contained page: no network, no external fonts or scripts."""
    raise NotImplementedError
