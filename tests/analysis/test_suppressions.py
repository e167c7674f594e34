"""Which comments keep a load, what they are about, and what is said of those that keep nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadstream.analysis.plans import ReportOnly
from loadstream.analysis.reasons import Reason
from loadstream.analysis.repository import Repository
from loadstream.analysis.source import parse
from loadstream.analysis.suppressions import Misspelt, Suppression, find_comments
from loadstream.analysis.worth_parsing import is_worth_parsing

CODES = ("LS101", "LS102", "LS104", "LS203", "LS204", "LS205")


def comments(text: str):
    return find_comments(parse(text, Path("a.py")), CODES)


def verdicts(sites) -> list[str]:
    """The code or the reasons of each site."""
    return [
        site.plan.code if site.plan else " ".join(r.reason.value for r in site.refusals)
        for site in sites
    ]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("x = 1  # loadstream: keep\n", (1, 1)),
        ("x = 1  # loadstream: keep", (1, 1)),
        ("x = 1  #loadstream:keep\n", (1, 1)),
        ("x = 1  # noqa  # loadstream: keep\n", (1, 1)),
        ("# loadstream: keep\nx = 1\n", (2, 2)),
        ("# loadstream: keep\n# and so on\nx = [\n    1\n]\n", (3, 5)),
        ("x = [  # loadstream: keep\n    1\n]\n", (1, 3)),
        ("x = [\n    # loadstream: keep\n    1\n]\n", (1, 4)),
        ("x = [\n    1\n]  # loadstream: keep\n", (1, 3)),
        ("for x in (\n    y\n):  # loadstream: keep\n    pass\n", (1, 3)),
        ("for x in y:\n    # loadstream: keep\n    pass\n", (3, 3)),
        ("if x:\n    pass\n    # loadstream: keep\nelif y:\n    pass\n", (4, 4)),
        ("# loadstream: keep\n\nx = 1\n", (1, 1)),
        ("x = 1\n# loadstream: keep\n", (2, 2)),
        ("x = \\\n    1  # loadstream: keep\n", (1, 2)),
        ("x = '''\n'''  # loadstream: keep\n", (1, 2)),
        ("def f():\n    x = 1\n# loadstream: keep\ny = 1\n", (4, 4)),
        ("@a  # loadstream: keep\ndef f():\n    pass\n", (1, 2)),
        ("# loadstream: keep\n@a\n@b(\n    1\n)\n\ndef f():\n    pass\n", (2, 7)),
        ("@a\n# loadstream: keep\nclass A:\n    pass\n", (1, 3)),
        ("@a\ndef f(\n    x,  # loadstream: keep\n): pass\n", (1, 4)),
        ("@a\ndef f():\n    x = 1  # loadstream: keep\n", (3, 3)),
        ("with a as b, \\\n    c:  # loadstream: keep\n    pass\n", (1, 2)),
        ("with (\n    a as b,\n    c,  # loadstream: keep\n):\n    pass\n", (1, 4)),
        ("x = 1\r\n# loadstream: keep\r\ny = 1\r\n", (3, 3)),
        ("x = 1\r# loadstream: keep\ry = 1\r", (3, 3)),
    ],
)
def test_a_comment_is_about_one_logical_line(text, lines):
    (comment,) = comments(text)
    assert isinstance(comment, Suppression)
    assert comment.lines == lines


@pytest.mark.parametrize(
    ("said", "codes", "words"),
    [
        ("keep", set(), ""),
        ("keep the list is sorted later", set(), "the list is sorted later"),
        ("keep: measured", set(), "measured"),
        ("keep — measured, see #12  # noqa", set(), "measured, see #12"),
        ("keep[LS102]", {"LS102"}, ""),
        ("keep [LS102] why", {"LS102"}, "why"),
        ("keep[ LS102,LS104 ]: why", {"LS102", "LS104"}, "why"),
    ],
)
def test_codes_stand_in_brackets_and_the_rest_is_for_people(said, codes, words):
    (comment,) = comments(f"x = 1  # loadstream: {said}\n")
    assert isinstance(comment, Suppression)
    assert (comment.codes, comment.words) == (codes, words)


@pytest.mark.parametrize(
    ("said", "fact"),
    [
        ("kepp", 'means nothing; did you mean "keep"?'),
        ("keeps", 'means nothing; did you mean "keep"?'),
        ("keep-all", 'means nothing; did you mean "keep"?'),
        ("off", "`loadstream: off` means nothing"),
        ("", "means nothing"),
        ("kepp[LS102]", 'did you mean "keep"?'),
        ("keep[LS109]", 'did you mean "LS10'),
        ("keep[ls102]", 'did you mean "LS102"?'),
        ("keep[LS102, LS901]", "`keep[LS901]` names no code"),
        ("keep[]", "write `keep` alone"),
        ("keep[LS102", "not closed"),
    ],
)
def test_what_is_misspelt_says_what_was_meant(said, fact):
    (comment,) = comments(f"x = 1  # loadstream: {said}\n")
    assert isinstance(comment, Misspelt)
    assert fact in comment.fact


@pytest.mark.parametrize(
    "text",
    [
        "x = '# loadstream: keep'\n",
        '"""Write `# loadstream: keep` to keep it."""\n',
        "x = 1  # what loadstream: keep means\n",
        "x = 1  # Loadstream keeps it\n",
    ],
)
def test_what_is_no_comment_to_loadstream_is_left_alone(text):
    assert comments(text) == ()


def test_the_place_is_the_comment_from_its_own_mark_on():
    (comment,) = comments("é = 1  # noqa  # loadstream: keep x  \n")
    assert (comment.span.start.line, comment.span.start.column) == (1, 15)
    assert comment.span.end.column == 35


def test_a_file_with_only_such_a_comment_is_worth_parsing(tmp_path):
    assert is_worth_parsing(b"x = 1  # loadstream: keep\n", Repository(tmp_path))


@pytest.mark.parametrize(
    "program",
    [
        "print(sum(load_x()))  # loadstream: keep\n",
        "# loadstream: keep\nprint(sum(load_x()))\n",
        "print(sum(\n    load_x()\n))  # loadstream: keep\n",
        "print(sum(load_x()))  # loadstream: keep[LS104] why\n",
        "rows = load_x()  # loadstream: keep\nfor s in rows:\n    print(s)\n",
        "for s in load_x():  # loadstream: keep\n    print(s)\n",
        "def f():\n    # loadstream: keep\n    return [s for s in load_x() if s]\nf()\n",
        "try:\n    for s in load_x():  # loadstream: keep\n        print(s)\nexcept Exception:\n"
        "    pass\n",
    ],
)
def test_a_load_that_would_be_rewritten_is_kept(analyse, program):
    assert verdicts(analyse(program)) == ["suppressed"]


def test_the_words_of_the_comment_are_in_the_fact(analyse):
    (site,) = analyse("print(sum(load_x()))  # loadstream: keep sorted below\n")
    (refusal,) = site.refusals
    assert refusal.reason is Reason.SUPPRESSED
    assert refusal.fact == "the comment at line 2 says so: sorted below"
    assert site.loader == "data.load_x"
    assert site.stream == "data.stream_x"


@pytest.mark.parametrize(
    "program",
    [
        "with open('a') as f:  # loadstream: keep\n    rows = json.load(f)\nprint(sum(rows))\n",
        "# loadstream: keep\nwith open('a') as f:\n    print(sum(json.load(f)))\n",
        "f = open('a')  # loadstream: keep\nprint(sum(json.load(f)))\nf.close()\n",
        "with open('a') as f:\n    # loadstream: keep\n    print(sum(json.load(f)))\n",
    ],
)
def test_the_line_that_opens_the_file_counts_as_the_loads_own(analyse, program):
    without = program.replace("loadstream: keep", "")
    assert verdicts(analyse(without, prelude="import json\n")) == ["LS104"]
    assert verdicts(analyse(program, prelude="import json\n")) == ["suppressed"]


@pytest.mark.parametrize(
    ("program", "found"),
    [
        ("print(sum(load_x()))  # loadstream: keep[LS102]\n", ["LS104", "LS901"]),
        ("rows = load_x()\nfor s in rows:  # loadstream: keep\n    print(s)\n", ["LS104", "LS901"]),
        ("for s in load_x():\n    print(s)  # loadstream: keep\n", ["LS104", "LS901"]),
        ("rows = load_x()  # loadstream: keep\nprint(rows[0])\n", ["random-access", "LS901"]),
        ("print(1)  # loadstream: keep\n", ["LS901"]),
        ("print(1)  # loadstream: kepp\n", ["LS901"]),
        ("print(sum(load_x()))  # loadstream: keep[LS1O4]\n", ["LS104", "LS901"]),
    ],
)
def test_a_comment_that_keeps_nothing_is_reported_beside_what_is_there(analyse, program, found):
    sites = analyse(program)
    assert verdicts(sites) == found
    assert isinstance(sites[-1].plan.shape, ReportOnly)
    assert sites[-1].loader is None


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("print(1)  # loadstream: keep\n", "no load or stream"),
        ("rows = load_x()  # loadstream: keep\nprint(rows[0])\n", "kept anyway (random-access)"),
        ("print(sum(load_x()))  # loadstream: keep[LS101]\n", "what is found here is LS104"),
    ],
)
def test_it_says_why_the_comment_keeps_nothing(analyse, program, words):
    assert words in analyse(program)[-1].plan.shape.fact


def test_one_comment_keeps_all_that_stands_in_its_line(analyse):
    program = "print(sum(load_x()), max(load_x()))  # loadstream: keep\n"
    assert verdicts(analyse(program)) == ["suppressed", "suppressed"]


def test_reports_are_silenced_too(analyse):
    prelude = "from data import load_x, stream_x\n"
    twice = "rows = stream_x(){}\nprint(sum(rows))\nprint(sum(rows))\n"
    assert verdicts(analyse(twice.format(""), prelude=prelude)) == ["LS203"]
    comment = "  # loadstream: keep[LS203]"
    assert verdicts(analyse(twice.format(comment), prelude=prelude)) == ["suppressed"]

    dear = "rows = load_x()\nprint(rows[0])\nprint([s for s in rows if f(s) if s['a'] > 1]){}\n"
    assert "LS205" in verdicts(analyse(dear.format("")))
    assert "LS205" not in verdicts(analyse(dear.format("  # loadstream: keep")))
    assert "LS901" not in verdicts(analyse(dear.format("  # loadstream: keep")))


def test_a_code_in_brackets_leaves_other_findings_of_the_line(analyse):
    program = "print([s for s in load_x() if f(s) and s['a'] > 1])  # loadstream: keep[LS205]\n"
    assert verdicts(analyse(program)) == ["LS101"]
