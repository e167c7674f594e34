"""Random programs that load once and filter several times, by a pair or by a plain load.

`generate(random.Random(seed))` gives a script that prints all lists and which of their elements
are the same objects. Conditions that only look are mixed with such as raise, remember, print, read
another list or use something up; between the filters there is now and then something else.
"""

from __future__ import annotations

import json
import random
import re
import textwrap

from tests.differential.model import Document, Health, Program
from tests.differential.programs import DOCUMENTS

_ROW = {"a": 1, "b": True, "c": [1, 2]}
_MORE = [
    [{"a": 1, "b": "x", "c": {}}, {"a": 2, "c": []}, {"b": 1, "c": [1]}, {"a": None, "b": 2}],
    [_ROW, {"a": 2, "b": 3}, 5, {"a": 1, "b": 1, "c": []}],
    [{"a": [1], "b": [], "c": ""}, {"a": {}, "b": {}, "c": "xyz"}, _ROW],
    ["abc", "a", ""],
    [_ROW, _ROW, {"a": -1, "b": False, "c": [3]}],
]
_DOCUMENTS = 6  # that each program is run on
_WRONG = [{"a": 1, "b": 2}, None, "ab"]
ITEMS = [json.dumps({"items": json.loads(one.data)}).encode() for one in DOCUMENTS]
OF_PART = (
    *(Document(data) for data in ITEMS),
    *(Document(json.dumps({"items": value}).encode()) for value in [*_MORE, *_WRONG]),
    Document(b'{"other": 1}'),
    Document(b"[1]"),
)
WHOLE = (*DOCUMENTS, *(Document(json.dumps(value).encode()) for value in [*_MORE, *_WRONG]))
_KEYED = [{f"key {n}": row for n, row in enumerate(rows)} for rows in _MORE]
OF_VALUES = (
    *(Document(json.dumps(value).encode()) for value in [*_KEYED, *_WRONG, {}, []]),
    Document(b'{"x": {"a": 1, "b": 1}, "y": ', Health.BROKEN_LATER),
)
VALUES_OF_PART = tuple(Document(b'{"items": %b}' % one.data, one.health) for one in OF_VALUES)

