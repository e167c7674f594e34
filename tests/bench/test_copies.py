import gzip
import json

import pytest

from loadstream.bench.approaches import Source, UnavailableError
from loadstream.bench.copies import find_array, write_scaled


def scaled(tmp_path, text, path, times=3, name="data.json"):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8", newline="")
    write_scaled(Source(str(file), path), str(tmp_path / "copy.json"), times)
    return (tmp_path / "copy.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("[1, 2]", "$"),
        (' [ {"a": "\\u00e9"} ] \n', "$"),
        ('{"x": [9], "a": {"b": [1, [2], {"b": 3}]}, "y": 0}', "$.a.b"),
        ('{"a": [[0], [1,\n  2\n]]}', "$.a[1]"),
        ('{"b": 1, "a": [1], "c": {}, "a": [2, 3]}', "$.a"),
        ('{"s": [{"d": [1]}, {"d": [2]}]}', "$.s[*].d"),
    ],
)
def test_the_records_are_repeated_and_nothing_else_changes(tmp_path, text, path):
    copy = json.loads(scaled(tmp_path, text, path))
    wanted = json.loads(text)
    place, steps = wanted, [s for s in path.split("[*]")[0].strip("$.").split(".") if s]
    if path == "$.a[1]":
        wanted["a"][1] *= 3
    elif steps:
        for step in steps[:-1]:
            place = place[step]
        place[steps[-1]] = place[steps[-1]] * 3
    else:
        wanted = wanted * 3
    assert copy == wanted


def test_spelling_and_spacing_stay_those_of_the_original(tmp_path):
    text = '[\n  {"a": "\\u0041"},\n  1.0e2\n]'
    body = text[1:-1]
    assert scaled(tmp_path, text, "$", times=2) == f"[{body},{body}]"


def test_lines_are_repeated_as_lines(tmp_path):
    assert scaled(tmp_path, '{"a":1}\n{"a":2}\n', "$", 2, "x.jsonl").count("\n") == 4


def test_a_compressed_file_is_copied_as_plain_text(tmp_path):
    file = tmp_path / "data.json.gz"
    file.write_bytes(gzip.compress(b"[1,2]"))
    write_scaled(Source(str(file)), str(tmp_path / "copy.json"), 2)
    assert (tmp_path / "copy.json").read_text() == "[1,2,1,2]"


@pytest.mark.parametrize(
    ("text", "path"), [("{}", "$"), ("[]", "$"), ('{"a": "text"}', "$.a"), ('{"a": 1}', "$.b")]
)
def test_what_cannot_be_repeated_is_refused(tmp_path, text, path):
    with pytest.raises(UnavailableError):
        scaled(tmp_path, text, path)


def test_the_place_of_an_array_leaves_its_brackets_out():
    text = '{"k": [1, 2] }'
    start, end = find_array(text, ("k",))
    assert text[start:end] == "1, 2"
