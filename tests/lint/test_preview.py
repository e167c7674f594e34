import pytest

from loadstream.lint.fixes import Edit, with_edits
from loadstream.lint.paint import plain
from loadstream.lint.preview import preview


def shown(text, *edits):
    return list(preview(text.split("\n"), edits, plain))


def test_changed_lines_are_shown_with_a_line_around_them():
    assert shown("a\nb\nold()\nc\nd\n", Edit(None, 3, 1, 3, 4, "new")) == [
        "  2 | b",
        "  3 - old()",
        "    + new()",
        "  4 | c",
    ]


def test_lines_far_from_each_other_are_two_pieces():
    text = "import old\n" + "x\n" * 9 + "old()\n"
    edits = (Edit(None, 1, 8, 1, 11, "new"), Edit(None, 11, 1, 11, 4, "new"))
    assert shown(text, *edits) == [
        "   1 - import old",
        "     + import new",
        "   2 | x",
        "  ...",
        "  10 | x",
        "  11 - old()",
        "     + new()",
        "  12 |",
    ]


def test_no_line_is_shown_twice():
    text = "a\nold\nb\nc\nold\nd\n"
    edits = (Edit(None, 2, 1, 2, 4, "new"), Edit(None, 5, 1, 5, 4, "new"))
    lines = [line for line in shown(text, *edits) if line != "  ..."]
    assert [line.split()[0] for line in lines if line.split()[0].isdigit()] == list("123456")


def test_lines_that_come_and_lines_that_go():
    assert shown("a\nb\n", Edit(None, 2, 1, 2, 1, "new\nlines\n")) == [
        "  1 | a",
        "    + new",
        "    + lines",
        "  2 | b",
    ]
    assert shown("a\nb\nc", Edit(None, 2, 1, 3, 1, "")) == ["  1 | a", "  2 - b", "  3 | c"]


def test_what_is_not_to_be_obeyed_is_replaced():
    [_, line] = shown("a", Edit(None, 1, 1, 1, 2, "\x1b[2J\t|"))
    assert line == "    + \ufffd[2J    |"


def test_edits_of_another_text_are_not_shown():
    assert shown("a", Edit(None, 9, 1, 9, 4, "new")) == []


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_an_edit_are_those_of_the_lines(end):
    assert with_edits(["a", "b"], [Edit(None, 1, 2, 2, 1, f"1{end}2{end}")]) == "a1\n2\nb"
