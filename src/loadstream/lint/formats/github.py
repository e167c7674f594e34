"""Annotations of GitHub Actions: workflow commands that mark the lines of a pull request."""

from __future__ import annotations

from loadstream.lint.codes import KEPT, UNREADABLE
from loadstream.lint.findings import Finding
from loadstream.lint.report import Report

_LEVELS = {UNREADABLE: "error", KEPT: "notice"}


def render(report: Report) -> str:
    """One command a finding."""
    return "".join(f"{_command(finding)}\n" for finding in report.findings)


def _command(finding: Finding) -> str:
    properties = {
        "file": finding.path,
        "line": finding.line,
        "endLine": finding.end_line,
        "col": finding.column,
        "endColumn": finding.end_column,
        "title": f"loadstream ({finding.code})",
    }
    if finding.cell is not None:  # lines of a cell are none of the file
        del properties["line"], properties["endLine"]
    # Columns are understood within one line only.
    if finding.cell is not None or finding.end_line != finding.line:
        del properties["col"], properties["endColumn"]
    listed = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    message = f"{finding.place}: {finding.code} {finding.message}"
    return f"::{_LEVELS.get(finding.code, 'warning')} {listed}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
