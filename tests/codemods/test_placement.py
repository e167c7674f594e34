"""The `with` that opens the file comes around the pass, and all comments stay."""

from __future__ import annotations

import ast

import pytest

from loadstream_codemods.apply import apply
from loadstream_codemods.errors import CannotApplyError

ROWS = {"source": 'data["rows"]', "arguments": ("f", '"$.rows"'), "statement": None}


def test_the_with_moves_from_its_place_around_the_loop(check_json):
    check_json(
        """
        import json

        def f(path):
            with open(path) as f:
                data = json.load(f)
            total = 0
            for row in data["rows"]:
                total += row["n"]
            return total
        """,
        """
        from loadstream import stream_json

        def f(path):
            total = 0
            with open(path) as f:
                for row in stream_json(f, "$.rows"):
                    total += row["n"]
            return total
        """,
        source='data["rows"]',
        arguments=("f", '"$.rows"'),
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (  # no double blank lines where the with was
            """
            a = 1

            with open(p) as f:
                data = json.load(f)

            b = 2

            for row in data["rows"]:
                print(row)
            c = 3
            """,
            """
            a = 1

            b = 2

            with open(p) as f:
                for row in stream_json(f, "$.rows"):
                    print(row)
            c = 3
            """,
        ),
        (  # a block does not begin with a blank line
            """
            def g():
                with open(p) as f:
                    data = json.load(f)

                b = 2
                print(list(data["rows"]), b)
            """,
            """
            def g():
                b = 2
                with open(p) as f:
                    print(list(stream_json(f, "$.rows")), b)
            """,
        ),
        (  # one line
            """
            with open(p) as f: data = json.load(f)
            for row in data["rows"]: print(row)
            """,
            """
            with open(p) as f:
                for row in stream_json(f, "$.rows"): print(row)
            """,
        ),
        (  # one line with a comment
            """
            with open(p) as f: data = json.load(f)  # all
            for row in data["rows"]: print(row)
            """,
            """
            with open(p) as f:  # all
                for row in stream_json(f, "$.rows"): print(row)
            """,
        ),
        (  # all comments, those of the with above it
            """
            # 1
            a = 1

            # 2
            with open(p) as f:  # 3
                # 4
                data = json.load(f)  # 5
                # 6
            # 7
            b = 1

            # 8
            for row in data["rows"]:  # 9
                # 10
                print(row)
                # 11
            # 12
            """,
            """
            # 1
            a = 1

            # 7
            b = 1

            # 2
            with open(p) as f:  # 3
                # 4
                # 5
                # 6
                # 8
                for row in stream_json(f, "$.rows"):  # 9
                    # 10
                    print(row)
                    # 11
            # 12
            """,
        ),
        (  # a comment of the pass introduces both where the with has none
            """
            with open(p) as f:
                data = json.load(f)
            # sum up
            n = sum(row["n"] for row in data["rows"])
            """,
            """
            # sum up
            with open(p) as f:
                n = sum(row["n"] for row in stream_json(f, "$.rows"))
            """,
        ),
        (  # into a deeper block, with an else
            """
            with open(p) as f:
                data = json.load(f)
            if a:
                while b:
                    for row in data["rows"]:
                        if row:
                            break
                    else:
                        print(0)
                    c()
            else:
                d()
            """,
            """
            if a:
                while b:
                    with open(p) as f:
                        for row in stream_json(f, "$.rows"):
                            if row:
                                break
                        else:
                            print(0)
                    c()
            else:
                d()
            """,
        ),
        (  # strings and continued lines of the pass
            """
            with open(p) as f:
                data = json.load(f)
            for row in data["rows"]:
                print('''a
              b''', row, [
                    1,  # one

                    2,
                ])
                x = 1 + \\
                    2
            """,
            """
            with open(p) as f:
                for row in stream_json(f, "$.rows"):
                    print('''a
              b''', row, [
                        1,  # one

                        2,
                    ])
                    x = 1 + \\
                        2
            """,
        ),
        (  # the comments of a section stay where they are
            """
            a = 1

            ### split

            # read the file
            with open(p) as f:
                data = json.load(f)

            # count
            total = 0
            for row in data["rows"]:
                total += row
            """,
            """
            a = 1

            ### split

            # count
            total = 0
            # read the file
            with open(p) as f:
                for row in stream_json(f, "$.rows"):
                    total += row
            """,
        ),
        (  # a heading without a blank line below it, too
            """
            a = 1

            # ---------
            # The input
            # ---------
            # all rows
            with open(p) as f:
                data = json.load(f)
            total = 0

            for row in data["rows"]:
                total += row
            """,
            """
            a = 1

            # ---------
            # The input
            # ---------
            total = 0

            # all rows
            with open(p) as f:
                for row in stream_json(f, "$.rows"):
                    total += row
            """,
        ),
        (  # a section that begins with the pass keeps its one blank line
            """
            a = 1

            # The input

            with open(p) as f:
                data = json.load(f)

            for row in data["rows"]:
                print(row)
            """,
            """
            a = 1

            # The input

            with open(p) as f:
                for row in stream_json(f, "$.rows"):
                    print(row)
            """,
        ),
        (  # no blank line comes behind a docstring that had none
            """
            def g():
                '''Count.'''
                with open(p) as f:
                    data = json.load(f)

                rows = 0
                for row in data["rows"]:
                    rows += 1
            """,
            """
            def g():
                '''Count.'''
                rows = 0
                with open(p) as f:
                    for row in stream_json(f, "$.rows"):
                        rows += 1
            """,
        ),
        (  # asynchronous
            """
            async def g():
                with open(p) as f:
                    data = json.load(f)
                await a()
                for row in data["rows"]:
                    await b(row)
            """,
            """
            async def g():
                await a()
                with open(p) as f:
                    for row in stream_json(f, "$.rows"):
                        await b(row)
            """,
        ),
        (  # several items, in brackets
            """
            with (
                open(p) as f,  # the file
                lock,
            ):
                data = json.load(f)
            return_ = [row for row in data["rows"]]
            """,
            """
            with (
                open(p) as f,  # the file
                lock,
            ):
                return_ = [row for row in stream_json(f, "$.rows")]
            """,
        ),
        (  # a semicolon at the end
            """
            with open(p) as f:
                data = json.load(f)
            n = len(list(data["rows"]));
            """,
            """
            with open(p) as f:
                n = len(list(stream_json(f, "$.rows")));
            """,
        ),
        (  # a decorated function and a class around
            """
            class A:
                @staticmethod
                def g():
                    with open(p) as f:
                        data = json.load(f)
                    return sum(data["rows"])
            """,
            """
            class A:
                @staticmethod
                def g():
                    with open(p) as f:
                        return sum(stream_json(f, "$.rows"))
            """,
        ),
        (  # the with's own narrower indentation
            """
            with open(p) as f:
              data = json.load(f)
            for row in data["rows"]:
                print(row)
            """,
            """
            with open(p) as f:
              for row in stream_json(f, "$.rows"):
                  print(row)
            """,
        ),
        (  # into a handler's body, inside a match
            """
            match x:
                case 1:
                    with open(p) as f:
                        data = json.load(f)
                    try:
                        for row in data["rows"]:
                            print(row)
                    except KeyError:
                        pass
            """,
            """
            match x:
                case 1:
                    try:
                        with open(p) as f:
                            for row in stream_json(f, "$.rows"):
                                print(row)
                    except KeyError:
                        pass
            """,
        ),
        (  # out of a block that keeps another part
            """
            try:
                with open(p) as f:
                    data = json.load(f)
            finally:
                a()
            for row in data["rows"]:
                print(row)
            """,
            """
            try:
                pass
            finally:
                a()
            with open(p) as f:
                for row in stream_json(f, "$.rows"):
                    print(row)
            """,
        ),
        (  # a pass that opens another file
            """
            def g():
                with open(p) as f:
                    data = json.load(f)


                # each
                for row in data["rows"]:
                    with open(row) as g:
                        print(g.read())
            """,
            """
            def g():
                # each
                with open(p) as f:
                    for row in stream_json(f, "$.rows"):
                        with open(row) as g:
                            print(g.read())
            """,
        ),
        (  # a block that becomes empty
            """
            if a:
                with open(p) as f:
                    data = json.load(f)
            print(sum(data["rows"]))
            """,
            """
            if a:
                pass
            with open(p) as f:
                print(sum(stream_json(f, "$.rows")))
            """,
        ),
    ],
)
def test_forms_of_the_with_and_of_the_pass(check_json, old, new):
    check_json(old, new, **ROWS)


