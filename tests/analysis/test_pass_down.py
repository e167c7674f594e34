"""Calls that read their argument once: what is followed, what is kept, and both versions run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from loadstream.analysis.plans import Safety
from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import find_sites
from loadstream.analysis.source import parse
from loadstream_codemods.apply import apply

ROWS = '{"rows": [{"n": 1}, {"n": 2}, {"n": 5}]}'
LOAD = "json.load(open('rows.json'))['rows']"
WHOLE = "json.load(open('list.json'))"


@pytest.fixture
def tried(tmp_path: Path):
    """Analyse a program with files beside it: its text, the new one, and the site's reasons."""

    def run(program: str, **others: str):
        for name, text in others.items():
            (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        (tmp_path / "rows.json").write_text(ROWS, encoding="utf-8")
        (tmp_path / "list.json").write_text("[]", encoding="utf-8")
        text = "import json\n\n" + program
        script = tmp_path / "script.py"
        script.write_text(text, encoding="utf-8")
        sites = find_sites(parse(text, script), Repository(tmp_path))
        plans = [site.plan for site in sites if site.plan is not None]
        new = apply(text, plans)
        if new != text:
            before = output(script)
            script.write_text(new, encoding="utf-8")
            assert output(script) == before
            again = find_sites(parse(new, script), Repository(tmp_path))
            assert not any(site.plan for site in again)
        reasons = {r.reason.value for site in sites if site.plan is None for r in site.refusals}
        return new.removeprefix("import json\n\n"), plans, reasons, sites

    return run


def output(path: Path) -> tuple[str, int, list[str]]:
    done = subprocess.run(
        [sys.executable, path],
        cwd=path.parent,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    return done.stdout, done.returncode, done.stderr.strip().splitlines()[-1:]


FUNCTIONS = {
    "a reduction": "def build(rows):\n    return sum(r['n'] for r in rows)\n",
    "a loop": "def build(rows):\n    out = {}\n    for i, r in enumerate(rows):\n"
    "        out[i] = r\n    return out\n",
    "a comprehension": "def build(rows, least=1):\n"
    "    return [r for r in rows if r['n'] > least]\n",
    "sorting": "def build(rows):\n    return sorted(rows, key=lambda r: -r['n'])\n",
    "by keyword": "def build(*, rows, least=1):\n    return max(r['n'] for r in rows)\n",
    "a loop that leaves": "def build(rows):\n    for r in rows:\n        if r['n'] > 1:\n"
    "            return r\n",
    "work before": "def build(rows):\n    names = {}\n    limit = 2\n    for r in rows:\n"
    "        names.setdefault(r['n'] > limit, []).append(r)\n    return names\n",
    "an annotation that a stream fits": "from collections.abc import Iterable\n\n"
    "def build(rows: Iterable[dict]):\n    return set(r['n'] for r in rows)\n",
}


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
@pytest.mark.parametrize(
    "use",
    [
        f"print(build(ROWS{LOAD}))\n",
        "with open('rows.json') as f:\n    print(build(ROWSjson.load(f)['rows']))\n",
        "with open('rows.json') as f:\n    rows = json.load(f)['rows']\nprint(build(ROWSrows))\n",
        f"data = {LOAD}\nprint(build(ROWSdata))\n",
    ],
    ids=["in place", "in a block", "after a block", "through a variable"],
)
def test_a_call_that_reads_its_argument_once_streams(tried, function, use):
    given = "rows=" if "*, rows" in function else ""
    new, plans, reasons, _ = tried(function + "\n\n" + use.replace("ROWS", given))
    assert [(plan.code, plan.safety) for plan in plans] == [("LS104", Safety.SAFE)]
    assert reasons == set()
    assert f"build({given}stream_json(" in new
    assert new.count("def build") == 1


def test_a_function_that_may_not_read_takes_a_whole_document_but_no_part_of_one(tried):
    function = (
        "def build(rows, least=1):\n    if least:\n        return len([r for r in rows])\n"
        "    return 0\n\n\n"
    )
    new, plans, _, _ = tried(function + f"print(build({WHOLE}))\n")
    assert [plan.code for plan in plans] == ["LS104"]
    assert "build(stream_json(" in new
    _, plans, reasons, sites = tried(function + f"print(build({LOAD}))\n")
    assert not plans
    assert reasons == {"projection"}
    assert "may not read it" in sites[0].refusals[0].fact


def test_the_function_may_stand_in_another_file(tried):
    new, plans, _, _ = tried(
        "import tools\nfrom tools import build\n\n"
        f"print(build({LOAD}))\nprint(tools.build({LOAD}))\n",
        tools=FUNCTIONS["a reduction"],
    )
    assert [plan.code for plan in plans] == ["LS104", "LS104"]
    assert new.count("stream_json(open(") == 2


KEPT = {
    "read twice": "def build(rows):\n    return sum(r['n'] for r in rows) / len(rows)\n",
    "tested for truth": "def build(rows):\n    if not rows:\n        return 0\n"
    "    return sum(r['n'] for r in rows)\n",
    "its length": "def build(rows):\n    return len(rows)\n",
    "returned": "def build(rows):\n    return rows\n",
    "passed on": "def inner(rows):\n    return sum(r['n'] for r in rows)\n\n"
    "def build(rows):\n    return inner(rows)\n",
    "indexed": "def build(rows):\n    return rows[0]\n",
    "bound again": "def build(rows):\n    rows = [r for r in rows]\n    return rows\n",
    "read in a loop": "def build(rows):\n    total = 0\n    for k in (1, 2):\n"
    "        total += sum(r['n'] for r in rows)\n    return total\n",
    "read in a while": "def build(rows):\n    while sum(r['n'] for r in rows) < 3:\n        pass\n",
    "read in a nested function": "def build(rows):\n    def inner():\n"
    "        return sum(r['n'] for r in rows)\n    return inner() + inner()\n",
    "a lambda's": "def build(rows):\n    return (lambda: sum(r['n'] for r in rows))()\n",
    "a generator function": "def build(rows):\n    for r in rows:\n        yield r\n",
    "a generator": "def build(rows):\n    return (r for r in rows)\n",
    "an iterator": "def build(rows):\n    return map(str, rows)\n",
    "decorated": "import functools\n\n@functools.lru_cache\ndef build(rows):\n"
    "    return sum(r['n'] for r in rows)\n",
    "asynchronous": "async def build(rows):\n    return sum(r['n'] for r in rows)\n",
    "locals": "def build(rows):\n    print(locals())\n    return sum(r['n'] for r in rows)\n",
    "identities": "def build(rows):\n    return len({id(r) for r in rows})\n",
    "a handler around": "def build(rows):\n    try:\n        return sum(r['n'] for r in rows)\n"
    "    except ValueError:\n        return 0\n",
    "suppressed": "import contextlib\n\ndef build(rows):\n"
    "    with contextlib.suppress(ValueError):\n        return sum(r['n'] for r in rows)\n",
    "something unknown before": "import os\n\ndef build(rows):\n    os.remove('list.json')\n"
    "    return sum(r['n'] for r in rows)\n",
    "a file that is written": "def build(rows, path='list.json'):\n    with open(path, 'w') as g:\n"
    "        for r in rows:\n            g.write(str(r))\n",
    "said to be a list": "def build(rows: list[dict]):\n    return sum(r['n'] for r in rows)\n",
    "said to be a sequence": "from typing import Sequence\n\ndef build(rows: Sequence):\n"
    "    return sum(r['n'] for r in rows)\n",
    "any number of them": "def build(*rows):\n    return [r for r in rows]\n",
    "defined twice": "def build(rows):\n    return sum(r['n'] for r in rows)\n\n"
    "def build(rows):\n    return rows[0]\n",
    "a class": "class build:\n    def __init__(self, rows):\n"
    "        self.n = sum(r['n'] for r in rows)\n",
    "not read": "def build(rows):\n    return 1\n",
    "an order of comprehensions": "def build(rows):\n"
    "    return [r for k in (1, 2) for r in rows]\n",
}


@pytest.mark.parametrize("function", KEPT.values(), ids=KEPT)
def test_other_calls_keep_their_list(tried, function):
    program = f"{function}\n\nif 'x' > 'y':\n    print(build({WHOLE}))\n"
    new, plans, reasons, _ = tried(program)
    assert plans == []
    assert reasons >= {"escapes"}
    assert new == program


@pytest.mark.parametrize(
    "call",
    [
        f"build({WHOLE}, os.remove('list.json'))",
        f"build(*[{WHOLE}])",
        f"build(**{{'rows': {WHOLE}}})",
        f"build({WHOLE}, least=os.getpid())",
    ],
)
def test_a_call_that_may_do_more_with_its_arguments_keeps_its_list(tried, call):
    function = "def build(rows, least=1):\n    return sum(r['n'] for r in rows)\n"
    _, plans, reasons, _ = tried(f"import os\n\n{function}\n\nif 'x' > 'y':\n    {call}\n")
    assert plans == []
    assert "escapes" in reasons


def test_under_a_handler_it_is_unsafe(tried):
    program = (
        f"{FUNCTIONS['a loop']}\n\ntry:\n    print(build({LOAD}))\nexcept ValueError:\n"
        "    print('broken')\n"
    )
    _, [plan], _, [site] = tried(program)
    assert plan.safety is Safety.UNSAFE
    assert "partial-effects" in {refusal.reason.value for refusal in site.refusals}


def test_printing_before_the_pass_is_nothing_where_no_key_can_be_missed(tried):
    function = "def build(rows):\n    print('start')\n    return [str(r) for r in rows]\n"
    _, plans, _, _ = tried(f"{function}\n\nprint(build(json.load(open('rows.json'))))\n")
    assert [plan.safety for plan in plans] == [Safety.SAFE]


def test_printing_before_a_key_can_be_missed_keeps_the_list(tried):
    function = "def build(rows):\n    print('start')\n    return sum(r['n'] for r in rows)\n"
    _, plans, reasons, _ = tried(f"{function}\n\nprint(build({LOAD}))\n")
    assert plans == []
    assert reasons


def test_a_test_that_replaces_the_function_keeps_the_list(tried):
    program = f"{FUNCTIONS['a reduction']}\n\nprint(build({WHOLE}))\n"
    _, plans, reasons, _ = tried(
        program, test_it="def test(mocker):\n    mocker.patch('script.build')\n"
    )
    assert plans == []
    assert reasons == {"patched"}


def test_the_same_file_written_in_the_function_is_seen(tried):
    function = (
        "def save(rows):\n    out = []\n    for r in rows:\n        out.append(r)\n"
        "        with open('list.json', 'w') as g:\n            g.write('[]')\n    return out\n"
    )
    program = f"{function}\n\nif 'x' > 'y':\n    save({WHOLE})\n"
    _, plans, reasons, _ = tried(program)
    assert plans == []
    assert reasons & {"escapes", "writes-source"}
