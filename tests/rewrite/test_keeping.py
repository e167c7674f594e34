"""Comments that keep what lint reports: where they go, and that nothing else changes."""

from __future__ import annotations

import ast
import itertools
import random
import re

import pytest

from loadstream.analysis.patterns import PATTERNS
from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import find_sites
from loadstream.analysis.source import decode, parse
from loadstream.analysis.twin_sites import find_twin_sites
from loadstream.rewrite.keeping import keep, with_comments
from loadstream.rewrite.results import Changed, Failed, Unchanged
from tests.differential import documents, loaders, programs
from tests.differential.dressing import draw, dressed, varied
from tests.differential.harness import PAIR
from tests.notebooks import cells_of, notebook

CODES = frozenset(pattern.CODE for pattern in PATTERNS)
HEAD = "from data import load_rows\n"
LONG = "load_rows()".rjust(70, " ")


@pytest.fixture
def kept(root):
    """What `text` becomes, and the codes of what is left."""

    def run(text: str | bytes, name: str = "script.py", codes=CODES):
        path = root / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        (result,) = keep([path], root=root, codes=lambda _path: codes)
        return result

    return run


def reported(path, root) -> list[str]:
    """The codes of what lint would report."""
    source, repository = parse(decode(path.read_bytes()), path), Repository(root)
    sites = (*find_sites(source, repository), *find_twin_sites(source, repository))
    return [site.plan.code for site in sites if site.plan is not None]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("print(sum(load_rows()))", "print(sum(load_rows()))  # loadstream: keep[LS104]"),
        ("print(sum(load_rows())) \n", "print(sum(load_rows()))  # loadstream: keep[LS104]\n"),
        (
            "print(sum(load_rows()))  # noqa: F821\n",
            "print(sum(load_rows()))  # noqa: F821  # loadstream: keep[LS104]\n",
        ),
        (
            "print(sum(load_rows()))  # noqa  # loadstream: keep[LS101] why  # x\n",
            "print(sum(load_rows()))  # noqa  # loadstream: keep[LS101, LS104] why  # x\n",
        ),
        (
            "# loadstream: keep[ LS101 ]: why\nprint(sum(load_rows()))\n",
            "# loadstream: keep[ LS101, LS104 ]: why\nprint(sum(load_rows()))\n",
        ),
        (
            "print(sum(load_rows()), [r for r in load_rows() if f(r) and r['n'] > 1])\n",
            "# loadstream: keep[LS101, LS104, LS205]\n"
            "print(sum(load_rows()), [r for r in load_rows() if f(r) and r['n'] > 1])\n",
        ),
        (
            "print(\n    sum(  # add\n        load_rows()\n    )\n)\n",
            "print(\n    sum(  # add\n        load_rows()\n    )\n)  # loadstream: keep[LS104]\n",
        ),
        (
            "x = 1 + \\\n    sum(load_rows())\n",
            "x = 1 + \\\n    sum(load_rows())  # loadstream: keep[LS104]\n",
        ),
        (
            "x = sum(load_rows()) + \\\n    1\n",
            "x = sum(load_rows()) + \\\n    1  # loadstream: keep[LS104]\n",
        ),
        (
            "x = (sum(load_rows()), '''\n# ''', '''\n''')\n",
            "x = (sum(load_rows()), '''\n# ''', '''\n''')  # loadstream: keep[LS104]\n",
        ),
        (
            "x = 1; y = sum(load_rows()); z = 3\n",
            "x = 1; y = sum(load_rows()); z = 3  # loadstream: keep[LS104]\n",
        ),
        (
            "for r in load_rows():\n    print(r)\n",
            "for r in load_rows():  # loadstream: keep[LS104]\n    print(r)\n",
        ),
        (
            "if x: print(sum(load_rows()))\nelse: print(sum(load_rows()))\n",
            "if x: print(sum(load_rows()))  # loadstream: keep[LS104]\n"
            "else: print(sum(load_rows()))  # loadstream: keep[LS104]\n",
        ),
        (
            "@wrapped(sum(load_rows()))\n# about f\n\ndef f(\n    x,\n): pass\n",
            "@wrapped(sum(load_rows()))\n# about f\n\ndef f(\n    x,\n): pass"
            "  # loadstream: keep[LS104]\n",
        ),
        (
            f"if x:\n\t# sum\n\tprint(sum(\t{LONG}))\r\n",
            f"if x:\n\t# sum\n\t# loadstream: keep[LS104]\n\tprint(sum(\t{LONG}))\r\n",
        ),
        (
            "print(sum(load_rows()))  # loadstream: kepp\n",
            "# loadstream: keep[LS104]\nprint(sum(load_rows()))  # loadstream: kepp\n",
        ),
    ],
)
def test_a_comment_goes_to_the_end_of_its_logical_line(kept, old, new):
    result = kept(HEAD + old)
    assert isinstance(result, Changed)
    assert result.new.decode() == HEAD + new
    left = [site.plan.code for site in result.kept]
    assert left == (["LS901"] if "kepp" in old else [])


