"""Filters over one load: which of them can take turns, and what keeps them apart."""

from __future__ import annotations

import pytest

from loadstream.analysis.plans import Safety
from tests.analysis.programs import programs

SHAPES = programs(
    """
# safe: the same key compared with other literals
rows = load_x()
low = [s for s in rows if s["a"] < 2]
high = [r for r in rows if r["a"] >= 5]

# safe: three filters
rows = load_x()
one = [s for s in rows if s["a"] == 1 and s["b"]]
two = [s for s in rows if s["a"] == 2]
none = [s for s in rows if s["a"] is None if not s["a"]]

# safe: a part of a plain load, under a handler
import json
def split_up(path):
    try:
        with open(path) as f:
            data = json.load(f)
            low = [s for s in data["rows"] if s["a"] < 2]
            high = [s for s in data["rows"] if s["a"] > 5]
        return low, high
    except Exception:
        return None

# safe: the values of an object, where a key is asked for only where it is
import json
with open("rows.json") as f:
    data = json.load(f)
low = [s for s in data.values() if "a" in s and s["a"] == 1]
high = [r for r in data.values() if "a" in r if r["a"] == 2]

# unsafe: another key is asked for where the first is
rows = load_x()
low = [s for s in rows if "a" in s and s["a"] == 1]
high = [s for s in rows if "a" in s and s["b"] == 2]

# multi-pass: the keys and the values of an object
import json
with open("rows.json") as f:
    data = json.load(f)
low = [s for s in data if s < "m"]
high = [s for s in data.values() if s["a"] > 2]

# unsafe: the second asks for another key
rows = load_x()
low = [s for s in rows if s["a"] < 2]
odd = [s for s in rows if s["b"]]

# unsafe: a limit that is given
def find(limit):
    rows = load_x()
    low = [s for s in rows if s["a"] < limit]
    high = [s for s in rows if s["a"] >= limit]
    return low, high

# unsafe: functions that only look
def is_low(row):
    numbers = []
    numbers.append(row["a"])
    return numbers[0] < 2
def is_high(row):
    return not is_low(row)
rows = load_x()
low = [s for s in rows if is_low(s)]
high = [s for s in rows if is_high(s)]

# multi-pass: something between
rows = load_x()
low = [s for s in rows if s["a"] < 2]
show(low)
high = [s for s in rows if s["a"] > 5]

# multi-pass: a pass that is no filter
rows = load_x()
low = [s for s in rows if s["a"] < 2]
high = [s["a"] for s in rows if s["a"] > 5]

# multi-pass: a copy of all
rows = load_x()
low = [s for s in rows if s["a"] < 2]
every = [s for s in rows]

# multi-pass: one more pass below
rows = load_x()
low = [s for s in rows if s["a"] < 2]
high = [s for s in rows if s["a"] > 5]
print(sum(1 for s in rows))

# multi-pass: a set
rows = load_x()
low = [s for s in rows if s["a"] < 2]
high = {s for s in rows if s["a"] > 5}

# multi-pass: one name for both
rows = load_x()
low = [s for s in rows if s["a"] < 2]
low = [s for s in rows if s["a"] > 5]

# multi-pass: the name of the value
rows = load_x()
low = [s for s in rows if s["a"] < 2]
rows = [s for s in rows if s["a"] > 5]

# multi-pass: an annotation
rows = load_x()
low: list = [s for s in rows if s["a"] < 2]
high: list = [s for s in rows if s["a"] > 5]

# multi-pass: two targets
rows = load_x()
low = first = [s for s in rows if s["a"] < 2]
high = [s for s in rows if s["a"] > 5]

# multi-pass: an attribute
rows = load_x()
low = [s for s in rows if s["a"] < 2]
low.high = [s for s in rows if s["a"] > 5]

# multi-pass: numbered
rows = load_x()
low = [s for s in rows if s["a"] < 2]
high = [s for s in enumerate(rows) if s[1]["a"] > 5]

# multi-pass: different blocks
rows = load_x()
low = [s for s in rows if s["a"] < 2]
if low:
    high = [s for s in rows if s["a"] > 5]

# header-and-array: different parts
import json
data = json.load(open("data.json"))
low = [s for s in data["rows"] if s["a"] < 2]
high = [s for s in data["other"] if s["a"] > 5]

# in-loop: filters in a loop behind the load
rows = load_x()
for turn in range(2):
    low = [s for s in rows if s["a"] < 2]
    high = [s for s in rows if s["a"] > 5]

# escapes: in a class
class Holder:
    rows = load_x()
    low = [s for s in rows if s["a"] < 2]
    high = [s for s in rows if s["a"] > 5]

# needs-list: its length, too
rows = load_x()
low = [s for s in rows if s["a"] < 2]
high = [s for s in rows if s["a"] > 5]
print(len(rows))

# handler-scope: a handler of the load alone
try:
    rows = load_x()
except ValueError:
    rows = []
low = [s for s in rows if s["a"] < 2]
high = [s for s in rows if s["a"] > 5]
"""
)
EFFECTS = programs(
    """
# self-reference: a list that another filter has made
rows = load_x()
low = [s for s in rows if s["a"] < 2]
others = [s for s in rows if s not in low]

# self-reference: what the list of a later filter was before
high = []
rows = load_x()
low = [s for s in rows if s["a"] not in high]
high = [s for s in rows if s["a"] > 5]

# self-reference: a list that a function reads
def few():
    return len(low) < 2
low = []
rows = load_x()
low = [s for s in rows if s["a"] < 2]
high = [s for s in rows if few()]

# effects-between: what was seen
seen = set()
rows = load_x()
new = [s for s in rows if s["a"] not in seen and not seen.add(s["a"])]
old = [s for s in rows if s["a"] in seen]

# effects-between: it prints
rows = load_x()
low = [s for s in rows if print(s) or s["a"] < 2]
high = [s for s in rows if s["a"] > 5]

# effects-between: a function that prints
def talk(s):
    print(s)
    return s["a"] < 2
rows = load_x()
low = [s for s in rows if s["a"] > 5]
high = [s for s in rows if talk(s)]

# effects-between: a function whose function counts
calls = []
def count(s):
    calls.append(s)
    return len(calls) < 5
def ask(s):
    return count(s)
rows = load_x()
low = [s for s in rows if ask(s)]
high = [s for s in rows if s["a"] > 5]

# effects-between: a function that marks what it is given
def mark(s, marks):
    marks[s["a"]] = True
    return s["b"]
def work(marks):
    rows = load_x()
    low = [s for s in rows if mark(s, marks)]
    high = [s for s in rows if s["a"] > 5]
    return low, high

# effects-between: an object that remembers
class Last:
    def match(self, s):
        self.last, before = s["a"], getattr(self, "last", 0)
        return before < s["a"]
last = Last()
rows = load_x()
low = [s for s in rows if last.match(s)]
high = [s for s in rows if s["a"] > 5]

# effects-between: a property that counts
class Limit:
    asked = 0
    @property
    def now(self):
        self.asked += 1
        return self.asked
limit = Limit()
rows = load_x()
low = [s for s in rows if s["a"] < limit.now]
high = [s for s in rows if s["a"] > limit.now]

# effects-between: something that is not known
from random import random
rows = load_x()
low = [s for s in rows if random() < 0.5]
high = [s for s in rows if s["a"] > 5]

# effects-between: an iterator that the first uses up
wanted = iter([1, 2, 3])
rows = load_x()
low = [s for s in rows if s["a"] in wanted]
high = [s for s in rows if s["a"] not in wanted]

# effects-between: a generator in a comprehension of both
def find(wanted):
    rows = load_x()
    low = [s for s in rows if any(w == s["a"] for w in wanted)]
    high = [s for s in rows if any(w < s["a"] for w in wanted)]
    return low, high

# unsafe: a set that both search
wanted = set(range(3))
rows = load_x()
low = [s for s in rows if s["a"] in wanted]
high = [s for s in rows if s["a"] not in wanted]

# stop-iteration: the next of something
numbers = iter([1, 2])
rows = load_x()
low = [s for s in rows if next(numbers)]
high = [s for s in rows if s["a"] > 5]

# walrus: a name that a condition binds
rows = load_x()
low = [s for s in rows if (n := s["a"]) < 2]
high = [s for s in rows if s["a"] > 5]

# late-binding: a name that is bound later
def work():
    rows = load_x()
    low = [s for s in rows if s["a"] < limit]
    high = [s for s in rows if s["a"] > 5]
    limit = 3
    return low, high
"""
)
ENDS = programs(
    """
# partial-effects: a handler around both
try:
    rows = load_x()
    low = [s for s in rows if s["a"] < 2]
    odd = [s for s in rows if s["b"]]
except KeyError:
    low = []

# partial-effects: finally
def work():
    low = []
    try:
        rows = load_x()
        low = [s for s in rows if s["a"] < 2]
        odd = [s for s in rows if s["b"]]
    finally:
        print(low)

# partial-effects: a caller's handler
def work():
    rows = load_x()
    low = [s for s in rows if s["a"] < 2]
    odd = [s for s in rows if s["b"]]
    return low, odd
try:
    work()
except KeyError as error:
    print(error)

# partial-effects: a global that is left
low = []
def work():
    global low
    rows = load_x()
    low = [s for s in rows if s["a"] < 2]
    odd = [s for s in rows if s["b"]]
    return odd

# partial-effects: a name that a nested function reads
def work():
    def show():
        print(low)
    low = []
    rows = load_x()
    low = [s for s in rows if s["a"] < 2]
    odd = [s for s in rows if s["b"]]
    return show, odd

# unresolved: another split
from os.path import split
rows = load_x()
low = [s for s in rows if s["a"] < 2]
high = [s for s in rows if s["a"] > 5]

# unresolved: a parameter of that name
def work(split):
    rows = load_x()
    low = [s for s in rows if s["a"] < split]
    high = [s for s in rows if s["a"] > 5]
    return low, high

# unresolved: names that are not known
import json
from numpy import *
rows = json.load(open("data.json"))
low = [s for s in rows if s["a"] < 2]
high = [s for s in rows if s["a"] > 5]
"""
)


