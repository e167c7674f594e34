"""What must hold together is read from the source, and elements are made that meet it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import pytest

from loadstream.verify.conditions import Condition, find_conditions
from loadstream.verify.satisfying import beside, missing, satisfied

HOMES = {
    "period": (), "n": (), "ok": (), "tags": (), "a": (), "b": (), "text": (),
    "calls": (), "cost": ("calls",),
}  # fmt: skip
ROW: dict[str, Any] = {
    "period": "P1", "n": 3, "ok": False, "tags": ["x"], "a": 5, "b": 6, "text": "short",
    "calls": [{"cost": 1.5}, {"cost": 2.5}, {"cost": 3.5}],
}  # fmt: skip


def condition(source: str) -> Condition:
    return find_conditions([ast.parse(source)])[0]


def loop(*guards: str) -> str:
    lines = "".join(f"        if {guard}:\n            continue\n" for guard in guards)
    return f"def f(rows):\n    for r in rows:\n{lines}        yield r\n"


TOKENS = "def tokens(d):\n    return (d.get('a') or 0) + (d.get('b') or 0)\n"
PROGRAMS = {
    "a comprehension": "x = [r for r in y if r['period'] == 'P4' and len(r['tags']) > 20]",
    "a filter": "x = s(filter_func=lambda r: r.get('n', 0) >= 7 and not r['ok'])",
    "guards": loop("not r.get('ok')", "r['n'] < 9", "r['period'] == 'P1'"),
    "a text's length": "x = [r for r in y if len(r.get('text') or '') > 2500]",
    "a sum of two fields": TOKENS + "MANY = 55_000\n" + loop("tokens(r) < MANY"),
    "a named size": TOKENS + "def f(rows):\n    for r in rows:\n        size = tokens(r)\n"
    "        if size > 90:\n            g(r)\n",
    "a total": "x = [r for r in y if sum(c['cost'] for c in r['calls']) > 40]",
    "a total length": "x = [r for r in y if sum(len(t) for t in r['tags']) > 40]",
    "a member": "x = [r for r in y if r['period'] in ('P7', 'P8')]",
    "no key": "x = [r for r in y if 'ok' not in r and 3 < r['n'] <= 8]",
    "a deeper field": "x = [r for r in y if r['calls'][0]['cost'] > 12.5]",
    "a predicate": (
        "def p(r):\n    if not r['ok']:\n        return False\n    return r['n'] == 12\n"
    ),
}  # fmt: skip
TESTS = {
    "a comprehension": lambda r: r["period"] == "P4" and len(r["tags"]) > 20,
    "a filter": lambda r: r.get("n", 0) >= 7 and not r["ok"],
    "guards": lambda r: bool(r.get("ok")) and r["n"] >= 9 and r["period"] != "P1",
    "a text's length": lambda r: len(r.get("text") or "") > 2500,
    "a sum of two fields": lambda r: (r.get("a") or 0) + (r.get("b") or 0) >= 55_000,
    "a named size": lambda r: (r.get("a") or 0) + (r.get("b") or 0) > 90,
    "a total": lambda r: sum(c["cost"] for c in r["calls"]) > 40,
    "a total length": lambda r: sum(len(t) for t in r["tags"]) > 40,
    "a member": lambda r: r["period"] in ("P7", "P8"),
    "no key": lambda r: "ok" not in r and 3 < r["n"] <= 8,
    "a deeper field": lambda r: r["calls"][0]["cost"] > 12.5,
    "a predicate": lambda r: r["ok"] and r["n"] == 12,
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_element_is_made_that_the_code_keeps_and_others_that_just_miss(program: str) -> None:
    found, test = condition(PROGRAMS[program]), TESTS[program]
    assert not test(ROW)
    assert test(satisfied(ROW, found, HOMES))
    answers = [_answer(test, element) for element in missing(ROW, found, HOMES)]
    assert answers
    assert not any(answers)


def _answer(test: Callable[[Any], bool], element: Any) -> bool:
    try:
        return bool(test(element))
    except (KeyError, TypeError):
        return False


def test_the_user_s_element_stays_as_it_was() -> None:
    before = repr(ROW)
    for program in PROGRAMS.values():
        found = condition(program)
        satisfied(ROW, found, HOMES)
        list(beside(ROW, found, HOMES))
    assert repr(ROW) == before


def test_one_term_stands_at_its_boundary_while_the_others_hold() -> None:
    made = list(beside(ROW, condition(PROGRAMS["a comprehension"]), HOMES))
    assert {len(row["tags"]) for row in made if row["period"] == "P4"} >= {19, 20, 21}
    assert {row["period"] for row in made if len(row["tags"]) == 21} >= {"P4", "P"}


def test_a_sum_is_made_of_one_field_and_of_both() -> None:
    made = list(beside(ROW, condition(PROGRAMS["a sum of two fields"]), HOMES))
    assert {row["a"] + row["b"] for row in made} == {54_999, 55_000, 55_001}
    assert {bool(row["b"]) for row in made} == {True, False}


def test_either_part_of_an_or_is_a_condition_of_its_own() -> None:
    found = find_conditions([ast.parse("x = [r for r in y if r['n'] > 1 or r['period'] == 'P4']")])
    assert [one.measure.keys for (one,) in found] == [("n",), ("period",)]


def test_what_cannot_be_read_is_no_condition() -> None:
    assert find_conditions([ast.parse("x = [r for r in y if f(r) and g[r]]")]) == ()
