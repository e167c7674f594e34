from __future__ import annotations

import dataclasses
import re
import runpy
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

from loadstream.verify.model import (
    CheckResult,
    Counterexample,
    Difference,
    Measurements,
    Report,
    Sample,
    SiteChange,
    Verdict,
)
from loadstream.verify.report_html import render

HELPER = runpy.run_path(str(Path(__file__).with_name("sample_report.py")))
REPORT: Report = HELPER["sample_report"]()
VOID = {"meta", "br", "hr", "img", "input", "link"}
HOSTILE = '</code></pre><script>alert(\'x\')</script>"onclick="1" & <img src=x>'


class Page(HTMLParser):
    """Checks that tags nest, and collects ids, links, tags and the visible text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str | None]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += [(tag, key, value) for key, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += [(tag, key, value) for key, value in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in {"style", "script"}:
            self.words.append(data)

    def values(self, key: str) -> list[str | None]:
        return [value for _, name, value in self.attributes if name == key]

    @property
    def text(self) -> str:
        return "".join(self.words)


def hostile_report() -> Report:
    sample = Sample(30_000_000, 14_000_000, 0.1, ((0.0, 14_000_000), (0.1, 30_000_000)))
    side = Measurements((sample,), 15_000_000, HOSTILE)
    check = CheckResult(
        name=HOSTILE,
        verdict=Verdict.DIFFERENT,
        explanation=HOSTILE,
        files=(HOSTILE,),
        cases=(),
        counterexample=Counterexample(
            HOSTILE, (HOSTILE,), (Difference(HOSTILE, HOSTILE, HOSTILE),), HOSTILE, HOSTILE
        ),
        old=side,
        new=side,
        sites=(SiteChange(HOSTILE, 1, HOSTILE, HOSTILE, f"+{HOSTILE}\n"),),
        over_budget=(HOSTILE,),
        advice=(HOSTILE,),
    )
    return Report(HOSTILE, (check,), {HOSTILE: HOSTILE}, HOSTILE, HOSTILE, (HOSTILE,))


def test_the_page_is_well_formed_and_every_anchor_leads_somewhere():
    page = Page(render(REPORT))
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    targets = [href[1:] for href in page.values("href") if href and href.startswith("#")]
    assert targets
    assert set(targets) <= set(ids)


def test_the_page_asks_nothing_of_the_network():
    html = render(REPORT)
    page = Page(html)
    assert page.tags["link"] == page.tags["img"] == page.tags["iframe"] == 0
    assert page.values("src") == []
    assert "@import" not in html
    assert "url(" not in html
    assert set(re.findall(r"https?://[^\s\"'<]+", html)) <= {"http://www.w3.org/2000/svg"}


def test_hostile_names_and_values_stay_text():
    plain, hostile = Page(render(REPORT)), Page(render(hostile_report()))
    assert hostile.tags["script"] == plain.tags["script"] == 1
    assert hostile.tags["img"] == 0
    assert hostile.values("onclick") == []
    assert HOSTILE in hostile.text


def test_every_check_shows_its_verdict_explanation_cases_and_diff():
    text = Page(render(REPORT)).text
    for check in REPORT.checks:
        assert check.explanation in text
        for site in check.sites:
            assert f"{site.path}:{site.line}" in text
            for line in site.diff.splitlines():
                assert line in text
    for verdict in Verdict:
        assert verdict.value in text


def test_a_counterexample_shows_place_both_values_input_and_replay_before_the_table():
    html = render(REPORT)
    text = Page(html).text
    for part in ('result[0]["tokens"]', "12 (int)", "Decimal('12')", "--replay", '"session_id"'):
        assert part in text
    assert html.index("What differs") < html.index('<table class="summary">')


def test_memory_is_shown_over_the_baseline_and_tracemalloc_as_a_pass_of_its_own():
    mb = 1024**2
    old = Measurements((Sample(40 * mb, 15 * mb, 2.0),), 24 * mb, "VmHWM")
    new = Measurements((Sample(20 * mb, 15 * mb, 3.0),), 4 * mb, "VmHWM")
    check = CheckResult("a.py", Verdict.EQUAL, "same", (), (), None, old, new)
    text = Page(render(Report("HEAD", (check,)))).text
    assert "25.0 MB" in text
    assert "0.20×" in text
    assert "1.50×" in text
    assert "a separate pass" in text
    assert "24.0 MB" in text


def test_the_timeline_is_drawn_where_it_was_recorded_and_labelled_for_screen_readers():
    page = Page(render(REPORT))
    drawn = [check for check in REPORT.checks if check.old is not None]
    charts = [value for tag, key, value in page.attributes if key == "class" and value == "chart"]
    grown = [check for check in REPORT.checks if check.growth is not None]
    assert grown
    assert len(charts) == len(drawn) + len(grown)
    assert page.values("role").count("img") == len(charts)
    assert "Memory over time: analyze_marathons.py" in page.text


def test_growth_is_a_chart_and_a_table_with_what_was_skipped():
    page = Page(render(REPORT))
    assert "Growth with the data: analyze_marathons.py" in page.text
    assert "old: 352,000 bytes a record; new: 8,000 bytes a record" in page.text
    assert "expected to need 2.9 GB" in page.text
    assert "old once more" in page.text


def test_a_range_names_its_unit_once_unless_the_units_differ():
    def spread(*peaks: int) -> str:
        side = Measurements(tuple(Sample(peak, 0, 0.1) for peak in peaks), None, "VmHWM")
        check = CheckResult("a.py", Verdict.EQUAL, "same", (), (), None, side, side)
        return Page(render(Report("HEAD", (check,)))).text

    mb = 1024**2
    assert "20.0–22.0 MB" in spread(20 * mb, 21 * mb, 22 * mb)
    assert "512.0 KB–2.0 MB" in spread(mb // 2, mb, 2 * mb)


def test_a_side_without_a_timeline_has_figures_and_no_chart():
    side = Measurements((Sample(2048, 1024, 0.1),), None, "VmHWM")
    check = CheckResult("a.py", Verdict.EQUAL, "same", (), (), None, side, side)
    page = Page(render(Report("HEAD", (check,))))
    assert page.tags["svg"] == 1  # the meter of the summary
    assert "1.0 KB" in page.text


def test_a_report_without_checks_says_that_nothing_is_known():
    text = Page(render(Report("HEAD", ()))).text
    assert "Nothing was checked" in text
    assert "nothing is known" in text


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        ("equal", "The check is equal"),
        ("equal equal", "All 2 checks are equal"),
        ("equal different", "1 of 2 checks is different"),
        ("different error different", "2 of 3 checks are different"),
        ("equal inconclusive", "1 of 2 checks is inconclusive"),
    ],
)
def test_the_headline_names_the_worst_verdict(verdicts, words):
    checks = tuple(
        CheckResult(f"{i}.py", Verdict(name), "", (), (), None, None, None)
        for i, name in enumerate(verdicts.split())
    )
    assert f"<h1>{words}</h1>" in render(Report("HEAD", checks))


def test_a_check_over_its_memory_budget_is_in_the_headline():
    check = dataclasses.replace(REPORT.checks[0], over_budget=("0.70× of old, budget 0.5×",))
    text = Page(render(Report("HEAD", (check,)))).text
    assert "1 over the memory budget" in text
    assert "0.70× of old, budget 0.5×" in text


def test_the_page_claims_no_more_than_was_shown():
    text = Page(render(REPORT)).text.lower()
    assert "proved" not in text
    assert "equivalent" not in text


def test_the_page_can_be_used_by_keyboard_and_without_script():
    html = render(REPORT)
    page = Page(html)
    assert page.tags["h1"] == 1
    assert ("a", "class", "skip") in page.attributes
    assert ("button", "hidden", None) in page.attributes
    assert ":focus-visible" in html
    assert "prefers-color-scheme: dark" in html
    assert "@media print" in html
    regions = [tag for tag, key, value in page.attributes if (key, value) == ("role", "region")]
    assert len(regions) <= page.values("tabindex").count("0")
