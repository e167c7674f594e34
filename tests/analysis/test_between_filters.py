"""What may stand between filters of one load: what only looks, and nobody sees come later."""

from __future__ import annotations

import pytest

from loadstream.analysis.notebooks import source_of
from loadstream.analysis.plans import Safety
from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import find_sites
from tests.analysis.programs import programs
from tests.notebooks import notebook

LOW = 'low = [s for s in rows if s["a"] < 2]'
HIGH = 'high = [s for s in rows if s["a"] > 5]'
HARMLESS = [
    "pass",
    '"what is low"',
    "print()",
    "print(low)",
    'print("low:", len(low), -1, LIMIT, end="", sep=", ", flush=True)',
    'print(f"{len(low):>10} of {LIMIT!r}, {low}", "-" * 20)',
    'print(f"{len(low)=}")',
    'print("%d are low" % len(low), "{}, {}".format(len(low), LIMIT))',
    "print(1 / len(low))",
    "count = len(low)",
    "count = len(low) * 2\nprint(count, -count)\ncount = count + 1",
    "same = low\nprint(same)",
]
KEPT = [
    "print(high)",
    "print(len(high))",
    "print(s)",
    "print(rows)",
    "print(unknown)",
    "print(path)",
    "print(LISTED)",
    "print(low, file=out)",
    "print(low, sep=out)",
    "print(*low)",
    "print(low, **{'end': ''})",
    "print(low[0])",
    "print(low[0]['a'])",
    "print(low.count(1))",
    "print(low.clear())",
    "print(str(low))",
    "print([s for s in low])",
    "print(n := len(low))",
    'print(f"{len(low):>{LIMIT}}")',
    'print(f"{str(low)}")',
    'print("{}".format(*low))',
    'print("{x}".format(x=low))',
    "print(LIMIT.format(low))",
    "print(print(low))",
    "print(len(low, low))",
    "print(low is low)",
    "len(low)",
    "low",
    "log(low)",
    "sys.stdout.write('low')",
    "high = len(low)",
    "low = len(low)",
    "s = len(low)",
    "count: int = len(low)",
    "count = other = len(low)",
    "count, other = len(low), 1",
    "count = str(low)",
    "count += 1",
    "known = len(low)",
    "out.count = len(low)",
    "del low",
    "assert low",
    "assert len(low)",
    "if low:\n    print(len(low))",
    "for _ in low:\n    pass",
    "import os",
    "def show():\n    print(low)",
    "return low",
    "raise ValueError",
    "yield low",
    "await low",
    "print(await low)",
    "global high",
]


def _within(between: str) -> str:
    lines = ["rows = load_x()", LOW, *between.splitlines(), HIGH, "print(low, high)"]
    head = (
        "import sys\nLIMIT = 5\nLISTED = [1]\ndef log(x): ...\n"
        "async def work(path, out, unknown):\n    def other():\n        return known\n"
    )
    return head + "".join(f"    {line}\n" for line in lines)


@pytest.mark.parametrize("between", HARMLESS)
def test_what_only_looks_at_earlier_lists_does_not_keep_filters_apart(between, analyse):
    [site] = [site for site in analyse(_within(between)) if site.loader]
    assert site.plan is not None, [refusal.words for refusal in site.refusals]
    assert (site.plan.code, site.plan.safety) == ("LS109", Safety.SAFE)


@pytest.mark.parametrize("between", KEPT)
def test_all_else_between_keeps_the_load(between, analyse):
    [site] = [site for site in analyse(_within(between)) if site.loader]
    assert site.plan is None
    assert "multi-pass" in {refusal.reason.value for refusal in site.refusals}


