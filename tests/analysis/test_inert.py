"""Code that neither raises nor can be seen, and what may not run before a key is missed."""

from __future__ import annotations

import pytest

from loadstream.analysis.inert import first_stir
from loadstream.analysis.modules import Module
from loadstream.analysis.source import parse
from tests.differential.harness import Workshop
from tests.differential.model import Document, Program

INERT = [
    "kept = []",
    "seen: set[int] = set()",
    "total = 0",
    "by_name = defaultdict(list)",
    "counts = Counter()",
    "begun = time.time()",
    "out = HERE / 'out.json'",
    "name = args.name if args.name is not None else 'all'",
    "title = f'{name}: {args.kind}'",
    "def keep(row):\n    return print(row)",
    "keep = lambda row: print(row)",
    "if verbose:\n    width = 80",
    "log = logging.getLogger(__name__)",
    "order = itemgetter('n')",
    "if len(argv) > 2 and isinstance(argv, list):\n    width = 80",
    "'a text that stands alone'",
    "groups = defaultdict(list)\ncounts = Counter()",
    "day = 24 * 60",
    "n = box.size",
]
STIRRING = [
    "print('start')",
    "n = int(text)",
    "limit = config['limit']",
    "share = total / n",
    "a, b = pair",
    "out = open('out.txt', 'w')",
    "with open('out.txt', 'w') as g:\n    pass",
    "import plugin",
    "@register\ndef keep(row):\n    pass",
    "def keep(row, limit=int(text)):\n    pass",
    "class Row:\n    pass",
    "assert name",
    "total += 1",
    "names = [*given]",
    "if a < b:\n    pass",
    "box.value = 1",
    "list = print\nn = list()",
    "share = 1 / 0",
    "text = 'a' - 1",
    "both = {**given}",
    "counts = Counter(given)",
    "class Clock:\n    def now(self):\n        print('now')\nat = clock.now()",
    "class Box:\n    @property\n    def size(self):\n        print('size')\nn = box.size",
]
HEAD = "import logging, time\nfrom collections import Counter, defaultdict\n"
HEAD += "from operator import itemgetter\n"


def stir(code: str, tmp_path) -> object:
    module = Module(parse(HEAD + code + "\n", tmp_path / "a.py"))
    return first_stir(module.source.tree.body[3:], module)


@pytest.mark.parametrize("code", INERT)
def test_inert_code_does_not_stir(code, tmp_path):
    assert stir(code, tmp_path) is None


@pytest.mark.parametrize("code", STIRRING)
def test_other_code_may_raise_or_be_seen(code, tmp_path):
    assert stir(code, tmp_path) is not None


NO_KEY = Program("", (Document(b'{"items": [{"a": 1}]}'), Document(b'{"n": 1}'), Document(b"[]")))
PROGRAMS = {
    "a file that is opened to be written": """\
import json
with open('rows.json') as f:
    rows = json.load(f)['items']
with open('out.txt', 'w') as g:
    for r in rows:
        g.write(str(r))
""",
    "another error": """\
import json
with open('rows.json') as f:
    doc = json.load(f)
rows = doc['items']
limit = int('x')
for r in rows:
    print(r)
""",
    "another argument": """\
import json
try:
    print(list(zip(json.load(open('rows.json'))['items'], json.load(open('missing.json')))))
except Exception as error:
    print(type(error))
""",
    "an argument of a function that reads the value": """\
import json
def build(rows, least):
    return [r for r in rows if r['a'] > least]
print(build(json.load(open('rows.json'))['items'], int('x')))
""",
}


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_what_would_run_before_a_key_is_missed_keeps_the_load(text, tmp_path):
    workshop = Workshop(tmp_path)
    assert workshop.rewrite(text).every == text
    assert workshop.divergence(Program(text, NO_KEY.documents)) is None


def test_what_is_inert_may_stand_before_the_pass(tmp_path):
    text = PROGRAMS["another error"].replace("int('x')", "2")
    workshop = Workshop(tmp_path)
    assert "stream_json" in workshop.rewrite(text).safe
    assert workshop.divergence(Program(text, NO_KEY.documents)) is None


LOADER = """\
import json
def load_rows(path):
    with open(path) as f:
        return json.load(f)['items']
def work(wanted):
    rows = load_rows('rows.json')
    {between}
    print([r for r in rows])
work(0)
"""


@pytest.mark.parametrize("between", ["if not wanted:\n        return", "n = int('x')", "print()"])
def test_a_loader_that_takes_a_part_misses_its_key_before_other_code(between, tmp_path):
    text = LOADER.format(between=between).replace("[r for", "[str(r) for")
    workshop = Workshop(tmp_path)
    assert workshop.rewrite(text).every == text
    assert workshop.divergence(Program(text, NO_KEY.documents)) is None


def test_a_loader_that_takes_a_part_streams_where_nothing_stands_between(tmp_path):
    text = LOADER.format(between="n = 2").replace("[r for", "[str(r) for")
    workshop = Workshop(tmp_path)
    assert "stream_rows(" in workshop.rewrite(text).safe
    assert workshop.divergence(Program(text, NO_KEY.documents)) is None
