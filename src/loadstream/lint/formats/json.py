"""The format for programs: one JSON document, whose keys are relied on."""

from __future__ import annotations

import json

from loadstream.lint import statistics
from loadstream.lint.findings import to_json
from loadstream.lint.report import Report


def render(report: Report) -> str:
    """The document as text; with `statistics` where they were asked for."""
    document = to_json(report.result.files, report.findings)
    if report.statistics is not None:
        document["statistics"] = statistics.to_json(report.statistics)
    return json.dumps(document, indent=2) + "\n"
