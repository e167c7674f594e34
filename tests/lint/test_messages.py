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