@pytest.mark.parametrize(
    ("encoding", "newline"),
    [
        *itertools.product(["utf-8", "utf-8-sig", "latin-1"], ["\n", "\r\n"]),
        ("utf-8", "\r"),  # other encodings cannot be named there
    ],
)
def test_encoding_and_newlines_stay(kept, newline, encoding):
    text = f"# coding: {encoding}\n{HEAD}\x0c\nprint('é', sum(load_rows()))\n".replace(
        "\n", newline
    )
    result = kept(text.encode(encoding))
    assert isinstance(result, Changed)
    comment = "  # loadstream: keep[LS104]"
    assert result.new == (text[: -len(newline)] + comment + newline).encode(encoding)


def test_a_loader_is_kept_at_its_head(kept, root):
    (root / "caller.py").write_text("from lone import load_users\nprint(sum(load_users()))\n")
    text = (
        "import json\n\ndef load_users():\n    with open('u') as f:\n        return json.load(f)\n"
    )
    result = kept(text, "lone.py")
    assert isinstance(result, Changed)
    assert b"def load_users():  # loadstream: keep[LS108]\n" in result.new
    assert result.kept == ()


def test_only_the_codes_that_count_are_kept(kept):
    assert isinstance(kept(f"{HEAD}print(sum(load_rows()))\n", codes={"LS101"}), Unchanged)


def test_a_comment_that_keeps_nothing_is_left_and_told(kept):
    result = kept("print(1)  # loadstream: keep\n")
    assert isinstance(result, Unchanged)
    assert [site.plan.code for site in result.kept] == ["LS901"]


@pytest.mark.parametrize(
    "text", ["def f(:\n    load_rows()\n", b"load_rows()\xff\n", b"load_rows()\0"]
)
def test_what_cannot_be_read_fails_with_its_place(kept, text):
    assert isinstance(kept(text), Failed)


def test_cells_of_a_notebook_are_kept_and_magics_stay(root):
    path = root / "n.ipynb"
    path.write_bytes(
        notebook(
            "%matplotlib inline\nfrom data import load_rows",
            "%load_ext x\nprint(max(load_rows()))",
            "print(sum(load_rows()))\n!ls",
        )
    )
    old = path.read_bytes()
    (result,) = keep([path], root=root, codes=lambda _path: CODES)
    assert isinstance(result, Changed)
    assert cells_of(result.new) == [
        "%matplotlib inline\nfrom data import load_rows",
        "%load_ext x\nprint(max(load_rows()))  # loadstream: keep[LS104]",
        "print(sum(load_rows()))  # loadstream: keep[LS104]\n!ls",
    ]
    assert result.kept == ()
    assert [site.cell for site in result.applied] == [2, 3]
    path.write_bytes(result.new)
    (again,) = keep([path], root=root, codes=lambda _path: CODES)
    assert isinstance(again, Unchanged)
    assert old.count(b"\n") == result.new.count(b"\n")


@pytest.mark.parametrize("family", [programs, documents, loaders])
def test_a_program_in_any_dress_is_the_same_and_clean_afterwards(tmp_path, family):
    (tmp_path / "data.py").write_text(PAIR)
    (tmp_path / "paths.py").write_text("SOURCE = 'rows.json'\n")
    path = tmp_path / "script.py"
    changed = 0
    for seed in range(60):
        rng = random.Random(seed)
        text = dressed(varied(family.generate(rng).text, rng), draw(rng))
        path.write_bytes(text.encode())
        (result,) = keep([path], root=tmp_path, codes=lambda _path: CODES, named=[path])
        if not isinstance(result, Changed):
            assert reported(path, tmp_path) == [], f"seed {seed}"
            continue
        changed += 1
        assert result.kept == (), f"seed {seed}"
        new = result.new.decode()
        assert ast.dump(ast.parse(new)) == ast.dump(ast.parse(text))
        assert _bare(new) == _bare(text), f"seed {seed}"
        path.write_bytes(result.new)
        assert reported(path, tmp_path) == [], f"seed {seed}"
        (again,) = keep([path], root=tmp_path, codes=lambda _path: CODES)
        assert isinstance(again, Unchanged), f"seed {seed}"
    assert changed > 10


def _bare(text: str) -> str:
    """The text without our comments, and without blanks at the ends of lines."""
    comment = r"# loadstream: keep\[[LS0-9, ]+\]"
    text = re.sub(rf"(?<![^\r\n])[ \t\f]*{comment}(\r\n|\r|\n)", "", text)
    return re.sub(r" +(?=[\r\n]|$)", "", re.sub(f" *{comment}", "", text))


def test_a_line_that_no_width_could_hold_gets_its_comment_at_the_end():
    line = "x = " + "1" * 100
    assert with_comments(line, [(1, "LS104")], (), 88) == f"{line}  # loadstream: keep[LS104]"
