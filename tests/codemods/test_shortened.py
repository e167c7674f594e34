"""What is not shown to LibCST comes back as it was, and the edit is the same without it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from loadstream.analysis.cases import Rewrite
from loadstream.analysis.patterns import PATTERNS
from loadstream.analysis.plans import ReportOnly
from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import find_sites
from loadstream.analysis.source import parse
from loadstream_codemods import apply as applying
from loadstream_codemods import engine
from loadstream_codemods.errors import CannotApplyError
from loadstream_codemods.shortened import Shortened, shortened

DATA = """\
import json


def load_x(path="x.json"):
    with open(path) as handle:
        return json.load(handle)


def stream_x(path="x.json", filter_func=None):
    for x in load_x(path):
        if filter_func is None or filter_func(x):
            yield x
"""
PRELUDE = "import json\nimport sys\n\nfrom data import load_x, stream_x\n\n\n"
ABOVE = {
    "plain": "def above(a, b=1):\n    c = a + b\n    return 'one' + 'two'\n\n\n",
    "a class": "@sys.intern\nclass Above:\n    '''It.'''\n\n    def f(self):\n        pass\n\n\n",
    "two spaces": "class Above:\n  def f(self):\n    return self\n\n\n",
    "tabs": "async def above():\n\tif True:\n\t\treturn '#'\n\n\n",
    "a comment behind": "def above():\n    a = 1\n    return a\n    # the end\n\n\n",
    "one that needs json": "def above(a):\n    b = [a]\n    return json.dumps(b)\n\n\n",
    "one that needs the loader": "def above():\n    x = 1\n    return load_x()[x]\n\n\n",
    "one with a file's name": "def above():\n    x = 'a.json'\n    return x\n\n\n",
    "one that names all": "def above():\n    x = 'json'\n    return globals()[x]\n\n\n",
    "a quoted stub": "def above():\n    return '''\n    loadstream 0\n    '''\n\n\n",
    "long brackets": "def above(\n    a,\n    b,\n): return [\n    a,\n    b,\n]\n\n\n",
    "hugging": "def above():\n    return list(sorted([\n        1,\n    ]))\n\n\n",
    "decorated": "@sys.intern\ndef above():\n    @sys.intern\n    def f(): pass\n    f()\n\n\n",
}
BELOW = (
    "\n\ndef below():\n    it = f\"{'a'}\" 'b'\n    return it, 'c'\n\n\n# behind\n\n"
    "class Below:\n\n    x = 1\n    y = 2  # last"
)
CASES = [
    pytest.param(case.before, id=f"{pattern.CODE}-{number}")
    for pattern in PATTERNS
    for number, case in enumerate(pattern.CASES)
    if isinstance(case, Rewrite) and pattern.CODE != "LS108"
]


@pytest.fixture
def plans_of(tmp_path):
    (tmp_path / "data.py").write_text(DATA)

    def find(text: str):
        path = tmp_path / "script.py"
        path.write_bytes(text.encode())
        sites = find_sites(parse(text, path), Repository(tmp_path))
        plans = [site.plan for site in sites if site.plan is not None]
        return [plan for plan in plans if not isinstance(plan.shape, ReportOnly)]

    return find


def outcome(short: Shortened, plans) -> str:
    try:
        return engine._carried_out(short, plans, applying.EDITS, 88)
    except CannotApplyError as error:
        return f"{type(error).__name__}: {error.cause}"


@pytest.mark.parametrize("case", CASES)
def test_the_edit_is_the_same_as_with_the_whole_text(case, plans_of):
    edited = 0
    for number, above in enumerate(ABOVE.values()):
        text = PRELUDE + above + case.removesuffix("\n") + "\n" + BELOW
        if number % 3:
            text = text.replace("\n", "\r\n" if number % 3 == 1 else "\r")
        plans = plans_of(text)
        short = shortened(text, plans)
        whole = outcome(Shortened(text, text), plans)
        assert outcome(short, plans) == whole
        edited += bool(short.left_out) and whole != text
    assert edited


def shown(text: str, plans) -> list[str]:
    """The functions and classes that LibCST gets to see as they are."""
    stubs = "".join(stub for stub, _ in shortened(text, plans).left_out)
    names = [getattr(node, "name", "") for node in ast.parse(text).body]
    return [name for name in names if name and name not in stubs]


@pytest.mark.parametrize(
    ("kind", "is_shown"),
    [
        ("plain", False),
        ("a class", False),
        ("two spaces", False),
        ("a comment behind", True),
        ("one that needs json", True),
        ("one with a file's name", False),
        ("one that names all", True),
    ],
)
def test_what_an_import_may_be_kept_for_is_shown(plans_of, kind, is_shown):
    site = "def site(p):\n    with open(p) as f:\n        return [r for r in json.load(f) if r]\n"
    text = PRELUDE + ABOVE[kind] + site
    name = "Above" if "class" in ABOVE[kind] else "above"
    assert shown(text, plans_of(text)) == ([name] if is_shown else []) + ["site"]


def test_the_text_that_libcst_sees_has_the_same_lines(plans_of):
    text = PRELUDE + "".join(ABOVE.values()) + "print([x for x in load_x() if x])\n" + BELOW
    short = shortened(text, plans_of(text))
    assert len(short.left_out) > 5
    assert short.text.count("\n") == text.count("\n")
    assert short.restored(short.text) == text


def test_where_a_stub_is_gone_nothing_is_given_back():
    short = Shortened("a\nb\n", "stub\nb\n", (("stub\n", "a\n"),))
    assert short.restored("stub\nc\n") == "a\nc\n"
    for broken in ("c\n", "x stub\nc\n", "stub\nstub\n"):
        with pytest.raises(CannotApplyError):
            short.restored(broken)


def test_the_fault_of_a_plan_is_told_as_for_the_whole_text(plans_of):
    text = PRELUDE + ABOVE["plain"] + "rows = load_x()\nprint(f'{max(rows)=}')\n"
    plans = plans_of(text)
    with pytest.raises(CannotApplyError) as caught:
        applying.apply(text, plans)
    assert "an f-string with =" in str(caught.value)


def test_what_is_left_out_may_be_as_deep_as_it_likes(plans_of):
    deep = f"def above(a):\n    b = a\n    return {' and '.join('a' * 20_000)}\n\n\n"
    text = PRELUDE + deep + "print([x for x in load_x() if x])\n"
    assert deep in applying.apply(text, plans_of(text))


def test_the_folder_of_samples_is_edited_the_same(plans_of):
    from loadstream.rewrite import rewrite

    folder = Path(__file__).parents[2] / "fixtures" / "session_logs"
    edited = []

    def both(text, plans, edits, width):
        short = shortened(text, plans)
        edited.append(outcome(short, plans) == outcome(Shortened(text, text), plans))
        return engine.transform(text, plans, edits, width)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(applying, "transform", both)
        list(rewrite(sorted(folder.rglob("*.py")), root=folder, unsafe=True))
    assert edited
    assert all(edited)
