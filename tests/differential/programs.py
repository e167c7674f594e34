"""Random programs around a pair's load: what people write, and what could go wrong in a rewrite.

`generate(random.Random(seed))` gives a script that prints everything it computes. It
is put together from small parts, some of them harmless and some chosen because a careless
rewrite of them would be wrong.
"""

from __future__ import annotations

import json
import random
import textwrap

from tests.differential.model import Document, Program

_ROW = {"a": 1, "b": True, "c": [1, 2]}
_VALUES = [
    [],
    [_ROW],
    [{"a": a, "b": a % 3 == 0, "c": list(range(a % 4))} for a in range(7)],
    [_ROW, {"a": 2, "b": "", "c": []}, {"a": 5, "b": None, "c": [9]}, {"a": 1, "b": 0, "c": [0]}],
    [_ROW, {"a": 3, "b": True, "c": [5]}, {"b": True, "c": [1]}, {"a": 4, "b": False, "c": []}],
    [{"a": 0, "b": True, "c": [2]}, {"a": "x", "b": True, "c": [3]}, _ROW],
]
DOCUMENTS = tuple(Document(json.dumps(value).encode()) for value in _VALUES)

TARGETS = ["s", "row", "item"]

CONDITIONS = [
    "{t}['a'] > 1",
    "{t}.get('a') == 2",
    "{t}['b']",
    "not {t}['b']",
    "{t}['a'] > limit",
    "{t}['a'] > limit or {t}['b']",
    "helper({t})",
    "counting({t})",
    "len({t}['c']) > 1",
    "any(x > 1 for x in {t}['c'])",
    "[{t} for {t} in {t}['c']]",
    "(lambda y: y['a'] != 1)({t})",
    "{t}['a'] if {t}['b'] else limit",
    "(n := {t}['a'])",
    "next(iter({t}['c']), 0)",
    "{t}['a'] not in seen",
    "state['last'] != {t}['a']",
    "late < {t}['a']",
    "locals() is not None and {t}['b']",
    "limit",
    "{t}['a'] == {t}['a']",
    "print('test', {t}['a']) or {t}['b']",
    "few_picked()",
    "len(picked) < 2",
    "{t} not in picked",
    "new",
]

ELEMENTS = ["{t}", "{t}['a']", "({t}['a'], limit)", "helper({t})", "[x for x in {t}['c']]", "1"]

STEPS = [
    "n = {t}['a']",
    "m = {t}['c']",
    "n = {t}.get('a') or 0",
    "k = state['last']",
    "new = {t}['a'] != previous",
    "previous = {t}['a']",
    "n = n + 1",
]

BODIES = [
    ["print('body', {t}['a'])"],
    ["out.append({t})"],
    ["out.append({t}['a'])"],
    ["seen.add({t}['a'])", "print(sorted(map(str, seen)))"],
    ["state['last'] = {t}['a']"],
    ["total += {t}['a']", "print(total)"],
    ["limit = limit + 1"],
    ["counts[{t}['b']] = counts.get({t}['b'], 0) + 1"],
    ["{t} = dict({t})", "{t}['a'] = 0", "out.append({t})"],
    ["later.append(lambda: {t}['a'])"],
    ["if {t}['b']:", "    break", "print('on')"],
    ["if {t}['a'] == 1:", "    continue", "print('on', {t}['a'])"],
    ["if {c}:", "    print('in', {t}['a'])", "else:", "    out.append({t}['b'])"],
    ["late = {t}['a']"],
    ["n = {t}['a']", "if n:", "    out.append({t})"],
    ["try:", "    print({t}['a'] + 1)", "except TypeError:", "    print('no')"],
]

AFTER = [
    "print({t})",
    "print(n)",
    "print(len(rows))",
    "for {t} in rows:\n    print('again', {t}['a'])",
    "print([f() for f in later])",
    "del rows",
    "print(rows[0])",
    "print(limit, total)",
    "out.append('end')",
]