# What is compared with what in the same program, so that filters often raise alike.
PLAIN = [
    "{t}['a'] == 1",
    "{t}['a'] != 1",
    "{t}['a'] == 'x'",
    "{t}['a'] > 1",
    "{t}['a'] <= 1",
    "{t}['a'] < LIMIT",
    "{t}['a'] >= LIMIT",
    "{t}['a'] < 'm'",
    "{t}['b']",
    "not {t}['b']",
    "{t}['a'] and {t}['b']",
    "{t}['a'] == 1 or {t}['b'] == 2",
    "{t}.get('a') == 2",
    "{t}.get('b')",
    "{t}.get('a', 0) in (1, 2)",
    "{t}['a'] in WANTED",
    "{t}['a'] not in WANTED",
    "{t}['a'] in ALLOWED",
    "'a' in {t}",
    "'b' not in {t}",
    "1 in {t}['c']",
    "len({t}['c']) > 1",
    "isinstance({t}['a'], int)",
    "isinstance({t}, (dict, str))",
    "{t}['a'] is None",
    "{t}['c'][0] == 1",
    "{t}['a'] % 2 == 0",
    "-{t}['a'] < 0",
    "({t}['a'] if {t}['b'] else {t}['c'])",
    "0 < {t}['a'] < 3",
    "{t}['a'] == {t}['b']",
    "{t}",
    "{t} is not None",
    "str({t}['a']).isdigit()",
    "bool({t}['a'])",
    "{t}['a']['x']",
    "{t}[{t}['b']]",
    "'a' in {t} and {t}['a'] == 1",
    "'a' in {t} and {t}['a'] == 'x'",
    "'a' in {t} and {t}['a'] > 1 and {t}['b']",
    "isinstance({t}, dict) and {t}['a'] == 1",
    "isinstance({t}, dict) and {t}['a'] != 1 and {t}['b'] == 2",
    "{t}.get('b') and {t}['a'] > 1",
    "{t}.get('b') and {t}['a'] < 1",
]
ROUGH = [
    "helper({t})",
    "counting({t})",
    "talking({t})",
    "remembers({t})",
    "peeks({t})",
    "deep({t})",
    "within({t}, limit)",
    "{t}['a'] > limit",
    "{t}['a'] not in seen",
    "not seen.add({t}['a'])",
    "any(x > 1 for x in {t}['c'])",
    "sorted({t}['c'], key=lambda x: -x)",
    "(lambda y: y['a'] != 1)({t})",
    "(n := {t}['a'])",
    "next(iter({t}['c']), 0)",
    "next(numbers, 0)",
    "{t}['a'] in numbers",
    "{t}['a'] in numbers or {t}['b']",
    "any(x == {t}['a'] for x in numbers)",
    "{t} not in {other}",
    "len({other}) < 2",
    "few_picked()",
    "{t}.pop('b', None)",
    "{t}.setdefault('z', 1)",
    "{t}.update(z=2) or {t}['a']",
    "print('test', {t}['a']) or {t}['b']",
    "missing < {t}['a']",
    "late < {t}['a']",
    "random() > 2",
    "locals() is not None and {t}['b']",
    "table[{t}['a']]",
    "checker.check({t})",
    "checker.match({t})",
    "{t}['a'] == checker.last",
]
ELEMENTS = ["{t}"] * 30 + ["{t}['a']", "dict({t})"]
# With {e} for a list that is there by then and {l} for one that is not.
HARMLESS = [
    "pass",
    "'a string'",
    "3",
    "print()",
    "print('between')",
    "print({e})",
    "print(len({e}), 'are in it', sep=': ', flush=True)",
    "print(f'{{len({e})}} of {{LIMIT:>5}}', end='!\\n')",
    "print(f'{{{e}!r}}', '-' * 20)",
    "print('%d of it' % len({e}), '{{:.1f}}'.format(len({e}) / 3))",
    "print(1 / len({e}))",
    "print(f'{{{e}:>5}}')",
    "print(LIMIT, WANTED)  # why\n# and below",
    "count = len({e})",
    "count = len({e}) * 2 + 1\nprint(count)",
    "same = {e}\nprint(same, len(same))",
    "number = 'n: ' + '%s' % len({e}); print(number)",
    "\nprint(len({e}))  # behind\n",
]
HARMFUL = [
    "print({l})",
    "print(len({l}))",
    "print(f'{{len({l})}}')",
    "print(f'{{len({e}):>{{limit}}}}')",
    "print(f'{{len({e}):>{{LIMIT}}}}')",
    "print({t})",
    "print(limit)",
    "print(missing)",
    "print(len({e}), len(ALLOWED))",
    "print({e}, file=None)",
    "print({e}, file=out)",
    "print(*{e})",
    "print(**{{'end': ''}})",
    "print({e}[0])",
    "print({e}.clear())",
    "print(helper(_ROW))",
    "print([x for x in {e}])",
    "print(str({e}))",
    "print(count)",
    "len({e})",
    "print(n := len({e}))",
    "LIMIT = len({e})",
    "LIMIT = 1",
    "WANTED = ()",
    "WANTED = len({e}), 1",
    "late = len({e})",
    "limit = len({e})",
    "seen = {e}",
    "{t} = len({e})",
    "rows = len({e})",
    "data = len({e})",
    "load_x = len({e})",
    "stream_x = len({e})",
    "f = len({e})",
    "json = len({e})",
    "split = len({e})",
    "stream_json = len({e})",
    "count: int = len({e})",
    "count = total = len({e})",
    "count, total = len({e}), 1",
    "count = 0\ncount += len({e})",
    "{l} = len({e})",
    "{e} = len({e})",
    "{e} += [1]",
    "del {e}",
    "assert {e}",
    "if {e}:\n    print(len({e}))",
    "print = str",
    "len = str",
    "calls.append(len({e}))",
    "import sys; sys.stdout.write('x')",
    "raise KeyError('between')",
]
BETWEEN = [
    "print('between')",
    "limit = limit + 1",
    "helper(_ROW)",
    "WANTED = ['x']",
    "# a comment",
    "rows.append(4)",
    "pass",
]
AFTER = [
    "print(len(rows))",
    "print(rows)",
    "del rows",
    "{0}.append(1)",
    "print({0} + {1})",
    "if {0} and {1} and isinstance({0}[0], dict):\n    {0}[0]['a'] = 'changed'\n    print({1})",
]

