"""Each statement that generated programs have between two filters, in each kind of place."""

from __future__ import annotations

import textwrap

import pytest

from tests.differential import filters
from tests.differential.harness import Workshop
from tests.differential.model import Program

IMPORTS = "import json\nfrom collections import defaultdict\nfrom data import load_x, stream_x\n"
LOADS = ["rows = load_x()", "with open('rows.json') as f:\n    rows = json.load(f)"]
FILTERS = [
    ("[s for s in rows if s['a'] == 1]", "[s for s in rows if s['a'] != 1]"),
    ("[s for s in rows if s['a'] < LIMIT]", "[s for s in rows if s['a'] >= LIMIT]"),
]
AROUND = [
    "{}",
    "for turn in range(2):\n    {}",
    "def main():\n    limit, high = 1, ['before']\n    {}\nmain()",
    "def main():\n    global high\n    {}\ntry:\n    main()\nexcept Exception:\n    print(high)",
    "try:\n    {}\nexcept Exception as error:\n    print(repr(error), high)",
]
SAFE_AROUND = AROUND[:3]


def program(load: str, pair: tuple[str, str], between: str, around: str) -> Program:
    """A program that filters twice, with a statement between, within what is given."""
    between = between.format(e="low", l="high", t="s")
    lines = f"{load}\nlow = {pair[0]}\n{between}\nhigh = {pair[1]}\nprint(low, high)"
    text = around.format(textwrap.indent(lines, "    " if "\n" in around else "").strip())
    whole = f"{filters.STATE}{filters.SETUP}{text}\nprint(calls, list(numbers))\n"
    return Program(f"{IMPORTS}{filters.helpers(whole)}{whole}", filters.WHOLE[::4])


@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize("between", filters.HARMLESS)
def test_a_harmless_statement_between_is_carried_out_behind_the_pass(between, load, tmp_path):
    workshop = Workshop(tmp_path)
    for pair in FILTERS:
        for around in AROUND:
            written = program(load, pair, between, around)
            assert workshop.divergence(written) is None
            is_split = "split(" in workshop.rewrite(written.text).every
            assert is_split is (around in SAFE_AROUND), around


@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize("between", filters.HARMFUL)
def test_what_any_other_statement_between_does_is_as_before(between, load, tmp_path):
    workshop = Workshop(tmp_path)
    for pair in FILTERS:
        for around in AROUND:
            written = program(load, pair, between, around)
            try:
                compile(written.text, "program.py", "exec")
            except SyntaxError:
                continue
            assert workshop.divergence(written) is None
