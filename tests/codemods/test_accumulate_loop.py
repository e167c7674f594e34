"""LS103: append loops, exact text before and after; and what the predicate answers."""

from __future__ import annotations

import itertools
from textwrap import dedent

import pytest

from loadstream_codemods.errors import CannotApplyError


def test_conditions_alone_become_a_lambda(check):
    check(
        """
        kept = []
        for s in load_x():
            if s['a'] is None:
                continue
            if s['b'] or s['c']:
                if s['d']:
                    kept.append(s)
        """,
        """
        kept = list(
            stream_x(filter_func=lambda s: s['a'] is not None and (s['b'] or s['c']) and s['d'])
        )
        """,
        "accumulate",
        name="is_kept",
    )


def test_local_steps_become_the_body_of_a_named_predicate(check):
    check(
        """
        def f():
            sessions = load_x()
            # Marathons of the third period.
            marathons = []
            for session in sessions:  # all of them
                # how many
                delegations = session.get('delegations', [])
                if len(delegations) > 20 and delegations:
                    period = classify(
                        delegations[0],  # the first
                    )

                    if period == 'P3':  # third
                        marathons.append(session)
            return marathons
        """,
        """
        def f():
            def is_marathon(session):
                # how many
                delegations = session.get('delegations', [])
                if len(delegations) > 20 and delegations:
                    period = classify(
                        delegations[0],  # the first
                    )

                    return period == 'P3'  # third
                return False

            # Marathons of the third period.
            marathons = list(stream_x(filter_func=is_marathon))  # all of them
            return marathons
        """,
        "accumulate",
        name="is_marathon",
        accumulator="marathons",
        parameter="session",
    )


def test_guards_return_false_and_a_bare_append_returns_true(check):
    check(
        """
        kept: list[dict] = []
        for s in load_x():
            n = s['n']
            if n > 3: continue
            m = n + 1
            if m:
                # odd
                continue
            kept.append(s)  # at last
        """,
        """
        def is_kept(s):
            n = s['n']
            if n > 3: return False
            m = n + 1
            if m:
                # odd
                return False
            return True  # at last


        kept: list[dict] = list(stream_x(filter_func=is_kept))
        """,
        "accumulate",
        name="is_kept",
    )


def test_a_loop_that_appends_everything_collects_the_stream(check):
    check(
        "kept = []\nfor s in load_x():\n    kept.append(s)\n",
        "kept = list(stream_x())\n",
        "accumulate",
    )


def test_an_append_of_everything_keeps_its_comment(check):
    check(
        "kept = []\nfor s in load_x():\n    # every one\n    kept.append(s)\n",
        "def is_kept(s):\n    # every one\n    return True\n\n\n"
        "kept = list(stream_x(filter_func=is_kept))\n",
        "accumulate",
        name="is_kept",
    )


def test_all_comments_around_the_append_live_on(check):
    check(
        """
        kept = []  # none so far
        for s in load_x():
            x = s['a']
            # why
            if x:  # set
                # so
                kept.append(s)  # kept
                # inner end
            # outer end
        print(kept)
        """,
        """
        def is_kept(s):
            x = s['a']
            # why
            # set
            # so
            # kept
            # inner end
            return x
            # outer end


        # none so far
        kept = list(stream_x(filter_func=is_kept))
        print(kept)
        """,
        "accumulate",
        name="is_kept",
    )


def test_a_condition_over_several_lines_is_returned_in_parentheses(check):
    check(
        """
        kept = []
        for s in load_x():
            x = s['a']
            if x and \\
                    s['b']:
                kept.append(s)
            else_ = 1
        """.replace("    else_ = 1\n", ""),
        """
        def is_kept(s):
            x = s['a']
            return x and \\
                    s['b']


        kept = list(stream_x(filter_func=is_kept))
        """,
        "accumulate",
        name="is_kept",
    )
    check(
        """
        kept = []
        for s in load_x():
            x = s['a']
            if (x
                    and s['b']):
                kept.append(s)
        """,
        """
        def is_kept(s):
            x = s['a']
            return (x
                and s['b'])


        kept = list(stream_x(filter_func=is_kept))
        """,
        "accumulate",
        name="is_kept",
    )


@pytest.mark.parametrize(
    "body",
    [
        "kept.append(s)\nkept.append(s)",
        "if s['a']:\n    kept.append(s)\nif s['b']:\n    kept.append(s)",
        "if s['a']:\n    kept.append(s)\nx = 1",
        "if s['a']:\n    kept.append(s)\nelse:\n    x = 1",
        "for t in s:\n    kept.append(s)",
    ],
)
def test_a_body_that_is_no_predicate_is_refused(rewritten, body):
    text = "kept = []\nfor s in load_x():\n    y = 1\n" + "".join(
        f"    {line}\n" for line in body.splitlines()
    )
    with pytest.raises(CannotApplyError):
        rewritten(text, "accumulate", name="is_kept")


def test_steps_without_a_name_for_the_predicate_are_refused(rewritten):
    with pytest.raises(CannotApplyError, match="no name"):
        rewritten(
            "kept = []\nfor s in load_x():\n    x = s\n    if x:\n        kept.append(s)\n",
            "accumulate",
        )


STEPS = {
    "assign": "n = s['a'] + s['b']",
    "guard": "if s['a'] > 1:\n    continue",
    "not_guard": "if not s['b']: continue",
    "second": "m = s['c'] or s['b']",
}
ENDS = {
    "append": "kept.append(s)",
    "if": "if s['c'] < 2:\n    kept.append(s)",
    "nested": "if s['c']:\n    k = s['a']\n    if k == s['b']:\n        kept.append(s)",
    "inner guard": "if s['c']:\n    if s['a']:\n        continue\n    kept.append(s)",
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("first", STEPS)
@pytest.mark.parametrize("second", STEPS)
def test_the_predicate_keeps_just_what_the_loop_appended(rewritten, first, second, end):
    body = "\n".join([STEPS[first], STEPS[second], ENDS[end]])
    text = dedent("kept = []\nfor s in load_x():\n") + "".join(
        f"    {line}\n" for line in body.splitlines()
    )
    elements = [dict(zip("abc", v, strict=True)) for v in itertools.product(range(3), repeat=3)]

    def stream_x(filter_func=None):
        return (e for e in elements if filter_func is None or filter_func(e))

    old = {"load_x": lambda: elements}
    exec(text, old)
    new = {"stream_x": stream_x}
    exec(rewritten(text, "accumulate", name="is_kept"), new)
    assert new["kept"] == old["kept"]
