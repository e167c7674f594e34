"""The report as JUnit XML, which CI systems show: a test case for each check.

`different`, and a budget that was exceeded, are failures; `error` is an error. What could not be
told (`not-comparable`, `inconclusive`) is an error too: a skipped test would look like agreement.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from loadstream.verify.model import CheckResult, Report, Verdict

# Characters that XML 1.0 cannot hold, not even as references.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """The whole report as one JUnit test suite."""
    failures = sum(_is_failure(check) for check in report.checks)
    errors = sum(_is_error(check) for check in report.checks)
    suite = ElementTree.Element(
        "testsuite",
        name="loadstream verify",
        tests=str(len(report.checks)),
        failures=str(failures),
        errors=str(errors),
        skipped="0",
        time=f"{report.seconds:.3f}",
    )
    properties = ElementTree.SubElement(suite, "properties")
    values = {"base": report.base, "head": report.head, "self-test": report.self_test}
    for name, value in {**values, **report.machine}.items():
        ElementTree.SubElement(properties, "property", name=name, value=_text(value))
    for check in report.checks:
        _case(suite, check)
    whole = ElementTree.Element("testsuites")
    whole.append(suite)
    ElementTree.indent(whole)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(whole, "unicode") + "\n"
    )


def _case(suite: ElementTree.Element, check: CheckResult) -> None:
    path, _, function = check.name.partition(":")
    case = ElementTree.SubElement(
        suite, "testcase", classname=_text(f"loadstream.{path}"), name=_text(function or path)
    )
    if _is_failure(check):
        kind = "different" if check.verdict is Verdict.DIFFERENT else "over budget"
        message = check.explanation if kind == "different" else "; ".join(check.over_budget)
        failure = ElementTree.SubElement(case, "failure", type=kind, message=_text(message))
        failure.text = _text(_details(check))
    elif _is_error(check):
        ElementTree.SubElement(
            case, "error", type=check.verdict.value, message=_text(check.explanation)
        )
    lines = [check.explanation, *check.advice]
    ElementTree.SubElement(case, "system-out").text = _text("\n".join(lines))


def _is_failure(check: CheckResult) -> bool:
    return check.verdict is Verdict.DIFFERENT or (
        bool(check.over_budget) and check.verdict is Verdict.EQUAL
    )


def _is_error(check: CheckResult) -> bool:
    return check.verdict is not Verdict.EQUAL and not _is_failure(check)


def _details(check: CheckResult) -> str:
    found = check.counterexample
    if found is None:
        return "\n".join(check.over_budget)
    lines = [f"{one.place}: {one.old} → {one.new}" for one in found.differences]
    return "\n".join([*lines, f"input ({found.case}): {found.preview}", found.replay])


def _text(text: str) -> str:
    """`text` as XML can hold it: other characters as Python would write them."""
    return _UNWRITABLE.sub(lambda match: ascii(match.group())[1:-1], text)
