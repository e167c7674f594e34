from loadstream.lint.findings import LintResult
from loadstream.lint.statistics import statistics_of


def test_codes_are_sorted_by_their_counts_and_then_by_name(finding, kept):
    found = (kept("escapes"), finding(code="LS104"), finding(), kept("escapes"))
    codes = statistics_of(LintResult(1, found), 0).codes
    assert [(one.code, one.count) for one in codes] == [("LS300", 2), ("LS101", 1), ("LS104", 1)]


def test_reasons_say_why_not_and_what_makes_unsafe(finding, kept):
    found = (finding(fix="unsafe", reasons=("partial-effects",)), kept("escapes", "multi-pass"))
    statistics = statistics_of(LintResult(1, found), 0)
    assert statistics.kept_for == (("escapes", 1), ("multi-pass", 1))
    assert statistics.unsafe_for == (("partial-effects", 1),)


def test_a_loader_without_a_twin_and_a_misused_stream_are_no_loads(finding, kept):
    found = (finding(code="LS108"), finding(code="LS202"), finding(code="LS203", fix=None))
    shares = statistics_of(LintResult(1, found), 2).shares
    assert (shares.streaming, shares.safe, shares.places) == (2, 0, 2)