APART = programs(
    """
# safe: at the top of the file
rows = load_x()
low = [s for s in rows if s["a"] < 2]
print(low)
high = [s for s in rows if s["a"] > 5]

# safe: each time that a loop comes round
for turn in range(2):
    rows = load_x()
    low = [s for s in rows if s["a"] < 2]
    print(len(low))
    high = [s for s in rows if s["a"] > 5]

# safe: a handler of the caller, which sees no list
def work():
    rows = load_x()
    low = [s for s in rows if s["a"] < 2]
    print(1 / len(low))
    high = [s for s in rows if s["a"] > 5]
    return low, high
try:
    work()
except ZeroDivisionError:
    print("none")

# safe: a name of another function that is another name
def other():
    count = 1
    return count
def work():
    rows = load_x()
    low = [s for s in rows if s["a"] < 2]
    count = len(low)
    high = [s for s in rows if s["a"] > 5]
    return low, high, count

# effects-between: a later filter may raise
rows = load_x()
low = [s for s in rows if s["a"] < 2]
print(len(low))
high = [s for s in rows if s["b"] > 5]

# effects-between: a later filter may raise, and nothing is printed
rows = load_x()
low = [s for s in rows if s["a"] < 2]
pass
high = [s for s in rows if s["b"] > 5]

# effects-between: conditions that are not known
rows = load_x()
low = [s for s in rows if is_low(s)]
print(len(low))
high = [s for s in rows if s["a"] > 5]

# multi-pass: a literal that the later filter asks for
rows = load_x()
low = [s for s in rows if s["a"] < 2]
limit = 5
high = [s for s in rows if s["a"] > limit]

# self-reference: a later filter reads the earlier list
rows = load_x()
low = [s for s in rows if s["a"] < 2]
print(len(low))
high = [s for s in rows if s not in low]

# multi-pass: another print
from rich import print
rows = load_x()
low = [s for s in rows if s["a"] < 2]
print(low)
high = [s for s in rows if s["a"] > 5]

# multi-pass: another len, below
rows = load_x()
low = [s for s in rows if s["a"] < 2]
print(len(low))
high = [s for s in rows if s["a"] > 5]
len = str

# partial-effects: a handler
try:
    rows = load_x()
    low = [s for s in rows if s["a"] < 2]
    print(low)
    high = [s for s in rows if s["a"] > 5]
except BrokenPipeError:
    print("no pipe", high)

# partial-effects: finally
def work(high=None):
    try:
        rows = load_x()
        low = [s for s in rows if s["a"] < 2]
        print(low)
        high = [s for s in rows if s["a"] > 5]
    finally:
        show(high)

# partial-effects: what passes over exceptions
from contextlib import suppress
def work(high=None):
    with suppress(ZeroDivisionError):
        rows = load_x()
        low = [s for s in rows if s["a"] < 2]
        print(1 / len(low))
        high = [s for s in rows if s["a"] > 5]
    return high

# partial-effects: a global
high = []
def work():
    global high
    rows = load_x()
    low = [s for s in rows if s["a"] < 2]
    print(low)
    high = [s for s in rows if s["a"] > 5]
    return low

# partial-effects: a list that another function reads
import atexit
high = []
@atexit.register
def show():
    print(high)
rows = load_x()
low = [s for s in rows if s["a"] < 2]
print(1 / len(low))
high = [s for s in rows if s["a"] > 5]

# multi-pass: a count that another function reads
def show():
    return count
rows = load_x()
low = [s for s in rows if s["a"] < 2]
count = len(low)
high = [s for s in rows if s["a"] > 5]

# multi-pass: a count that is global
def work():
    global count
    rows = load_x()
    low = [s for s in rows if s["a"] < 2]
    count = len(low)
    high = [s for s in rows if s["a"] > 5]
    return low, high

# unresolved: a count called split
rows = load_x()
low = [s for s in rows if s["a"] < 2]
split = len(low)
high = [s for s in rows if s["a"] > 5]

# escapes: in a class
class Holder:
    rows = load_x()
    low = [s for s in rows if s["a"] < 2]
    print(low)
    high = [s for s in rows if s["a"] > 5]

# multi-pass: filters in other blocks
rows = load_x()
if rows is not None:
    low = [s for s in rows if s["a"] < 2]
    print(low)
high = [s for s in rows if s["a"] > 5]
"""
)


@pytest.mark.parametrize(("expected", "program"), APART)
def test_what_is_between_is_harmless_only_where_nobody_sees_the_order(expected, program, analyse):
    site = next(site for site in analyse(program) if site.loader)
    if expected == "safe":
        assert site.plan is not None, [refusal.words for refusal in site.refusals]
        assert (site.plan.code, site.plan.safety) == ("LS109", Safety.SAFE)
    else:
        assert site.plan is None
        assert expected in {refusal.reason.value for refusal in site.refusals}


