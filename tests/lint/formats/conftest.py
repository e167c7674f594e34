from pathlib import Path

import pytest

from loadstream.lint.findings import LintResult
from loadstream.lint.report import Report


@pytest.fixture
def result(finding, kept):
    """One finding of each sort."""
    return LintResult(
        files=7,
        findings=(
            finding(),
            finding(code="LS104", rule="single-pass", fix="unsafe", reasons=("partial-effects",)),
            finding(code="LS203", rule="consumed-stream", fix=None),
            finding(path="pkg/é.py", code="LS000", rule="unreadable-file", fix=None, loader=None),
            kept("multi-pass", "escapes"),
            kept("multi-pass"),
        ),
    )


@pytest.fixture
def report(result):
    """All of `result`, or what is given in its place, as the formats take it."""

    def make(*findings, **fields):
        return Report(fields.pop("result", result), findings or result.findings, **fields)

    return make


@pytest.fixture
def source(tmp_path, monkeypatch):
    """Write `a.py`, which findings are about, into a working directory of its own."""
    monkeypatch.chdir(tmp_path)

    def write(text, name="a.py"):
        Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())

    return write
