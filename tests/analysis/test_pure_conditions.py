"""Which conditions only look, and which raise only where another one does: held against running."""

from __future__ import annotations

import ast
import itertools
from pathlib import Path

import pytest

from loadstream.analysis.modules import Module
from loadstream.analysis.pure_conditions import Conditions, are_pure, raises_only_with
from loadstream.analysis.source import parse
from tests.differential.filters import PLAIN

HEAD = "LIMIT = 2\nLOW: float = -1.5\nWANTED = ('x', 1, None)\nALLOWED = {1, 2, 'x'}\n"
MORE = [
    "{t}['a'] > -1.5",
    "{t}['a'] >= LOW",
    "2 > {t}['a']",
    "{t}['a'] > {t}['b']",
    "{t}['b'] < {t}['a']",
    "{t}['a'][0:1]",
    "{t}['a'][0] == 1 and {t}['b']",
    "{t}['a'] in ('x', 1)",
    "{t}['a'] in ['x', 1]",
    "{t}['a'] in {'x', 1}",
    "{t}['a'] in 'abc'",
    "'x' in {t}['a']",
    "'y' in {t}['a']",
    "1 in {t}['a']",
    "{t}['a'].get('x')",
    "{t}['a']['y']",
    "{t}['a'].lower() == 'x'",
    "{t}['a'].startswith('x')",
    "{t}['a'].get('x', {}).get('y')",
    "{t}.items()",
    "{t}.get({t}['a'])",
    "{t}.get([])",
    "len({t}) > 1",
    "len({t}['a']) > LIMIT",
    "int({t}['a']) > 1",
    "float({t}['a']) > 1",
    "abs({t}['a']) > 1",
    "{t}['a'] + {t}['b'] > 2",
    "({t}['a'] > 1) == ({t}['b'] > 1)",
    "{t}['a'] > 1 or {t}['b'] > 1",
    "not {t}['a'] > 1",
    "{t}['a'] > 1 > {t}['b']",
    "{t}['b'] if {t}['a'] > 1 else {t}['c']",
    "{t}[{t}.get('a')]",
    "{t}[{t}.get('b')]",
    "({t}['a'], {t}['b']) == (1, 2)",
    "{t}['a'] == 'x' == {t}['b']",
    "isinstance({t}['a'], (int, float)) and {t}['a'] > 1",
    "isinstance({t}['a'], (int, float)) and {t}['a'] > 2",
    "'a' in {t} and {t}['a'] > 1 and {t}['b']",
    "'a' in {t} and ({t}['a'] > 1 and {t}['c'])",
    "'a' in {t} and {t}['b'] and {t}['a'] > 1",
    "{t}['a'] == 1 and {t}['b'] > 1",
    "{t}['a'] != 1 and {t}['b'] > 1",
    "('a' in {t} and {t}['a']) == 1",
]
PURE = [*(c for c in PLAIN if "str(" not in c), *MORE]
LEAVES = [None, True, 0, 3, -1.5, "", "x", "12", [], [1, "x"], {}, {"x": 1}, {"x": {"y": 2}}]
ELEMENTS = [
    *LEAVES,
    *({"a": leaf} for leaf in LEAVES),
    *({"b": leaf} for leaf in LEAVES),
    *({"a": one, "b": other} for one in LEAVES for other in LEAVES),
    *({"a": one, "b": 1, "c": other} for one in LEAVES[:8] for other in LEAVES),
]
TOGETHER = [  # the later raises only with the earlier
    ("s['a'] == 1", "r['a'] == 2"),
    ("s['a'] > 1", "r['a'] <= 2.5"),
    ("s['a'] > LIMIT", "r['a'] < LOW"),
    ("s['a'] < 'm'", "r['a'] >= 'x'"),
    ("s['a'] == 1 and s['b']", "r['a'] != 1"),
    ("s['a']", "r['a'] in WANTED and not r['a']"),
    ("s['a'] in ALLOWED", "r['a'] not in {'y'}"),
    ("s['a']", "r.get('b') == 2"),
    ("s.get('a')", "r.get('b', 0) in (1, 2)"),
    ("'a' in s", "'b' not in r"),
    ("s['a']", "'b' in r"),
    ("s['b'] < 1", "r"),
    ("s['a'] == 1", "isinstance(r['a'], int)"),
    ("'a' in s and s['a'] == 1", "'a' in r and r['a'] == 2"),
    ("'a' in s and s['a'] == 1", "'a' in r and r['a'] == 2 and not r.get('b')"),
    (
        "isinstance(s, dict) and s.get('a') and s['b'] > 1",
        "isinstance(r, dict) and r.get('a') == 1",
    ),
]
APART = [
    ("s['a'] == 1", "r['b'] == 2"),
    ("s['b'] and s['a'] == 1", "r['a'] == 2"),
    ("s['a'] == 1", "r['a'] > 1"),
    ("s['a'] > 1", "r['a'] > 'x'"),
    ("s.get('a')", "r['a']"),
    ("s", "r['a']"),
    ("s[s.get('a')]", "r[r.get('b')]"),
    ("s['a']", "len(r['a']) > 1"),
    ("s['a'] in WANTED", "r['a'] in ALLOWED"),
    ("s['a']", "r['a'] == r['c']"),
    ("'a' in s and s['b'] == 1", "'a' in r and r['a'] == 2"),
    ("'a' in s and s['a'] == 1", "'a' not in r and r['a'] == 2"),
    ("'a' in s or s['a'] == 1", "'a' in r and r['a'] == 2"),
    ("s['a'] == 1 and s['b']", "r['a'] == 2 and r['b']"),
    ("'a' in s and s['a'] == 1", "'a' in r and r['a'] == 2 and r['b'] == 3"),
]
IMPURE = [
    "helper(s)",
    "len(s, *s)",
    "s.pop('a')",
    "s.sort()",
    "s.a",
    "s['a'] > limit",
    "s['a'] in filled",
    "s['a'] > changed",
    "s['a'] > unknown",
    "s['a'] > late",
    "[x for x in s]",
    "(lambda: s)()",
    "(n := s['a'])",
    "f'{s}'",
    "s['a'] == b'x'",
    "sorted(s)",
    "isinstance(s, Own)",
    "max(s['a'], 1)",
    "s.get(*s)",
    "s.get(key='a')",
]


