"""Ways through the code that go without a pass: refused for a part, and only there."""

from __future__ import annotations

import pytest

from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import find_sites
from loadstream.analysis.source import parse

HEAD = "import json, sys\n\n\ndef main(wanted):\n    with open('x.json') as f:\n"
PASS = "print(sum(1 for s in rows))"

SURE = {
    "at once": PASS,
    "behind other statements": f"n = 0\nif wanted:\n    n = 1\n{PASS}",
    "in both branches": f"if wanted:\n    {PASS}\nelse:\n    {PASS}",
    "in every case": f"match wanted:\n    case 1:\n        {PASS}\n    case _:\n        {PASS}",
    "in both sides of an expression": f"x = {PASS} if wanted else {PASS}",
    "under finally": f"try:\n    {PASS}\nfinally:\n    n = 1",
    "first in a condition": f"if {PASS} and wanted:\n    n = 1",
}
UNSURE = {
    "in one branch": f"if wanted:\n    {PASS}",
    "behind a return": f"if wanted:\n    return 1\n{PASS}",
    "behind a raise": f"if wanted:\n    raise SystemExit\n{PASS}",
    "in some cases": f"match wanted:\n    case 1:\n        {PASS}",
    "last in a condition": f"if wanted and {PASS}:\n    n = 1",
    "in one side of an expression": f"x = {PASS} if wanted else 0",
    "in an elif": f"if wanted:\n    {PASS}\nelif sys.argv:\n    {PASS}",
}


def _reasons(body: str, load: str, tmp_path) -> set[str]:
    lines = [f"rows = {load}", *body.split("\n")]
    text = HEAD + "".join(f"        {line}\n" for line in lines)
    sites = find_sites(parse(text, tmp_path / "a.py"), Repository(tmp_path))
    return {r.reason.value for site in sites if site.plan is None for r in site.refusals}


@pytest.mark.parametrize("body", SURE.values(), ids=SURE)
def test_a_part_is_streamed_where_every_way_has_its_pass(body, tmp_path):
    assert _reasons(body, "json.load(f)['rows']", tmp_path) == set()


@pytest.mark.parametrize("body", UNSURE.values(), ids=UNSURE)
def test_a_part_is_kept_where_a_way_has_no_pass(body, tmp_path):
    assert _reasons(body, "json.load(f)['rows']", tmp_path) >= {"maybe-unread"}


@pytest.mark.parametrize("body", UNSURE.values(), ids=UNSURE)
def test_a_whole_document_is_streamed_all_the_same(body, tmp_path):
    assert _reasons(body, "json.load(f)", tmp_path) == set()
