import pytest

from loadstream.lint.findings import LintResult


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