BETWEEN = [
    "print('between')",
    "limit = limit + 1",
    "unknown.poke()",
    "helper({'a': 1})",
    "out = []",
    "rewrite_data()",
]

SETUP = """\
limit, total, out, later, counts = 1, 0, [], [], {}
seen = set()
state = {'last': None}
previous = None
"""

HELPERS = """\
calls = []
class Poke:
    def poke(self):
        calls.append('poke')
unknown = Poke()
def helper(x):
    return x['a'] not in (0, None)
def counting(x):
    calls.append(x['a'])
    return len(calls) % 2
def few_picked():
    try:
        return len(picked) < 2
    except NameError:
        return True
def rewrite_data():
    with open(SOURCE, 'w') as f:
        f.write('[{"a": 7, "b": true, "c": [7]}]')
"""


def generate(rng: random.Random) -> Program:
    """One program, drawn again until it is valid Python."""
    while True:
        text = _draw(rng)
        try:
            compile(text, "program.py", "exec")
        except SyntaxError:
            continue
        return Program(text, DOCUMENTS)


def _draw(rng: random.Random) -> str:
    target = rng.choice(TARGETS)
    load, prelude = rng.choice(
        [
            ("load_x()", "from data import load_x"),
            ("load_x()", "from data import load_x, stream_x"),
            ("load_x(path=SOURCE)", "from data import load_x"),
            ("load_x(SOURCE)", "from data import load_x"),
            ("data.load_x()", "import data"),
            ("get()", "from data import load_x as get"),
        ]
    )
    lines: list[str] = []
    source = load
    if rng.random() < 0.55:
        lines.append(f"rows = {load}")
        source = "rows"
        if rng.random() < 0.35:
            lines.append(rng.choice(BETWEEN))
    lines += _fill(_consumer(rng, target, source), rng, target)
    if rng.random() < 0.35:
        lines += _fill(rng.choice(AFTER).splitlines(), rng, target)
    lines.append("print(out, total, sorted(map(str, seen)), counts)")
    body = _in_context(lines, rng)
    return "\n".join([prelude, "from paths import SOURCE", HELPERS, SETUP, body, "print(calls)"])


def _fill(lines: list[str], rng: random.Random, target: str) -> list[str]:
    filled = []
    for line in lines:
        while "{c}" in line:
            line = line.replace("{c}", rng.choice(CONDITIONS), 1)
        filled.append(line.replace("{t}", target))
    return filled


def _consumer(rng: random.Random, target: str, source: str) -> list[str]:
    kinds = [_comprehension, _loop, _loop, _accumulate, _reduction, _search]
    return rng.choice(kinds)(rng, source)


def _conditions(rng: random.Random) -> str:
    return "".join(" if {c}" for _ in range(rng.choice([0, 1, 1, 1, 2])))


def _clause(rng: random.Random, source: str) -> str:
    if rng.random() < 0.08:
        return f"for i, {{t}} in enumerate({source})" + _conditions(rng)
    more = " for x in {t}['c'] if x" if rng.random() < 0.1 else ""
    return f"for {{t}} in {source}" + _conditions(rng) + more


def _comprehension(rng: random.Random, source: str) -> list[str]:
    element, clause = rng.choice(ELEMENTS), _clause(rng, source)
    forms = [
        f"result = [{element} {clause}]",
        f"result = [{element} {clause}]",
        f"result = {{str({element}) {clause}}}",
        f"result = {{str({element}): {{t}} {clause}}}",
        f"result = len([{element} {clause}])",
        f"result = sum(1 {clause})",
        f"result = list({element} {clause})",
        f"result = next(({element} {clause}), None)",
        f"result = next({element} {clause})",
        f"result = any({element} {clause})",
        f"result = ({element} {clause})",
    ]
    show = "print(sorted(result) if isinstance(result, set) else result)"
    chosen = rng.choice(forms)
    if chosen.startswith("result = (") and chosen.endswith(")"):
        show = "limit = 2\nprint(list(result))"
    return [chosen, *show.splitlines()]


