"""len() behind a loop: where the loop can count, and each way in which the count would be wrong."""

from __future__ import annotations

import pytest

from loadstream.analysis.plans import CountedLoop

LOAD = "rows = load_x()\n"
LOOP = LOAD + "for s in rows:\n    print(s)\n"
IN_FILE = "import json\nwith open('d.json') as f:\n    doc = json.load(f)\n"


@pytest.mark.parametrize(
    ("text", "counter", "reads"),
    [
        (LOOP + "print(len(rows))", "row_count", 1),
        (LOOP + "if len(rows):\n    print(1 / len(rows))", "row_count", 2),
        (LOOP + "for k in range(3):\n    print(k / len(rows))", "row_count", 1),
        (LOOP + "print(sum(k / len(rows) for k in range(3)))", "row_count", 1),
        (LOOP + "row_count = 3\nprint(len(rows))", "row_count_2", 1),
        (LOAD + "for i, s in enumerate(rows, 1):\n    print(i)\nprint(len(rows))", "row_count", 1),
        (
            LOAD + "for s in rows:\n    for x in s:\n        break\nprint(len(rows))",
            "row_count",
            1,
        ),
        (
            LOAD + "for s in rows:\n    if s['b']:\n        print(s)\nprint(len(rows))",
            "row_count",
            1,
        ),
        ("data = load_x()\nfor item in data:\n    print(item)\nprint(len(data))", "item_count", 1),
        ("data = load_x()\nfor s in data:\n    print(s)\nprint(len(data))", "count", 1),
        (
            IN_FILE + "for s in doc['entries']:\n    print(s)\nprint(len(doc['entries']))",
            "entry_count",
            1,
        ),
        (
            IN_FILE + "    rows = doc.get('rows', [])\n    for s in rows:\n        print(s)\n"
            "print(len(rows), len(doc.get('rows', [])))",
            "row_count",
            2,
        ),
    ],
)
def test_the_loop_counts(analyse, text, counter, reads):
    [site] = analyse(text)
    assert site.plan is not None, site.refusals
    shape = site.plan.shape
    assert isinstance(shape, CountedLoop)
    assert (site.plan.code, shape.counter, len(shape.reads)) == ("LS104", counter, reads)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        (LOAD + "for s in rows:\n    if s:\n        break\nprint(len(rows))", "needs-list"),
        (
            LOAD + "for s in rows:\n    for x in s:\n        pass\n    else:\n        break\n"
            "print(len(rows))",
            "needs-list",
        ),
        (LOAD + "print(len(rows))\nfor s in rows:\n    print(s)", "needs-list"),
        (LOAD + "for s in rows:\n    print(s, len(rows))", "in-loop"),
        (LOOP + "else:\n    print(len(rows))", "in-loop"),
        (LOAD + "for s, k in zip(rows, range(2)):\n    print(s)\nprint(len(rows))", "needs-list"),
        (LOAD + "for s in filter(None, rows):\n    print(s)\nprint(len(rows))", "needs-list"),
        (LOAD + "for s in zip('ab', rows):\n    print(s)\nprint(len(rows))", "needs-list"),
        (LOAD + "if a:\n    for s in rows:\n        print(s)\nprint(len(rows))", "needs-list"),
        (
            LOAD + "try:\n    for s in rows:\n        print(s)\nfinally:\n    print(len(rows))",
            "needs-list",
        ),
        (
            "from contextlib import suppress\n" + LOAD + "with suppress(KeyError):\n"
            "    for s in rows:\n        print(s['a'])\nprint(len(rows))",
            "needs-list",
        ),
        (
            LOAD + "with guard():\n    for s in rows:\n        print(s['a'])\nprint(len(rows))",
            "needs-list",
        ),
        (LOOP + "def f():\n    return len(rows)", "closure"),
        (LOOP + "f = lambda: len(rows)", "closure"),
        (LOOP + "g = (k / len(rows) for k in range(3))\nprint(list(g))", "in-loop"),
        (LOOP + "print(len(rows), rows[0])", "random-access"),
        (LOOP + "rows.append(1)\nprint(len(rows))", "needs-list"),
        (LOOP + "rows = rows + [1]\nprint(len(rows))", "escapes"),
        (LOOP + "print(len(rows))\nfor s in rows:\n    print(s)", "multi-pass"),
        (LOAD + "print(sum(rows))\nprint(len(rows))", "needs-list"),
        (LOAD + "print([s for s in rows if s])\nprint(len(rows))", "needs-list"),
        (IN_FILE + "for s in doc['a']:\n    print(s)\nprint(len(doc['b']))", "needs-list"),
        (IN_FILE + "for s in doc['a']:\n    print(s)\nprint(len(doc))", "needs-list"),
        (
            IN_FILE + "for s in doc.get('a', []):\n    print(s)\nprint(len(doc.get('a', ())))",
            "needs-list",
        ),
        (IN_FILE + "for s in doc.values():\n    print(s)\nprint(len(doc))", "needs-list"),
        (
            "def enumerate(*given):\n    return given\n" + LOOP + "print(len(rows))",
            "needs-list",
        ),
        (
            LOAD + "for k in range(2):\n    for s in rows:\n        print(s)\n    print(len(rows))",
            "in-loop",
        ),
        (
            LOAD + "out = []\nfor s in rows:\n    out.append(s)\nprint(len(rows))",
            "keeps-everything",
        ),
    ],
)
def test_the_load_is_kept_where_the_count_would_be_another(analyse, text, slug):
    [site] = analyse(text)
    assert site.plan is None
    assert slug in [refusal.reason.value for refusal in site.refusals]


def test_two_counts_in_a_file_have_names_of_their_own(analyse):
    sites = analyse(
        "a_rows = load_x()\nb_rows = load_x()\nfor s in a_rows:\n    print(s)\n"
        "for s in b_rows:\n    print(s)\nprint(len(a_rows), len(b_rows))"
    )
    twice = analyse(LOOP + "print(len(rows))\n" + LOOP + "print(len(rows))")
    for found in (sites, twice):
        assert len({site.plan.shape.counter for site in found}) == 2


def test_two_loops_over_keys_have_values_of_their_own(analyse):
    sites = analyse(
        "import json\nwith open('d.json') as f:\n    data = json.load(f)\n"
        "    for k in data.keys():\n        with open(k) as g:\n            info = json.load(g)\n"
        "            for j in info.keys():\n                print(data[k], info[j])"
    )
    assert [site.plan.shape.value for site in sites] == ["value", "value_2"]


def test_a_loop_that_counts_is_not_filtered(analyse):
    [site] = analyse(
        LOAD + "picked = []\nfor s in rows:\n    if s['b']:\n        picked.append(s)\n"
        "print(len(picked), len(rows))"
    )
    assert isinstance(site.plan.shape, CountedLoop)
