"""LS106: lengths become sums over a stream."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("old", "new", "moved"),
    [
        ("len(load_x())", "sum(1 for _ in stream_x())", 0),
        ("len([s for s in load_x()])", "sum(1 for _ in stream_x())", 0),
        (
            "len([s for s in load_x() if s.a if s.b])",
            "sum(1 for _ in stream_x(filter_func=lambda s: s.a and s.b))",
            2,
        ),
        (
            "len([s for s in load_x() if s.a if (n := s.b)])",
            "sum(1 for s in stream_x(filter_func=lambda s: s.a) if (n := s.b))",
            1,
        ),
        ("len(load_x()) / 2", "sum(1 for _ in stream_x()) / 2", 0),
    ],
)
def test_elements_are_counted_while_they_stream(check, old, new, moved):
    check(f"n = {old}\n", f"n = {new}\n", "count", moved=moved)


def test_a_count_through_a_variable_loses_the_variable(check):
    check("xs = load_x()\nn = len(xs)\n", "n = sum(1 for _ in stream_x())\n", "count")


def test_comments_of_the_counted_list_live_on(check):
    check(
        """
        n = len([
            s for s in load_x()  # all
            if s.a
        ])
        """,
        """
        n = sum(1 for _ in stream_x(
            # all
            filter_func=lambda s: s.a
        ))
        """,
        "count",
        moved=1,
    )


def test_a_long_count_is_set_in_brackets_of_its_own(check_json):
    check_json(
        "data = json.load(f)\nnumber_of_all = len(data)\n",
        """
        number_of_all = sum(
            1 for _ in stream_json(open(path_of_the_annotations, encoding=enc), "$.images")
        )
        """,
        "count",
        arguments=("open(path_of_the_annotations, encoding=enc)", "'$.images'"),
        moved_with=None,
        statement=None,
    )
