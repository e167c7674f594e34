"""Each operator text in, text out; what is chosen, and that it is the same each time."""

from __future__ import annotations

import ast

import pytest

from loadstream.verify.mutant_operators import Source, edits
from loadstream.verify.mutants import TargetFile, mutants


def broken(source: str, operator: str) -> set[str]:
    """What the edits of one operator make of a program."""
    read = Source(source)
    return {read.applied(edit) for edit in edits(read) if edit.operator == operator}


OPERATORS = {
    "a comparison nudged and flipped": ("a > b", "comparison", {"a >= b", "a <= b"}),
    "the other way": ("a <= b", "comparison", {"a < b", "a > b"}),
    "an equality": ("a == b", "comparison", {"a != b"}),
    "a chain": ("0 < n == 9", "comparison", {"0 <= n == 9", "0 >= n == 9", "0 < n != 9"}),
    "a membership": ("a in b", "comparison", {"a not in b"}),
    "a non-membership": ("a not in b", "comparison", {"a in b"}),
    "an identity": ("a is not None", "comparison", {"a is None"}),
    "a constant": ("a > 20", "constant", {"a > 21", "a > 19"}),
    "a named constant": ("MANY = 40_000", "constant", {"MANY = 40001", "MANY = 39999"}),
    "a default": ("def f(n=3): pass", "constant", {"def f(n=4): pass", "def f(n=2): pass"}),
    "and": ("if a and b: c", "and-or", {"if a or b: c"}),
    "or": ("if a or b: c", "and-or", {"if a and b: c"}),
    "a term": ("if a > 1 and b: c", "condition", {"if True and b: c", "if a > 1 and True: c"}),
    "a term of or": ("if a or b(): c", "condition", {"if False or b(): c", "if a or False: c"}),
    "a condition": ("if a: b", "condition", {"if True: b"}),
    "a condition turned round": ("if not a: b", "condition", {"if True: b", "if (a): b"}),
    "a comprehension's": ("[x for x in y if x.a]", "condition", {"[x for x in y if True]"}),
    "a filter's": ("f(filter_func=lambda s: s.a)", "condition", {"f(filter_func=lambda s: True)"}),
    "a lookup": ("x['k'] = y['k']", "lookup", {"x['k'] = y.get('k')"}),
    "a default lost": ("y.get('k', 0)", "lookup", {"y['k']"}),
    "an or-default lost": ("y.n or 0", "lookup", {"(y.n)"}),
    "list()": ("list(a for a in b)", "list", {"(a for a in b)"}),
    "the last lost": ("for a in b: c", "last", {"for a in [*(b)][:-1]: c"}),
    "the first lost": ("for a in b: c", "first", {"for a in [*(b)][1:]: c"}),
    "one repeated": ("for a in b: c", "repeat", {"for a in (lambda v: v + v[-1:])([*(b)]): c"}),
    "the order": ("for a in b: c", "reverse", {"for a in [*(b)][::-1]: c"}),
    "an iterator stays one": ("next(b)", "last", {"next(iter([*(b)][:-1]))"}),
    "a raise": ("if a:\n    raise E(\n        1)\nb", "exception", {"if a:\n    pass\n\nb"}),
}  # fmt: skip


@pytest.mark.parametrize("case", OPERATORS)
def test_an_operator_changes_its_place_and_nothing_else(case: str) -> None:
    source, operator, expected = OPERATORS[case]
    assert broken(source, operator) == expected


def test_a_swallowed_exception_is_that_of_one_statement_below_the_top() -> None:
    (text,) = broken("for s in t:\n    n += s['k']\nm = t['k']\n", "exception")
    assert text == (
        "for s in t:\n"
        "    with __import__(\"contextlib\").suppress(Exception): n += s['k']\n"
        "m = t['k']\n"
    )


def test_decimals_take_the_place_of_floats_in_what_is_loaded_alone() -> None:
    (text,) = broken("for s in load_x(): p(s)\nfor s in y: p(s)", "decimal")
    scope: dict[str, object] = {"load_x": lambda: [{"c": 1.5, "n": 2}], "y": (), "p": seen.append}
    exec(compile(text, "mutant", "exec"), scope)
    (value,) = seen
    assert repr(value) == "{'c': Decimal('1.5'), 'n': 2}"


