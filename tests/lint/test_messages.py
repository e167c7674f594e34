from pathlib import Path

import pytest

from loadstream.lint.run import lint_files
from loadstream.lint.selection import select

HEAD = "from data import load_rows, load_users, stream_rows\n\n"

TWICE = "rows = stream_rows()\nfor r in rows:\n    print(r)\nfor r in rows:\n    print(r['a'])"
WORDS = {
    "print([r for r in load_rows() if r])": "loaded whole, then filtered: use `stream_rows(filter",
    "print([r['a'] for r in load_rows()])": "loaded whole for one pass: use `stream_rows()`",
    "for r in load_rows():\n    if r['a']:\n        print(r)": "filtered in the loop: use",
    "print(len(load_rows()))": "loaded whole to be counted",
    "print(next(r for r in load_rows() if r['a']))": "loaded whole to find one element",
    "for r in stream_rows():\n    if r['a']:\n        print(r)": "`stream_rows()` is filtered in",
    "rows = list(stream_rows())\nprint([r for r in rows if r])": "is collected whole, then filter",
    "rows = list(stream_rows())\nfor r in rows:\n    print(r)": "for one pass: iterate `stream",
    "print(len(list(stream_rows())))": "is collected whole to be counted: count `stream_rows()`",
    "print([r for r in stream_rows()])": "`stream_rows()` is only copied into a list",
    "stream_rows(filter_func=lambda r: f(r) and r['a'] > 1)": "`f(r)` is called before the cheap",
    "print(1)  # loadstream: keep": "the comment keeps nothing: no load or stream",
    TWICE: "read again after it was consumed",
    "print(load_users())": "kept `load_users()`: ",
}


@pytest.mark.parametrize("code", WORDS)
def test_a_message_says_the_fact_and_the_way_on(repository, code):
    files = repository(script=f"{HEAD}{code}\n")
    findings = lint_files(files, Path.cwd(), select((), ())).findings
    assert len(findings) == 1
    assert WORDS[code] in findings[0].message
    assert "\n" not in findings[0].message


def test_a_stream_that_is_read_again_is_reported_without_a_fix(repository):
    (finding,) = lint_files(repository(script=HEAD + TWICE), Path.cwd(), select((), ())).findings
    assert (finding.code, finding.fix) == ("LS203", None)


def test_an_unsafe_rewrite_says_what_makes_it_unsafe(repository):
    code = (
        "try:\n    for r in load_rows():\n        print(r['a'])\n"
        "except ValueError:\n    print('broken')\n"
    )
    (finding,) = lint_files(repository(script=HEAD + code), Path.cwd(), select((), ())).findings
    assert finding.fix == "unsafe"
    assert finding.reasons == ("partial-effects",)


def test_a_reason_is_listed_once_however_often_it_applies(repository):
    code = "rows = load_rows()\nprint(rows[0])\nprint(rows[1])\nprint(rows[2])\n"
    (finding,) = lint_files(repository(script=HEAD + code), Path.cwd(), select((), ())).findings
    assert len(finding.reasons) == len(set(finding.reasons))


LOADER = (
    "import json\n\n\ndef load_cells():\n    with open('c.json') as f:\n"
    "        return json.load(f)\n"
)


def test_a_loader_without_a_twin_names_the_calls_that_could_stream(repository):
    calls = "import cells\n\n" + "print(max(cells.load_cells()))\n" * 4
    (file,) = repository(cells=LOADER)
    repository(report=calls)
    (finding,) = lint_files([file], Path.cwd(), select(("LS108",), ("LS300",))).findings
    assert (finding.code, finding.rule, finding.fix) == ("LS108", "stream-twin", "safe")
    assert (finding.line, finding.column, finding.end_column) == (4, 5, 15)
    assert (finding.loader, finding.stream) == ("cells.load_cells", "cells.stream_cells")
    assert finding.message == (
        "`load_cells()` has no streaming twin: 4 calls could stream with `stream_cells()` beside "
        "it (report.py:3, report.py:4, report.py:5, …)"
    )


def test_a_loader_whose_calls_are_unsafe_to_move_says_why(repository):
    (file,) = repository(cells=LOADER)
    repository(
        report="import cells\n\ntry:\n    for c in cells.load_cells():\n        print(c)\n"
        "except ValueError:\n    pass\n"
    )
    (finding,) = lint_files([file], Path.cwd(), select(("LS108",), ("LS300",))).findings
    assert finding.fix == "unsafe"
    assert finding.reasons == ("partial-effects",)
    assert "1 call could stream" in finding.message


def test_a_kept_call_says_where_a_twin_could_be(repository):
    repository(cells=LOADER)
    files = repository(report="import cells\n\nprint(max(cells.load_cells()))\n")
    (finding,) = lint_files(files, Path.cwd(), select((), ())).findings
    assert finding.reasons == ("no-stream",)
    assert finding.message.startswith(
        "kept `load_cells()`: cells.py has no stream_cells, which LS108 can add, for the "
        "load_cells() at line 3 (no-stream)."
    )
