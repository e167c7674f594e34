"""SARIF 2.1.0, which code scanning services and editors read."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from loadstream import __version__
from loadstream.analysis.reasons import Reason
from loadstream.lint.catalogue import Rule, rules
from loadstream.lint.codes import KEPT, UNREADABLE
from loadstream.lint.findings import Finding
from loadstream.lint.fingerprints import numbered
from loadstream.lint.fixes import Edit, place_of
from loadstream.lint.report import Report

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {UNREADABLE: "error", KEPT: "note"}
_HERE = "%SRCROOT%"
_FINGERPRINT = "loadstream/v1"


def render(report: Report) -> str:
    """The log of one run, with the rules that its results refer to."""
    findings = report.findings
    used = [rule for rule in rules() if any(finding.code == rule.code for finding in findings)]
    numbers = {rule.code: number for number, rule in enumerate(used)}
    driver = {
        "name": "loadstream",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in used],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True}],
        "originalUriBaseIds": {_HERE: {"uri": f"{Path.cwd().as_uri().rstrip('/')}/"}},
        "columnKind": "unicodeCodePoints",
        "results": [
            {
                "ruleId": finding.code,
                "ruleIndex": numbers[finding.code],
                **_result(finding),
                "partialFingerprints": {_FINGERPRINT: f"{digits}:{occurrence}"},
                **_fixes(finding, report.fixes.get(place_of(finding), ())),
            }
            for finding, digits, occurrence in numbered(findings, report.texts)
        ],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "help": {"text": rule.page},
        "defaultConfiguration": {"level": _level(rule.code)},
    }


def _result(finding: Finding) -> dict[str, object]:
    region = {
        "startLine": finding.line,
        "startColumn": finding.column,
        "endLine": finding.end_line,
        "endColumn": finding.end_column,
    }
    file = {"artifactLocation": _location(finding.path)}
    location: dict[str, object] = {"physicalLocation": {**file, "region": region}}
    message = finding.message
    if finding.cell is not None:  # lines of a cell are none of the file
        cell = f"cell {finding.cell}"
        location = {"physicalLocation": file, "logicalLocations": [{"name": cell}]}
        message = f"{cell}, line {finding.line}: {message}"
    asked_for = finding.code == KEPT and Reason.SUPPRESSED.value in finding.reasons
    return {
        "level": _level(finding.code),
        "message": {"text": message},
        "locations": [location],
        "suppressions": [{"kind": "inSource"}] if asked_for else [],
        "properties": {"fix": finding.fix, "reasons": list(finding.reasons)},
    }


def _level(code: str) -> str:
    return _LEVELS.get(code, "warning")


def _location(path: str) -> dict[str, object]:
    """A file as a URL: from the working folder, or by itself where it lies elsewhere."""
    if Path(path).is_absolute() or path.startswith("../"):
        return {"uri": Path(os.path.abspath(path)).as_uri()}  # noqa: PTH100 (links stay)
    return {"uri": quote(os.fsencode(path)), "uriBaseId": _HERE}


def _fixes(finding: Finding, edits: Sequence[Edit]) -> dict[str, object]:
    """The fix of a finding, where it is safe and its places are places of the file."""
    if finding.fix != "safe" or finding.cell is not None or not edits:
        return {}
    change = {
        "artifactLocation": _location(finding.path),
        "replacements": [_replacement(edit) for edit in edits],
    }
    return {"fixes": [{"description": {"text": finding.message}, "artifactChanges": [change]}]}


def _replacement(edit: Edit) -> dict[str, object]:
    return {
        "deletedRegion": {
            "startLine": edit.line,
            "startColumn": edit.column,
            "endLine": edit.end_line,
            "endColumn": edit.end_column,
        },
        "insertedContent": {"text": edit.text},
    }
