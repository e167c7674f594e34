import re

import pytest

from loadstream.lint.findings import LintResult
from loadstream.lint.fixes import Edit
from loadstream.lint.formats import concise, text
from loadstream.lint.paint import coloured
from loadstream.lint.report import Report
from loadstream.lint.statistics import statistics_of


def test_a_line_has_place_code_mark_and_message(finding):
    assert text.line(finding()) == "a.py:3:5: LS101 [*] `load_rows()` is loaded whole"
    assert text.line(finding(fix="unsafe")).startswith("a.py:3:5: LS101 [unsafe] ")
    assert text.line(finding(fix=None)).startswith("a.py:3:5: LS101 `load")


def test_a_finding_is_a_line_that_can_be_parsed_and_all_below_it_is_indented(
    report, finding, source
):
    source("import data\n\nx = load_rows()\n")
    [first, *below, blank, _] = text.render(report(finding())).splitlines()[:-2]
    assert first == text.line(finding())
    assert below
    assert all(line.startswith("  ") for line in below)
    assert blank == ""


def test_a_line_is_one_line_whatever_is_in_the_path_and_the_message(finding):
    line = text.line(finding(path="a\n\x1b[2Jé.py", message="\x07 b\r宽"))
    assert line == r"a\n\x1b[2Jé.py:3:5: LS101 [*] \x07 b\r宽"


def test_a_file_that_is_broken_as_a_whole_has_no_place_to_show(report, finding, source):
    source("x = 1\ny = (\n")
    as_a_whole, at_its_place = (
        text.render(report(finding(code="LS000", line=line, end_line=line, column=column)))
        for line, column in ((1, 1), (2, 5))
    )
    assert "  1 | x = 1" not in as_a_whole
    assert "  2 | y = (" in at_its_place


def test_without_its_source_a_finding_is_its_line(report, finding):
    lines = text.render(report(finding(path="gone.py"))).splitlines()
    assert lines[:2] == [text.line(finding(path="gone.py")), ""]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"fix": "safe"}, None),
        ({"fix": "unsafe", "reasons": ("partial-effects",)}, "partial-effects"),
        ({"fix": None, "code": "LS203"}, "LS203"),
        ({"fix": None, "code": "LS300", "reasons": ("escapes",)}, None),
    ],
)
def test_the_way_on_is_told_where_the_message_does_not_end_with_it(report, finding, fields, told):
    lines = text.render(report(finding(**fields))).splitlines()
    helps = [line for line in lines if line.startswith("  help:")]
    assert helps == ([f"  help: loadstream explain {told}"] if told else [])


def test_a_fix_is_shown_below_its_finding_and_nowhere_else(report, finding, source):
    source("a\nb\nx = load_rows()\n")
    fixes = {("a.py", None, 3, 5, "LS101"): (Edit(None, 3, 5, 3, 14, "stream_rows"),)}
    lines = text.render(report(finding(), finding(line=2, end_line=2), fixes=fixes)).splitlines()
    at = lines.index("  fix:")
    assert lines[at + 1 : at + 5] == [
        "  2 | b",
        "  3 - x = load_rows()",
        "    + x = stream_rows()",
        "  4 |",
    ]
    assert lines.count("  fix:") == 1


def test_a_fix_that_needs_consent_says_so(report, finding, source):
    source("a\nb\nx = load_rows()\n")
    fixes = {("a.py", None, 3, 5, "LS101"): (Edit(None, 3, 5, 3, 14, "stream_rows"),)}
    assert "  fix (with --unsafe):" in text.render(report(finding(fix="unsafe"), fixes=fixes))


def test_colours_add_nothing_but_colours(report, finding, source):
    source("import data\n\nx = load_rows()\n")
    painted = text.render(report(finding(), paint=coloured))
    assert "\x1b[1;31mLS101\x1b[0m" in painted
    assert re.sub(r"\x1b\[[\d;]*m", "", painted) == text.render(report(finding()))


def test_the_summary_counts_every_sort_and_names_the_reasons(result):
    assert text.render(Report(result, ())).splitlines() == [
        "1 file could not be read (LS000).",
        "Found 5 sites in 7 files: 1 fixable (loadstream rewrite), "
        "1 unsafe (loadstream rewrite --unsafe), 1 to mend by hand, "
        "2 kept (loadstream lint --show-kept).",
        "Kept for: multi-pass 2, escapes 1.",
    ]


def test_nothing_found_is_said_too():
    assert text.render(Report(LintResult(1, ()), ())) == "No load sites in 1 file.\n"


def test_what_a_baseline_keeps_out_is_counted():
    said = text.render(Report(LintResult(1, ()), (), known=12))
    assert said == "No load sites in 1 file beside 12 in the baseline.\n"


def test_the_concise_form_is_the_lines_alone(report, finding, source):
    source("import data\n\nx = load_rows()\n")
    lines = concise.render(report(finding(), finding(line=9))).splitlines()
    assert lines[:2] == [text.line(finding()), text.line(finding(line=9))]
    assert lines[2:] == text.render(report(finding())).splitlines()[-3:]


def test_statistics_count_codes_and_reasons_and_how_much_can_move(report, result):
    lines = text.render(report(statistics=statistics_of(result, streaming=4))).splitlines()
    assert "2  LS300  kept-load" in lines
    assert "1  LS101  filter-collect (1 fixable)" in lines
    assert "1  LS104  single-pass (1 unsafe)" in lines
    assert "2  kept for  multi-pass" in lines
    assert "1  kept for  escapes" in lines
    assert "1  unsafe for  partial-effects" in lines
    assert (
        "Of 8 places where data is read: 50% stream already (4), 12% could (1), "
        "12% could, unsafe (1), 25% are kept (2)." in lines
    )
    assert lines[-1].startswith("Kept for:")


def test_statistics_of_nothing_are_the_summary():
    nothing = LintResult(0, ())
    said = text.render(Report(nothing, (), statistics=statistics_of(nothing, 0)))
    assert said == "No load sites in 0 files.\n"
