"""The arguments that a plan gives to the new call, in the place of the load's own."""

from __future__ import annotations

import pytest

from loadstream_codemods.apply import apply
from loadstream_codemods.errors import CannotApplyError, CommentLostError

PLAIN = {"bindings": (), "moved_with": None, "statement": None}


@pytest.mark.parametrize(
    ("old", "call"),
    [
        ("json.load(f)", "json.load(f)"),
        ("json.loads(f.read())", "json.loads(f.read())"),
        ("json.load(open(p, encoding='utf-8'))", "json.load(open(p, encoding='utf-8'))"),
        ("json.load(f)['items']", "json.load(f)"),
        ("json.load(f).get('items', [])", "json.load(f)"),
        ("json.loads(\n    f.read()\n)['items']", "json.loads(\n    f.read()\n)"),
        ("json.load( f )", "json.load( f )"),
    ],
)
def test_the_whole_source_becomes_the_call(check_json, old, call):
    check_json(
        f"print(max({old}), 'of all')\n",
        "print(max(stream_json(p, '$.items', default=[])), 'of all')\n",
        source=old,
        call=call,
        arguments=("p", "'$.items'", "default=[]"),
        **PLAIN,
    )


def test_no_arguments_and_starred_ones(check_json):
    for arguments, text in (((), ""), (("*a", "**k"), "*a, **k")):
        check_json(
            "print(max(json.load(f)))\n",
            f"print(max(stream_json({text})))\n",
            source="json.load(f)",
            arguments=arguments,
            **PLAIN,
        )


def test_the_predicate_comes_last(check_json):
    check_json(
        "data = json.load(f)\nx = [s for s in data if s['a']]\n",
        "x = list(stream_json(f, '$.items', filter_func=lambda s: s['a']))\n",
        "collect",
        moved=1,
        wrap="list",
        arguments=("f", "'$.items'"),
        moved_with=None,
        statement=None,
    )


def test_a_long_call_is_broken_at_each_argument(check_json):
    condition = "s['status'] == 'finished' and s['distance'] > 42_195"
    check_json(
        f"x = [s for s in json.load(f)['results']['finishers'] if {condition}]\n",
        f"""
        x = list(
            stream_json(
                f,
                '$.results.finishers',
                filter_func=lambda s: {condition},
            )
        )
        """,
        "collect",
        moved=1,
        wrap="list",
        source="json.load(f)['results']['finishers']",
        arguments=("f", "'$.results.finishers'"),
        **PLAIN,
    )


def test_clauses_on_their_own_lines_hold_a_broken_call(check_json):
    condition = "s['status'] == 'finished' and s['distance'] > 42_195"
    check_json(
        f"x = [s['id'] for s in json.load(f)['results'] if {condition}]\n",
        f"""
        x = [
            s['id']
            for s in stream_json(
                f,
                '$.results',
                filter_func=lambda s: {condition},
            )
        ]
        """,
        "collect",
        moved=1,
        source="json.load(f)['results']",
        arguments=("f", "'$.results'"),
        **PLAIN,
    )


def test_comments_of_the_old_call_find_a_place(check_json):
    check_json(
        "data = json.load(  # 1\n    f,  # 2\n)  # 3\nprint(max(data))\n",
        "# 1\n# 2\n# 3\nprint(max(stream_json(f)))\n",
        call="json.load(  # 1\n    f,  # 2\n)",
        moved_with=None,
        statement=None,
    )
    check_json(
        "print(max(json.load(  # 1\n    f\n)))\n",
        "print(max(stream_json(\n    # 1\n    f\n)))\n",
        source="json.load(  # 1\n    f\n)",
        call="json.load(  # 1\n    f\n)",
        **PLAIN,
    )


def test_a_comment_inside_an_f_string_has_no_place(json_plan):
    text = "print(f'''{max(json.load(  # 1\n    f\n))}''')\n"
    try:
        compile(text, "", "exec")
    except SyntaxError:
        pytest.skip("comments in f-strings came with Python 3.12")
    call = "json.load(  # 1\n    f\n)"
    with pytest.raises((CommentLostError, CannotApplyError)):
        apply(text, [json_plan(text, source=call, call=call, **PLAIN)])


