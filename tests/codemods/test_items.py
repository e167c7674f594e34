"""LS107: members of an object as they stream by."""

from __future__ import annotations

import sys

import pytest

from loadstream.analysis.plans import ItemsLoop
from loadstream.analysis.spans import Position, Span
from loadstream_codemods.apply import apply
from loadstream_codemods.errors import CannotApplyError

ITEMS = {
    "source": "data",
    "nth": 1,
    "callee": "stream_items",
    "moved_with": None,
    "statement": None,
    "reads": "data[k]",
}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("print(k, data[k])", "print(k, value)"),
        ("print(data[k]['a'][k], data[k].b)", "print(value['a'][k], value.b)"),
        ("a[data[k]] = [data[k], x[data[k]]]", "a[value] = [value, x[value]]"),
        ("print((data[k]), -data[k], not data[k])", "print((value), -value, not value)"),
        ("print(data[k]if data[k]else 0)", "print((value)if (value)else 0)"),
        ("print([v for v in data[k] if v])", "print([v for v in value if v])"),
        ("print((  # why\n        data[k]\n    ))", "print((  # why\n        value\n    ))"),
        ("if data[k]: print(lambda: data[k])", "if value: print(lambda: value)"),
        ("print(k)", "print(k)"),
    ],
)
def test_each_value_that_is_read_becomes_the_loops_own(check_json, old, new):
    check_json(
        f"data = json.load(f)\nfor k in data:\n    {old}\n",
        f"for k, value in stream_items(f):\n    {new}\n",
        "items",
        **ITEMS,
    )


def test_the_loop_keeps_its_comments_and_its_else(check_json):
    check_json(
        """
        data = json.load(f)  # all
        # each
        for k in data:  # member
            # value
            print(data[k])  # printed
        else:  # end
            pass
        """,
        """
        # all
        # each
        for k, value in stream_items(f):  # member
            # value
            print(value)  # printed
        else:  # end
            pass
        """,
        "items",
        **ITEMS,
    )


def test_odd_spacing_of_the_header_is_no_obstacle(check_json):
    check_json(
        "data = json.load(f)\nfor(k)in data : print(data[k])\n",
        "for(k), value in stream_items(f) : print(value)\n",
        "items",
        **ITEMS,
    )


def test_a_wrapped_source_and_a_part_of_the_document(check_json):
    check_json(
        "data = json.load(f)['users']\nfor k in tqdm(data):\n    print(data[k])\n",
        "for k, value in tqdm(stream_items(f, '$.users')):\n    print(value)\n",
        "items",
        **ITEMS,
        arguments=("f", "'$.users'"),
    )


def test_the_with_comes_around_the_loop(check_json):
    check_json(
        """
        import json

        def g(p):
            with open(p) as f:
                data = json.load(f)
            for k in data:
                print(data[k])
        """,
        """
        from loadstream import stream_items

        def g(p):
            with open(p) as f:
                for k, value in stream_items(f):
                    print(value)
        """,
        "items",
        **{**ITEMS, "moved_with": "with ", "statement": "import json"},
    )


@pytest.mark.parametrize(
    ("view", "callee"), [("items", "stream_items"), ("keys", "stream_keys"), ("values", "s.values")]
)
def test_a_view_of_the_object_becomes_the_stream(check_json, view, callee):
    for source, setup in ((f"data.{view}()", "data = json.load(f)\n"), (None, "")):
        source = source or f"json.load(f).{view}()"
        check_json(
            f"{setup}for k in {source}:\n    print(k)\n",
            f"for k in {callee}(f):\n    print(k)\n",
            source=source,
            callee=callee,
            bindings=("data = ",) if setup else (),
            moved_with=None,
            statement=None,
        )


def test_values_inside_f_strings(json_plan):
    text = "data = json.load(f)\nfor k in data:\n    print(f'{data[k]!r:>{w}} {k}')\n"
    site = json_plan(text, "items", **ITEMS)
    if sys.version_info < (3, 12):
        # Older versions do not always know the places inside f-strings.
        try:
            new = apply(text, [site])
        except CannotApplyError:
            return
    else:
        new = apply(text, [site])
    assert new == "for k, value in stream_items(f):\n    print(f'{value!r:>{w}} {k}')\n"


def test_an_f_string_that_shows_the_source_text_is_refused(json_plan):
    text = "data = json.load(f)\nfor k in data:\n    print(f'{data[k]=}')\n"
    with pytest.raises(CannotApplyError):
        apply(text, [json_plan(text, "items", **ITEMS)])


def test_a_value_that_cannot_be_found_is_refused(json_plan):
    text = "data = json.load(f)\nfor k in data:\n    print(data[k])\nprint(data[k])\n"
    site = json_plan(text, "items", **ITEMS)
    assert isinstance(site.shape, ItemsLoop)
    for start, end in (((3, 9), (3, 16)), ((4, 6), (4, 13))):
        span = Span(Position(*start), Position(*end))
        other = site._replace(shape=ItemsLoop("value", (*site.shape.reads, span)))
        with pytest.raises(CannotApplyError) as caught:
            apply(text, [other])
        assert caught.value.plan == other


def test_a_loop_over_something_else_is_refused(json_plan):
    text = "data = json.load(f)\nfor k in data:\n    print(data[k])\n"
    with pytest.raises(CannotApplyError, match="not where the plan says"):
        apply(text, [json_plan(text, "items", **{**ITEMS, "nth": 2})])
