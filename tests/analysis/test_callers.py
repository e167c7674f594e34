"""Handlers around calls of the function that holds a pass."""

from __future__ import annotations

import pytest

from loadstream.analysis.plans import Safety
from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import find_sites
from loadstream.analysis.source import parse

HEAD = "import json\n\n\n"
PRINTS = "    with open('d.json') as f:\n        for row in json.load(f):\n            print(row)\n"
REPORT = f"{HEAD}def report():\n{PRINTS}"


@pytest.fixture
def judged(tmp_path):
    """The safety of the one rewrite in a program, with its facts; other files stand beside it."""

    def run(program: str, **others: str) -> tuple[Safety, list[str]]:
        for name, text in others.items():
            (tmp_path / f"{name}.py").write_text(text)
        script = tmp_path / "script.py"
        script.write_text(program)
        [site] = find_sites(parse(program, script), Repository(tmp_path))
        assert site.plan is not None, [refusal.words for refusal in site.refusals]
        return site.plan.safety, [refusal.fact for refusal in site.refusals]

    return run


UNSAFE = {
    "a call under a handler": f"{REPORT}\n\ntry:\n    report()\nexcept ValueError:\n    pass\n",
    "a call of a caller under a handler": f"{REPORT}\n\ndef main():\n    report()\n\n\n"
    "try:\n    main()\nexcept Exception as error:\n    print(error)\n",
    "a call that suppresses": f"import contextlib\n{REPORT}\n\n"
    "with contextlib.suppress(ValueError):\n    report()\n",
    "a loop over a generator": f"{HEAD}def rows():\n    with open('d.json') as f:\n"
    "        for row in json.load(f):\n            yield row\n\n\n"
    "try:\n    print(list(rows()))\nexcept ValueError:\n    pass\n",
    "a method": f"{HEAD}class A:\n    def report(self):\n"
    + "".join(f"    {line}\n" for line in PRINTS.splitlines())
    + "\n\ntry:\n    A().report()\nexcept ValueError:\n    pass\n",
    "a list that is given": f"{HEAD}def fill(out):\n    with open('d.json') as f:\n"
    "        for row in json.load(f):\n            out.append(row['a'])\n\n\n"
    "kept = []\ntry:\n    fill(kept)\nexcept ValueError:\n    print(kept)\n",
    "a global list": f"{HEAD}kept = []\n\n\ndef fill():\n    with open('d.json') as f:\n"
    "        for row in json.load(f):\n            kept.append(row['a'])\n\n\n"
    "try:\n    fill()\nexcept ValueError:\n    print(kept)\n",
    "another name for a global list": f"{HEAD}kept = []\n\n\ndef fill():\n    out = kept\n"
    "    with open('d.json') as f:\n        for row in json.load(f):\n"
    "            out.append(row['a'])\n\n\n"
    "try:\n    fill()\nexcept ValueError:\n    print(kept)\n",
    "another name": f"{REPORT}\n\nrun = report\ntry:\n    run()\nexcept ValueError:\n    pass\n",
    "a partial": f"import functools\n{REPORT}\n\nrun = functools.partial(report)\n"
    "try:\n    run()\nexcept ValueError:\n    pass\n",
    "a function that is handed over": f"{REPORT}\n\ntry:\n    list(map(report, []))\n"
    "except ValueError:\n    pass\n",
    "a generator that is read later": f"{HEAD}def rows():\n    with open('d.json') as f:\n"
    "        for row in json.load(f):\n            yield row\n\n\n"
    "them = rows()\ntry:\n    print(list(them))\nexcept ValueError:\n    pass\n",
    "a property": f"{HEAD}class A:\n    @property\n    def report(self):\n"
    + "".join(f"    {line}\n" for line in PRINTS.splitlines())
    + "\n\ntry:\n    A().report\nexcept ValueError:\n    pass\n",
    "a constructor": f"{HEAD}class A:\n    def __init__(self):\n"
    + "".join(f"    {line}\n" for line in PRINTS.splitlines())
    + "\n\ntry:\n    A()\nexcept ValueError:\n    pass\n",
    "an iterator that others hold": f"{HEAD}numbers = iter(range(9))\n\n\ndef pairs():\n"
    "    with open('d.json') as f:\n"
    "        return [row for row in zip(json.load(f), numbers) if row]\n\n\n"
    "try:\n    pairs()\nexcept ValueError:\n    print(next(numbers))\n",
    **{
        f"a list of its own, {how}": f"{HEAD}kept = {{}}\n\n\ndef keep(found):\n"
        f"    kept[1] = found\n\n\ndef fill():\n    {before}\n    with open('d.json') as f:\n"
        f"        for row in json.load(f):\n            {change}\n    return 1\n\n\n"
        "try:\n    fill()\nexcept ValueError:\n    print(kept)\n"
        for how, before, change in (
            ("let out", "found = kept['a'] = []", "found.append(row['a'])"),
            ("passed on", "found = []; keep(found)", "found.append(row['a'])"),
            ("put elsewhere", "found = []; kept.update(a=found)", "found.append(row['a'])"),
            ("let out by another name", "a = []; b = a; keep(b)", "a.append(row['a'])"),
            (
                "of which a part is let out",
                "a = {'b': []}; keep(a['b'])",
                "a['b'].append(row['a'])",
            ),
            ("in which another's is", "a = {'b': kept}", "a['b'][row['a']] = 1"),
            ("in which another's was put", "a = {}; b = a.setdefault(1, kept)", "b[row['a']] = 1"),
            ("that is a shallow copy", "a = list(kept.values())", "a[0].append(row['a'])"),
            ("that is not its own", "a = kept", "a |= {row['a']: 1}"),
        )
    },
    "a list that a finally reads": f"{HEAD}def fill():\n    found = []\n    try:\n"
    "        for row in json.load(open('d.json')):\n            found.append(row['a'])\n"
    "    finally:\n        print(found)\n\n\ntry:\n    fill()\nexcept ValueError:\n    pass\n",
    "a first match": f"{HEAD}def first():\n    with open('d.json') as f:\n"
    "        for row in json.load(f):\n            if row['a']:\n                return row\n\n\n"
    "try:\n    print(first())\nexcept ValueError:\n    pass\n",
}


