"""Every form of the report has the figure and each survivor's diff, quoted."""

from __future__ import annotations

from dataclasses import replace

from loadstream.cli.verify_output import render as as_text
from loadstream.verify.model import (
    CheckResult,
    MutantResult,
    Mutants,
    Report,
    Verdict,
)
from loadstream.verify.report_html import render as as_html
from loadstream.verify.report_markdown import render as as_markdown

DIFF = "--- a.py (new)\n+++ a.py (mutant)\n@@ -3 +3 @@\n-if a < 1:\n+if a <= 1:\n"


def mutant(outcome: str, why: str = "") -> MutantResult:
    return MutantResult("a.py", 3, "comparison", "< turned into <=", outcome, why, DIFF)


MUTANTS = Mutants(
    (
        *[mutant("killed", "boundary: stdout line 1")] * 19,
        mutant("survived"),
        mutant("could-not-run", "NameError: <x>"),
    )
)
CHECK = CheckResult(
    "a.py", Verdict.EQUAL, "agree", ("a.py",), (), None, None, None, mutants=MUTANTS
)
REPORT = Report("HEAD", (CHECK,))


def test_the_figure_leaves_out_what_could_not_run() -> None:
    assert MUTANTS.words == "19 of 20 mutants killed, 1 could not run"
    assert Mutants(()).words == "no changed code that it runs could be broken"


def test_the_text_lists_the_survivors_and_what_could_not_run() -> None:
    text = as_text(REPORT)
    assert "19 of 20 mutants killed, 1 could not run" in text
    assert "a.py: a mutant survived: < turned into <= at a.py:3" in text
    assert "    +if a <= 1:" in text
    assert "could not run: < turned into <= at a.py:3: NameError: <x>" in text


def test_the_markdown_folds_them() -> None:
    text = as_markdown(REPORT)
    assert "<summary>19 of 20 mutants killed, 1 could not run</summary>" in text
    assert "```diff\n--- a.py (new)" in text
    assert "\\< turned into \\<= at a.py:3" in text


def test_the_page_shows_each_survivor_with_its_diff() -> None:
    page = as_html(REPORT)
    assert "<h4>Mutants</h4><p>19 of 20 mutants killed, 1 could not run.</p>" in page
    assert "+if a &lt;= 1:" in page
    assert "NameError: &lt;x&gt;" in page


def test_a_report_without_mutants_has_no_word_of_them() -> None:
    plain = Report("HEAD", (replace(CHECK, mutants=None),))
    for render in (as_text, as_markdown, as_html):
        assert "utant" not in render(plain)
