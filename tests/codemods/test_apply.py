"""Many plans in one text, and the promise that untouched text stays as it is."""

from __future__ import annotations

import pytest

from loadstream.analysis.plans import ReportOnly
from loadstream_codemods.apply import apply
from loadstream_codemods.errors import CannotApplyError, CommentLostError, UnreadableError

ODD = (
    "# -*- coding: utf-8 -*-\r\n"
    "'''Doc\r\n  string'''\r\n"
    "x = 1 ;\ty  =  2\t\r\n"
    "\x0c\r\n"
    "if x :\r\n"
    "\tz = {'ä' : [1 ,2],}   # ünï\r\n"
    "\tw = \\\r\n"
    "\t  3\r\n"
)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("end", ["", "\n", "\n\n  \n# end", "\n\x0c\n"])
def test_everything_around_an_edit_stays_character_for_character(plan, newline, end):
    site = "a = 'ö'; b = [s for s in load_x() if s['ü'] > 'é']; c = 'ß'  # ø"
    new = "a = 'ö'; b = list(stream_x(filter_func=lambda s: s['ü'] > 'é')); c = 'ß'  # ø"
    odd = ODD.replace("\r\n", newline)
    text = f"{odd}{site}{end}".replace("\r\n", "\n").replace("\n", newline)
    expected = text.replace(site, new)
    assert apply(text, [plan(text, "collect", moved=1, wrap="list")]) == expected


def test_new_lines_end_as_the_files_lines_do(plan):
    text = "xs = load_x()\r\nif 1:\r\n\tfor s in xs:\r\n\t\tif s.a:  # a\r\n\t\t\tprint(s)\r\n"
    assert apply(text, [plan(text, "loop", unwrap=True, name="is_a")]) == (
        "if 1:\r\n\r\n\tdef is_a(s):\r\n\t\t# a\r\n\t\treturn s.a\r\n\r\n"
        "\tfor s in stream_x(filter_func=is_a):\r\n\t\tprint(s)\r\n"
    )


def test_columns_are_right_behind_wide_characters_on_the_same_line(plan):
    text = "a, b = '😀é', [s for s in load_x() if s]\n"
    new = apply(text, [plan(text, "collect", moved=1, wrap="list")])
    assert new == "a, b = '😀é', list(stream_x(filter_func=lambda s: s))\n"


def test_a_site_inside_the_body_of_another_site_is_rewritten_too(plan):
    text = (
        "from m import load_x, load_y\n"
        "for s in load_x():\n"
        "    if s.a:\n"
        "        best = [t for t in load_y() if t.a == s.a]\n"
        "        print(best, len([t for t in load_z() if t]))\n"
    )
    plans = [
        plan(text, "loop", unwrap=True),
        plan(text, "collect", loader="load_y", parameter="t", moved=1, wrap="list"),
        plan(text, "count", loader="load_z", parameter="t", moved=1, remove=None, add=None),
    ]
    new = (
        "from m import stream_x, stream_y\n"
        "for s in stream_x(filter_func=lambda s: s.a):\n"
        "    best = list(stream_y(filter_func=lambda t: t.a == s.a))\n"
        "    print(best, sum(1 for _ in stream_z(filter_func=lambda t: t)))\n"
    )
    assert apply(text, plans) == new
    assert apply(text, plans[::-1]) == new


def test_a_site_inside_a_moved_condition_and_one_inside_an_argument_are_rewritten_too(plan):
    text = "a = [s for s in load_x(max(load_y())) if s in [t for t in load_z() if t]]\n"
    plans = [
        plan(text, "collect", moved=1, wrap="list"),
        plan(text, "pass", loader="load_y"),
        plan(text, "collect", loader="load_z", parameter="t", moved=1, wrap="list"),
    ]
    assert apply(text, plans) == (
        "a = list(\n    stream_x(\n        max(stream_y()),\n"
        "        filter_func=lambda s: s in list(stream_z(filter_func=lambda t: t)),\n    )\n)\n"
    )


def test_two_functions_before_one_statement_stand_in_order(plan):
    text = (
        "import m\n"
        "show([s for s in load_x() if s  # one\n     ], [t for t in load_y() if t  # two\n     ])\n"
    )
    plans = [
        plan(text, "collect", moved=1, wrap="list", name="is_one"),
        plan(text, "collect", loader="load_y", parameter="t", moved=1, wrap="list", name="is_two"),
    ]
    assert apply(text, plans) == (
        "import m\n\n\n"
        "def is_one(s):\n    # one\n    return s\n\n\n"
        "def is_two(t):\n    # two\n    return t\n\n\n"
        "show(list(stream_x(filter_func=is_one)), list(stream_y(filter_func=is_two)))\n"
    )