def _body(rng: random.Random) -> list[str]:
    return list(rng.choice(BODIES))


def _loop(rng: random.Random, source: str) -> list[str]:
    body: list[str] = []
    for _ in range(rng.choice([0, 0, 1, 2])):
        body += ["if {c}:", "    continue"]
    if rng.random() < 0.2:
        body.append(rng.choice(STEPS))
    if rng.random() < 0.5:
        body += ["if {c}:", *("    " + line for line in _body(rng))]
    else:
        body += _body(rng)
    iterated = rng.choice([source] * 6 + [f"enumerate({source})", f"iter({source})"])
    head = "for i, {t} in" if iterated.startswith("enumerate") else "for {t} in"
    tail = ["else:", "    print('else')"] if rng.random() < 0.15 else []
    return [f"{head} {iterated}:", *("    " + line for line in body), *tail]


def _accumulate(rng: random.Random, source: str) -> list[str]:
    body: list[str] = []
    depth = 0
    for _ in range(rng.choice([1, 1, 2, 3])):
        pad = "    " * depth
        kind = rng.random()
        if kind < 0.3:
            body.append(pad + rng.choice(STEPS))
        elif kind < 0.5:
            body += [pad + "if {c}:", pad + "    continue"]
        else:
            body.append(pad + "if {c}:")
            depth += 1
    body.append("    " * depth + rng.choice(["picked.append({t})"] * 4 + ["picked.append(1)"]))
    tail = rng.choice([["print(picked)"], ["print(picked)", "print({t})"], ["print(picked, n)"]])
    return ["picked = []", f"for {{t}} in {source}:", *("    " + b for b in body), *tail]


def _reduction(rng: random.Random, source: str) -> list[str]:
    return [
        rng.choice(
            [
                f"print(len({source}))",
                f"print(max({source}, key=lambda r: str(r), default=None))",
                f"print(sorted({source}, key=str))",
                f"print(any({source}), all({source}))" if source != "rows" else "print(any(rows))",
                f"print(sum(map(lambda r: r['a'], {source})))",
                f"print([r for r in map(helper, {source})])",
                f"print(list(filter(helper, {source})))",
                f"print({source}[0])",
                f"print({source} == [])",
                f"print(bool({source}))",
                f"for r in reversed({source}): print(r)",
                f"print(dict(enumerate({source})))",
            ]
        )
    ]


def _search(rng: random.Random, source: str) -> list[str]:
    if rng.random() < 0.5:
        found = ["    if {c}:", "        print('found', {t})", "        break"]
        return [f"for {{t}} in {source}:", *found]
    return [
        "def search(limit=limit):",
        f"    for {{t}} in {source if source != 'rows' else 'rows'}:",
        "        if {c}:",
        "            return {t}",
        "    return None",
        "print(search())",
    ]


def _in_context(lines: list[str], rng: random.Random) -> str:
    """The lines at module level, in a function, a handler, a loop, a class."""
    text = "\n".join(lines)
    kind = rng.random()
    if kind < 0.35:
        return text
    if kind < 0.7:
        setup = textwrap.indent(SETUP, "    ")
        return f"def main():\n{setup}{textwrap.indent(text, '    ')}\nmain()"
    if kind < 0.8:
        handler = rng.choice(["Exception", "KeyError", "(TypeError, ValueError)"])
        wrapped = f"try:\n{textwrap.indent(text, '    ')}\nexcept {handler} as error:\n"
        return wrapped + "    print('caught', repr(error), out, total)"
    if kind < 0.87:
        return f"for turn in range(2):\n{textwrap.indent(text, '    ')}"
    if kind < 0.93:
        return f"if limit:\n{textwrap.indent(text, '    ')}"
    setup = textwrap.indent(SETUP, "    ")
    return f"class Holder:\n{setup}{textwrap.indent(text, '    ')}"