seen: list[object] = []


def test_what_would_change_nothing_is_not_made() -> None:
    assert not broken("sum(f(a) for a in b)", "reverse")
    assert not broken("set(b)", "repeat")
    assert not broken("max(b, default=0)", "reverse")
    assert not broken("{f(a) for a in b}", "reverse")
    assert not broken("{f(a): a for a in b}", "repeat")
    assert broken("max(b, key=k)", "reverse")
    assert not broken("for a in b:\n    if a: break", "repeat")
    assert not broken("if __name__ == '__main__':\n    main()", "comparison")
    assert not broken("x: 'a > b' = 1", "comparison")


LINES = '''"""naïve — ☃"""
def f(rows):
    return [
        r["é"]
        for r in rows
        if r["n"]
        > 3
        and not (
            r["a"]
            or r["b"]
        )  # why
    ]
'''


@pytest.mark.parametrize("source", [LINES, LINES.replace("\n", "\r\n")])
def test_every_mutant_of_many_lines_compiles_and_keeps_its_lines(source: str) -> None:
    read = Source(source)
    found = list(edits(read))
    assert len(found) > 15
    for edit in found:
        text = read.applied(edit)
        ast.parse(text)
        assert text.count("\n") == source.count("\n"), edit
        begin, end = len(source.encode()[: edit.begin]), len(source.encode()[edit.end :])
        assert text.encode()[:begin] == source.encode()[:begin]
        assert text.encode()[len(text.encode()) - end :] == source.encode()[edit.end :]


OLD = """
def kept(rows):
    return [r for r in rows if r["n"] > 3]

def other(rows):
    return [r for r in rows if r["m"] > 5]

print(kept([]))
"""
NEW = OLD.replace("rows if", "iter(rows) if", 1)


def chosen(count: int, **kwargs: bool) -> tuple[object, ...]:
    file = TargetFile("a.py", NEW, OLD, **kwargs)
    return mutants([file], {"a.py": ast.parse(NEW)}, (), "a.py", count)


def test_the_choice_is_the_same_each_time_and_changed_lines_come_first() -> None:
    first = mutants([TargetFile("a.py", NEW, OLD)], {"a.py": ast.parse(NEW)}, (), "a.py", 6)
    assert first == chosen(6)
    assert {mutant.line for mutant in first} == {3}
    assert len({mutant.operator for mutant in first}) == 6
    assert len({mutant.source for mutant in first}) == 6


def test_code_that_nothing_calls_is_left_alone() -> None:
    found = mutants([TargetFile("a.py", NEW, OLD)], {"a.py": ast.parse(NEW)}, (), "a.py", 99)
    assert not any(mutant.line == 6 for mutant in found)
    called = mutants(
        [TargetFile("a.py", NEW, OLD)], {"a.py": ast.parse(NEW)}, ["other"], "a.py", 99
    )
    assert any(mutant.line == 6 for mutant in called)


def test_of_a_helper_only_what_changed_is_broken() -> None:
    code = {"a.py": ast.parse(NEW)}
    found = mutants([TargetFile("a.py", NEW, OLD, whole=False)], code, ["other"], "b.py", 99)
    assert {mutant.line for mutant in found} == {3}


def test_a_mutant_comes_with_its_diff() -> None:
    found = mutants([TargetFile("a.py", NEW, OLD)], {"a.py": ast.parse(NEW)}, (), "a.py", 99)
    mutant = next(m for m in found if m.label == "> turned into >=")
    assert '-    return [r for r in iter(rows) if r["n"] > 3]' in mutant.diff(NEW)
    assert '+    return [r for r in iter(rows) if r["n"] >= 3]' in mutant.diff(NEW)


def test_a_key_that_the_code_itself_makes_is_never_missing() -> None:
    source = "t = {'n': 0}\nfor s in u:\n    t['n'] += t['n'] + s['k']\n"
    assert broken(source, "lookup") == {source.replace("s['k']", "s.get('k')")}
