"""How generated programs consume a document: which part of it, in which pass, with what body.

Places in the templates: `<d>` the document, `<e>` the part of it that is traversed, `<target>`
the loop's target, `<row>` one element of the data in terms of it, `<el>` something made of a row,
`<c>` a condition, `<clause>` a comprehension's first clause, `<body>` statements of a loop.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.differential.texts import Path


@dataclass(frozen=True, slots=True)
class Access:
    """A part of the document, as an expression, and what stands at `path` for it to make sense.

    `target` and `row` are templates in which `<t>` is a name.
    """

    expression: str
    path: Path = ()
    named: bool = False
    target: str = "<t>"
    row: str = "<t>"


_PAIRS = {"named": True, "target": "k, <t>"}
_KEYS = {"named": True, "target": "k"}

ACCESSES = [
    (6.0, Access("<d>")),
    (5.0, Access("<d>['items']", ("items",))),
    (1.5, Access("<d>['a']['b']", ("a", "b"))),
    (0.7, Access("<d>[0]['x']", (0, "x"))),
    (0.5, Access("<d>[0]", (0,))),
    (0.4, Access("<d>[1]['a']", (1, "a"))),
    (0.3, Access("<d>[-1]['x']", (0, "x"))),
    (0.3, Access("<d>['a'][0]['b']", ("a", 0, "b"))),
    (2.5, Access("<d>.get('items', [])", ("items",))),
    (1.0, Access("<d>.get('items')", ("items",))),
    (0.6, Access("<d>.get('missing', [])", ("items",))),
    (0.3, Access("<d>.get('missing', [{'a': 1, 'b': 1, 'c': [3]}])", ("items",))),
    (0.3, Access("<d>.get('missing', fallback)", ("items",))),
    (0.3, Access("<d>.get('items', {})", ("items",))),
    (0.6, Access("<d>.get('items', []) or []", ("items",))),
    (0.5, Access("<d>.get('items') or []", ("items",))),
    (0.6, Access("<d>.get('a', {}).get('b', [])", ("a", "b"))),
    (0.6, Access("<d>['a'].get('b', [])", ("a", "b"))),
    (0.4, Access("<d>.get('a')['b']", ("a", "b"))),
    (0.4, Access("<d> or []")),
    (0.3, Access("<d>['items'] or ()", ("items",))),
    (2.5, Access("<d>.items()", **_PAIRS)),  # type: ignore[arg-type]
    (1.0, Access("<d>.values()", named=True)),
    (0.8, Access("<d>.keys()", **_KEYS, row="k")),  # type: ignore[arg-type]
    (0.5, Access("<d>", **_KEYS, row="k")),  # type: ignore[arg-type]
    (1.8, Access("<d>", **_KEYS, row="<d>[k]")),  # type: ignore[arg-type]
    (0.5, Access("<d>.keys()", **_KEYS, row="<d>[k]")),  # type: ignore[arg-type]
    (0.5, Access("sorted(<d>)", **_KEYS, row="<d>[k]")),  # type: ignore[arg-type]
    (0.5, Access("<d>['items']", ("items",), **_KEYS, row="<d>['items'][k]")),  # type: ignore[arg-type]
    (0.8, Access("<d>['items'].items()", ("items",), **_PAIRS)),  # type: ignore[arg-type]
    (0.6, Access("<d>['items'].values()", ("items",), named=True)),
    (0.5, Access("<d>.get('items', {}).items()", ("items",), **_PAIRS)),  # type: ignore[arg-type]
    (0.3, Access("<d>['a']['b'].items()", ("a", "b"), **_PAIRS)),  # type: ignore[arg-type]
    (0.4, Access("sorted(<d>.items())", **_PAIRS)),  # type: ignore[arg-type]
    (0.4, Access("list(<d>.items())", **_PAIRS)),  # type: ignore[arg-type]
    (0.3, Access("list(<d>)")),
    (0.4, Access("<d>[1:]")),
    (0.3, Access("<d>['items'][:2]", ("items",))),
    (0.3, Access("reversed(<d>)")),
    (0.4, Access("<d>[KEY]", ("items",))),
    (0.3, Access("<d>['items' if limit else 'n']", ("items",))),
    (0.4, Access("(<d> if isinstance(<d>, list) else <d>['items'])", ("items",))),
    (0.4, Access("(<d>['items'] if 'items' in <d> else [])", ("items",))),
    (0.3, Access("[part for part in <d> if part]")),
    (0.4, Access("progress(<e_plain>)")),
    (0.3, Access("enumerate(<d>)", target="k, <t>")),
    (0.3, Access("enumerate(<d>['items'], 1)", ("items",), target="k, <t>")),
    (0.3, Access("zip(<d>, range(9))", target="<t>, k")),
    (0.3, Access("zip(range(2), <d>['items'])", ("items",), target="k, <t>")),
    (0.3, Access("map(dict, <d>)")),
    (0.3, Access("filter(None, <d>['items'])", ("items",))),
    (0.3, Access("iter(<d>)")),
    (0.2, Access("(yes for yes in <d>)")),
]

# Those that people write most, and of which most can be streamed.
USUAL_ACCESSES = [entry for entry in ACCESSES if entry[0] > 0.5]

CONDITIONS = [
    "<row>['a'] > 1",
    "<row>.get('a') == 2",
    "<row>['b']",
    "not <row>['b']",
    "<row>['a'] > limit",
    "<row>['a'] > limit or <row>['b']",
    "helper(<row>)",
    "counting(<row>)",
    "len(<row>['c']) > 1",
    "any(x > 1 for x in <row>['c'])",
    "<row>['a'] if <row>['b'] else limit",
    "(n := <row>['a'])",
    "<row>['a'] not in seen",
    "state['last'] != <row>['a']",
    "print('test', <row>['a']) or <row>['b']",
    "isinstance(<row>, dict)",
    "<row> is not None and 'a' in <row>",
    "<t> not in out",
    "len(out) < 2",
    "next(numbers) > 1",
    "next(iter(<row>['c']), 0)",
    "id(<row>) not in marks",
    "<row> is not previous",
    "(lambda y: y['a'] != 1)(<row>)",
    "[<t> for <t> in <row>['c']]",
    "locals() is not None and <row>['b']",
    "eval('limit') and <row>['b']",
    "few_picked()",
    "<t> != <d>",
]

ELEMENTS = [
    "<row>",
    "<row>",
    "<t>",
    "<row>['a']",
    "<row>['a']",
    "<row>.get('b')",
    "(<row>['a'], limit)",
    "helper(<row>)",
    "[x for x in <row>['c']]",
    "f\"{<row>['a']}!\"",
]

BODIES = [
    (3.0, "print('body', <el>)"),
    (3.0, "out.append(<el>)"),
    (1.5, "out.append(<row>)"),
    (2.0, "if <c>:\n    out.append(<el>)"),
    (1.0, "if not <c>:\n    continue\nout.append(<el>)"),
    (1.0, "if <c>:\n    print('in', <el>)\nelse:\n    out.append(<el>)"),
    (1.0, "total += <row>['a']\nprint(total)"),
    (1.0, "total += 1"),
    (0.7, "counts[str(<el>)] = counts.get(str(<el>), 0) + 1"),
    (0.5, "seen.add(str(<el>))"),
    (0.5, "n = <el>\nif n:\n    out.append(n)"),
    (0.4, "for x in <row>['c']:\n    print(x)"),
    (0.5, "if <c>:\n    found = <el>\n    break"),
    (0.4, "if <c>:\n    break\nprint('on')"),
    (0.4, "try:\n    print(<row>['a'] + 1)\nexcept (KeyError, TypeError):\n    print('no')"),
    (0.4, "try:\n    print(<row>['a'] + 1)\nexcept Exception as error:\n    print(repr(error))"),
    (0.3, "if <row>['a'] == 2:\n    raise RuntimeError('in the middle')"),
    (0.3, "assert <c>, 'no'"),
    (0.3, "later.append(lambda: <el>)"),
    (0.3, "marks.add(id(<row>))\nprint(len(marks))"),
    (0.3, "previous = <row>\nprint(previous)"),
    (0.2, "later.append(lambda: print(<d>))"),
    (0.2, "def kept_one():\n    return <row>\nlater.append(kept_one)"),
    (0.2, "print(next(numbers))"),
    (0.2, "return"),
    (0.2, "return <el>"),
    (0.2, "yield <el>"),
    (0.2, "await asyncio.sleep(0)\nprint(<el>)"),
    (0.2, "del <t>"),
    (0.2, "print('<t>' in locals(), '<d>' in vars())"),
    (0.2, "<f>.close()\nprint(<el>)"),
    (0.2, "print(<f>.closed)"),
    (0.2, "with suppress(KeyError):\n    print(<row>['zz'])"),
    (0.2, "while total < 3:\n    total += 1\n    if <c>:\n        continue\n    break"),
    (0.2, "with open(<path>) as <f>:\n    print(<f>.read(1))"),
    (0.15, "for <t> in [1, 2]:\n    print(<t>)"),
    (0.15, "print([<t> for <t> in [1]], <el>)"),
    (0.3, "state['last'] = <row>['a']"),
    (0.3, "<row>['a'] = 0\nout.append(<row>)"),
    (0.2, "<row>['new'] = total\nprint(<row>)"),
    (0.2, "<t> = 5\nprint(<t>)"),
    (0.2, "k = 'a'\nprint(<el>)"),
    (0.2, "limit = limit + 1"),
    (0.2, "poke()"),
    (0.3, "match <row>:\n    case {'a': int(n), **rest}:\n        print(n, rest)\n"
          "    case _:\n        print('other')"),
    # What the data is read from, written or read in the pass.
    (0.25, "with open(<path>, 'w') as g:\n    g.write('[]')"),
    (0.25, "save(out)"),
    (0.15, "Path('rows.json').write_text('[]')"),
    (0.15, "os.replace('other.json', 'rows.json')\nbreak"),
    (0.15, "os.remove('rows.json')\nbreak"),
    (0.25, "with open('log.txt', 'a') as g:\n    g.write(str(<el>))"),
    (0.2, "Path('out.txt').write_text(repr(<el>))"),
    (0.2, "print(len(Path('rows.json').read_text()))"),
    (0.15, "os.chdir('sub')\nbreak"),
    # The document itself, again.
    (0.25, "print(len(<d>))"),
    (0.15, "print(<t> in <d>)"),
    (0.15, "<d> = None"),
    (0.15, "<d>[k] = 1"),
    (0.15, "print(<d>['n'])"),
    (0.15, "for y in <d>:\n    print(y)"),
    (0.15, "if len(<d>) < 6:\n    <d>.append({'a': 9, 'b': 1, 'c': []})"),
    (0.2, "with open(<path>) as g:\n    for y in json.load(g):\n        print(y)"),
    (0.2, "with open('other.json') as g:\n    for y in json.load(g):\n        print(y['a'])"),
]  # fmt: skip

# Passes: `<show>` prints `result`.
PASSES = [
    (9.0, "for <target> in <e>:\n    <body>\n<orelse>"),
    (2.0, "for <target> in <e>:\n    <body>\n    <body>"),
    (2.0, "for <target> in <e>:\n    if <c>:\n        <body>"),
    (1.5, "picked = []\nfor <target> in <e>:\n    if <c>:\n        picked.append(<row>)\n"
          "print(picked)"),
    (0.7, "picked = []\nfor <target> in <e>:\n    n = <el>\n    if <c>:\n        continue\n"
          "    if n:\n        picked.append(<t>)\nprint(picked)"),
    (0.6, "index = {}\nfor <target> in <e>:\n    index.setdefault(str(<el>), []).append(<el>)\n"
          "print(index)"),
    (0.6, "groups = {}\nfor <target> in <e>:\n    n = str(<el>)\n    if n not in groups:\n"
          "        groups[n] = []\n    groups[n].append(<row>)\nprint(groups)"),
    (2.0, "result = [<el> <clause>]\n<show>"),
    (1.0, "result = [<el> <clause>]\nprint(len(result), result)"),
    (0.7, "result = {str(<el>) <clause>}\n<show>"),
    (0.7, "result = {str(<el>): <row> <clause>}\n<show>"),
    (0.5, "result = list(<el> <clause>)\n<show>"),
    (0.5, "result = tuple(<el> <clause>)\n<show>"),
    (0.7, "result = sum(1 <clause>)\n<show>"),
    (0.5, "result = sum(<row>['a'] <clause>)\n<show>"),
    (0.5, "result = max((str(<el>) <clause>), default=None)\n<show>"),
    (0.3, "result = min(<row>['a'] <clause>)\n<show>"),
    (0.5, "result = any(<el> <clause>)\n<show>"),
    (0.3, "result = all(<c> for <target> in <e>)\n<show>"),
    (0.5, "result = next((<el> <clause>), None)\n<show>"),
    (0.4, "result = next(<el> <clause>)\n<show>"),
    (0.3, "result = [<el> <clause>][0]\n<show>"),
    (0.3, "result = [<el> <clause>][:2]\n<show>"),
    (0.3, "result = [<el> <clause>][-1]\n<show>"),
    (0.3, "result = sorted((str(<el>) <clause>), reverse=True)\n<show>"),
    (0.3, "result = ','.join(str(<el>) <clause>)\n<show>"),
    (0.3, "result = dict(zip('abc', (<el> <clause>)))\n<show>"),
    (0.3, "result = Counter(str(<el>) <clause>)\n<show>"),
    (0.3, "result = len([<el> <clause>])\n<show>"),
    (0.3, "out.extend(<el> <clause>)"),
    (0.3, "out += [<el> <clause>]"),
    (0.3, "result = (<el> <clause>)\nlimit = 3\nprint(list(result))"),
    (0.3, "result = (<el> <clause>)\nprint(next(result, None))"),
    (0.3, "print(*[<el> <clause>], sep='|')"),
    (0.3, "print([<el> <clause>] or 'none')"),
    (0.4, "for x in [<el> <clause>]:\n    print(x)"),
    (0.3, "result = [(<el>, x) <clause> for x in <row>['c']]\n<show>"),
    (0.3, "result = [x for x in range(2) <clause>]\n<show>"),
    (0.3, "result = [[<el> <clause>] for x in range(2)]\n<show>"),
    # Reductions and uses of the part itself.
    (1.0, "print(len(<e>))"),
    (0.5, "print(list(<e>))"),
    (0.4, "print(tuple(<e>))"),
    (0.4, "print(sorted(<e>, key=str))"),
    (0.3, "print(sorted(<e>, key=lambda x: x['a'], reverse=True)[:2])"),
    (0.3, "print(max(<e>, key=str, default=None))"),
    (0.3, "print(max(<e>, key=lambda x: x['a']))"),
    (0.3, "print(any(<e>), limit)"),
    (0.3, "print(all(<e>))"),
    (0.3, "print(sum(<e>))"),
    (0.3, "print(sorted(set(<e>), key=str))"),
    (0.2, "print(dict(<e>))"),
    (0.2, "print(Counter(<e>))"),
    (0.3, "print(list(map(helper, <e>)))"),
    (0.3, "print(list(filter(helper, <e>)))"),
    (0.3, "print([r['a'] for r in map(dict, <e>)])"),
    (0.2, "print(dict(enumerate(<e>)))"),
    (0.2, "print(bool(<e>))"),
    (0.2, "print(next(iter(<e>), None))"),
    (0.2, "print(<e>[0])"),
    (0.2, "print({'a': 1} in <e>)"),
    (0.2, "print(<e> == [])"),
    (0.2, "first, *rest = <e>\nprint(first, rest)"),
    (0.2, "print(*<e>)"),
    (0.2, "print([*<e>, 1])"),
    (0.2, "print(f'{<e>}')"),
    (0.2, "out.extend(<e>)"),
    (0.2, "out += <e>"),
    (0.2, "out = [1] + list(<e>)"),
    (0.2, "it = iter(<e>)\nprint(next(it, None))\nfor x in it:\n    print(x)"),
    (0.2, "match <e>:\n    case [first, *rest]:\n        print(first, rest)\n"
          "    case _:\n        print('other')"),
    (0.3, "print(once(<e>))"),
    (0.3, "print(twice(<e>))"),
    (0.3, "print(keep(<e>))"),
    (0.3, "print([y for y in progress(<e>)])"),
    (0.3, "print(list(chain(<e>, [1])))"),
    (0.3, "print(list(islice(<e>, 2)))"),
    (0.2, "json.dump(list(<e>), open('out.json', 'w'))"),
    (0.2, "print(json.dumps(<e>))"),
    # Functions around the pass.
    (0.7, "def search(limit=1):\n    for <target> in <e>:\n        if <c>:\n"
          "            return <el>\n    return None\nprint(search(), search(2))"),
    (0.4, "def rows_of():\n    for <target> in <e>:\n        yield <el>\nprint(list(rows_of()))"),
    (0.4, "give = lambda: [<el> <clause>]\nprint(give())\nprint(give())"),
    # Find-first loops and loops with else.
    (1.0, "found = None\nfor <target> in <e>:\n    if <c>:\n        found = <el>\n        break\n"
          "print(found)"),
    (0.6, "for <target> in <e>:\n    if <c>:\n        print('found', <el>)\n        break\n"
          "else:\n    print('none')"),
    (0.4, "for i, x in enumerate(<e>):\n    if i > 1:\n        break\n    print(i, x)"),
    (0.4, "for i, x in enumerate(<e>):\n    if i == 0:\n        continue\n    print(i, x)\n"
          "print(i)"),
    (0.3, "for x, y in zip(<e>, range(2)):\n    print(x, y)"),
    (0.3, "for x, y in zip(<e>, <e>):\n    print(x, y)"),
    (0.3, "def rows_of():\n    yield from <e>\nprint(list(rows_of()))"),
    (0.3, "def rows_of():\n    return (<el> <clause>)\nprint(list(rows_of()))"),
    (0.3, "def rows_of():\n    return map(helper, <e>)\nprint(list(rows_of()))"),
    (0.3, "def rows_of():\n    for <target> in <e>:\n        yield <el>\n"
          "for x in rows_of():\n    save([])\n    print(x)"),
    (0.3, "def rows_of(given=<e>):\n    return [str(x) for x in given]\n"
          "print(rows_of())\nprint(rows_of())"),
    (0.3, "class Held:\n    rows = [<el> <clause>]\nprint(Held.rows)"),
    (0.3, "class Held:\n    rows = <e>\n    names = [str(x) for x in rows]\nprint(Held.names)"),
    (0.4, "for <target> in tqdm(<e>):\n    <body>"),
    (0.3, "for <target> in tqdm(<e>, total=len(<e>)):\n    <body>"),
    (0.3, "for i, x in enumerate(tqdm(<e>, desc='rows'), 1):\n    print(i, x)"),
    (0.3, "with open('other.json') as g:\n    second = json.load(g)\nfor <target> in <e>:\n"
          "    for y in second:\n        print(y == <t>)"),
    (0.3, "for y in json.load(open('other.json')):\n    for <target> in <e>:\n"
          "        print(y == <t>)"),
    (0.3, "for x, y in zip(<e>, json.load(open('other.json'))):\n    print(x, y)"),
    (0.2, "print(f'{[<el> <clause>]}')"),
    (0.2, "for data in <e>:\n    print(data)"),
    (0.2, "for f in <e>:\n    print(f)"),
    (0.2, "for path in <e>:\n    print(path)\nprint(path)"),
    (0.2, "result = [data for data in <e> if data]\n<show>"),
    (0.2, "result = [f for f in <e> if <c>]\n<show>"),
    # One pass in each branch, and what only looks like it.
    (1.5, "if limit:\n    for <target> in <e>:\n        <body>\nelse:\n    <simple>"),
    (0.5, "if total:\n    <simple>\nelif limit > 1:\n    print('none')\nelse:\n    <simple>"),
    (0.4, "if limit:\n    <simple>\nif total:\n    <simple>\nelse:\n    <simple>"),
    (0.4, "if limit and any(<e>):\n    <simple>\nelse:\n    <simple>"),
    (0.4, "if total:\n    <simple>\nelif any(<el> <clause>):\n    <simple>\nelse:\n    <simple>"),
    (0.5, "result = [<el> <clause>] if limit else sorted((str(<el>) <clause>))\n<show>"),
    (0.3, "result = max(<e>, key=str) if any(<e>) else sum(1 <clause>)\n<show>"),
    (0.5, "match limit:\n    case 0:\n        <simple>\n    case 1 if not total:\n"
          "        <simple>\n    case _:\n        <simple>"),
    (0.3, "match limit:\n    case 1 if all(<e>):\n        <simple>\n    case _:\n        <simple>"),
    (0.4, "for turn in range(2):\n    if turn:\n        <simple>\n    else:\n        <simple>"),
    (0.4, "try:\n    <simple>\nexcept Exception as error:\n    <simple>"),
    (0.3, "try:\n    <simple>\nexcept KeyError:\n    <simple>\nelse:\n    print('else')"),
    (0.4, "if limit:\n    <simple>\nelse:\n    <simple>\nprint('n', len(<e>))"),
    # Length before and after.
    (0.6, "print(len(<e>))\nfor <target> in <e>:\n    <body>"),
    (0.8, "for <target> in <e>:\n    <body>\nprint('n', len(<e>))"),
    (0.5, "for i, x in enumerate(<e>, 1):\n    print(i, x)\nif len(<e>) > 1:\n    print(len(<e>))"),
    (0.5, "for <target> in <e>:\n    <body>\n<orelse>\nfor x in range(2):\n    print(x, len(<e>))"),
    (0.4, "for i, x in enumerate(tqdm(<e>)):\n    print(i, x)\nprint(len(<e>))"),
    (0.4, "for <target> in <e>:\n    <body>\nout = [len(<e>) for x in range(2)]"),
    (0.3, "for <target> in <e>:\n    <body>\n    print(len(<e>))\nprint(len(<e>))"),
    (0.3, "for x, y in zip(<e>, range(2)):\n    print(x, y)\nprint(len(<e>))"),
    (0.3, "for x in filter(helper, <e>):\n    print(x)\nprint(len(<e>))"),
    (0.3, "for <target> in <e>:\n    for x in <row>['c']:\n        break\n    else:\n"
          "        break\nprint(len(<e>))"),
    (0.3, "with suppress(KeyError, TypeError):\n    for <target> in <e>:\n        <body>\n"
          "print(len(<e>))"),
    (0.3, "try:\n    for <target> in <e>:\n        <body>\nfinally:\n    print(len(<e>))"),
    (0.3, "for <target> in <e>:\n    <body>\nelse:\n    print(len(<e>))"),
    (0.3, "for <target> in <e>:\n    <body>\nlater.append(lambda: len(<e>))\nprint(later[-1]())"),
    (0.3, "if limit:\n    for <target> in <e>:\n        <body>\nprint(len(<e>))"),
    (0.3, "if limit:\n    for <target> in <e>:\n        <body>\n    print(len(<e>))\nelse:\n"
          "    <simple>"),
    (0.3, "for turn in range(2):\n    for <target> in <e>:\n        <body>\n    print(len(<e>))"),
    (0.4, "for <target> in <e>:\n    if <c>:\n        out.append(<el>)\nprint(len(<e>))\n"
          "print(f'{len(<e>)} of {len(out)}')"),
    (0.4, "if len(<e>) > 1:\n    for <target> in <e>:\n        <body>"),
    (0.4, "for <target> in <e>:\n    <body>\nfor <target> in <e>:\n    <body>"),
    (0.4, "for <target> in <e>:\n    for y in <e>:\n        print(<t> == y)"),
    (0.3, "if limit:\n    for <target> in <e>:\n        <body>\nelse:\n    print(list(<e>))"),
    (0.3, "result = [<el> <clause>] if limit else []\n<show>"),
    (0.3, "result = limit and [<el> <clause>]\n<show>"),
]  # fmt: skip

USUAL_PASSES = [*PASSES[:20], *(p for p in PASSES if p[1].count("<simple>") and p[0] >= 0.5)]
# What stands in a branch.
SIMPLE_PASSES = [entry for entry in PASSES[:45] if "<body>\n    <body>" not in entry[1]]

# Passes that a reader of the document's variable can make: `<d>` is a name here.
NAMED_PASSES = [
    (6.0, "<use_plain>"),
    (0.6, "if 'items' in <d>:\n    <use_plain>"),
    (0.3, "if 'items' in <d>:\n    <use_plain>\nelse:\n    print('no items')"),
    (0.3, "if 'items' not in <d>:\n    raise KeyError('items missing')\n<use_plain>"),
    (0.4, "if isinstance(<d>, list):\n    <use_plain>"),
    (0.3, "if isinstance(<d>, dict):\n    <use_plain>\nelse:\n    print(type(<d>))"),
    (0.4, "if <d>:\n    <use_plain>"),
    (0.2, "if <d> is not None:\n    <use_plain>"),
    (0.3, "if not <d>:\n    print('empty')\nelse:\n    <use_plain>"),
    (0.3, "assert isinstance(<d>, list)\n<use_plain>"),
    (0.4, "print(len(<d>))\n<use_plain>"),
    (0.5, "<use_plain>\nprint(len(<d>))"),
    (0.3, "print(<d>['n'])\n<use_plain>"),
    (0.3, "<use_plain>\nprint(<d>.get('n'))"),
    (0.3, "n = <d>.get('n', 0)\n<use_plain>\nprint(n)"),
    (0.3, "<use_plain>\nfor x in <d>.get('z', []):\n    print(x)"),
    (0.3, "<use_plain>\nprint(<d>)"),
    (0.2, "<d>.sort(key=str)\n<use_plain>"),
    (0.2, "<d>.append({'a': 8, 'b': 8, 'c': [8]})\n<use_plain>"),
    (0.2, "<d>['items'] = [{'a': 1, 'b': 2, 'c': []}]\n<use_plain>"),
    (0.2, "del <d>[0]\n<use_plain>"),
    (0.3, "<use_plain>\ndel <d>"),
    (0.2, "stash.append(<d>)\n<use_plain>"),
    (0.2, "copy = <d>\n<use_plain>\nprint(copy)"),
    (0.2, "read = lambda: <d>\n<use_plain>\nprint(read())"),
    (0.2, "<use_plain>\nstash.append(<d>)"),
    (0.2, "<d> = <d>\n<use_plain>"),
    (0.2, "<d> = <d>['items']\nfor x in <d>:\n    print(x)"),
    (0.2, "try:\n    <use_plain>\nexcept KeyError as error:\n    print('missing', error)"),
    (0.2, "try:\n    <use_plain>\nexcept Exception as error:\n    print('caught', repr(error))"),
    (0.2, "while True:\n    <use_plain>\n    break"),
    (0.2, "for turn in range(2):\n    <use_plain>"),
    (0.1, "global shared\nshared = <d>\n<use_plain>"),
    (0.1, "return <d>"),
    (0.2, "def report():\n    print(len(<d>))\n<use_plain>\nreport()"),
    (0.2, "def report():\n    <use_plain>\nreport()\nreport()"),
    (0.2, "if limit:\n    <use_plain>\nprint(<d>)"),
    (0.2, "if total:\n    print(<d>)\nelse:\n    <use_plain>"),
    (0.2, "<d> = <d> if limit else []\n<use_plain>"),
    (0.2, "if not isinstance(<d>, list):\n    <d> = [<d>]\n<use_plain>"),
    (0.2, "if isinstance(<d>, dict):\n    <d> = <d>['items']\n<use_plain>"),
    (0.2, "<use_plain>\n<d>.clear()"),
    (0.2, "other = <d>\n<use_plain>"),
    (0.2, "n = len(<d>)\n<use_plain>\nprint(n)"),
    (0.2, "with suppress(KeyError):\n    <use_plain>"),
    (0.2, "class Local:\n    <use_plain>"),
    (0.2, "with suppress(Exception):\n    <use_plain>"),
]  # fmt: skip

BETWEEN = [
    "print('between')",
    "limit = limit + 1",
    "poke()",
    "out = []",
    "n = 0",
    "save([])",
    "<d2> = 5",
    "os.chdir('sub')",
    "os.remove('rows.json')",
    "os.replace('other.json', 'rows.json')",
    "with open('rows.json', 'w') as g:\n    g.write('[]')",
    "Path('out.txt').write_text('x')",
    "with open('other.json') as g:\n    other = json.load(g)\nprint(other)",
    "def inner():\n    return limit\nprint(inner())",
    "if limit > 3:\n    raise ValueError('limit')",
    "import os",
    "path = 'other.json'",
    "<f> = None",
    "SOURCE = 'other.json'",
    "json = None",
    "move()",
]

AFTER = [
    "print(<t>)",
    "print(n)",
    "print('after')",
    "print(found)",
    "print([f() for f in later])",
    "out.append('end')",
    "print(<f>.closed)",
    "print(json.dumps(out, default=str))",
    "with open('rows.json', 'w') as g:\n    json.dump(out, g, default=str)",
    "with open('rows.json') as g:\n    print(len(g.read()))",
    "with open('other.json') as g:\n    for y in json.load(g):\n        print(y)",
    "os.remove('rows.json')",
    "save(out)",
    "print(k)",
]