PRINTS = f"rows = load_x()\n{LOW}\nprint(len(low))\n{HIGH}\n"


@pytest.mark.parametrize(
    "other",
    [
        "import sys\nsys.stdout = Tee(sys.stdout)",
        "import sys as system\nsystem.stdout, system.stderr = a, b",
        "import sys\nold, sys.stdout = sys.stdout, buffer",
        "from contextlib import redirect_stdout as to",
        "def test(monkeypatch):\n    monkeypatch.setattr('sys.stdout', fake)",
        "def test(monkeypatch):\n    monkeypatch.setattr(sys, 'stdout', fake)",
        "import builtins\nbuiltins.print = log",
        "from unittest import mock\nmock.patch('builtins.print')",
        "from unittest import mock\nmock.patch('builtins.len')",
        "__builtins__['print'] = log",
        "import script\nscript.print = log",
    ],
)
@pytest.mark.parametrize("where", ["here", "there"])
def test_output_that_is_put_somewhere_else_keeps_them_apart(other, where, analyse, tmp_path):
    (tmp_path / "other.py").write_text(other if where == "there" else "")
    text = f"{other}\n{PRINTS}" if where == "here" else PRINTS
    [site] = [site for site in analyse(text) if site.loader == "data.load_x"]
    assert site.plan is None
    assert [r.reason.value for r in site.refusals] == ["multi-pass", "effects-between"]


@pytest.mark.parametrize(
    "other",
    [
        "import subprocess\nsubprocess.run(['ls'], stdout=subprocess.PIPE).stdout",
        "import sys\nprint('x', file=sys.stdout, end='')\nassert sys.stdout == 1",
        "class Set:\n    def __init__(self, x):\n        self.len = len(x)\n        self.print = 1",
    ],
)
def test_output_that_is_only_used_does_not(other, analyse, tmp_path):
    (tmp_path / "other.py").write_text(other)
    [site] = [site for site in analyse(PRINTS) if site.loader == "data.load_x"]
    assert site.plan is not None


def test_where_nothing_is_printed_it_does_not_matter_where_output_goes(analyse):
    text = f"import sys\nsys.stdout = None\nrows = load_x()\n{LOW}\nlimit = 5\n{HIGH}\n"
    [site] = [site for site in analyse(text) if site.loader == "data.load_x"]
    assert site.plan is not None


def test_elements_that_may_be_anything_are_not_printed_later(analyse):
    own = (
        "import json\nclass Row(dict): pass\ndef load_x():\n    with open('data.json') as file:\n"
        "        return [Row(row) for row in json.load(file)]\n"
        "def stream_x(filter_func=None):\n    return filter(filter_func, load_x())\n"
    )
    [site] = [site for site in analyse(PRINTS, data=own) if site.loader == "data.load_x"]
    assert site.plan is None
    assert [r.reason.value for r in site.refusals] == ["multi-pass", "effects-between"]


IN_CELL = (
    f"import json\ndef work():\n    rows = json.load(open('x.json'))\n    {LOW}\n    %s\n    {HIGH}"
)
AT_TOP = "import json\nrows = json.load(open('x.json'))\n" + LOW


@pytest.mark.parametrize(
    ("cells", "safety"),
    [
        ([IN_CELL % "print(low)"], Safety.SAFE),
        ([IN_CELL % "'low'"], None),  # which could be shown, if it came last in a cell
        ([IN_CELL % "%time print(low)"], None),
        ([f"{AT_TOP}\nprint(low)\n{HIGH}"], Safety.UNSAFE),
        ([f"{AT_TOP}\nprint(low)", HIGH], None),
        ([AT_TOP, f"print(low)\n{HIGH}"], None),
    ],
)
def test_in_a_notebook_all_stands_in_one_cell(cells, safety, tmp_path):
    source = source_of(notebook(*cells), tmp_path / "nb.ipynb")
    [site] = find_sites(source, Repository(tmp_path))
    assert (None if site.plan is None else site.plan.safety) == safety
