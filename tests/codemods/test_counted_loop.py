"""A loop that counts its elements, as it stands in the text."""

from __future__ import annotations

from textwrap import dedent

import pytest

from loadstream.analysis.plans import CountedLoop
from loadstream.analysis.spans import Lines, Position, Span
from loadstream_codemods.apply import apply
from loadstream_codemods.errors import CannotApplyError


def _places(text: str, wanted: str) -> tuple[Span, ...]:
    return tuple(
        Span(Position(number, column), Position(number, column + len(wanted)))
        for number, line in enumerate(text.split("\n"), 1)
        for column in range(len(line))
        if line.startswith(wanted, column)
    )


def _counted(text: str, plan, length: str = "len(rows)"):
    hidden = text.replace(length, length.replace("rows", "[  ]"))
    made = plan(hidden, "pass")
    loop = next(span for span in _places(text, "for ") if Lines(text).text(span))
    anchor = Span(loop.start, made.source.end)
    return made._replace(anchor=anchor, shape=CountedLoop("row_count", _places(text, length)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "rows = load_x()\n\n# each\nfor s in rows:  # why\n    print(s)\n"
            "print(len(rows) / 2, f'{len(rows)}')\n",
            "row_count = 0\n# each\nfor row_count, s in enumerate(stream_x(), start=1):  # why\n"
            "    print(s)\nprint(row_count / 2, f'{row_count}')\n",
        ),
        (
            "rows = load_x()\nfor a, b in rows:\n    print(a)\nx = 1 if(len(rows))else 2\n",
            "row_count = 0\nfor row_count, (a, b) in enumerate(stream_x(), start=1):\n"
            "    print(a)\nx = 1 if(row_count)else 2\n",
        ),
        (
            "rows = load_x()\nfor (a, b)in(rows):\n    print(a)\nx = len(rows)if a else 2\n",
            "row_count = 0\nfor row_count, (a, b) in enumerate(stream_x(), start=1):\n"
            "    print(a)\nx = (row_count)if a else 2\n",
        ),
        (
            "def f():\n    rows = load_x()\n    for i, s in enumerate(rows):\n        print(i)\n"
            "    return len(rows)\n",
            "def f():\n    row_count = 0\n"
            "    for row_count, (i, s) in enumerate(enumerate(stream_x()), start=1):\n"
            "        print(i)\n    return row_count\n",
        ),
    ],
)
def test_the_loop_is_numbered_and_each_length_becomes_the_number(plan, old, new):
    assert apply(old, [_counted(old, plan)]) == new


def test_the_zero_comes_before_the_file_is_opened(json_plan):
    text = dedent("""\
        with open(p) as f:
            data = json.load(f)
        go()

        for s in data:
            print(s)
        print(len(data))
        """)
    made = json_plan(text, nth=1, statement=None)
    anchor = Span(Position(5, 0), Position(6, 12))
    shape = CountedLoop("count", (Span(Position(7, 6), Position(7, 15)),))
    assert apply(text, [made._replace(anchor=anchor, shape=shape)]) == dedent("""\
        go()

        count = 0
        with open(p) as f:
            for count, s in enumerate(stream_json(f), start=1):
                print(s)
        print(count)
        """)


def test_a_length_that_is_shown_as_text_is_refused(plan):
    text = "rows = load_x()\nfor s in rows:\n    print(s)\nprint(f'{len(rows)=}')\n"
    with pytest.raises(CannotApplyError, match="shows the source"):
        apply(text, [_counted(text, plan)])
