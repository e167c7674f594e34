"""Every example of docs/notebooks.md has the verdict that stands below it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from loadstream.analysis.notebooks import source_of
from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import find_sites
from tests.notebooks import notebook

PAGE = Path(__file__).parents[2] / "docs" / "notebooks.md"
EXAMPLES = re.findall(
    r"```python\n(.*?)\n```\n\n→ (\w+)(?:, `([\w-]+)`)?\n",
    PAGE.read_text(encoding="utf-8"),
    re.DOTALL,
)


def test_no_example_is_overlooked():
    assert len(EXAMPLES) == PAGE.read_text(encoding="utf-8").count("```python") > 5


@pytest.mark.parametrize(("cells", "verdict", "reason"), EXAMPLES)
def test_an_example_has_its_verdict(cells, verdict, reason, tmp_path):
    source = source_of(notebook(*cells.split("\n# %%\n")), tmp_path / "nb.ipynb")
    [site] = find_sites(source, Repository(tmp_path))
    assert (site.plan.safety.value if site.plan else "kept") == verdict
    assert {refusal.reason.value for refusal in site.refusals} == {reason} - {""}
