"""Several processes find what one finds, in the same order."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadstream.lint import judge
from loadstream.lint.run import lint_files
from loadstream.lint.selection import select
from loadstream.machine import spread

FILTER = "from data import load_rows\n\nprint([r for r in load_rows() if r['n'] > {}])\n"
BROKEN = "from data import load_rows\nload_rows(\n"


@pytest.fixture
def files(repository, monkeypatch):
    monkeypatch.setattr(judge, "_ENOUGH", 0)
    texts = {f"script{n}": FILTER.format(n) + "# pad\n" * (n * 7 % 5) for n in range(11)}
    return repository(**texts, broken=BROKEN, clean="print(1)\n")


def lint(files, jobs, **options):
    return lint_files(files, Path.cwd(), select((), ()), jobs=jobs, **options)


@pytest.mark.parametrize("jobs", [2, 3, 40])
def test_the_findings_are_the_same_whatever_the_number_of_processes(files, jobs):
    alone = lint(files, 1)
    assert [finding.code for finding in alone.findings] == ["LS101"] * 11 + ["LS000"]
    assert lint(files, jobs) == alone


def test_progress_counts_up_to_the_files_that_are_judged(files):
    told = []
    lint(files, 2, progress=lambda done, all_: told.append((done, all_)))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (13, 13)


def test_few_bytes_are_not_worth_a_process(repository, monkeypatch):
    def fail(*_):
        raise AssertionError

    monkeypatch.setattr(spread, "spread", fail)
    files = repository(a=FILTER.format(1), b=FILTER.format(2))
    assert len(lint(files, 2).findings) == 2
