import re

import pytest

from loadstream.lint.excerpt import excerpt, visible
from loadstream.lint.paint import coloured, plain


@pytest.fixture
def shown(finding):
    """The excerpt of what stands between « and » in a text."""

    def show(marked, paint=plain):
        before, _, rest = marked.partition("«")
        place, _, _ = rest.partition("»")
        text = marked.replace("«", "").replace("»", "")
        line, column = at(before)
        end_line, end_column = at(before + place)
        one = finding(line=line, column=column, end_line=end_line, end_column=end_column)
        return list(excerpt(one, text.split("\n"), paint))

    return show


def at(text):
    return text.count("\n") + 1, len(text) - (text.rfind("\n") + 1) + 1


def test_the_place_is_underlined_with_a_line_around_it(shown):
    assert shown("import a\nx = 1\nprint(len(«load_rows()»))\ny = 2\nz = 3\n") == [
        "    |",
        "  2 | x = 1",
        "  3 | print(len(load_rows()))",
        "    |           ^^^^^^^^^^^",
        "  4 | y = 2",
    ]


def test_blank_lines_around_it_are_left_out(shown):
    assert shown("import a\n\n«load_rows()»\n   \nb\n")[1:] == [
        "  3 | load_rows()",
        "    | ^^^^^^^^^^^",
    ]


def test_the_numbers_of_lines_are_aligned(shown):
    lines = shown("\n" * 8 + "«f()»\nb\n")
    assert lines == ["     |", "   9 | f()", "     | ^^^", "  10 | b"]


def test_a_place_without_width_is_one_mark(shown):
    assert shown("def f(«»:")[-1] == "    |       ^"
    assert shown("«»") == ["    |", "  1 |", "    | ^"]


def test_a_place_of_several_lines_has_a_bar(shown):
    assert shown("a\nrows = «json.load(\n    f\n)»\nb") == [
        "    |",
        "  1 |   a",
        "  2 |   rows = json.load(",
        "    |  ________^",
        "  3 | |     f",
        "  4 | | )",
        "    | |_^",
        "  5 |   b",
    ]


def test_a_place_that_begins_its_line_has_the_bar_from_there(shown):
    assert shown("    «json.load(\n        f)»")[1:] == [
        "  1 | /     json.load(",
        "  2 | |         f)",
        "    | |__________^",
    ]


def test_of_a_long_place_the_middle_is_left_out(shown):
    lines = shown("«f(\n" + "".join(f"    {n},\n" for n in range(2, 12)) + ")»")
    assert lines[1:] == [
        "   1 | / f(",
        "   2 | |     2,",
        "   3 | |     3,",
        "  ...  |",
        "  11 | |     11,",
        "  12 | | )",
        "     | |_^",
    ]


@pytest.mark.parametrize(
    ("line", "text", "mark"),
    [
        ("\t«f()»", "    f()", "    ^^^"),
        ("ab\t«f()»", "ab  f()", "    ^^^"),
        ("'宽é' + «f()»", "'宽é' + f()", "        ^^^"),
        ("'e\u0301' + «f()»", "'e\u0301' + f()", "      ^^^"),
        ("«宽()» + 1", "宽() + 1", "^^^^"),
        ("'\x1b[31m' + «f()»", "'\ufffd[31m' + f()", "          ^^^"),
        ("'\u202e\u2066' + «f()»", "'\ufffd\ufffd' + f()", "       ^^^"),
        ("\x0c«f()»", "\ufffdf()", " ^^^"),
    ],
)
def test_the_mark_is_below_the_place_as_a_terminal_shows_it(shown, line, text, mark):
    assert shown(line)[1:] == [f"  1 | {text}", f"    | {mark}"]


def test_a_long_line_is_cut_around_the_place(shown):
    _, line, mark = shown("x" * 300 + "«load_rows()»" + "y" * 300)
    text, marks = line.removeprefix("  1 | "), mark.removeprefix("    | ")
    assert text[0] == text[-1] == "…"
    assert len(text) == 102
    assert [text[i] for i, m in enumerate(marks) if m == "^"] == list("load_rows()")


def test_a_long_line_with_the_place_in_front_is_cut_behind(shown):
    _, line, mark = shown("«load_rows()»" + "y" * 300)
    assert line.startswith("  1 | load_rows()yyy")
    assert line.endswith("y…")
    assert mark == "    | ^^^^^^^^^^^"


def test_a_long_place_is_marked_as_far_as_it_is_shown(shown):
    _, line, mark = shown("x" * 200 + "«" + "f" * 300 + "»" + "y" * 10)
    text, marks = line.removeprefix("  1 | "), mark.removeprefix("    | ")
    assert {text[i] for i, m in enumerate(marks) if m == "^"} == {"f"}
    assert len(marks) <= len(text)


def test_a_long_line_of_wide_characters_is_cut_at_whole_ones(shown):
    _, line, mark = shown("宽" * 150 + "«f()»" + "宽" * 150)
    text, marks = line.removeprefix("  1 | "), mark.removeprefix("    | ")
    before = text[: text.index("f()")]
    assert marks.index("^") == len(before) + before.count("宽")


def test_every_line_of_an_excerpt_is_indented(shown):
    lines = shown("a\n\n«f(\n" + "    1,\n" * 20 + ")»\nb")
    assert all(line.startswith("  ") for line in lines)


def test_colours_add_nothing_but_colours(shown):
    for text in ("a\nprint(«f()»)\nb", "x = «f(\n  1,\n)»\nb", "«f(" + "\n1" * 20 + ")»"):
        painted = "\n".join(shown(text, coloured))
        assert "\x1b[" in painted
        assert re.sub(r"\x1b\[[\d;]*m", "", painted).splitlines() == shown(text)


@pytest.mark.parametrize("place", [(3, 3), (0, 0), (2, 9), (2, 1)])
def test_a_place_that_the_text_does_not_have_has_no_excerpt(finding, place):
    one = finding(line=place[0], end_line=place[1])
    assert list(excerpt(one, ["a", "b"], plain)) == []


def test_a_column_behind_its_line_is_marked_at_the_end(finding):
    one = finding(line=1, end_line=1, column=50, end_column=60)
    assert list(excerpt(one, ["abc"], plain))[-1] == "    |    ^"


def test_a_visible_line_is_whole():
    assert visible("\t" + "x" * 300 + "\x07") == "    " + "x" * 300 + "\ufffd"
