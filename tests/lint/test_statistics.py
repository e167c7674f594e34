from pathlib import Path

import pytest

from loadstream.analysis.modules import Repository
from loadstream.lint.findings import LintResult
from loadstream.lint.looks import looks
from loadstream.lint.statistics import count_streams, statistics_of


def test_codes_are_sorted_by_their_counts_and_then_by_name(finding, kept):
    found = (kept("escapes"), finding(code="LS104"), finding(), kept("escapes"))
    codes = statistics_of(LintResult(1, found), 0).codes
    assert [(one.code, one.count) for one in codes] == [("LS300", 2), ("LS101", 1), ("LS104", 1)]


def test_reasons_say_why_not_and_what_makes_unsafe(finding, kept):
    found = (finding(fix="unsafe", reasons=("partial-effects",)), kept("escapes", "multi-pass"))
    statistics = statistics_of(LintResult(1, found), 0)
    assert statistics.kept_for == (("escapes", 1), ("multi-pass", 1))
    assert statistics.unsafe_for == (("partial-effects", 1),)


def test_a_loader_without_a_twin_and_a_misused_stream_are_no_loads(finding, kept):
    found = (finding(code="LS108"), finding(code="LS202"), finding(code="LS203", fix=None))
    shares = statistics_of(LintResult(1, found), 2).shares
    assert (shares.streaming, shares.safe, shares.places) == (2, 0, 2)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("from data import stream_rows\nfor r in stream_rows():\n    print(r)\n", 1),
        ("from data import stream_rows\nx = list(stream_rows())\n", 1),
        ("from loadstream import stream_json as s\ns('a')\ns('b')\n", 2),
        ("import loadstream\nloadstream.stream_items('a')\n", 1),
        ("from other import stream_json\nstream_json('a')\n", 0),
        ("from data import load_rows\nload_rows()\n", 0),
        ("from data import stream_rows\nstream_rows(\n", 0),
    ],
)
def test_calls_of_streamers_are_counted(repository, text, count):
    files = repository(script=text)
    read = [(file.path.read_bytes(), file.path) for file in files]
    assert count_streams(read, Repository(Path.cwd())) == count


def test_a_look_says_why_a_file_is_not_parsed(repository):
    files = repository(named=False, plain="x = 1\n", script="load_rows()\n", gone="")
    Path("gone.py").unlink()
    given = {"script.py": b"load_rows(1)\n"}
    plain, script, gone = looks(files, given, Repository(Path.cwd()))
    assert (plain.data, plain.cause) == (None, "holds no loader's name and no JSON load")
    assert (script.data, script.cause) == (b"load_rows(1)\n", "")
    assert (gone.data, gone.cause) == (None, "No such file or directory")