def test_several_sites_share_one_import(plan):
    text = (
        "from m import load_x, load_y, other\na = sum(load_x())\nb = sum(load_y())\nprint(load_y)\n"
    )
    plans = [plan(text, "pass"), plan(text, "pass", loader="load_y")]
    assert apply(text, plans) == (
        "from m import load_y, other, stream_x, stream_y\n"
        "a = sum(stream_x())\n"
        "b = sum(stream_y())\n"
        "print(load_y)\n"
    )


def test_a_report_changes_nothing(plan):
    text = "a = sum(load_x())\n"
    site = plan(text, "pass")._replace(shape=ReportOnly())
    assert apply(text, [site]) == text
    assert apply(text, []) == text


def test_a_plan_for_another_text_is_refused_and_named(plan):
    text = "a = sum(load_x())\n"
    site = plan(text, "pass")
    for other in ("\n" + text, "abc = sum(load_x())\n", "a = sum(load_x)\n", "x\n"):
        with pytest.raises(CannotApplyError) as caught:
            apply(other, [site])
        assert caught.value.plan == site


def test_a_second_predicate_is_never_added(plan):
    text = "a = [s for s in load_x(filter_func=f) if s]\n"
    with pytest.raises(CannotApplyError, match="already"):
        apply(text, [plan(text, "collect", moved=1, wrap="list")])


def test_a_comment_that_has_no_place_is_an_error_of_its_own(plan):
    text = "xs = load_x()\na = [s for s in (  # why\n    xs) if s]\n"
    new = apply(text, [plan(text, "collect", moved=1, wrap="list")])
    assert "# why" in new
    text = "a = f'''{[s for s in load_x(1) if s  # why\n ]}'''\n"
    try:
        compile(text, "", "exec")
    except SyntaxError:
        pytest.skip("comments in f-strings came with Python 3.12")
    with pytest.raises((CommentLostError, CannotApplyError)):
        apply(text, [plan(text, "collect", moved=1, wrap="list")])


def test_what_libcst_cannot_read_is_told_with_the_place(plan):
    text = "a = sum(load_x())\n"
    with pytest.raises(UnreadableError) as caught:
        apply(text + "b = = 2\n", [plan(text, "pass")])
    assert caught.value.line == 2


def test_every_comment_of_a_text_is_still_there_after_an_edit(plan):
    text = (
        "# 1\nfrom m import (  # 2\n    load_x,  # 3\n)  # 4\n# 5\n"
        "def f():  # 6\n    # 7\n    xs = (  # 8\n        load_x(  # 9\n            1,  # 10\n"
        "        )  # 11\n    )  # 12\n    # 13\n    return [  # 14\n        s  # 15\n"
        "        for s in xs  # 16\n        # 17\n        if s.a  # 18\n        if (  # 19\n"
        "            s.b  # 20\n        )  # 21\n    ]  # 22\n    # 23\n# 24\n"
    )
    for details in ({"wrap": "list"}, {"wrap": None}):
        new = apply(text, [plan(text, "collect", moved=2, name="is_f", **details)])
        compile(new, "new", "exec")
        for number in range(1, 25):
            assert f"# {number}\n" in new


def test_an_assignment_that_another_pass_still_reads_does_not_go(plan, json_plan):
    text = (
        "def g(a):\n    data = json.load(f)\n    if a:\n        print(sum(data))\n"
        "    else:\n        print(max(data))\n"
    )
    plans = [json_plan(text, nth=n, moved_with=None, statement=None) for n in (1, 2)]
    assert "data" not in apply(text, plans)
    text += "print(max(load_x()))\n"
    for one in plans:
        with pytest.raises(CannotApplyError, match="'data'") as caught:
            apply(text, [one, plan(text, "pass")])
        assert caught.value.plan == one


def test_new_code_that_python_cannot_read_is_refused(json_plan):
    text = "print(max(json.load(f)))\n"
    site = json_plan(text, source="json.load(f)", bindings=(), moved_with=None, statement=None)
    twice = site.stream._replace(arguments=("x for x in y", "1"))
    with pytest.raises(CannotApplyError, match="no Python"):
        apply(text, [site._replace(stream=twice)])


def test_a_text_that_is_nested_too_deeply_is_told(plan):
    text = "a = sum(load_x())\n"
    deep = f"{text}b = {' + '.join(['1'] * 2500)}\n"
    with pytest.raises(UnreadableError, match="deep"):
        apply(deep, [plan(text, "pass")])


def test_an_f_string_that_shows_its_source_text_is_left_alone(plan):
    text = "print(f'{max(load_x())=}')\n"
    try:
        site = plan(text, "pass")
        apply(text, [site])
    except CannotApplyError:
        return
    pytest.fail("the text that is printed would have changed")


def test_warnings_about_the_users_text_are_not_ours(plan, recwarn):
    text = "a = max(load_x())\nb = '\\d'\n"
    site = plan("a = max(load_x())\n", "pass")
    assert apply(text, [site]) == text.replace("load", "stream")
    assert not recwarn.list
