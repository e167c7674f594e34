"""JSON Lines."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from loadstream import StreamConsumedError, stream_json, stream_lines

ROWS = [{"n": n, "t": "ü\n"} for n in range(2000)]
TEXT = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS)


@pytest.mark.parametrize("size", [5, 1000, 131_072])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\n\n", "\n \t\n"])
def test_each_line_is_a_document(
    size: int,
    newline: str,
    parser: str,
    document: Callable[..., Path],
    window: Callable[[int], None],
) -> None:
    window(size)
    path = document(TEXT.replace("\n", newline), "a.jsonl")
    assert list(stream_lines(path)) == ROWS
    assert list(stream_json(path)) == ROWS
    path = document(TEXT.replace("\n", newline).rstrip(), "a.ndjson")
    assert list(stream_json(path)) == ROWS
    assert list(stream_lines(path, filter_func=lambda row: row["n"] > 1997)) == ROWS[1998:]


def test_lines_of_handles_and_archives(document: Callable[..., Path]) -> None:
    assert list(stream_lines(io.StringIO(TEXT))) == ROWS
    assert list(stream_lines(io.BytesIO(TEXT.encode("utf-16")))) == ROWS
    assert list(stream_json(document(gzip.compress(TEXT.encode()), "a.jsonl.gz"))) == ROWS


@pytest.mark.parametrize(
    "text",
    [
        "1,2\n[3\n4]\n",
        '"abc\ndef"\n1],[2\n',
        "[1\n,2]\n",
        "1],\n[2\n",
        '{"a":\n1}\n',
        "1 2\n",
        "1\n]\n",
        "[1]],[[2\n",
    ],
)
def test_lines_that_are_documents_only_together_are_errors(text: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        list(stream_lines(io.StringIO(text)))


@pytest.mark.parametrize("size", [5, 131_072])
def test_the_lines_before_a_broken_one_are_given_and_its_place_is_said(
    size: int, document: Callable[..., Path], window: Callable[[int], None]
) -> None:
    window(size)
    stream = stream_lines(document('{"a": 1}\n\n[2]\n{"ü" 3}\n[4]\n', "a.jsonl"))
    assert next(stream) == {"a": 1}
    assert next(stream) == [2]
    with pytest.raises(json.JSONDecodeError, match="':' delimiter: line 4 column 6") as caught:
        next(stream)
    assert caught.value.pos == 19
    with pytest.raises(StreamConsumedError):
        iter(stream)


def test_values_that_the_fast_parser_refuses_are_read(document: Callable[..., Path]) -> None:
    path = document('"\\ud800"\n[1]\nNaN\n', "a.jsonl")
    first, second, third = stream_lines(path)
    assert (first, second) == ("\ud800", [1])
    assert third != third


def test_an_empty_file_has_no_lines(document: Callable[..., Path]) -> None:
    assert list(stream_lines(document("", "a.jsonl"))) == []
    assert list(stream_lines(document("\n \n", "a.jsonl"))) == []