HELPERS = {
    "LIMIT": "LIMIT = 2",
    "WANTED": "WANTED = ('x', 1, None)",
    "ALLOWED": "ALLOWED = {1, 2, 'x'}",
    "_ROW": "_ROW = {'a': 1, 'b': 2, 'c': []}",
    "out": "import io\nout = io.StringIO()",
    "table": "table = defaultdict(int, {1: 1, 2: 0})",
    "checker": "class Checker:\n    last = None\n    def check(self, x):\n"
    "        self.last = x['a']\n        return self.last\n    def match(self, x):\n"
    "        self.last, before = x['a'], self.last\n        return before == 1\n"
    "checker = Checker()",
    "helper": "def helper(x):\n    return x['a'] not in (0, None)",
    "counting": "def counting(x):\n    calls.append(x['a'])\n    return len(calls) % 2",
    "talking": "def talking(x):\n    print('asked', x['a'])\n    return x['b']",
    "remembers": "def remembers(x):\n    return next(numbers, 0) > 1",
    "peeks": "def peeks(x):\n    return len(globals().get('picked', ())) < 2",
    "within": "def within(x, limit):\n    return x['a'] < limit",
    "deep": "def deep(x):\n    return x['a'] != 3 and within(x, 3)",
    "few_picked": "def few_picked():\n    try:\n        return len(picked) < 2\n"
    "    except NameError:\n        return True",
}
STATE = "calls = []\nnumbers = iter([2, 1, 3, 1, 5])\n"
SETUP = """\
limit, seen, picked, low, high = 1, set(), [], [], []
"""
TARGETS = ["s", "row", "item"]
NAMES = ["picked", "low", "high"]


def generate(rng: random.Random) -> Program:
    """One program, drawn again until it is valid Python."""
    while True:
        program = _draw(rng)
        try:
            compile(program.text, "program.py", "exec")
        except SyntaxError:
            continue
        return program


def _draw(rng: random.Random) -> Program:
    mild = rng.random() < 0.55
    part = rng.random() < 0.4
    names = rng.sample(NAMES, rng.choice([2, 2, 2, 3]))
    load, value = _load(rng, part)
    keyed = rng.random() < 0.2
    if keyed:
        value += ".values()"
    between = mild and rng.random() < 0.5
    alike = between or rng.random() < 0.6
    pool = rng.sample(PLAIN, rng.choice([1, 1, 2] if between else [1, 2, 2, 3])) if alike else PLAIN
    rough = (
        pool if mild else rng.sample(ROUGH, rng.choice([1, 1, 2, 3]))
    )  # often one in two filters
    filters: list[str] = []
    for index, name in enumerate(names):
        if index and not mild and rng.random() < 0.15:
            filters += rng.choice(BETWEEN).splitlines()
        elif index and between and rng.random() < 0.8:
            filters += _between(rng, names[:index], names[index:])
        filters += _filter(rng, name, value, names, (pool, rough))
    lines = [*load, *filters]
    if not mild and rng.random() < 0.25:
        lines += rng.choice(AFTER).format(*names).splitlines()
    lines += [
        f"print({', '.join(names)})",
        f"print([[x is y for y in {names[1]}] for x in {names[0]}])",
        "print(sorted(map(str, seen)))",
    ]
    head = rng.choice(
        ["from data import load_x", "from data import load_x, stream_x", "import data"]
    )
    used = "data.load_x" if head == "import data" else "load_x"
    text = _in_context([line.replace("load_x", used) for line in lines], rng, mild)
    own = "from loadstream import stream_json\n" if rng.random() < 0.1 else ""
    if rng.random() < 0.05:
        own += rng.choice(["split = None\n", "from os.path import split\n"])
    imports = "import json\nfrom collections import defaultdict\nfrom random import random\n"
    whole = f"{STATE}{SETUP}{text}\nprint(calls, list(numbers))"
    if part and "load_x" not in "\n".join(load):
        documents = VALUES_OF_PART if keyed else OF_PART
    else:
        documents = OF_VALUES if keyed else WHOLE
    return Program(
        f"{imports}{head}\n{own}{helpers(whole)}{whole}",
        tuple(rng.sample(documents, _DOCUMENTS)),
    )


