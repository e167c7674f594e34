"""One pass in each branch: which reads exclude each other, and what each branch becomes."""

from __future__ import annotations

import pytest

LOAD = "rows = load_x()\n"


@pytest.mark.parametrize(
    "text",
    [
        "if a:\n    print(sum(rows))\nelse:\n    print(max(rows))",
        "if a:\n    print(sum(rows))\nelif b:\n    print(max(rows))\nelse:\n    print(min(rows))",
        "if a:\n    print(sum(rows))\nelif max(rows):\n    print(a)",
        "if a:\n    if b:\n        print(sum(rows))\n    else:\n        print(any(rows))\n"
        "else:\n    print(max(rows))",
        "print(sum(rows) if a else max(rows))",
        "match a:\n    case 1:\n        print(sum(rows))\n    case _:\n        print(max(rows))",
        "b = 1\nif a:\n    print(sum(rows))\nelse:\n    print(max(rows))",
    ],
)
def test_passes_in_different_branches_are_planned_each(analyse, text):
    [site] = analyse(LOAD + text)
    assert site.plan is not None, site.refusals
    assert len(site.plan.branches) == text.count("rows") - 1
    assert not any(plan.branches for plan in site.plan.branches)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("if any(rows):\n    print(sum(rows))", "multi-pass"),
        ("if a:\n    print(sum(rows))\nprint(max(rows))", "multi-pass"),
        ("if a:\n    print(sum(rows))\nif not a:\n    print(max(rows))", "multi-pass"),
        ("if a:\n    print(1)\nelif any(rows):\n    print(max(rows))", "multi-pass"),
        ("print(sum(rows) if any(rows) else max(rows))", "multi-pass"),
        (
            "match a:\n    case 1 if any(rows):\n        pass\n"
            "    case _:\n        print(max(rows))",
            "multi-pass",
        ),
        (
            "match any(rows):\n    case 1:\n        pass\n    case _:\n        print(max(rows))",
            "multi-pass",
        ),
        ("try:\n    print(sum(rows))\nexcept TypeError:\n    print(max(rows))", "handler-scope"),
        (
            "while a:\n    if b:\n        print(sum(rows))\n    else:\n        print(max(rows))",
            "in-loop",
        ),
        ("if a:\n    print(sum(rows))\nelse:\n    print(rows[0])", "random-access"),
        ("if a:\n    print(len(rows))\nelse:\n    print(sum(rows))\nprint(a, rows)", "escapes"),
        (
            "if a:\n    print(sum(rows))\nelse:\n    out = []\n    for s in rows:\n"
            "        out.append(s)",
            "keeps-everything",
        ),
        ("if a:\n    print(sum(rows))\nelse:\n    unknown()\n    max(rows)", "effects-between"),
        (
            "if a:\n    print(sum(rows))\nelse:\n    try:\n        print(max(rows))\n"
            "    except ValueError:\n        pass",
            "handler-scope",
        ),
    ],
)
def test_a_load_is_kept_where_two_passes_may_run_or_one_branch_cannot(analyse, text, slug):
    [site] = analyse(LOAD + text)
    assert site.plan is None
    assert slug in [refusal.reason.value for refusal in site.refusals]


def test_what_one_branch_does_is_not_between_the_load_and_the_other(analyse):
    [site] = analyse(LOAD + "if a:\n    unknown()\nelse:\n    print(max(rows))")
    assert site.plan is not None
    [site] = analyse(
        LOAD + "match a:\n    case 1:\n        unknown()\n    case _:\n        print(max(rows))"
    )
    assert site.plan is not None
    [site] = analyse(
        LOAD + "match a:\n    case 1 if unknown():\n        pass\n    case _:\n        max(rows)"
    )
    assert [refusal.reason.value for refusal in site.refusals] == ["effects-between"]


def test_counting_in_one_branch_only_is_a_count(analyse):
    [site] = analyse(LOAD + "if a:\n    print(len(rows))\nelse:\n    print(sum(rows))")
    assert [plan.code for plan in site.plan.each] == ["LS106", "LS104"]


def test_one_unsafe_branch_makes_the_whole_unsafe(analyse):
    [site] = analyse(
        "from tqdm import tqdm\nrows = load_x()\nif a:\n    print(sum(rows))\n"
        "else:\n    for s in tqdm(rows):\n        print(s)"
    )
    assert site.plan.safety.value == "unsafe"
    assert [refusal.reason.value for refusal in site.refusals] == ["progress"]


def test_the_predicates_of_two_branches_have_names_of_their_own(analyse):
    picks = "    picked = [s for s in rows if s['a']]\n"
    [site] = analyse(LOAD + f"if a:\n{picks}else:\n{picks}")
    names = [plan.shape.predicate.name for plan in site.plan.each]
    assert len(set(names)) == 2


def test_a_file_that_only_one_branch_closes_is_kept(analyse):
    text = (
        "import json\nf = open('d.json')\nrows = json.load(f)\nif a:\n    print(sum(rows))\n"
        "    f.close()\nelse:\n    print(max(rows))"
    )
    assert [site.plan for site in analyse(text)] == [None]
