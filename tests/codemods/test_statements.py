"""The line of the load goes; what stood around it stays tidy."""

from __future__ import annotations

import pytest

LOOP = "for s in xs:\n    print(s)\n"
NEW = "for s in stream_x():\n    print(s)\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f"a = 1\n\nxs = load_x()\n{LOOP}", f"a = 1\n\n{NEW}"),
        (f"a = 1\nxs = load_x()\n\n{LOOP}", f"a = 1\n\n{NEW}"),
        (f"a = 1\n\n\nxs = load_x()\n\n{LOOP}", f"a = 1\n\n\n{NEW}"),
        (f"a = 1\n\n# why\nxs = load_x()  # all\n{LOOP}", f"a = 1\n\n# why\n# all\n{NEW}"),
        (f"a = 1\n# why\nxs = load_x()\n\n{LOOP}", f"a = 1\n# why\n{NEW}"),
        (f"a = 1\n# why\nxs = load_x()\n\n# each\n{LOOP}", f"a = 1\n\n# why\n# each\n{NEW}"),
        # a comment that heads more stays, one whose lines are all gone goes with the load
        (f"# why\nxs = load_x()\na = 1\n\n{LOOP}", f"# why\na = 1\n\n{NEW}"),
        (f"a = 1\n# why\nxs = load_x()\n\nb = 2\n{LOOP}", f"a = 1\n\nb = 2\n# why\n{NEW}"),
        (
            f"a = 1\n\n# all\n\n# why\nxs = load_x()\n\n# b\nb = 2\n\n# each\n{LOOP}",
            f"a = 1\n\n# all\n\n# b\nb = 2\n\n# why\n# each\n{NEW}",
        ),
        (
            f"a = 1\n# --- data ---\nxs = load_x()\n\n# each\n{LOOP}",
            f"a = 1\n# --- data ---\n\n# each\n{NEW}",
        ),
        (f"a = 1; xs = load_x(); b = 2\n{LOOP}", f"a = 1; b = 2\n{NEW}"),
        (f"a = 1; xs = load_x()  # both\n{LOOP}", f"a = 1  # both\n{NEW}"),
        (f"xs = load_x(); b = 2\n{LOOP}", f"b = 2\n{NEW}"),
        (f"#!/bin/python\n\nxs = load_x()\n\n{LOOP}", f"#!/bin/python\n\n{NEW}"),
        (f"xs: list = load_x()\n{LOOP}", NEW),
        (f"xs = (\n    load_x()\n)\n{LOOP}", NEW),
    ],
)
def test_the_line_goes_and_its_comments_stand_before_the_next(check, old, new):
    check(old, new, "pass")


def test_a_block_does_not_begin_with_a_blank_line(check):
    check(
        "def f():\n    xs = load_x()\n\n    for s in xs:\n        print(s)\n",
        "def f():\n    for s in stream_x():\n        print(s)\n",
        "pass",
    )


def test_a_block_that_becomes_empty_gets_pass(check):
    check(
        "if a:\n    # why\n    xs = load_x()  # all\nprint(max(xs))\n",
        "if a:\n    # why\n    # all\n    pass\nprint(max(stream_x()))\n",
        "pass",
    )
    check("if a: xs = load_x()\nprint(max(xs))\n", "if a: pass\nprint(max(stream_x()))\n", "pass")
    check("if a: xs = load_x(); b()\nmax(xs)\n", "if a: b()\nmax(stream_x())\n", "pass")


def test_comments_of_the_last_line_of_a_block_stay_in_it(check):
    check(
        "if a:\n    b = 1\n    # why\n    xs = load_x()\n    # end\nprint(max(xs))\n",
        "if a:\n    b = 1\n    # why\n    # end\nprint(max(stream_x()))\n",
        "pass",
    )


def test_a_function_at_the_top_has_two_blank_lines_around_it_and_one_inside_a_function(check):
    old = "a = 1\n\nxs = load_x()\n# these\nb = [s for s in xs if s  # set\n]\n"
    new = (
        "a = 1\n\n\ndef is_b(s):\n    # set\n    return s\n\n\n"
        "# these\nb = list(stream_x(filter_func=is_b))\n"
    )
    check(old, new, "collect", moved=1, wrap="list", name="is_b")
    indented = "".join(f"    {line}" if line.strip() else line for line in old.splitlines(True))
    nested = "".join(f"    {line}" if line.strip() else line for line in new.splitlines(True))
    check(
        f"def f():\n{indented}",
        f"def f():\n{nested}".replace("\n\n\n", "\n\n"),
        "collect",
        moved=1,
        wrap="list",
        name="is_b",
    )
