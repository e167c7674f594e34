"""Where the file is open: passes behind the block that loads, and what can stand in a new one."""

from __future__ import annotations

import pytest

from tests.differential.harness import Workshop
from tests.differential.model import Document, Program

LOADS = {
    "block": "with open('d.json') as f:\n    data = json.load(f)\n",
    "closed handle": "f = open('d.json')\ndata = json.load(f)\nf.close()\n",
    "text of a path": "data = json.loads(Path('d.json').read_text())\n",
}
# Statements that evaluate the pass once, at their beginning.
ENCLOSABLE = {
    "for s in data:\n    use(s)": "LS104",
    "for i, s in enumerate(data):\n    use(s)": "LS104",
    "total = sum(s['a'] for s in data)": "LS101",
    "total += sum(s['a'] for s in data)": "LS101",
    "picked: list = [s for s in data if s['a']]": "LS101",
    "print(max(s['a'] for s in data))": "LS101",
    "print(len(data))": "LS106",
    "if ready:\n    for s in data:\n        use(s)": "LS104",
    "with open('e.txt', 'w') as g:\n    for s in data:\n        g.write(s)": "LS104",
    "print('loaded')\nfor s in data:\n    use(s)": "LS104",
    "if any(s['a'] for s in data):\n    print('yes')": "LS101",
    "if len(data) > 2:\n    print('many')\nelse:\n    print('few')": "LS106",
    "assert any(s['a'] for s in data)": "LS101",
    "with open('e.txt', 'w') as g:\n    g.write('all')\n    print(max(data))": "LS104",
    "found = any(s['a'] for s in data) and ready": "LS101",
    "found = 1 if any(s['a'] for s in data) else 0": "LS101",
    "items = data['items']\nfor s in items:\n    use(s)": "LS104",
}
# Those that may evaluate it again, later or not at all, or whose end is not a block's.
NOT_ENCLOSABLE = {
    "if ready:\n    pass\nelif any(s['a'] for s in data):\n    print('yes')": "escapes-with",
    "raise SystemExit(sum(s['a'] for s in data))": "escapes-with",
    "match sum(s['a'] for s in data):\n    case 1:\n        print('one')": "escapes-with",
    "del totals[sum(s['a'] for s in data)]": "escapes-with",
    "found = 1 < 2 < sum(s['a'] for s in data)": "escapes-with",
    "found = ready and any(s['a'] for s in data)": "escapes-with",
    "found = any(s['a'] for s in data) if ready else 0": "escapes-with",
    "later = lambda: [s['a'] for s in data]": "closure",
    "while any(s['a'] for s in data):\n    break": "in-loop",
    "found = [any(s['a'] == k for s in data) for k in keys]": "in-loop",
    "for k in keys:\n    for s in data:\n        use(s)": "in-loop",
}


@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize(("rest", "code"), ENCLOSABLE.items())
def test_a_block_can_come_around_the_pass(rest, code, load, verdict):
    assert verdict(f"{LOADS[load]}{rest}\n") == code


@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize(("rest", "slug"), NOT_ENCLOSABLE.items())
def test_no_block_can_come_around_the_pass(rest, slug, load, verdict):
    assert verdict(f"{LOADS[load]}{rest}\n") == slug


@pytest.mark.parametrize(
    "pass_", ["return [s for s in data if s['a']]", "for s in data:\n        yield s"]
)
@pytest.mark.parametrize("load", LOADS)
def test_functions_that_give_the_result(load, pass_, verdict):
    body = LOADS[load].replace("\n", "\n    ").rstrip(" ")
    assert verdict(f"def work():\n    {body}    {pass_}\n") in ("LS101", "LS104")


MORE = {
    "before": "with open('d.json') as f:\n    print('reading')\n    data = json.load(f)\n",
    "behind": "with open('d.json') as f:\n    data = json.load(f)\n    other = 1\n",
    "on both sides": "with open('d.json') as f:\n    n = 0\n    data = json.load(f)\n    n += 1\n",
}


@pytest.mark.parametrize("block", MORE.values(), ids=MORE)
def test_a_pass_moves_into_a_block_that_does_more_than_load(block, tmp_path):
    program = f"import json\n{block.replace('d.json', 'rows.json')}for s in data:\n    print(s)\n"
    workshop = Workshop(tmp_path)
    assert "    for s in stream_json(f):\n        print(s)\n" in workshop.rewrite(program).safe
    assert workshop.divergence(Program(program, (Document(b"[1, 2]"),))) is None


@pytest.mark.parametrize("block", MORE.values(), ids=MORE)
def test_only_the_statement_behind_it_moves_into_such_a_block(block, verdict):
    assert verdict(f"{block}print()\nfor s in data:\n    use(s)\n") == "escapes-with"


@pytest.mark.parametrize(
    ("block", "slug"),
    [
        (
            "with open('d.json') as f, open('e.txt') as g:\n    data = json.load(f)\n",
            "escapes-with",
        ),
        (
            "with open('d.json') as f:\n    data = json.load(f)\n    os.remove('d.json')\n",
            "writes-source, effects-between",
        ),
        (
            "with open('d.json') as f:\n    data = json.load(f)\n    f.seek(0)\n",
            "handle-shared, effects-between",
        ),
        (
            "for k in (1, 2):\n  with open('d.json') as f:\n    data = json.load(f)\n"
            "    if k:\n      break\n  ",
            "escapes-with",
        ),
    ],
)
def test_a_pass_does_not_move_into_other_blocks(block, slug, verdict):
    assert verdict(f"{block}for s in data:\n    use(s)\n") == slug


def test_a_pass_in_the_block_needs_no_other(verdict):
    program = (
        "with open('d.json') as f:\n    other = 1\n    if any(s['a'] for s in json.load(f)):\n"
    )
    assert verdict(f"{program}        use(other)\n") == "LS101"


def test_the_handles_name_must_be_free_where_a_path_is_read(verdict):
    program = "file = 3\nfor s in json.loads(Path('d.json').read_text()):\n    use(s)\n"
    assert verdict(program) == "unresolved"


def test_files_that_are_written_are_opened_behind_the_data(tmp_path):
    program = """\
import json
with open('missing.json') as f:
    rows = json.load(f)
with open('out.txt', 'w') as g:
    g.write('header')
    for row in rows:
        g.write(str(row))
"""
    workshop = Workshop(tmp_path)
    new = workshop.rewrite(program).safe
    assert new != program
    for text in (program, new):
        outcome = workshop.run(text, Document(b"[]"))
        assert outcome.raised.startswith("FileNotFoundError")
        assert "out.txt" not in dict(outcome.files)


@pytest.mark.parametrize("name", ["g", "handle"])
def test_a_file_that_is_written_may_have_the_name_of_the_data_only_where_it_is_kept(name, tmp_path):
    program = f"""\
import json
with open('rows.json') as {name}:
    rows = json.load({name})
with open('out.txt', 'w') as g:
    for row in rows:
        g.write(str(row))
"""
    workshop = Workshop(tmp_path)
    assert (workshop.rewrite(program).safe == program) is (name == "g")
    assert workshop.divergence(Program(program, (Document(b"[1, 2]"),))) is None