@pytest.mark.parametrize(("expected", "program"), [*SHAPES, *EFFECTS, *ENDS])
def test_filters_in_a_row_take_turns_or_are_kept_and_say_why(expected, program, analyse):
    site = next(site for site in analyse(program) if site.loader)
    if expected in ("safe", "unsafe"):
        assert site.plan is not None, [refusal.words for refusal in site.refusals]
        assert (site.plan.code, site.plan.safety) == ("LS109", Safety(expected))
        assert bool(site.refusals) is (expected == "unsafe")
    else:
        assert site.plan is None
        assert expected in {refusal.reason.value for refusal in site.refusals}


@pytest.mark.parametrize(("expected", "program"), [*EFFECTS, *ENDS])
def test_what_keeps_them_apart_comes_behind_the_fact_that_they_are_several(
    expected, program, analyse
):
    site = next(site for site in analyse(program) if site.loader)
    assert site.plan is not None or site.refusals[0].reason.value == "multi-pass", expected


def test_elements_that_may_be_anything_make_it_unsafe(analyse):
    program = (
        'rows = load_x()\nlow = [s for s in rows if s["a"] < 2]\n'
        'high = [s for s in rows if s["a"] > 5]\n'
    )
    own = (
        "import json\nclass Row(dict): pass\ndef load_x():\n    with open('data.json') as file:\n"
        "        return [Row(row) for row in json.load(file)]\n"
        "def stream_x(filter_func=None):\n    return filter(filter_func, load_x())\n"
    )
    [site] = [site for site in analyse(program, data=own) if site.loader == "data.load_x"]
    assert site.plan is not None
    assert site.plan.safety is Safety.UNSAFE
    assert [refusal.reason.value for refusal in site.refusals] == ["multi-pass"]


def test_a_file_that_takes_all_names_and_has_a_split_of_its_own_keeps_them(analyse, tmp_path):
    program = (
        'rows = load_x()\nlow = [s for s in rows if s["a"] < 2]\n'
        'high = [s for s in rows if s["a"] > 5]\n'
    )
    (tmp_path / "other.py").write_text("from os.path import split\nfrom script import *\n")
    [site] = [site for site in analyse(program) if site.loader == "data.load_x"]
    assert {refusal.reason.value for refusal in site.refusals} >= {"multi-pass", "unresolved"}
