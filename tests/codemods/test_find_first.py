"""LS105: `next` over a stream."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("old", "new", "details"),
    [
        (
            "next((s for s in load_x() if s.a), None)",
            "next(stream_x(filter_func=lambda s: s.a), None)",
            {"moved": 1},
        ),
        (
            "next(s for s in load_x() if s.a)",
            "next(stream_x(filter_func=lambda s: s.a))",
            {"moved": 1},
        ),
        (
            "next((s.id for s in load_x() if s.a), None)",
            "next((s.id for s in stream_x(filter_func=lambda s: s.a)), None)",
            {"moved": 1, "bare": False},
        ),
        (
            "next(s.id for s in load_x() if s.a)",
            "next(s.id for s in stream_x(filter_func=lambda s: s.a))",
            {"moved": 1, "bare": False},
        ),
        ("next((s for s in load_x()), 0)", "next(stream_x(), 0)", {}),
    ],
)
def test_next_takes_from_the_stream(check, old, new, details):
    check(f"first = {old}\n", f"first = {new}\n", "next", **details)


def test_a_long_condition_is_broken_inside_the_stream_call(check):
    check(
        """
        def first():
            return next((s for s in load_x() if s.get('period') == 'P4' and s.get('author')), None)
        """,
        """
        def first():
            return next(stream_x(
                filter_func=lambda s: s.get('period') == 'P4' and s.get('author')
            ), None)
        """,
        "next",
        moved=1,
        name="is_first",
    )


def test_comments_of_the_generator_live_on(check):
    check(
        """
        first = next(
            (
                s
                for s in load_x()
                if s.a  # set
            ),
            None,  # nothing
        )
        """,
        """
        def is_first(s):
            # set
            return s.a


        first = next(
            stream_x(filter_func=is_first),
            None,  # nothing
        )
        """,
        "next",
        moved=1,
        name="is_first",
    )
