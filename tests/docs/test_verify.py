"""docs/verify.md names every key of report.json."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

from loadstream.verify import to_json

ROOT = Path(__file__).parents[2]
# Keys that are names of other things: classes of inputs, properties of the machine.
OPEN = {"cases", "machine"}


def keys_of(node: Any) -> set[str]:
    if isinstance(node, dict):
        return set(node).union(*(keys_of(v) for k, v in node.items() if k not in OPEN))
    if isinstance(node, list):
        return set().union(*(keys_of(item) for item in node))
    return set()


def test_every_key_of_the_report_is_documented() -> None:
    helper = runpy.run_path(str(ROOT / "tests" / "verify" / "sample_report.py"))
    text = (ROOT / "docs" / "verify.md").read_text(encoding="utf-8")
    known = set(re.findall(r"`\.?(?:measurements\.)?(\w+)`", text))
    known |= {f"{name}{end}" for name in known for end in ("_min", "_max")}
    found = keys_of(to_json(helper["sample_report"]()))
    assert len(found) > 40
    assert sorted(found - known) == []