def test_several_assignments_go_with_the_with_or_from_their_own_lines(check_json):
    for old in (
        'with open(p) as f:\n    data = json.load(f)\n    rows = data["rows"]\n',
        'with open(p) as f:\n    data = json.load(f)\n\nrows = data["rows"]\n',
        'with open(p) as f: data = json.load(f); rows = data["rows"]\n',
    ):
        check_json(
            f"{old}for row in rows:\n    print(row)\n",
            'with open(p) as f:\n    for row in stream_json(f, "$.rows"):\n        print(row)\n'
            if "\n\n" not in old
            else "\nwith open(p) as f:\n    "
            'for row in stream_json(f, "$.rows"):\n        print(row)\n'.lstrip("\n"),
            source="rows",
            bindings=("data = ", "rows = "),
            arguments=("f", '"$.rows"'),
            statement=None,
        )


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\n"])
def test_tabs_and_line_ends_stay_what_they_are(json_plan, newline):
    old = (
        "def g(p):\n\twith open(p) as f:\n\t\tdata = json.load(f)\n\n\tn = 0\n"
        "\tfor row in data['rows']:\n\t\tif row:\n\t\t\tn += 1\n\treturn n\n"
    ).replace("\n", newline)
    new = (
        "def g(p):\n\tn = 0\n\twith open(p) as f:\n"
        "\t\tfor row in stream_json(f):\n\t\t\tif row:\n\t\t\t\tn += 1\n\treturn n\n"
    ).replace("\n", newline)
    assert apply(old, [json_plan(old, source="data['rows']", statement=None)]) == new


