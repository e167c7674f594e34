import pytest

from loadstream.cli.verify_output import render, status
from loadstream.verify.model import (
    CaseClass,
    CheckResult,
    Counterexample,
    Difference,
    Growth,
    GrowthFit,
    GrowthPoint,
    GrowthSide,
    Measurements,
    Report,
    Sample,
    SiteChange,
    Verdict,
)


def measured(peak: int, seconds: float = 0.5) -> Measurements:
    return Measurements((Sample(peak + 10 * 2**20, 10 * 2**20, seconds),), None, "VmHWM")


def check(verdict: Verdict = Verdict.EQUAL, **fields) -> CheckResult:
    given = {
        "name": "a.py",
        "verdict": verdict,
        "explanation": "they agree",
        "files": ("a.py",),
        "cases": (CaseClass("real", 1), CaseClass("boundary", 3)),
        "counterexample": None,
        "old": measured(20 * 2**20),
        "new": measured(2 * 2**20),
    }
    return CheckResult(**{**given, **fields})


def report(*checks: CheckResult, **fields) -> Report:
    return Report("HEAD (abc)", checks, **fields)


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ((Verdict.EQUAL, Verdict.EQUAL), 0),
        ((Verdict.EQUAL, Verdict.DIFFERENT), 1),
        ((Verdict.ERROR, Verdict.DIFFERENT), 1),
        ((Verdict.EQUAL, Verdict.INCONCLUSIVE), 2),
        ((Verdict.EQUAL, Verdict.NOT_COMPARABLE), 2),
        ((Verdict.ERROR,), 2),
        ((), 2),
    ],
)
def test_the_exit_status_is_that_of_the_worst_check(verdicts, expected):
    assert status(report(*(check(verdict) for verdict in verdicts))) == expected


def test_the_ratio_of_two_times_that_are_next_to_nothing_is_not_told():
    quick = check(old=measured(2**20, 0.0001), new=measured(2**20, 0.006))
    assert "both < 20 ms" in render(report(quick))
    assert "60" not in render(report(quick))
    slower = check(old=measured(2**20, 0.0001), new=measured(2**20, 0.06))
    assert "600×" in render(report(slower))


def test_a_memory_budget_that_was_exceeded_fails_what_is_equal():
    over = check(over_budget=("peak memory is 0.9x of old",))
    assert status(report(over)) == 1
    assert "over budget: peak memory is 0.9x of old" in render(report(over))


def test_a_check_is_a_row_with_its_cases_by_class_and_its_sites():
    site = SiteChange("a.py", 12, "LS101", "filter-collect", "")
    elsewhere = SiteChange("b.py", 3, "LS104", "single-pass", "")
    lines = render(report(check(sites=(site, elsewhere), raised=1))).splitlines()
    assert lines[0] == "HEAD (abc) → working tree"
    assert lines[3].split() == [
        "a.py",
        "equal",
        "4",
        "20.0",
        "MB",
        "→",
        "2.0",
        "MB",
        "(0.10×)",
        "1.00×",
    ]
    assert lines[4] == "  real 1, boundary 3; 1 raised alike; LS101 at line 12, LS104 at b.py:3"


def test_what_was_not_measured_is_a_dash():
    assert "–" in render(report(check(old=None, new=None)))


def test_a_difference_is_shown_with_input_values_and_replay():
    found = Counterexample(
        "boundary",
        ("rows.json",),
        tuple(Difference(f"stdout line {n}", f"'{n}'", "no such line") for n in range(1, 8)),
        "loadstream verify --replay x.json",
        "rows.json: [" + "1, " * 400,
    )
    text = render(
        report(check(Verdict.DIFFERENT, explanation="stdout differs", counterexample=found))
    )
    assert "a.py: different: stdout differs" in text
    assert "  input (boundary) in rows.json:" in text
    assert "  stdout line 1\n    old: '1'\n    new: no such line\n" in text
    assert "… and 2 more differences" in text
    assert "  replay: loadstream verify --replay x.json" in text
    assert max(map(len, text.splitlines())) < 420


def test_notes_and_the_self_test_are_told():
    text = render(report(check(), notes=("b.py needs arguments",), self_test="recognised"))
    assert "b.py needs arguments" in text
    assert text.endswith("Self-test: recognised\n")


def test_no_check_at_all_is_said():
    assert "Nothing was checked" in render(report())


def test_a_budget_that_was_not_measured_is_said_and_exits_with_2():
    one = report(check(budget_unmeasured="the memory budget of 0.5x was not measured: no runs"))
    assert status(one) == 2
    text = render(one)
    assert "the memory budget of 0.5x was not measured: no runs" in text
    assert "1 with a budget that was not measured" in text
    assert status(report(check(), check(over_budget=("too much",), budget_unmeasured="x"))) == 1


def test_advice_is_printed_for_what_is_equal_too():
    text = render(report(check(advice=("noise: old against old is 1.10×",))))
    assert "noise: old against old is 1.10×" in text


def test_growth_is_told_by_size_and_by_record_with_what_was_skipped():
    def point(scale: int, megabytes: float) -> GrowthPoint:
        sample = Sample(10 * 2**20 + int(megabytes * 2**20), 10 * 2**20, 0.5)
        return GrowthPoint(scale, 100 * scale, 1000 * scale, (sample,))

    over = GrowthPoint(100, 10_000, 100_000, (), "it is expected to need 2.0 GB")
    flat = GrowthSide((point(1, 1), point(5, 1), point(100, 1)), GrowthFit(-0.2, 1e6, 0, 0))
    old = GrowthSide((point(1, 20), point(5, 100), over), GrowthFit(209_715.2, 0, 0, 0))
    text = render(report(check(growth=Growth(old, flat, ("d.json",), 2**30, ("c.json is not",)))))
    assert "old grows: 1x 20.0 MB, 5x 100.0 MB; 209,715 bytes a record" in text
    assert "100x was skipped: it is expected to need 2.0 GB" in text
    assert "new grows: 1x 1.0 MB, 5x 1.0 MB, 100x 1.0 MB; ≈ 0 bytes a record" in text
    assert "c.json is not" in text
