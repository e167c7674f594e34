"""LS104: only the source changes."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("for s in load_x():\n    print(s)\n", "for s in stream_x():\n    print(s)\n"),
        ("xs = load_x()\nfor s in xs:\n    print(s)\n", "for s in stream_x():\n    print(s)\n"),
        (
            "for i, s in enumerate(tqdm(load_x(), total=3), 1):\n    print(s)\n",
            "for i, s in enumerate(tqdm(stream_x(), total=3), 1):\n    print(s)\n",
        ),
        ("n = sum(s.n for s in load_x())\n", "n = sum(s.n for s in stream_x())\n"),
        ("n = sorted(load_x(), key=f)[:5]\n", "n = sorted(stream_x(), key=f)[:5]\n"),
        ("n = max(  load_x( )  )\n", "n = max(  stream_x( )  )\n"),
        ("for s in (  # all\n    load_x()\n):\n    f(s)\n",) * 2,
    ],
)
def test_the_stream_stands_where_the_list_stood(check, old, new):
    check(old, new.replace("load_x", "stream_x"), "pass")


@pytest.mark.parametrize(
    ("old", "keywords", "new"),
    [
        ("load_x(True)", ("enriched",), "stream_x(enriched=True)"),
        ("load_x(True, n=3)", ("enriched", None), "stream_x(enriched=True, n=3)"),
        ("load_x(n = 3)", ("size",), "stream_x(size = 3)"),
        ("load_x( a ,b, )", ("x", "y"), "stream_x( x=a ,y=b, )"),
        ("repo.load_x(1)", ("n",), "repo.stream_x(n=1)"),
        ("self.repo[0].load_x(1)", (None,), "self.repo[0].stream_x(1)"),
        ("load_x(\n    1,  # one\n)", ("n",), "stream_x(\n    n=1,  # one\n)"),
    ],
)
def test_arguments_are_carried_over_under_the_streamers_names(check, old, keywords, new):
    check(f"n = max({old})\n", f"n = max({new})\n", "pass", keywords=keywords)


def test_arguments_move_with_the_load_from_its_line(check):
    check(
        """
        def f():
            xs = load_x(
                True,  # enriched
            )  # all of it
            if 1:
                for s in xs:
                    print(s)
        """,
        """
        def f():
            # all of it
            if 1:
                for s in stream_x(
                    enriched=True,  # enriched
                ):
                    print(s)
        """,
        "pass",
        keywords=("enriched",),
    )


PLAIN = {"source": "json.load(f)", "bindings": (), "moved_with": None, "statement": None}
LONG = "with_a_name_that_is_long"


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (
            ("open(os.path.join(folder, name))", "'$.api_list_of_them'"),
            ("open(os.path.join(folder, name)), '$.api_list_of_them'",),
        ),
        (
            (
                "open(os.path.join(folder, name), encoding='utf-8', errors='replace')",
                "'$.api.of_them.parts'",
            ),
            (
                "open(os.path.join(folder, name), encoding='utf-8', errors='replace'),",
                "'$.api.of_them.parts',",
            ),
        ),
    ],
)
def test_a_line_that_becomes_too_long_is_broken(check_json, arguments, lines):
    broken = "".join(f"        {line}\n" for line in lines)
    check_json(
        f"if 1:\n    for {LONG} in json.load(f):\n        print({LONG}, 'x')\n",
        f"if 1:\n    for {LONG} in stream_json(\n{broken}    ):\n        print({LONG}, 'x')\n",
        arguments=arguments,
        **PLAIN,
    )


def test_a_line_that_was_as_long_before_stays_one_line(check):
    long = "a_path_that_is_long / another_part_of_the_path / a_third_part_of_the_path_to_it"
    for old, new in (("load_them_x", "stream_x"), ("repository.load_x", "repository.stream_x")):
        text = f"for s in {old}({long}):\n    print(s)\n"
        if old == "load_them_x":
            check(text, text.replace(old, new), "pass", loader=old, streamer=new)
        else:
            broken = text.replace(f"{old}({long})", f"{new}(\n    {long}\n)")
            check(text, broken, "pass")


def test_a_call_that_is_broken_already_is_left_as_it_is(check):
    long = "a_path_that_is_long / another_part_of_the_path / a_third_part_of_the_path_to_it_all"
    text = f"for s in load_x({long},\n                1):\n    print(s)\n"
    check(text, text.replace("load", "stream"), "pass")


def test_what_does_not_fit_at_all_is_no_longer_than_it_must_be(check_json):
    name = "n" * 100
    check_json(
        "for s in json.load(f):\n    print(s)\n",
        f"for s in stream_json(\n    {name}\n):\n    print(s)\n",
        arguments=(name,),
        **PLAIN,
    )


def test_a_line_in_an_f_string_is_not_broken(check_json):
    name = "n" * 60
    check_json(
        "print(f'the greatest of all of them is {max(json.load(f))}')\n",
        f"print(f'the greatest of all of them is {{max(stream_json({name}))}}')\n",
        arguments=(name,),
        **PLAIN,
    )


def test_a_call_with_little_in_it_is_not_broken(check_json):
    long = "the_first_argument_of_the_call_is_long, the_second_argument_is_even_longer"
    check_json(
        f"f({long}, max(json.load(f)))\n",
        f"f({long}, max(stream_json(f)))\n",
        arguments=("f",),
        **PLAIN,
    )