def helpers(text: str) -> str:
    """The definitions that a program needs."""
    used: dict[str, str] = {}
    for name, definition in reversed(HELPERS.items()):
        if re.search(rf"\b{name}\b", "\n".join([text, *used.values()])):
            used[name] = definition
    return "".join(f"{used[name]}\n" for name in reversed(used))


def _load(rng: random.Random, part: bool) -> tuple[list[str], str]:
    """The statements that load, and the expression that the filters go through."""
    if rng.random() < 0.4:
        return ["rows = load_x()"], "rows"
    value = "rows"
    loads: list[str] = ["rows = json.load(f)"]
    if part:
        loads, value = rng.choice(
            [
                (["data = json.load(f)", "rows = data['items']"], "rows"),
                (["data = json.load(f)"], "data['items']"),
                (["data = json.load(f)"], "data.get('items', [])"),
                (["rows = json.load(f)['items']"], "rows"),
                (["data = json.load(f)", "rows = data.get('items', [])"], "rows"),
            ]
        )
    kind = rng.random()
    if kind < 0.5:
        return ["with open('rows.json') as f:", *(f"    {line}" for line in loads)], value
    if kind < 0.65:
        return ["f = open('rows.json')", *loads, "f.close()"], value
    inline = rng.choice(["json.load(open('rows.json'))", "json.loads(open('rows.json').read())"])
    return [line.replace("json.load(f)", inline) for line in loads], value


def _between(rng: random.Random, earlier: list[str], later: list[str]) -> list[str]:
    lines: list[str] = []
    for _ in range(rng.choice([1, 1, 2])):
        line = rng.choice(HARMFUL if rng.random() < 0.3 else HARMLESS)
        words = {"e": rng.choice(earlier), "l": rng.choice(later), "t": rng.choice(TARGETS)}
        lines += line.format(**words).splitlines()
    return lines


def _filter(
    rng: random.Random,
    name: str,
    value: str,
    names: list[str],
    pools: tuple[list[str], list[str]],
) -> list[str]:
    target = rng.choice(TARGETS)
    others = [one for one in names if one != name]
    conditions = []
    for _ in range(rng.choice([1, 1, 1, 2])):
        condition = rng.choice(rng.choice(pools))
        conditions.append(condition.replace("{t}", target).replace("{other}", rng.choice(others)))
    element = rng.choice(ELEMENTS).replace("{t}", target)
    ifs = " ".join(f"if {condition}" for condition in conditions)
    layout = rng.random()
    if layout < 0.8:
        text = f"{name} = [{element} for {target} in {value} {ifs}]"
    else:
        lines = [element, f"for {target} in {value}", *(f"if {c}" for c in conditions)]
        note = "  # why" if rng.random() < 0.5 else ""
        text = f"{name} = [{note}\n" + "\n".join(f"    {line}" for line in lines) + "\n]"
    if rng.random() < 0.2:
        text = f"# {name}\n{text}"
    return text.splitlines()


def _in_context(lines: list[str], rng: random.Random, mild: bool) -> str:
    """The lines at module level, in a function, a handler, a with block, a loop, a class."""
    text = "\n".join(lines)
    inner = textwrap.indent(text, "    ")
    kind = rng.random()
    if kind < 0.3:
        return text
    setup = textwrap.indent(SETUP, "    ")
    if kind < 0.65:
        return f"def main():\n{setup}{inner}\nmain()"
    if mild and kind < 0.75:
        return f"if limit:\n{inner}"
    if kind < 0.78:
        handler = rng.choice(["Exception", "KeyError", "(TypeError, ValueError)"])
        end = f"except {handler} as error:\n    print('caught', repr(error), picked, low, high)"
        return f"try:\n{inner}\n{end}"
    if kind < 0.83:
        return f"try:\n{inner}\nfinally:\n    print('at last', picked, low, high)"
    if kind < 0.87:
        call = "try:\n    main()\nexcept KeyError as error:\n    print('caught', error)"
        return f"def main():\n{setup}{inner}\n{call}"
    if kind < 0.92:
        return f"for turn in range(2):\n{inner}"
    if kind < 0.96:
        declared = "    global picked, low, high\n    limit, seen = 1, set()\n"
        return f"def main():\n{declared}{inner}\ntry:\n    main()\nfinally:\n    print(picked, low)"
    return f"class Holder:\n{setup}{inner}"
