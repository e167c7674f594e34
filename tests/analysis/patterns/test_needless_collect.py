"""LS204: what is dropped, what stays, and that old and new do the same."""

from __future__ import annotations

import pytest

from loadstream.analysis.cases import Rewrite
from loadstream.analysis.patterns import PATTERNS
from loadstream.analysis.plans import ReportOnly
from loadstream_codemods.apply import apply

PRELUDE = "from data import load_x, stream_x\n"
GENERATOR = """\
import json

SOURCE = "rows.json"
LOADED = []


def load_x():
    with open(SOURCE) as file:
        return json.load(file)


def stream_x(filter_func=None):
    {body}
    with open(SOURCE) as file:
        for row in json.load(file):
            if filter_func is None or filter_func(row):
                yield row
"""


def codes(sites) -> list[str]:
    return [site.plan.code for site in sites if site.plan is not None]


@pytest.mark.parametrize(
    "program",
    [
        "rows = list(stream_x())\nfor s in rows:\n    print(s['a'])\n",
        "for s in list(stream_x()):\n    print(s['c'])\n",
        "for i, s in enumerate(list(stream_x()), 1):\n    print(i, s)\n",
        "for s in list(stream_x()):\n    if s['a'] > 1:\n        break\nelse:\n    s = 0\nprint(s)",
        "for s in list(stream_x()):\n    if (n := s['a']):\n        print(n)\n",
        "for s in list(stream_x()):\n    if s['b']:\n        continue\n    print(s)\nprint(s)\n",
        "rows = list(stream_x())\nprint([s['b'] for s in rows])\n",
        "print({s['a']: s for s in list(stream_x())})\n",
        "print(sum(s['a'] for s in list(stream_x())))\n",
        "print(next((s['a'] for s in list(stream_x())), None))\n",
        "print(len(list(stream_x())))\n",
        "rows = list(stream_x())\nprint(len(rows))\n",
        "print(max(list(stream_x()), key=str, default=3))\n",
        "print(sorted(list(stream_x()), key=str))\n",
        "print(dict(zip(range(3), list(stream_x()))))\n",
        "print(list(map(str, sorted(list(stream_x()), key=str))))\n",
        "def f():\n    rows = list(stream_x())\n    for s in rows:\n        yield s['a']\n"
        "print(list(f()))\n",
        "rows: list = list(stream_x())\nprint(any(s['b'] for s in rows))\n",
        "rows = list(  # all\n    stream_x()\n)\nfor s in rows:\n    print(s)\n",
    ],
)
def test_a_list_for_one_pass_goes_and_nothing_else_changes(check_rewrite, program):
    assert "list(stream_x" not in check_rewrite(program, ["LS204"])


@pytest.mark.parametrize(
    "program",
    [
        "print([s for s in list(stream_x()) if s['a'] > 1])\n",
        "for s in list(stream_x()):\n    if s['a'] > 1:\n        print(s)\n",
        "rows = list(stream_x())\nfor s in rows:\n    if not s['b']:\n        continue\n"
        "    print(s)\n",
        "print(next((s for s in list(stream_x()) if s['b']), None))\n",
    ],
)
def test_where_a_condition_can_move_it_moves_at_once(check_rewrite, program):
    assert "filter_func=" in check_rewrite(program, ["LS201"])


@pytest.mark.parametrize(
    "program",
    [
        "rows = list(stream_x())\nprint(rows[0])\nfor s in rows:\n    print(s)\n",
        "rows = list(stream_x())\nprint(len(rows))\nfor s in rows:\n    print(s)\n",
        "rows = list(stream_x())\nfor _ in range(2):\n    for s in rows:\n        print(s)\n",
        "rows = list(stream_x())\nrows.reverse()\nfor s in rows:\n    print(s)\n",
        "rows = list(stream_x())\ndef f():\n    return sum(rows)\n",
        "rows = list(stream_x())\nopen('rows.json', 'w').close()\nfor s in rows:\n    print(s)\n",
        "for s in list(stream_x(filter_func=bool)):\n    print(s)\n",
        "for s in list(stream_x(*a)):\n    print(s)\n",
        "for s in list(stream_x(lambda s: s)):\n    print(s)\n",
        "for s in tuple(stream_x()):\n    print(s)\n",
        "def list(x):\n    return x\nfor s in list(stream_x()):\n    print(s)\n",
        "print(list(stream_x()))\n",
        "rows = list(stream_x())\n",
        "def f():\n    return list(stream_x())\n",
        "f([s for s in stream_x(filter_func=bool)])\n",
        "f([s['a'] for s in stream_x()])\n",
        "f({s for s in stream_x()})\n",
    ],
)
def test_a_list_that_is_needed_stays(analyse, program):
    assert codes(analyse(program, prelude=PRELUDE)) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("pass", ["LS204"]),
        ("n = len(SOURCE)", ["LS204"]),
        ("print('reading')", []),
        ("yield from LOADED", []),
        ("global SOURCE", []),
        ("_helper()", []),
    ],
)
def test_a_streamer_that_does_more_than_read_a_file_stays_collected(analyse, body, found):
    data = GENERATOR.format(body=body) + "\n\ndef _helper():\n    return LOADED\n"
    for program in (
        "for s in list(stream_x()):\n    print(s)\n",
        "rows = list(stream_x())\nprint(sum(s['a'] for s in rows))\n",
    ):
        assert codes(analyse(program, data=data, prelude=PRELUDE)) == found


def test_a_streamer_that_takes_no_filter_is_iterated_all_the_same(analyse):
    data = (
        "import json\n"
        "def load_x():\n    with open('a') as file:\n        return json.load(file)\n"
        "def stream_x():\n    with open('a') as file:\n        yield from json.load(file)\n"
    )
    program = "for s in list(stream_x()):\n    if s['a']:\n        print(s)\n"
    (site,) = analyse(program, data=data, prelude=PRELUDE)
    assert site.plan.code == "LS204"


def test_what_makes_it_unsafe_is_said(analyse):
    program = (
        "try:\n    for s in list(stream_x()):\n        print(s)\nexcept ValueError:\n    pass\n"
    )
    (site,) = analyse(program, prelude=PRELUDE)
    assert site.plan.safety.value == "unsafe"
    assert [refusal.reason.value for refusal in site.refusals] == ["partial-effects"]


def test_a_copy_of_a_stream_is_reported_and_never_edited(analyse):
    program = "print([s for s in stream_x()])\n"
    (site,) = analyse(program, prelude=PRELUDE)
    assert site.plan.shape == ReportOnly(
        "`stream_x()` is only copied into a list: iterate it, or write `list()`"
    )
    assert apply(PRELUDE + program, [site.plan]) == PRELUDE + program


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(case.before, id=f"{pattern.CODE}-{number}")
        for pattern in PATTERNS
        for number, case in enumerate(pattern.CASES)
        if isinstance(case, Rewrite) and pattern.CODE != "LS108"  # which the driver carries out
    ],
)
def test_no_rewrite_makes_a_list_that_is_found_needless(bench, program):
    old = f"import json\n{PRELUDE}{program}\n"
    once = bench.rewrite(old)
    assert once != old
    assert "LS204" not in bench.codes(once)
    assert bench.rewrite(once) == once