def test_a_function_comes_before_the_with(check_json):
    check_json(
        """
        def g(p):
            with open(p) as f:
                data = json.load(f)
            a = 1
            # each
            for s in data:
                # big
                if s["n"] > 3:
                    print(s)
        """,
        """
        def g(p):
            a = 1

            def is_big(s):
                # big
                return s["n"] > 3

            # each
            with open(p) as f:
                for s in stream_json(f, filter_func=is_big):
                    print(s)
        """,
        "loop",
        unwrap=True,
        name="is_big",
        statement=None,
    )


def test_the_line_width_counts_the_deeper_indentation(check_json):
    condition = 's["name"] == "a name just too long"'
    old = f"""
        with open(p) as f:
            data = json.load(f)
        found = [s for s in data if {condition}]
        """
    check_json(
        old,
        f"""
        with open(p) as f:
            found = list(
                stream_json(f, filter_func=lambda s: {condition})
            )
        """,
        "collect",
        moved=1,
        wrap="list",
        statement=None,
    )
    fitting = condition.replace("too long", "long")
    check_json(
        old.replace(condition, fitting),
        f"""
        with open(p) as f:
            found = list(stream_json(f, filter_func=lambda s: {fitting}))
        """,
        "collect",
        moved=1,
        wrap="list",
        statement=None,
    )
    longer = condition.replace("just", "that is in all layouts of a call")
    check_json(
        old.replace(condition, longer).replace("found = ", "found = x = "),
        f"""
        def is_found(s):
            return {longer}


        with open(p) as f:
            found = x = list(stream_json(f, filter_func=is_found))
        """,
        "collect",
        moved=1,
        wrap="list",
        name="is_found",
        statement=None,
    )


def test_a_collected_loop_becomes_an_assignment_inside_the_with(check_json):
    check_json(
        """
        with open(p) as f:
            data = json.load(f)
        kept = []
        for s in data:
            if s["n"]:
                kept.append(s)
        print(kept)
        """,
        """
        with open(p) as f:
            kept = list(stream_json(f, filter_func=lambda s: s["n"]))
        print(kept)
        """,
        "accumulate",
        statement=None,
    )


NEW = {"moved_with": None, "statement": None}


