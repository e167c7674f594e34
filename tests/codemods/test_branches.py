"""Several plans of one load, one in each branch: they share what goes, and go together."""

from __future__ import annotations

from textwrap import dedent

import pytest

from loadstream.analysis.spans import Position, Span
from loadstream_codemods.apply import apply
from loadstream_codemods.errors import CannotApplyError

TEXT = dedent("""\
    import json
    # the rows
    with open(p) as f:
        data = json.load(f)
    if a:
        # each
        for s in data:
            print(s)
    else:
        print(max(data))
    """)


def _plan(json_plan):
    first, second = json_plan(TEXT, nth=1), json_plan(TEXT, nth=2)
    return first._replace(branches=(second,))


def test_the_file_is_opened_in_each_branch_and_the_load_goes_once(json_plan):
    assert apply(TEXT, [_plan(json_plan)]) == dedent("""\
        from loadstream import stream_json
        if a:
            # the rows
            with open(p) as f:
                # each
                for s in stream_json(f):
                    print(s)
        else:
            # the rows
            with open(p) as f:
                print(max(stream_json(f)))
        """)


def test_a_variable_goes_once_and_each_branch_has_its_own_form(plan):
    text = dedent("""\
        from m import load_x
        rows = load_x()
        if a:
            kept = [s for s in rows if s['b']]
        else:
            print(sum(rows))
        """)
    whole = text.replace("sum(rows)", "sum([])"), text.replace("in rows if", "in [] if")
    first = plan(whole[0], "collect", moved=1, wrap="list")
    second = plan(whole[1].replace("in [] if", "in None if"), "pass")
    assert apply(text, [first._replace(branches=(second,))]) == dedent("""\
        from m import stream_x
        if a:
            kept = list(stream_x(filter_func=lambda s: s['b']))
        else:
            print(sum(stream_x()))
        """)


def test_a_branch_that_cannot_be_edited_fails_the_whole_and_names_it(json_plan):
    good = _plan(json_plan)
    nowhere = Span(Position(2, 0), Position(2, 3))
    bad = good._replace(branches=(good.branches[0]._replace(source=nowhere),))
    with pytest.raises(CannotApplyError) as caught:
        apply(TEXT, [bad])
    assert caught.value.plan == bad
