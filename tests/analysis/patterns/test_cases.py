"""Every case that stands in a pattern's file: is it planned, or kept for that reason?"""

from __future__ import annotations

import itertools

import pytest

from loadstream.analysis.cases import Keep, Report, Rewrite
from loadstream.analysis.patterns import PATTERNS
from loadstream.analysis.plans import ReportOnly, Safety

ALL = [
    pytest.param(pattern, case, id=f"{pattern.CODE}-{number}")
    for pattern in PATTERNS
    for number, case in enumerate(pattern.CASES)
]
PRELUDE = "import json\nfrom data import load_x, stream_x\n"


@pytest.mark.parametrize(("pattern", "case"), ALL)
def test_each_case_is_judged_as_it_says(pattern, case, analyse, refusals):
    text = case.before if isinstance(case, Rewrite) else case.source
    sites = analyse(text, prelude=PRELUDE)
    plans = [site.plan for site in sites if site.plan is not None]
    if isinstance(case, Rewrite):
        assert [plan.code for plan in plans] == [pattern.CODE]
        assert plans[0].safety is (Safety.UNSAFE if case.unsafe else Safety.SAFE)
    elif isinstance(case, Report):
        assert [(plan.code, type(plan.shape)) for plan in plans] == [(pattern.CODE, ReportOnly)]
    else:
        assert isinstance(case, Keep)
        assert pattern.CODE not in [plan.code for plan in plans]
        if case.reason:
            assert case.reason in refusals(pattern, case.source)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.CODE)
def test_each_pattern_has_a_page_and_cases_of_both_kinds(pattern):
    lines = pattern.__doc__.splitlines()
    assert lines[0].startswith(f"{pattern.CODE} {pattern.NAME}: ")
    for heading in ("What it does", "Why", "Before", "After", "Safety"):
        assert heading in lines
    kinds = {type(case) for case in pattern.CASES}
    assert Keep in kinds
    assert kinds & {Rewrite, Report}


def test_the_codes_and_names_are_distinct():
    for one, other in itertools.combinations(PATTERNS, 2):
        assert one.CODE != other.CODE
        assert one.NAME != other.NAME