@pytest.mark.parametrize(
    ("old", "new", "removed", "item"),
    [
        (
            "f = open(p)\ndata = json.load(f)\nf.close()\nfor s in data:\n    print(s)\n",
            "with open(p) as f:\n    for s in stream_json(f):\n        print(s)\n",
            ("f = ", "f.close"),
            "open(p)",
        ),
        (
            "a = 1\n\n# open\nf = open(p)  # it\ndata = json.load(f)\n\n# each\n"
            "for s in data:\n    print(s)\nf.close()\nb = 2\n",
            "a = 1\n\n# open\n# it\n# each\nwith open(p) as f:\n"
            "    for s in stream_json(f):\n        print(s)\nb = 2\n",
            ("f = ", "f.close"),
            "open(p)",
        ),
        (
            "def g():\n    f = open(\n        p,  # path\n        encoding='utf-8',\n    )\n"
            "    data = json.load(f)\n    return [s for s in data]\n",
            "def g():\n    with open(\n        p,  # path\n        encoding='utf-8',\n    ) as f:\n"
            "        return [s for s in stream_json(f)]\n",
            ("f = ",),
            "open(\n        p,  # path\n        encoding='utf-8',\n    )",
        ),
        (
            "if a: f = open(p); data = json.load(f)\nprint(max(data))\n",
            "if a: pass\nwith open(p) as f:\n    print(max(stream_json(f)))\n",
            ("f = ",),
            "open(p)",
        ),
        (
            "data = json.load(f)\nprint(max(data))\n",
            "with path.open('rb') as source:\n    print(max(stream_json(f)))\n",
            (),
            "path.open('rb')",
        ),
    ],
)
def test_a_new_with_does_the_work_of_open_and_close(check_json, old, new, removed, item):
    name = "source" if "source" in new else "f"
    check_json(old, new, new_with=(item, name, removed), **NEW)


def test_an_item_of_several_lines_keeps_its_line_ends(json_plan):
    text = "data = json.load(f)\r\nprint(max(data))\r\n"
    site = json_plan(text, new_with=("open(\r\n    p\r\n)", "f", ()), **NEW)
    assert apply(text, [site]) == (
        "with open(\r\n    p\r\n) as f:\r\n    print(max(stream_json(f)))\r\n"
    )


def test_a_load_without_a_variable_is_opened_around_its_statement(check_json):
    check_json(
        "def g(p):\n    return json.load(open(p))['rows']\n",
        "def g(p):\n    with open(p) as f:\n        return stream_json(f, '$.rows')\n",
        source="json.load(open(p))['rows']",
        call="json.load(open(p))",
        bindings=(),
        arguments=("f", "'$.rows'"),
        new_with=("open(p)", "f", ()),
        **NEW,
    )


def test_two_plans_never_share_the_statement_that_is_wrapped(json_plan):
    text = (
        "with open(p) as f:\n    data = json.load(f)\n"
        "with open(q) as g:\n    more = json.load(g)\n"
        "print(sum(data), sum(more))\n"
    )
    first = json_plan(text, statement=None)
    second = json_plan(
        text,
        source="more",
        call="json.load(g)",
        bindings=("more = ",),
        arguments=("g",),
        moved_with="with open(q)",
        statement=None,
    )
    with pytest.raises(CannotApplyError, match="around the same") as caught:
        apply(text, [first, second])
    assert caught.value.plan == second
    assert "with open(q) as g:\n    more = json.load(g)\n" in apply(text, [first])


def test_one_pass_in_each_branch_takes_the_with_into_both(json_plan):
    text = (
        "b = 1\n# read\nwith open(p) as f:\n    data = json.load(f)  # all\n"
        "if a:\n    print(sum(data))\nelse:\n    print(max(data))\n"
    )
    plans = [
        json_plan(text, nth=1, statement=None),
        json_plan(text, nth=2, statement=None),
    ]
    new = (
        "b = 1\nif a:\n    # read\n    with open(p) as f:\n        # all\n"
        "        print(sum(stream_json(f)))\n"
        "else:\n    # read\n    with open(p) as f:\n        # all\n"
        "        print(max(stream_json(f)))\n"
    )
    assert apply(text, plans) == new


