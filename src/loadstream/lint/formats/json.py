"""The format for programs: one JSON document, whose keys are relied on."""

from __future__ import annotations

import json

from loadstream.lint.findings import Finding, LintResult, to_json


def render(result: LintResult, findings: tuple[Finding, ...]) -> str:
    """The document as text."""
    return json.dumps(to_json(result.files, findings), indent=2) + "\n"
