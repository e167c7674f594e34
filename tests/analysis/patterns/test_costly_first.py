"""LS205: a call before a plain comparison, wherever the condition stands."""

from __future__ import annotations

import pytest

from loadstream_codemods.apply import apply

PRELUDE = "from data import load_x, stream_x\n"


@pytest.fixture
def facts(analyse):
    def run(text: str, prelude: str = PRELUDE) -> list[str]:
        plans = [site.plan for site in analyse(text, prelude=prelude) if site.plan is not None]
        return [plan.shape.fact for plan in plans if plan.code == "LS205"]

    return run


DEAR = "`f(s)` is called before the cheaper `s['a'] > 1` is compared"


@pytest.mark.parametrize(
    "program",
    [
        "[s for s in load_x() if f(s) and s['a'] > 1]",
        "[s for s in load_x() if f(s) if s['a'] > 1]",
        "[s for s in load_x() if s['b'] and f(s) and s['a'] > 1]",
        "[s for s in load_x() if not (not f(s) or s['a'] > 1)]",
        "[s for s in load_x() if f(s) == 3 and g(s) and s['a'] > 1]",
        "[i for i, s in enumerate(load_x()) if f(s) and s['a'] > 1]",
        "[s for s in list(stream_x()) if f(s) and s['a'] > 1]",
        "rows = load_x()\nprint(rows[0])\n[s for s in rows if f(s) and s['a'] > 1]",
        "rows = load_x()\nmore = sorted(rows, key=str)\n[s for s in more if f(s) and s['a'] > 1]",
        "doc = load_x()\n[s for s in doc['rows'] if f(s) and s['a'] > 1]",
        "doc = load_x()\n[s for s in doc.get('rows', []) if f(s) and s['a'] > 1]",
        "rows = load_x()\nlen(rows)\nfor s in rows:\n    if f(s) and s['a'] > 1:\n        print(s)",
        "for s in load_x():\n    if f(s):\n        if s['a'] > 1:\n            print(s)",
        "for s in load_x():\n    if not f(s):\n        continue\n    if s['a'] > 1:\n        1",
        "for s in load_x():\n    c = s['c']\n    if f(s) and s['a'] > 1:\n        print(s)\n    1",
        "stream_x(filter_func=lambda s: f(s) and s['a'] > 1)",
        "stream_x(lambda s: f(s) and s['a'] > 1)",
        "[s for s in stream_x(filter_func=lambda s: f(s)) if s['a'] > 1]",
        "def p(s):\n    return f(s) and s['a'] > 1\nstream_x(filter_func=p)",
        "def p(s):\n    'Doc.'\n    if not f(s):\n        return False\n    return s['a'] > 1\n"
        "stream_x(filter_func=p)",
        "def p(s):\n    if f(s):\n        return s['a'] > 1\n    return False\n"
        "stream_x(filter_func=p)",
    ],
)
def test_a_call_before_a_comparison_is_reported_once(facts, program):
    (fact,) = facts(program)
    assert fact.startswith("`f(s)")
    assert fact.endswith("is called before the cheaper `s['a'] > 1` is compared")


@pytest.mark.parametrize(
    "condition",
    [
        "s['a'] > 1 and f(s)",
        "f(s) or s['a'] > 1",
        "f(s)",
        "f(s) and g(s)",
        "f(s) and g(s) > 1",
        "len(s['c']) > 1 and s['a'] > 1",
        "isinstance(s, dict) and s['a'] > 1",
        "s.get('c', {}).get('d') and s['a'] > 1",
        "s['c'].strip().lower().startswith('x') and s['a'] > 1",
        "str(s['a']) == '1' and int(s['b']) == 1",
        "str.lower(s['b']) and s['a'] > 1",
        "(n := f(s)) and n > 1",
        "not f(s) or s['a'] > 1",
        "(f(s) if s['b'] else s['c']) and g(s)",
        "(lambda: f(s)) and s['a'] > 1",
    ],
)
def test_what_is_cheap_or_cannot_be_turned_around_is_not_reported(facts, condition):
    assert facts(f"[s for s in load_x() if {condition}]") == []


@pytest.mark.parametrize(
    ("condition", "call"),
    [
        ("any(d for d in s['c']) and s['a'] > 1", "any(d for d in s['c'])"),
        ("len(f(s)) > 2 and s['a'] > 1", "f(s)"),
        ("s.size() and s['a'] > 1", "s.size()"),
        ("requests.get(s['c']).ok and s['a'] > 1", "requests.get(s['c'])"),
    ],
)
def test_the_call_that_is_dear_is_named(facts, condition, call):
    prelude = f"{PRELUDE}import requests\n"
    (fact,) = facts(f"[s for s in load_x() if {condition}]", prelude=prelude)
    assert fact.startswith(f"`{call}` is called")


