"""SARIF 2.1.0, which code scanning services and editors read."""

from __future__ import annotations

import json
from urllib.parse import quote

from loadstream import __version__
from loadstream.lint.catalogue import rules
from loadstream.lint.codes import KEPT, UNREADABLE
from loadstream.lint.findings import Finding, LintResult

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {UNREADABLE: "error", KEPT: "note"}


def render(_result: LintResult, findings: tuple[Finding, ...]) -> str:
    """The log of one run, with the rules that its results refer to."""
    used = [rule for rule in rules() if any(finding.code == rule.code for finding in findings)]
    numbers = {rule.code: number for number, rule in enumerate(used)}
    driver = {
        "name": "loadstream",
        "version": __version__,
        "rules": [
            {
                "id": rule.code,
                "name": rule.name,
                "shortDescription": {"text": rule.summary},
                "help": {"text": rule.page},
            }
            for rule in used
        ],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result_of(finding, numbers[finding.code]) for finding in findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _result_of(finding: Finding, rule_index: int) -> dict[str, object]:
    region = {
        "startLine": finding.line,
        "startColumn": finding.column,
        "endLine": finding.end_line,
        "endColumn": finding.end_column,
    }
    file = {"artifactLocation": {"uri": quote(finding.path)}}
    location: dict[str, object] = {"physicalLocation": {**file, "region": region}}
    message = finding.message
    if finding.cell is not None:  # lines of a cell are none of the file
        cell = f"cell {finding.cell}"
        location = {"physicalLocation": file, "logicalLocations": [{"name": cell}]}
        message = f"{cell}, line {finding.line}: {message}"
    return {
        "ruleId": finding.code,
        "ruleIndex": rule_index,
        "level": _LEVELS.get(finding.code, "warning"),
        "message": {"text": message},
        "locations": [location],
        "properties": {"fix": finding.fix, "reasons": list(finding.reasons)},
    }
