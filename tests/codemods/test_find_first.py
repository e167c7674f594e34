"""LS105: `next` over a stream."""

from __future__ import annotations

import pytest

from loadstream_codemods.apply import apply
from loadstream_codemods.errors import CannotApplyError


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
            return next(
                stream_x(filter_func=lambda s: s.get('period') == 'P4' and s.get('author')),
                None,
            )
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


FIRST = {"moved_with": None, "statement": None}


@pytest.mark.parametrize(
    ("old", "new", "details"),
    [
        (
            "x = [s for s in data if s['a']][0]",
            "x = next(stream_json(f, filter_func=lambda s: s['a']))",
            {"moved": 1},
        ),
        (
            "x = [s for s in data if s['a']][0]",
            "x = next(iter(stream_json(f, filter_func=lambda s: s['a'])))",
            {"moved": 1, "iterator": False},
        ),
        (
            "x = [s['id'] for s in data if s['a'] if s.b][0]['c']",
            "x = next(s['id'] for s in stream_json(f, filter_func=lambda s: s['a']) if s.b)['c']",
            {"moved": 1, "bare": False},
        ),
        (
            "x = [s for s in data][0]",
            "x = next(stream_json(f))",
            {},
        ),
        (
            "x = ([\n    s['id']  # it\n    for s in data  # each\n][0])",
            "x = (next(\n    s['id']  # it\n    for s in stream_json(f)  # each\n))",
            {"bare": False},
        ),
        (
            "x = [  # why\n    s for s in data if s['a']  # a\n][0]",
            "x = next(stream_json(\n    f,\n    # why\n    # a\n"
            "    filter_func=lambda s: s['a'],\n))",
            {"moved": 1},
        ),
    ],
)
def test_the_first_of_a_comprehension_is_the_next_of_the_stream(check_json, old, new, details):
    check_json(f"data = json.load(f)\n{old}\n", f"{new}\n", "first", **details, **FIRST)


def test_an_element_of_something_else_is_refused(json_plan):
    text = "data = json.load(f)\nx = data[0]\n"
    with pytest.raises(CannotApplyError, match="no comprehension"):
        apply(text, [json_plan(text, "first", **FIRST)])