@pytest.mark.parametrize(
    "program",
    [
        "from loadstream import stream_json\n"
        "list(stream_json('a', filter_func=lambda s: f(s) and s['a'] > 1))",
        "from loadstream import stream_json as stream\n"
        "for s in stream('a', '$.rows'):\n    if f(s) and s['a'] > 1:\n        print(s)",
        "import loadstream as ls\nrows = ls.stream_values('a')\n"
        "[s for s in rows if f(s) and s['a'] > 1]",
        "import json\nwith open('a') as file:\n    doc = json.load(file)\n"
        "print([s for s in doc['rows'] if f(s) and s['a'] > 1])",
        "import json\nwith open('a') as file:\n    for s in json.load(file):\n"
        "        if f(s) and s['a'] > 1:\n            print(s)",
    ],
)
def test_plain_loads_and_the_runtimes_own_streams_count_too(facts, program):
    assert facts(program, prelude="") == [DEAR]


def test_what_stands_in_an_f_string_of_several_lines_does_no_harm(analyse):
    text = 'print(f"""\n\n{[s for s in load_x() if f(s) and s["a"] > 1]}\n""")\n'.replace(
        '"a"', "'a'"
    )
    assert analyse(text)


def test_a_cheap_name_that_the_file_binds_is_not_known_to_be_cheap(facts):
    program = "def len(s):\n    return 1\n[s for s in load_x() if len(s) and s['a'] > 1]"
    assert len(facts(program)) == 1


def test_a_value_that_is_only_looked_at_is_cheap_too(facts):
    (fact,) = facts("[s for s in load_x() if f(s) and s['a']]")
    assert fact == "`f(s)` is called before the cheaper `s['a']` is looked at"


def test_a_long_expression_is_shortened_in_the_message(facts):
    long = f"f({', '.join(['s'] * 60)})"
    (fact,) = facts(f"[s for s in load_x() if {long} and s['a'] > 1]")
    assert "…" in fact
    assert len(fact) < 120


@pytest.mark.parametrize(
    "program",
    [
        "rows = load_x()\nrows = other()\nfor s in rows:\n    if f(s) and s['a'] > 1:\n        1",
        "for s in other():\n    if f(s) and s['a'] > 1:\n        print(s)",
        "for s in load_x():\n    c = f(s)\n    if g(s) and s['a'] > 1:\n        print(s)",
        "for s in load_x():\n    print(s)\n    if f(s) and s['a'] > 1:\n        print(s)",
        "other(filter_func=lambda s: f(s) and s['a'] > 1)",
    ],
)
def test_conditions_elsewhere_are_not_reported(facts, program):
    assert facts(program) == []


@pytest.mark.parametrize(
    "program",
    [
        "print([s for s in load_x() if f(s) and s['a'] > 1])\n",
        "print([s['b'] for s in load_x() if f(s) if s['a'] > 1])\n",
        "for s in load_x():\n    if f(s) and s['a'] > 1:\n        print(s)\n",
        "for s in load_x():\n    if f(s):\n        if s['a'] > 1:\n            print(s)\n",
        "for s in load_x():\n    if not f(s):\n        continue\n    if not s['a'] > 1:\n"
        "        continue\n    print(s)\n",
        "out = []\nfor s in load_x():\n    if f(s):\n        if s['a'] > 1:\n"
        "            out.append(s)\nprint(out)\n",
        "out = []\nfor s in load_x():\n    c = s['c']\n    if not f(s):\n        continue\n"
        "    if s['a'] > 1:\n        out.append(s)\nprint(out)\n",
        "print(len([s for s in load_x() if f(s) and s['a'] > 1]))\n",
        "print(next((s for s in load_x() if f(s) and s['a'] > 1), None))\n",
        f"print([s for s in load_x() if f(s) and s['a'] > 1 and s['b'] != '{'x' * 60}'])\n",
    ],
)
def test_the_same_is_said_before_and_after_a_rewrite(analyse, facts, program):
    old = PRELUDE + program
    plans = [site.plan for site in analyse(program, prelude=PRELUDE) if site.plan is not None]
    new = apply(old, plans)
    assert new != old
    assert facts(program) == facts(new, prelude="") == [DEAR]
    again = [site.plan for site in analyse(new, prelude="") if site.plan is not None]
    assert apply(new, again) == new


def test_the_place_is_from_the_call_to_the_comparison(analyse):
    program = "print([s for s in load_x() if s['b'] and f(s) and g(s) and s['a'] > 1 and s['c']])\n"
    (site,) = [s for s in analyse(program) if s.plan is not None and s.plan.code == "LS205"]
    line = program.splitlines()[0]
    start, end = site.span.start.column, site.span.end.column
    assert line[start:end] == "f(s) and g(s) and s['a'] > 1"
    assert (site.loader, site.stream) == ("data.load_x", "data.stream_x")
