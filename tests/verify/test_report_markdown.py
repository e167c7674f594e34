from __future__ import annotations

import dataclasses
import re
import runpy
from pathlib import Path

from loadstream.verify.model import (
    CheckResult,
    Counterexample,
    Difference,
    Report,
    SiteChange,
    Verdict,
)
from loadstream.verify.report_markdown import render

HELPER = runpy.run_path(str(Path(__file__).with_name("sample_report.py")))
REPORT: Report = HELPER["sample_report"]()


def different(**changes) -> CheckResult:
    found = Counterexample("one", (), (Difference("result", "1 (int)", "2 (int)"),), "replay me")
    check = CheckResult("a.py", Verdict.DIFFERENT, "differs", (), (), found, None, None)
    return dataclasses.replace(check, **changes)


def outside_code(markdown: str) -> str:
    without_blocks = re.sub(r"(?ms)^(`{3,})[^\n]*\n.*?^\1$", "", markdown)
    without_escapes = re.sub(r"\\[^\w\s]", "", without_blocks)
    return re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", without_escapes)


def test_the_comment_opens_with_the_verdict_and_a_row_for_every_check():
    text = render(REPORT)
    assert text.startswith("## ✗ loadstream verify: 1 of 6 checks is different\n")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert len(rows) == len(REPORT.checks)
    assert "✓ equal" in rows[0]
    assert re.search(r"\| \d+\.\d MB → \d+\.\d MB \| \*\*0\.\d\d×\*\* \| 0\.\d\d× \|", rows[0])


def test_a_counterexample_has_both_values_the_input_and_the_replay_command():
    text = render(REPORT)
    assert "- 12 (int)\n+ Decimal('12') (decimal.Decimal)" in text
    assert "```sh\nloadstream verify --replay .loadstream_cache/busiest_sessions.json\n```" in text
    assert '{"sessions": [{"session_id": "s-1", "tokens": 12}]}' in text


def test_checks_that_are_open_say_why():
    text = render(REPORT)
    assert "- **not-comparable**: `random_sample.py`. Old disagrees with itself" in text
    assert "- **error**: `export_report.py`." in text
    assert "- not run: helpers.py: only a comment changed" in text


def test_details_are_balanced_and_diffs_are_folded():
    text = render(REPORT)
    assert text.count("<details>") == text.count("</details>")
    assert text.index("<details>") < text.index("```diff\n--- analyze_marathons.py")


def test_names_and_values_can_neither_break_the_page_nor_mention_anybody():
    hostile = "a|b`<script>@everyone *x* </details>\n# head"
    found = Counterexample(
        hostile, (hostile,), (Difference(hostile, "```\n" + hostile, hostile),), hostile, hostile
    )
    check = different(
        name=hostile,
        explanation=hostile,
        counterexample=found,
        sites=(SiteChange(hostile, 1, "LS101", hostile, "+````\n+" + hostile),),
    )
    text = render(Report(hostile, (check,), {hostile: hostile}, hostile, hostile, (hostile,)))
    prose = outside_code(text)
    assert "<script>" not in prose
    assert "@everyone" not in prose
    assert "\n# head" not in prose
    assert prose.count("</details>") == prose.count("<details>")
    row = next(line for line in text.splitlines() if line.startswith("| `"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 7


def test_a_huge_report_still_fits_a_comment_and_says_what_it_left_out():
    site = SiteChange("a.py", 1, "LS101", "filter-collect", "+x = 1\n" * 2000)
    check = different(verdict=Verdict.EQUAL, counterexample=None, sites=(site,) * 40)
    text = render(Report("HEAD", (check,)))
    assert len(text) <= 65_536
    assert "more, which `report.html` shows" in text
    assert text.count("<details>") == text.count("</details>")


def test_long_values_are_shortened_and_their_length_is_said():
    found = Counterexample("one", (), (Difference("stdout", "x" * 5000, "y"),), "replay")
    text = render(Report("HEAD", (different(counterexample=found),)))
    assert "x" * 601 not in text
    assert "(5,000 characters in all)" in text


def test_a_report_without_checks_says_that_nothing_is_known():
    text = render(Report("HEAD", ()))
    assert "Nothing was checked" in text
    assert "| check |" not in text


def test_the_comment_claims_no_more_than_was_shown():
    text = render(REPORT).lower()
    assert "proved" not in text
    assert "equivalent" not in text
