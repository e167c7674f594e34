"""JUnit XML: a test case for each check; nothing that is not equal passes."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from loadstream.verify.model import Report, Verdict
from loadstream.verify.report_junit import render


@pytest.fixture(scope="module")
def report() -> Report:
    helper = runpy.run_path(str(Path(__file__).with_name("sample_report.py")))
    made: Report = helper["sample_report"]()
    return made


def test_each_check_is_a_case_and_only_equal_ones_pass(report: Report) -> None:
    suite = ElementTree.fromstring(render(report)).find("testsuite")
    assert suite is not None
    cases = suite.findall("testcase")
    assert len(cases) == len(report.checks) == int(suite.attrib["tests"])
    for case, check in zip(cases, report.checks, strict=True):
        kinds = {child.tag for child in case} & {"failure", "error"}
        if check.verdict is Verdict.DIFFERENT:
            assert kinds == {"failure"}
        elif check.verdict is not Verdict.EQUAL:
            assert kinds == {"error"}
        else:
            assert kinds == ({"failure"} if check.over_budget else set())
    bad = len(suite.findall("*/failure")), len(suite.findall("*/error"))
    assert bad == (int(suite.attrib["failures"]), int(suite.attrib["errors"]))
    assert all(bad)


def test_a_difference_is_told_with_its_input_and_replay(report: Report) -> None:
    check = next(one for one in report.checks if one.counterexample)
    text = render(replace(report, checks=(check,)))
    assert check.counterexample is not None
    failure = ElementTree.fromstring(text).find(".//failure")
    assert failure is not None
    assert failure.text is not None
    assert check.counterexample.replay in failure.text
    assert check.counterexample.differences[0].place in failure.text


def test_what_xml_cannot_hold_is_written_as_python_would(report: Report) -> None:
    check = replace(report.checks[0], explanation="a\x00b\ud800c <&>", verdict=Verdict.ERROR)
    error = ElementTree.fromstring(render(replace(report, checks=(check,)))).find(".//error")
    assert error is not None
    assert error.attrib["message"] == "a\\x00b\\ud800c <&>"
