"""The text format without excerpts: one line for each finding, and the summary."""

from __future__ import annotations

from loadstream.lint.formats.text import line, summary
from loadstream.lint.report import Report


def render(report: Report) -> str:
    """The findings line by line."""
    lines = [line(finding, report.paint) for finding in report.findings]
    return "\n".join([*lines, *summary(report.result, report.known)]) + "\n"
