"""Writes a verification's report files: `report.json`, `report.md`, `report.html`."""

from __future__ import annotations

from pathlib import Path

from loadstream.verify.model import Report


def to_json(report: Report) -> dict[str, object]:
    """The report as plain JSON values: everything that is in it, every raw sample included."""
    raise NotImplementedError


def write_report(report: Report, directory: Path) -> tuple[Path, ...]:
    """Write all three forms into `directory` (made if missing); return the paths written."""
    raise NotImplementedError
