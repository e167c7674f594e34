"""LS101: comprehensions, exact text before and after."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("old", "new", "details"),
    [
        (
            "a = [s for s in load_x() if s['n'] > 1]",
            "a = list(stream_x(filter_func=lambda s: s['n'] > 1))",
            {"moved": 1, "wrap": "list"},
        ),
        (
            "a = {s for s in load_x() if s}",
            "a = set(stream_x(filter_func=lambda s: s))",
            {"moved": 1, "wrap": "set"},
        ),
        (
            "a = sum(s for s in load_x() if s > 2)",
            "a = sum(stream_x(filter_func=lambda s: s > 2))",
            {"moved": 1, "wrap": ""},
        ),
        (
            "a = sum((s for s in load_x() if s > 2), 5)",
            "a = sum(stream_x(filter_func=lambda s: s > 2), 5)",
            {"moved": 1, "wrap": ""},
        ),
        (
            "a = [s['n'] for s in load_x() if s]",
            "a = [s['n'] for s in stream_x(filter_func=lambda s: s)]",
            {"moved": 1},
        ),
        (
            "a = {s['k']: s for s in load_x() if s}",
            "a = {s['k']: s for s in stream_x(filter_func=lambda s: s)}",
            {"moved": 1},
        ),
        (
            "a = any(s['n'] for s in load_x() if s)",
            "a = any(s['n'] for s in stream_x(filter_func=lambda s: s))",
            {"moved": 1},
        ),
        ("a = [s['n'] for s in load_x()]", "a = [s['n'] for s in stream_x()]", {}),
        (
            "a = [s for s in load_x() if s['a'] if (m := s['b'])]",
            "a = [s for s in stream_x(filter_func=lambda s: s['a']) if (m := s['b'])]",
            {"moved": 1},
        ),
        (
            "a = [d for s in load_x() if s for d in s['ds'] if d]",
            "a = [d for s in stream_x(filter_func=lambda s: s) for d in s['ds'] if d]",
            {"moved": 1},
        ),
        (
            "a = [s for s in (load_x()) if s]",
            "a = list(stream_x(filter_func=lambda s: s))",
            {"moved": 1, "wrap": "list"},
        ),
    ],
)
def test_each_form_of_comprehension_filters_in_the_stream(check, old, new, details):
    check(
        f"from m import load_x\n{old}\n", f"from m import stream_x\n{new}\n", "collect", **details
    )


@pytest.mark.parametrize(
    ("conditions", "joined"),
    [
        ("if s.a or s.b", "s.a or s.b"),
        ("if s.a if s.b or s.c", "s.a and (s.b or s.c)"),
        ("if s.a or s.b if s.c", "(s.a or s.b) and s.c"),
        ("if s.a and s.b if not s.c", "s.a and s.b and not s.c"),
        ("if (s.a if s.b else s.c) if s.d", "(s.a if s.b else s.c) and s.d"),
        ("if s.a < s.b < 3 if s.c", "s.a < s.b < 3 and s.c"),
        ("if (s.a or s.b)", "s.a or s.b"),
        ("if (lambda: s) if s.b", "(lambda: s) and s.b"),
    ],
)
def test_conditions_are_joined_in_order_with_no_more_parentheses_than_needed(
    check, conditions, joined
):
    check(
        f"a = [s for s in load_x() {conditions}]\n",
        f"a = list(stream_x(filter_func=lambda s: {joined}))\n",
        "collect",
        moved=conditions.count("if ") - conditions.count("s.a if s.b else"),
        wrap="list",
    )


def test_the_variable_between_load_and_use_goes_with_its_line(check):
    check(
        """
        from common.data import load_x

        sessions = load_x()

        p4 = [s for s in sessions if s.get('period') == 'P4']
        """,
        """
        from common.data import stream_x

        p4 = list(stream_x(filter_func=lambda s: s.get('period') == 'P4'))
        """,
        "collect",
        moved=1,
        wrap="list",
        import_from="from common.data",
    )


def test_a_line_that_would_be_too_long_is_broken_inside_the_call(check):
    check(
        """
        def f():
            chosen_sessions = [s for s in load_x(True) if s.get('period') == 'P4' and s.get('kind')]
        """,
        """
        def f():
            chosen_sessions = list(
                stream_x(
                    enriched=True,
                    filter_func=lambda s: s.get('period') == 'P4' and s.get('kind'),
                )
            )
        """,
        "collect",
        moved=1,
        wrap="list",
        keywords=("enriched",),
        name="is_chosen",
    )


def test_a_file_whose_brackets_hug_keeps_that_style(check):
    check(
        """
        paths = sorted(map(
            str, names
        ))
        chosen = [s for s in load_x() if s.get('period') == 'P4' and s.get('kind') and s.get('b')]
        """,
        """
        paths = sorted(map(
            str, names
        ))
        chosen = list(stream_x(
            filter_func=lambda s: s.get('period') == 'P4' and s.get('kind') and s.get('b')
        ))
        """,
        "collect",
        moved=1,
        wrap="list",
        name="is_chosen",
    )


def test_a_broken_comprehension_of_a_dict_indents_the_call_in_it(check):
    check(
        """
        names = {
            session["id"]: {
                "name": session["name"],
            } for session in load_x() if session.get("period") == "P4" and session["name"]
        }
        """,
        """
        names = {
            session["id"]: {
                "name": session["name"],
            } for session in stream_x(
                filter_func=lambda session: session.get("period") == "P4" and session["name"]
            )
        }
        """,
        "collect",
        moved=1,
        parameter="session",
        name="is_name",
    )


def test_a_call_inside_brackets_is_broken_relative_to_its_own_line(check):
    check(
        """
        show(
            [session for session in load_x() if session.get('period') == 'P4' and session['n']],
            1,
        )
        """,
        """
        show(
            list(
                stream_x(
                    filter_func=lambda session: session.get('period') == 'P4' and session['n']
                )
            ),
            1,
        )
        """,
        "collect",
        moved=1,
        wrap="list",
        parameter="session",
        name="is_wanted",
    )


def test_a_condition_that_fits_no_line_becomes_a_function_of_its_own(check):
    check(
        """
        import os
        a = 1
        marathons = [s for s in load_x() if CONDITION]
        """.replace(
            "CONDITION",
            "s['period'] == 'P4' and len(s.get('delegations', [])) > 20 and s['author'] != 'me'",
        ),
        """
        import os
        a = 1


        def is_marathon(s):
            return (
                s['period'] == 'P4'
                and len(s.get('delegations', [])) > 20
                and s['author'] != 'me'
            )


        marathons = list(stream_x(filter_func=is_marathon))
        """,
        "collect",
        moved=1,
        wrap="list",
        name="is_marathon",
    )


def test_without_a_place_for_a_function_the_lambda_is_taken_however_long_it_is(check):
    condition = "s['period'] == 'P4' and len(s.get('delegations', [])) > 20 and s['author'] == 'me'"
    check(
        f"class A:\n    marathons = [s for s in load_x() if {condition}]\n",
        "class A:\n    marathons = list(stream_x(\n"
        f"        filter_func=lambda s: {condition}\n    ))\n",
        "collect",
        moved=1,
        wrap="list",
    )


def test_comments_between_the_clauses_move_into_the_function(check):
    check(
        """
        def f():
            return [
                s  # whole
                for s in load_x()
                # only the fourth period
                if s['period'] == 'P4'  # really
            ]
        """,
        """
        def f():
            def is_p4(s):
                # whole
                # only the fourth period
                # really
                return s['period'] == 'P4'

            return list(stream_x(filter_func=is_p4))
        """,
        "collect",
        moved=1,
        wrap="list",
        name="is_p4",
    )


def test_without_a_function_comments_stand_before_the_predicate_in_the_call(check):
    check(
        """
        a = [
            s
            for s in load_x(1)
            # only the fourth period
            if s['period'] == 'P4'
        ]
        """,
        """
        a = list(stream_x(
            1,
            # only the fourth period
            filter_func=lambda s: s['period'] == 'P4',
        ))
        """,
        "collect",
        moved=1,
        wrap="list",
    )


def test_a_condition_over_several_lines_keeps_them_and_its_comments(check):
    check(
        """
        a = [
            s for s in load_x()
            if s['a'] == 1  # one
               and s['b'] in (
                   2,  # two
                   3,
               )
        ]
        """,
        """
        def is_a(s):
            return (
                s['a'] == 1  # one
                and s['b'] in (
                    2,  # two
                    3,
                )
            )


        a = list(stream_x(filter_func=is_a))
        """,
        "collect",
        moved=1,
        wrap="list",
        name="is_a",
    )


def test_a_comprehension_that_stays_is_set_one_clause_a_line_where_it_gets_too_long(check):
    check(
        """
        names = {s['session_id']: s['project'] for s in load_x() if s.get('project') == 'x1'}
        """,
        """
        names = {
            s['session_id']: s['project']
            for s in stream_x(filter_func=lambda s: s.get('project') == 'x1')
        }
        """,
        "collect",
        moved=1,
        name="is_name",
    )


def test_a_comprehension_over_several_lines_keeps_them(check):
    check(
        """
        names = [
            s['id']  # the id
            for s in load_x()
            if s['id']
        ]
        """,
        """
        names = [
            s['id']  # the id
            for s in stream_x(filter_func=lambda s: s['id'])
        ]
        """,
        "collect",
        moved=1,
        name="is_name",
    )


def test_a_collected_stream_and_its_filter_become_one(check):
    check(
        """
        from m import stream_x
        every = list(stream_x(enriched=False))
        some = [s for s in every if s['a']]
        """,
        """
        from m import stream_x
        some = list(stream_x(enriched=False, filter_func=lambda s: s['a']))
        """,
        "collect",
        loader="stream_x",
        moved=1,
        wrap="list",
        add=None,
        remove=None,
    )
    check(
        "some = [s for s in list(stream_x()) if s['a']]\n",
        "some = list(stream_x(filter_func=lambda s: s['a']))\n",
        "collect",
        loader="stream_x",
        moved=1,
        wrap="list",
    )


def test_a_generator_that_is_all_a_call_is_given_is_broken_at_the_calls_brackets(check):
    check(
        """
        best = max(s["score"] for s in load_x() if s.get("period") == "P4" and s["score"])
        """,
        """
        best = max(
            s["score"]
            for s in stream_x(filter_func=lambda s: s.get("period") == "P4" and s["score"])
        )
        """,
        "collect",
        moved=1,
        name="is_best",
    )


def test_a_comprehension_on_one_line_in_its_brackets_is_broken_at_its_clauses(check):
    check(
        """
        scores = [
            s["score"] for s in load_x() if s.get("period") == "P4" and s["score"] > 1
        ]
        """,
        """
        scores = [
            s["score"]
            for s in stream_x(filter_func=lambda s: s.get("period") == "P4" and s["score"] > 1)
        ]
        """,
        "collect",
        moved=1,
        name="is_score",
    )
