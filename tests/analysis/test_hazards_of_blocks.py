"""With blocks that hold the load and not the pass, or the pass and not the load."""

from __future__ import annotations

import pytest


def reasons(sites) -> list[str]:
    return [refusal.reason.value for site in sites for refusal in site.refusals]


@pytest.mark.parametrize(
    "program",
    [
        "with lock:\n    rows = load_x()\nfor s in rows:\n    print(s)\n",
        "with chdir('x'):\n    rows = load_x()\nprint(sum(s['a'] for s in rows))\n",
        "rows = load_x()\nwith lock:\n    for s in rows:\n        print(s)\n",
        "with lock, open('y'):\n    rows = load_x()\nprint(sum(rows))\n",
        "with lock:\n    with open('y'):\n        rows = load_x()\n    1\nprint(sum(rows))\n",
    ],
)
def test_a_block_around_only_one_of_load_and_pass_keeps_the_load(analyse, program):
    assert reasons(analyse(program)) == ["effects-between"]


@pytest.mark.parametrize(
    "program",
    [
        "with lock:\n    rows = load_x()\n    for s in rows:\n        print(s)\n",
        "with lock:\n    for s in load_x():\n        print(s)\n",
        "rows = load_x()\nwith open('y.txt', 'w') as out:\n    for s in rows:\n        print(s)\n",
        "with open('y') as f:\n    rows = load_x()\nprint(sum(rows))\n",
    ],
)
def test_a_block_around_both_or_around_a_file_does_no_harm(analyse, program):
    assert [site.plan is not None for site in analyse(program)] == [True]
