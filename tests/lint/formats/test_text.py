from loadstream.lint.findings import LintResult
from loadstream.lint.formats import text


def test_a_line_has_place_code_mark_and_message(finding):
    assert text.line(finding()) == "a.py:3:5: LS101 [*] `load_rows()` is loaded whole"
    assert text.line(finding(fix="unsafe")).startswith("a.py:3:5: LS101 [unsafe] ")
    assert text.line(finding(fix=None)).startswith("a.py:3:5: LS101 `load")


def test_the_summary_counts_every_sort_and_names_the_reasons(result):
    assert text.render(result, ()).splitlines() == [
        "1 file could not be read (LS000).",
        "Found 5 sites in 7 files: 1 fixable (loadstream rewrite), "
        "1 unsafe (loadstream rewrite --unsafe), 1 to mend by hand, "
        "2 kept (loadstream lint --show-kept).",
        "Kept for: multi-pass 2, escapes 1.",
    ]


def test_nothing_found_is_said_too():
    assert text.render(LintResult(1, ()), ()) == "No load sites in 1 file.\n"


def test_statistics_count_codes_and_reasons(result):
    lines = text.statistics(result).splitlines()
    assert "2  LS300  kept-load" in lines
    assert "1  LS101  filter-collect" in lines
    assert "2  kept for  multi-pass" in lines
    assert "1  kept for  escapes" in lines
    assert lines[-1].startswith("Kept for:")


def test_statistics_of_nothing_are_the_summary():
    assert text.statistics(LintResult(0, ())) == "No load sites in 0 files.\n"