@pytest.mark.parametrize(
    ("quote", "argument", "new"),
    [
        ('"', '"$.a"', "'$.a'"),
        ('"', "'$.a'", "'$.a'"),
        ("'", "'$.a'", '"$.a"'),
        ("'''", "'$.a'", '"$.a"'),
    ],
)
def test_arguments_inside_an_f_string_are_given_other_quotes(json_plan, quote, argument, new):
    text = f"print(f{quote}{{max(json.load(f))}}{quote})\n"
    site = json_plan(text, source="json.load(f)", arguments=("f", argument), **PLAIN)
    assert apply(text, [site]) == f"print(f{quote}{{max(stream_json(f, {new}))}}{quote})\n"


@pytest.mark.parametrize("argument", ["'$[\"a\"]'", "'$.\\\\n'", "f(\"a\", 'b')"])
def test_arguments_that_cannot_stand_in_an_f_string_are_refused(json_plan, argument):
    text = 'print(f"{max(json.load(f))}")\n'
    site = json_plan(text, source="json.load(f)", arguments=(argument,), **PLAIN)
    with pytest.raises(CannotApplyError, match="f-string"):
        apply(text, [site])


def test_arguments_that_are_no_python_are_refused(json_plan):
    text = "print(max(json.load(f)))\n"
    site = json_plan(text, source="json.load(f)", arguments=("f g",), **PLAIN)
    with pytest.raises(CannotApplyError, match="no Python"):
        apply(text, [site])


def test_a_site_inside_arguments_that_go_is_refused(plan, json_plan):
    text = "print(max(json.load(open(min(load_x())))))\n"
    call = "json.load(open(min(load_x())))"
    outer = json_plan(text, source=call, call=call, arguments=("p",), **PLAIN)
    with pytest.raises(CannotApplyError, match="another site") as caught:
        apply(text, [plan(text, "pass"), outer])
    assert caught.value.plan == outer


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("print(json.load(f)['a']if x else y)", "print(stream_json(f)if x else y)"),
        ("for s in(json.load(f)['a']): pass", "for s in(stream_json(f)): pass"),
        ("print(*json.load(f)['a'])", "print(*stream_json(f))"),
    ],
)
def test_keywords_may_stand_close(check_json, old, new):
    check_json(f"{old}\n", f"{new}\n", source="json.load(f)['a']", **PLAIN)


def test_new_code_that_would_be_no_python_is_refused_with_its_plan(plan, json_plan):
    text = "print(max(load_x()))\nfor s in(json.load(f)):\n    if s: print(s)\nmax(load_y())\n"
    bad = json_plan(text, "loop", source="json.load(f)", unwrap=True, **PLAIN)
    with pytest.raises(CannotApplyError) as caught:
        apply(text, [plan(text, "pass"), bad, plan(text, "pass", loader="load_y")])
    assert caught.value.plan == bad


@pytest.mark.parametrize(
    ("strings", "given", "written"),
    [
        ("", "'$.a'", '"$.a"'),
        ("b('x', \"it's\")\n", '"$.a"', "'$.a'"),
        ("b('x')\n", "('a b', 'c')", "('a b', 'c')"),
        ('b("x")\n', "('a b', 'c')", '("a b", "c")'),
        ("b('x', \"y\")\n", "'$.a'", '"$.a"'),
        ("b('x', \"y\", 'z')\n", '"$.a"', "'$.a'"),
        ("b('x', '''a''', f\"{y}\")\n", '"$.a"', "'$.a'"),
        ('b("x")\n', "('it\"s',)", "('it\"s',)"),
        ('b("x")\n', "('a\\\\', 'b')", "('a\\\\', 'b')"),
    ],
)
def test_strings_of_ours_have_the_quotes_of_the_file(check_json, strings, given, written):
    check_json(
        f"{strings}print(max(json.load(f)))\n",
        f"{strings}print(max(stream_json(p['k'], {written})))\n",
        source="json.load(f)",
        arguments=("p['k']", given),
        **PLAIN,
    )


def test_the_users_own_text_keeps_its_quotes(check_json):
    check_json(
        "a = \"x\"\nprint(max(json.load(open('p'))))\n",
        'a = "x"\nprint(max(stream_json(open(\'p\'), "$.a", default="")))\n',
        source="json.load(open('p'))",
        call="json.load(open('p'))",
        arguments=("open('p')", "'$.a'", "default=''"),
        **PLAIN,
    )