@pytest.fixture
def conditions(tmp_path: Path):
    """The condition of a filter in a program of its own."""

    def of(text: str, target: str = "s", before: str = HEAD) -> Conditions:
        program = f"{before}found = [{target} for {target} in rows if ({text})]\n"
        module = Module(parse(program, tmp_path / "script.py"))
        comprehension = module.every(ast.ListComp)[0]
        return Conditions(target, comprehension.generators[0].ifs, module)

    return of


def raising(text: str, target: str) -> set[int]:
    """The elements for which a condition raises, by their numbers."""
    names: dict[str, object] = {}
    exec(HEAD, names)
    function = eval(f"lambda {target}: bool({text})", names)
    found = set()
    for number, element in enumerate(ELEMENTS):
        try:
            function(element)
        except Exception:  # noqa: PERF203 (that is the question)
            found.add(number)
    return found


def test_what_is_said_of_two_conditions_is_true_for_every_kind_of_element(conditions) -> None:
    earlier = {text: conditions(text.replace("{t}", "s"), "s") for text in PURE}
    later = {text: conditions(text.replace("{t}", "r"), "r") for text in PURE}
    assert [text for text in PURE if not (are_pure(earlier[text]) and are_pure(later[text]))] == []
    raised = {text: raising(text.replace("{t}", "s"), "s") for text in PURE}
    said = 0
    for one, other in itertools.product(PURE, PURE):
        if raises_only_with(later[other], earlier[one]):
            said += 1
            assert raised[other] <= raised[one], (one, other)
    assert said > len(PURE) * 3


@pytest.mark.parametrize(("one", "other"), TOGETHER)
def test_a_later_condition_may_raise_only_with_the_earlier(conditions, one, other) -> None:
    assert raises_only_with(conditions(other, "r"), conditions(one, "s"))


@pytest.mark.parametrize(("one", "other"), APART)
def test_a_later_condition_may_raise_by_itself(conditions, one, other) -> None:
    assert are_pure(conditions(one, "s"))
    assert are_pure(conditions(other, "r"))
    assert not raises_only_with(conditions(other, "r"), conditions(one, "s"))


@pytest.mark.parametrize("text", IMPURE)
def test_what_does_more_than_look_at_literals_and_the_element_is_not_pure(conditions, text) -> None:
    before = (
        f"{HEAD}def helper(x):\n    return x\nclass Own: pass\nlimit = helper(1)\n"
        "filled = [1]\nfilled.append(limit)\nchanged = 1\nchanged = 2\n"
    )
    assert not are_pure(conditions(text, before=before))


def test_a_name_that_may_not_be_bound_yet_is_no_literal(conditions) -> None:
    assert not are_pure(conditions("s['a'] > LIMIT", before="if limit:\n    LIMIT = 2\n"))
    assert not are_pure(conditions("s['a'] > LIMIT", before="def f():\n    LIMIT = 2\n"))
    assert not are_pure(conditions("len(s) > 1", before="from other import *\n"))
    assert not are_pure(conditions("len(s) > 1", before="def len(x):\n    return 1\n"))
