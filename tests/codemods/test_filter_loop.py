"""LS102: loops whose first conditions move, exact text before and after."""

from __future__ import annotations

import pytest


def test_the_one_if_of_a_loop_goes_and_its_body_moves_up(check):
    check(
        """
        for s in load_x():
            if s['a']:
                # first
                print(s,
                      1)

                print(2)
        """,
        """
        for s in stream_x(filter_func=lambda s: s['a']):
            # first
            print(s,
                  1)

            print(2)
        """,
        "loop",
        unwrap=True,
    )


@pytest.mark.parametrize(
    ("test", "negated"),
    [
        ("not s.a", "s.a"),
        ("not (s.a or s.b)", "s.a or s.b"),
        ("s.a", "not s.a"),
        ("s.a == 1", "not s.a == 1"),
        ("s.a < 1", "not s.a < 1"),
        ("s.a < s.b < 1", "not s.a < s.b < 1"),
        ("s.a or s.b", "not (s.a or s.b)"),
        ("s.a and s.b", "not (s.a and s.b)"),
        ("s.a if s.b else s.c", "not (s.a if s.b else s.c)"),
        ("s.a not in seen", "s.a in seen"),
        ("s.a in seen", "s.a not in seen"),
        ("s.a is None", "s.a is not None"),
        ("s.a is not None", "s.a is None"),
        ("s.a in b in c", "not s.a in b in c"),
        ("f(s)", "not f(s)"),
    ],
)
def test_a_guard_moves_as_its_negation_and_no_order_comparison_is_inverted(check, test, negated):
    check(
        f"for s in load_x():\n    if {test}:\n        continue\n    print(s)\n",
        f"for s in stream_x(filter_func=lambda s: {negated}):\n    print(s)\n",
        "loop",
        guards=1,
    )


def test_guards_and_the_one_if_behind_them_are_joined_in_order(check):
    check(
        """
        for s in load_x():
            if not s.a: continue
            if s.b or s.c:
                continue
            if s.d or s.e: print(s); print(2)  # both
        """,
        """
        for s in stream_x(filter_func=lambda s: s.a and not (s.b or s.c) and (s.d or s.e)):
            print(s); print(2)  # both
        """,
        "loop",
        guards=2,
        unwrap=True,
    )


def test_a_loop_of_guards_only_keeps_its_pass_over_the_data(check):
    check(
        "for s in load_x():\n    if s.a:\n        continue\n",
        "for s in stream_x(filter_func=lambda s: not s.a):\n    pass\n",
        "loop",
        guards=1,
    )


def test_comments_at_the_conditions_move_into_a_function(check):
    check(
        """
        def f():
            for s in load_x():  # each
                # no drafts
                if s.draft:  # at all
                    continue

                # and only long ones
                if s.long:  # enough
                    print(s)
                    # done
                # end
            print()
        """,
        """
        def f():
            def is_ready(s):
                # no drafts
                # at all
                # and only long ones
                # enough
                return not s.draft and s.long

            for s in stream_x(filter_func=is_ready):  # each
                print(s)
                # done
                # end
            print()
        """,
        "loop",
        guards=1,
        unwrap=True,
        name="is_ready",
    )


def test_a_long_condition_is_set_in_its_own_line_of_the_loop_head(check):
    check(
        """
        for session in load_x(3):
            if len(session.get('delegations', [])) > 20 and session['period']:
                print(session)
        """,
        """
        for session in stream_x(
            enriched=3,
            filter_func=lambda session: len(session.get('delegations', [])) > 20 and session['x'],
        ):
            print(session)
        """.replace("session['x']", "session['period']").replace(
            "lambda session", "lambda session"
        ),
        "loop",
        unwrap=True,
        parameter="session",
        keywords=("enriched",),
    )


def test_a_loop_keeps_its_else(check):
    check(
        """
        for s in load_x():
            if s.a:
                break
        else:
            print()
        """,
        """
        for s in stream_x(filter_func=lambda s: s.a):
            break
        else:
            print()
        """,
        "loop",
        unwrap=True,
    )


def test_a_multi_line_string_in_a_body_that_moves_up_stays_as_it_is(check):
    check(
        'for s in load_x():\n    if s:\n        print("""a\n        b""")\n',
        'for s in stream_x(filter_func=lambda s: s):\n    print("""a\n        b""")\n',
        "loop",
        unwrap=True,
    )


def test_a_block_with_an_indentation_of_its_own_moves_up_to_the_loops(check):
    check(
        "for s in load_x():\n  if s:\n        print(1)\n        if s.b:\n            print(2)\n",
        "for s in stream_x(filter_func=lambda s: s):\n  print(1)\n  if s.b:\n      print(2)\n",
        "loop",
        unwrap=True,
    )


def test_the_filter_after_a_stream_goes_into_it(check):
    check(
        """
        from m import stream_x
        for s in stream_x():
            if s.a > 20:
                print(s)
        """,
        """
        from m import stream_x
        for s in stream_x(filter_func=lambda s: s.a > 20):
            print(s)
        """,
        "loop",
        loader="stream_x",
        unwrap=True,
        add=None,
        remove=None,
    )


def test_a_line_behind_a_backslash_moves_out_with_its_block(check):
    check(
        """
        for s in load_x():
            if s["n"]:
                total = s["n"] + \\
                    s["m"]
        """,
        """
        for s in stream_x(filter_func=lambda s: s["n"]):
            total = s["n"] + \\
                s["m"]
        """,
        "loop",
        unwrap=True,
    )


def test_within_a_loop_a_long_condition_stays_a_lambda_over_lines(check):
    check(
        """
        def f(paths, options):
            for path in paths:
                for action in load_x(path):
                    if action.get("text") and options["expression"].search(action["text"]):
                        yield action
        """,
        """
        def f(paths, options):
            for path in paths:
                for action in stream_x(
                    path,
                    filter_func=lambda action: (
                        action.get("text")
                        and options["expression"].search(action["text"])
                    ),
                ):
                    yield action
        """,
        "loop",
        parameter="action",
        unwrap=True,
        name="is_wanted_action",
    )


def test_within_a_loop_a_commented_condition_still_becomes_a_function(check):
    check(
        """
        while True:
            for s in load_x():
                # big
                if s["n"] > 3:
                    print(s)
        """,
        """
        while True:

            def is_big(s):
                # big
                return s["n"] > 3

            for s in stream_x(filter_func=is_big):
                print(s)
        """,
        "loop",
        unwrap=True,
        name="is_big",
    )


def test_a_function_of_its_own_within_a_loop_is_not_in_that_loop(check):
    check(
        """
        for path in paths:
            def f(options):
                for action in load_x(path):
                    if action.get("text") and options["expression"].search(action["text"]):
                        yield action
        """,
        """
        for path in paths:
            def f(options):
                def is_wanted_action(action):
                    return action.get("text") and options["expression"].search(action["text"])

                for action in stream_x(path, filter_func=is_wanted_action):
                    yield action
        """,
        "loop",
        parameter="action",
        unwrap=True,
        name="is_wanted_action",
    )