def test_a_pass_inside_the_body_of_another_is_opened_there(json_plan):
    text = (
        "with open(p) as f:\n    data = json.load(f)\n"
        "with open(q) as g:\n    more = json.load(g)\n"
        "for s in data:\n    if s:\n        print(sum(more))\n"
    )
    inner = json_plan(
        text,
        source="more",
        call="json.load(g)",
        bindings=("more = ",),
        arguments=("g",),
        moved_with="with open(q)",
        statement=None,
    )
    for plans in (
        [json_plan(text, statement=None), inner],
        [inner, json_plan(text, statement=None)],
    ):
        assert apply(text, plans) == (
            "with open(p) as f:\n    for s in stream_json(f):\n        if s:\n"
            "            with open(q) as g:\n                print(sum(stream_json(g)))\n"
        )


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("with open(p) as f:\n    data = json.load(f)\n    a()\nprint(max(data))\n", "more than"),
        ("with open(p) as f:\n    data = json.load(f)\n    if a: b()\nmax(data)\n", "more than"),
        ("with open(p) as f:\n    data = json.load(f)\nif a: print(max(data))\n", "no statement"),
    ],
)
def test_what_cannot_be_moved_is_refused(json_plan, text, cause):
    with pytest.raises(CannotApplyError, match=cause):
        apply(text, [json_plan(text, statement=None)])


def test_a_with_that_comes_after_its_pass_is_refused(json_plan):
    text = "def g():\n    print(max(data))\nwith open(p) as f:\n    data = json.load(f)\n"
    with pytest.raises(CannotApplyError, match="after the with"):
        apply(text, [json_plan(text, nth=0, statement=None)])


def test_lines_outside_of_the_moved_ones_stay_as_they_are(json_plan):
    odd = "x = {'ä' : [1 ,2],}   # ünï\n\x0c\ny=1 ;z = 2\n"
    text = (
        f"{odd}with open(p) as f:\n    data = json.load(f)\n{odd}"
        f"for s in data:\n    print( s )\n{odd}"
    )
    new = apply(text, [json_plan(text, statement=None)])
    ast.parse(new)
    assert new == (
        f"{odd}{odd}with open(p) as f:\n    for s in stream_json(f):\n        print( s )\n{odd}"
    )


@pytest.mark.parametrize("between", ["", "    rows = data['rows']\n"])
def test_a_with_that_stays_where_it_is_keeps_the_lines_before_it(json_plan, between):
    source = "rows" if between else "data['rows']"
    text = (
        "def g(p):\n    check(p)\n    with open(p) as f:\n        data = json.load(f)\n"
        f"{between}\n\n    for row in {source}:\n        print(row)\n"
    )
    bindings = ("data = ", "rows = ") if between else ("data = ",)
    site = json_plan(
        text,
        source=source,
        bindings=bindings,
        statement=None,
        arguments=("f", "'$.rows'"),
    )
    assert apply(text, [site]) == (
        "def g(p):\n    check(p)\n    with open(p) as f:\n"
        "        for row in stream_json(f, '$.rows'):\n            print(row)\n"
    )


INTO = {**ROWS, "into_with": "with ", "around": ("for row", 0)}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (  # what else stands in the block stays before the pass
            """
            with open(p) as f:
                # tell it
                print("reading")
                data = json.load(f)
            for row in data["rows"]:
                print(row)
            print("end")
            """,
            """
            with open(p) as f:
                # tell it
                print("reading")
                for row in stream_json(f, "$.rows"):
                    print(row)
            print("end")
            """,
        ),
        (  # comments keep their order, blank lines their places
            """
            a = 1

            # the data
            with open(p) as f:
                print("reading")
                data = json.load(f)  # all of it
                # read

            # each
            for row in data["rows"]:
                print(row)

            b = 2
            """,
            """
            a = 1

            # the data
            with open(p) as f:
                print("reading")
                # all of it
                # read

                # each
                for row in stream_json(f, "$.rows"):
                    print(row)

            b = 2
            """,
        ),
    ],
)
def test_a_pass_moves_to_the_end_of_the_with_before_it(check_json, old, new):
    check_json(old, new, **INTO)


def test_a_with_on_one_line_cannot_take_the_pass_in(json_plan):
    old = "with open(p) as f: print(1); data = json.load(f)\n"
    old += 'for row in data["rows"]:\n    print(row)\n'
    with pytest.raises(CannotApplyError, match="one line"):
        apply(old, [json_plan(old, "pass", **INTO)])
