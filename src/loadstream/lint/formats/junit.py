"""JUnit XML, which CI systems show: a failed test case for each finding.

A file that cannot be read is an error, a kept load a skipped test. Where there is nothing to list
one test passes: an empty suite counts as a broken run in some systems.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from loadstream.lint.codes import KEPT, UNREADABLE
from loadstream.lint.findings import Finding
from loadstream.lint.report import Report

_KINDS = {UNREADABLE: "error", KEPT: "skipped"}
# Characters that XML 1.0 cannot hold, not even as references.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """The findings as one JUnit test suite."""
    kinds = [_kind(finding) for finding in report.findings]
    counts = {
        "tests": str(len(kinds) or 1),
        "failures": str(kinds.count("failure")),
        "errors": str(kinds.count("error")),
        "skipped": str(kinds.count("skipped")),
    }
    whole = ElementTree.Element("testsuites")
    suite = ElementTree.SubElement(whole, "testsuite", {"name": "loadstream lint", **counts})
    for finding in report.findings:
        _case(suite, finding)
    if not report.findings:
        ElementTree.SubElement(suite, "testcase", classname="loadstream.lint", name="no findings")
    ElementTree.indent(whole)
    head = '<?xml version="1.0" encoding="utf-8"?>\n'
    return f"{head}{ElementTree.tostring(whole, 'unicode')}\n"


def _case(suite: ElementTree.Element, finding: Finding) -> None:
    name = f"{finding.code} {finding.rule} at {finding.place.removeprefix(f'{finding.path}:')}"
    case = ElementTree.SubElement(
        suite, "testcase", classname=_text(f"loadstream.{finding.path}"), name=_text(name)
    )
    kind = _kind(finding)
    told = ElementTree.SubElement(case, kind, message=_text(finding.message))
    if kind != "skipped":  # which has no type and no text in the schemas of some systems
        told.set("type", finding.code)
        told.text = _text(f"{finding.place}: {finding.code} {finding.message}")


def _kind(finding: Finding) -> str:
    return _KINDS.get(finding.code, "failure")


def _text(text: str) -> str:
    """`text` as XML can hold it: other characters as Python would write them."""
    return _UNWRITABLE.sub(lambda match: ascii(match.group())[1:-1], text)