@pytest.mark.parametrize("program", UNSAFE.values(), ids=UNSAFE)
def test_a_handler_around_a_call_makes_effects_unsafe(judged, program):
    safety, facts = judged(program)
    assert safety is Safety.UNSAFE
    assert any("around a call of" in fact for fact in facts)


SAFE = {
    "no call": REPORT,
    "a call without handler": f"{REPORT}\n\nreport()\n",
    "a handler around another call": f"{REPORT}\n\nreport()\ntry:\n    print()\n"
    "except ValueError:\n    pass\n",
    "a handler in a function that nothing calls it from": f"{REPORT}\n\ndef other():\n    try:\n"
    "        print()\n    except ValueError:\n        pass\n\n\nreport()\n",
    "a handler that is left": f"{REPORT}\n\ntry:\n    print()\nexcept ValueError:\n    report()\n",
    "only finally": f"{REPORT}\n\ntry:\n    report()\nfinally:\n    print()\n",
    "what it makes itself": f"{HEAD}def by_id():\n    found = {{}}\n    names: list = []\n"
    "    with open('d.json') as f:\n        for row in json.load(f):\n"
    "            row['seen'] = True\n            found[row['id']] = row\n"
    "            names.append(row.get('name'))\n    return found, names\n\n\n"
    "try:\n    print(by_id())\nexcept ValueError:\n    pass\n",
    "parts of what it makes": f"{HEAD}def groups():\n    found = {{}}\n"
    "    with open('d.json') as f:\n        for row in json.load(f):\n"
    "            group = found.setdefault(row['k'], [])\n            group.append(row)\n"
    "    return found\n\n\ntry:\n    print(groups())\nexcept ValueError:\n    pass\n",
}


@pytest.mark.parametrize("program", SAFE.values(), ids=SAFE)
def test_other_calls_and_effects_that_stay_inside_are_safe(judged, program):
    assert judged(program) == (Safety.SAFE, [])


def test_a_handler_in_another_file_counts_and_is_named(judged):
    main = "from script import report\n\ntry:\n    report()\nexcept ValueError:\n    pass\n"
    safety, [fact] = judged(REPORT, main=main)
    assert safety is Safety.UNSAFE
    assert "the handler of line 3 of main.py" in fact


def test_a_function_of_that_name_in_another_file_does_not_count(judged):
    main = (
        "def report():\n    pass\n\n\ntry:\n    report()\nexcept ValueError:\n    import script\n"
    )
    assert judged(REPORT, main=main) == (Safety.SAFE, [])


def test_functions_that_call_each_other_are_looked_at_once(judged):
    program = f"{REPORT}    again()\n\n\ndef again():\n    report()\n\n\nagain()\n"
    assert judged(program) == (Safety.SAFE, [])
