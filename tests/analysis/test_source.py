"""Reading source files of every kind, and places in them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from loadstream.analysis.notebooks import read
from loadstream.analysis.reasons import Reason
from loadstream.analysis.source import SourceError, decode, parse
from loadstream.analysis.spans import Lines, Position, Span


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"x = 1\r\n", "x = 1\r\n"),
        (b"\xef\xbb\xbfx = 1", "x = 1"),
        (
            "# -*- coding: latin-1 -*-\ns = 'é'".encode("latin-1"),
            "# -*- coding: latin-1 -*-\ns = 'é'",
        ),
        (b"", ""),
    ],
)
def test_bytes_are_decoded_as_python_does_and_newlines_stay(data, text):
    assert decode(data) == text


@pytest.mark.parametrize(
    ("data", "line"),
    [(b"x = 1\ny = '\xff'\n", 2), (b"# coding: no-such-codec\n", 1)],
)
def test_bytes_that_do_not_decode_are_a_source_error_with_a_line(data, line):
    with pytest.raises(SourceError) as caught:
        decode(data)
    assert caught.value.line == line


@pytest.mark.parametrize("text", ["x = = 1\n", "def f(:\n", "x = '\0'\n", "  x = 1\n y = 2\n"])
def test_text_that_is_no_python_is_a_source_error(text):
    with pytest.raises(SourceError):
        parse(text, Path("x.py"))


def test_an_expression_that_is_too_deep_is_a_source_error():
    with pytest.raises(SourceError, match=r"nested|deep|many|memory"):
        parse("(" * 5000 + ")" * 5000, Path("x.py"))


def test_a_file_is_read_from_disk(tmp_path):
    path = tmp_path / "x.py"
    path.write_bytes(b"x = 1\n")
    assert read(path).text == "x = 1\n"


def test_columns_count_characters_not_bytes():
    text = "é = 'ü'; b = 2\n"
    statement = ast.parse(text).body[1]
    span = Lines(text).span(statement)
    assert span == Span(Position(1, 9), Position(1, 14))
    assert Lines(text).text(span) == "b = 2"


def test_a_span_over_lines_of_any_ending_gives_its_text():
    for newline in ("\n", "\r\n", "\r"):
        text = newline.join(["f(", "  1,", ")"])
        call = ast.parse(text).body[0]
        assert Lines(text).text(Lines(text).span(call)) == "f(\n  1,\n)"


@pytest.mark.parametrize(("numbers", "large"), [(190_000, False), (200_000, True)])
def test_a_file_that_holds_too_much_data_has_nothing_to_offer(numbers, large, analyse):
    [site] = analyse(f"print([r for r in load_x() if r['a']])\nTABLE = {[0] * numbers}\n")
    assert (site.plan is None) == large
    assert [refusal.reason for refusal in site.refusals] == [Reason.NOT_EDITABLE] * large
