"""One program for each reason that keeps a load, and a near twin of it that is rewritten safely.

`kept` is refused for the reason; `#!` marks the line that the message must name (taken out before
the program is looked at). `twin` is the same program as nearly as possible, without the hazard.
`careless` is what a tool that overlooks the hazard would make of `kept`: it must do something
else on one of the documents, or the reason would refuse for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from loadstream.analysis.reasons import Reason
from loadstream.analysis.settings import PairSetting, Settings


class Verdict(Enum):
    """What the reason costs: the load, the rewrite's safety, or only one pattern."""

    KEPT = "the load is kept"
    UNSAFE = "the rewrite is unsafe"
    LESS = "a pattern is refused, another one serves"


@dataclass(frozen=True, slots=True)
class Swapped:
    """The careless rewrite only swaps the load for a stream."""


@dataclass(frozen=True, slots=True)
class Written:
    """The careless rewrite, in full."""

    text: str


@dataclass(frozen=True, slots=True)
class Pointless:
    """A rewrite would do no harm that can be seen here; `why` it is refused all the same."""

    why: str


Careless: TypeAlias = Swapped | Written | Pointless


@dataclass(frozen=True, slots=True)
class Hazard:
    """One hazard. `files` stand beside the programs, `settings` are the repository's."""

    reason: Reason
    kept: str
    twin: str
    careless: Careless = field(default_factory=Swapped)
    verdict: Verdict = Verdict.KEPT
    files: Mapping[str, str] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)


_TWO_PAIRS = """\
import json
from functools import lru_cache

from loadstream import stream_json


{decorator}
def load_x(path='rows.json'):
    with open(path, encoding='utf-8') as file:
        {body}


def stream_x(filter_func=None, path='rows.json'):
    return stream_json(path, filter_func=filter_func)


def load_y(path='rows.json'):
    with open(path, encoding='utf-8') as file:
        return json.load(file)


def stream_y(filter_func=None, path='rows.json'):
    return stream_json(path, filter_func=filter_func)


def load_z(path='rows.json'):
    with open(path, encoding='utf-8') as file:
        return json.load(file)
"""
_PLAIN_PAIRS = {"data.py": _TWO_PAIRS.format(decorator="", body="return json.load(file)")}

HAZARDS = (
    Hazard(
        Reason.MULTI_PASS,
        """\
from data import load_x
rows = load_x()
for s in rows:
    print(s['a'])
for s in rows:  #!
    print(s['b'])
""",
        """\
from data import load_x
rows = load_x()
for s in rows:
    print(s['a'])
rows = load_x()
for s in rows:
    print(s['b'])
""",
    ),
    Hazard(
        Reason.RANDOM_ACCESS,
        """\
from data import load_x
rows = load_x()
for i in range(2):
    print(rows[i])  #!
""",
        """\
from data import load_x
rows = load_x()
for i, s in zip(range(2), rows):
    print(s)
""",
    ),
    Hazard(
        Reason.NEEDS_LIST,
        """\
from data import load_x
rows = load_x()
rows.sort(key=str)  #!
for s in rows:
    print(s)
""",
        """\
from data import load_x
rows = load_x()
for s in sorted(rows, key=str):
    print(s)
""",
    ),
    Hazard(
        Reason.NEEDS_LIST,
        """\
from data import load_x
rows = load_x()
print(len(rows), 'rows')  #!
for s in rows:
    print(s['a'])
""",
        """\
from data import load_x
rows = load_x()
print('rows')
for s in rows:
    print(s['a'])
""",
    ),
    Hazard(
        Reason.NEEDS_LIST,
        """\
from data import load_x
rows = load_x()
if not rows:  #!
    print('empty')
for s in rows:
    print(s['a'])
""",
        """\
from data import load_x
rows = load_x()
for s in rows:
    print(s['a'])
""",
    ),
    Hazard(
        Reason.IDENTITY,
        """\
from data import load_x
marks = set()
for s in load_x():
    marks.add(id(s))  #!
print(len(marks))
""",
        """\
from data import load_x
marks = set()
for s in load_x():
    marks.add(str(s))
print(len(marks))
""",
        Pointless("whether an id comes again is up to the allocator"),
    ),
    Hazard(
        Reason.ESCAPES,
        """\
from data import load_x
def wanted():
    rows = load_x()
    return rows  #!
print([s for s in wanted()], len(wanted()))
""",
        """\
from data import load_x
def wanted():
    rows = load_x()
    return [s for s in rows if s['b']]
print([s for s in wanted()], len(wanted()))
""",
    ),
    Hazard(
        Reason.ESCAPES_WITH,
        """\
import json
flag = True
with open('rows.json') as f:
    data = json.load(f)
some = flag and any(s['a'] for s in data)  #!
print(some)
""",
        """\
import json
flag = True
with open('rows.json') as f:
    data = json.load(f)
some = any(s['a'] for s in data) and flag
print(some)
""",
    ),
    Hazard(
        Reason.HANDLE_SHARED,
        """\
import json
with open('rows.json') as f:
    for s in json.load(f):
        print(s['a'])
    f.seek(0)  #!
    print(f.read(3))
""",
        """\
import json
with open('rows.json') as f:
    for s in json.load(f):
        print(s['a'])
with open('rows.json') as f:
    print(f.read(3))
""",
        Written(
            """\
from loadstream import stream_json
with open('rows.json') as f:
    for s in stream_json(f):
        f.seek(0)
        print(s['a'], f.read(3))
"""
        ),
    ),
    Hazard(
        Reason.MAYBE_UNREAD,
        """\
import json, sys
with open('rows.json') as f:
    rows = json.load(f)['items']  #!
    if len(sys.argv) > 5:
        for s in rows:
            print(s['a'])
""",
        """\
import json, sys
with open('rows.json') as f:
    rows = json.load(f)['items']
    if len(sys.argv) > 5:
        for s in rows:
            print(s['a'])
    else:
        print(sum(1 for s in rows))
""",
        Written(
            """\
import sys
from loadstream import stream_json
with open('rows.json') as f:
    if len(sys.argv) > 5:
        for s in stream_json(f, '$.items'):
            print(s['a'])
"""
        ),
    ),
    Hazard(
        Reason.HEADER_AND_ARRAY,
        """\
import json
with open('rows.json') as f:
    data = json.load(f)
    for s in data['items']:
        print(s['a'])
    print(data['n'])  #!
""",
        """\
import json
with open('rows.json') as f:
    data = json.load(f)
    for s in data['items']:
        print(s['a'])
""",
        Written(
            """\
from loadstream import stream_json
with open('rows.json') as f:
    data = stream_json(f)
    for s in stream_json(f, '$.items'):
        print(s['a'])
    print(data['n'])
"""
        ),
    ),
    Hazard(
        Reason.HEADER_AND_ARRAY,
        """\
import json
with open('rows.json') as f:
    data = json.load(f)
    for s in data['items']:
        print(s['a'])
    for s in data['more']:  #!
        print(s)
""",
        """\
import json
with open('rows.json') as f:
    data = json.load(f)
    for s in data['items']:
        print(s['a'])
with open('rows.json') as f:
    data = json.load(f)
    for s in data['more']:
        print(s)
""",
        Written(
            """\
from loadstream import stream_json
with open('rows.json') as f:
    for s in stream_json(f, '$.items'):
        print(s['a'])
    for s in stream_json(f, '$.more'):
        print(s)
"""
        ),
    ),
    Hazard(
        Reason.PROJECTION,
        """\
import json
with open('rows.json') as f:
    print(json.load(f)['n'])  #!
""",
        """\
import json
with open('rows.json') as f:
    print(sum(s['a'] for s in json.load(f)['items']))
""",
        Written(
            """\
from loadstream import stream_json
with open('rows.json') as f:
    print(next(stream_json(f, '$.n')))
"""
        ),
    ),
    Hazard(
        Reason.PROJECTION,
        """\
import json
def settings():
    with open('rows.json') as f:
        cfg = json.load(f)
    return cfg['items']['one']  #!
print(settings())
""",
        """\
import json
def settings():
    with open('rows.json') as f:
        cfg = json.load(f)
    return [s for s in cfg['items'] if s]
print(settings())
""",
        Written(
            """\
from loadstream import stream_json
def settings():
    with open('rows.json') as f:
        return stream_json(f, '$.items.one')
print(settings())
"""
        ),
    ),
    Hazard(
        Reason.MUTATED_REUSE,
        """\
from data import load_x
rows = load_x()
for s in rows:
    s['a'] = 0
print(rows)  #!
""",
        """\
from data import load_x
rows = load_x()
for s in rows:
    s['a'] = 0
    print(s)
""",
    ),
    Hazard(
        Reason.MUTATED_REUSE,
        """\
import json
with open('rows.json') as f:
    data = json.load(f)
data['n'] = 4
with open('out.txt', 'w') as g:
    json.dump(data, g)  #!
""",
        """\
import json
with open('rows.json') as f:
    data = json.load(f)
for k, v in data.items():
    with open('out.txt', 'a') as g:
        json.dump([k, v], g)
""",
        Written(
            """\
import json
from loadstream import stream_json
with open('rows.json') as f:
    data = stream_json(f)
    data['n'] = 4
with open('out.txt', 'w') as g:
    json.dump(data, g)
"""
        ),
    ),
    Hazard(
        Reason.SORTED_KEYS,
        """\
import json
with open('rows.json') as f:
    doc = json.load(f)
    for k in sorted(doc):
        print(k, doc[k])  #!
""",
        """\
import json
with open('rows.json') as f:
    doc = json.load(f)
    for k in doc.keys():
        print(k, doc[k])
""",
        Written(
            """\
from loadstream import stream_items
with open('rows.json') as f:
    for k, v in stream_items(f):
        print(k, v)
"""
        ),
    ),
    Hazard(
        Reason.NESTED,
        """\
from data import load_x
print([s['a'] for turn in range(2) for s in load_x() if s['b']])  #!
""",
        """\
from data import load_x
print([s['a'] for s in load_x() if s['b'] for turn in range(2)])
""",
        Written(
            """\
from data import stream_x
rows = stream_x(filter_func=lambda s: s['b'])
print([s['a'] for turn in range(2) for s in rows])
"""
        ),
    ),
    Hazard(
        Reason.JSON_HOOKS,
        """\
import json
with open('rows.json') as f:
    for s in json.load(f, parse_int=str):  #!
        print(s)
""",
        """\
import json
with open('rows.json') as f:
    for s in json.load(f):
        print(str(s))
""",
        Written(
            """\
from loadstream import stream_json
with open('rows.json') as f:
    for s in stream_json(f):
        print(s)
"""
        ),
    ),
    Hazard(
        Reason.PROGRESS,
        """\
from data import load_x
from tqdm import tqdm
for s in tqdm(load_x()):  #!
    print(s['a'])
""",
        """\
from data import load_x
from tqdm import tqdm
for s in tqdm(load_x(), total=3):
    print(s['a'])
""",
        Pointless("the bar itself is no part of these programs: only its total changes"),
        Verdict.UNSAFE,
    ),
    Hazard(
        Reason.EARLY_STOP,
        """\
from data import load_x
print([s['a'] for s in load_x() if s['b']][0])  #!
""",
        """\
from data import load_x
print(next(s['a'] for s in load_x() if s['b']))
""",
        Written(
            """\
from data import stream_x
print(next(s['a'] for s in stream_x() if s['b']))
"""
        ),
        Verdict.UNSAFE,
    ),
    Hazard(
        Reason.FOLDED_GUARD,
        """\
import json
with open('rows.json') as f:
    doc = json.load(f)
if 'items' in doc:  #!
    for s in doc['items']:
        print(s)
""",
        """\
import json
with open('rows.json') as f:
    doc = json.load(f)
for s in doc.get('items', []):
    print(s)
""",
        Written(
            """\
from loadstream import stream_json
with open('rows.json') as f:
    for s in stream_json(f, '$.items', default=[]):
        print(s)
"""
        ),
        Verdict.UNSAFE,
    ),
    Hazard(
        Reason.MAYBE_LIST,
        """\
import json
with open('rows.json') as f:
    doc = json.load(f)
    for k in doc:  #!
        print(doc[k])
""",
        """\
import json
with open('rows.json') as f:
    doc = json.load(f)
    for k, v in doc.items():
        print(v)
""",
        Written(
            """\
from loadstream import stream_items
with open('rows.json') as f:
    for k, v in stream_items(f):
        print(v)
"""
        ),
        Verdict.UNSAFE,
    ),
    Hazard(
        Reason.CLOSURE,
        """\
from data import load_x
rows = load_x()
def show():
    for s in rows:  #!
        print(s['a'])
show()
show()
""",
        """\
from data import load_x
def show():
    rows = load_x()
    for s in rows:
        print(s['a'])
show()
show()
""",
    ),
    Hazard(
        Reason.REBOUND,
        """\
import sys
from data import load_x
rows = load_x()
if len(sys.argv) > 1:
    rows = []
for s in rows:  #!
    print(s['a'])
""",
        """\
import sys
from data import load_x
rows = load_x()
if len(sys.argv) > 1:
    others = []
for s in rows:
    print(s['a'])
""",
        Written(
            """\
import sys
from data import stream_x
if len(sys.argv) > 1:
    rows = []
for s in stream_x():
    print(s['a'])
"""
        ),
    ),
    Hazard(
        Reason.UNUSED,
        """\
from data import load_x
rows = load_x()  #!
print('done')
""",
        """\
from data import load_x
rows = load_x()
print('done', sum(1 for s in rows))
""",
        Pointless("the load is read by nothing, so there is nothing to stream"),
    ),
    Hazard(
        Reason.IN_LOOP,
        """\
from data import load_x
rows = load_x()
for turn in range(2):  #!
    for s in rows:
        print(turn, s['a'])
""",
        """\
from data import load_x
for turn in range(2):
    rows = load_x()
    for s in rows:
        print(turn, s['a'])
""",
    ),
    Hazard(
        Reason.HANDLER_SCOPE,
        """\
from data import load_x
try:  #!
    rows = load_x()
except ValueError:
    raise SystemExit('broken')
print(sum(s['a'] for s in rows))
""",
        """\
from data import load_x
try:
    rows = load_x()
    print(sum(s['a'] for s in rows))
except Exception:
    raise SystemExit('broken')
""",
    ),
    Hazard(
        Reason.PARTIAL_EFFECTS,
        """\
from data import load_x
try:  #!
    for s in load_x():
        print(s['a'])
except ValueError:
    print('broken')
""",
        """\
from data import load_x
try:
    for s in load_x():
        print(s['a'])
except StopIteration:
    print('broken')
""",
        verdict=Verdict.UNSAFE,
    ),
    Hazard(
        Reason.PARTIAL_EFFECTS,
        """\
from data import load_x
try:  #!
    shares = [6 / s['a'] for s in load_x()]
except ValueError:
    shares = 'broken'
except ZeroDivisionError:
    shares = 'no share'
print(shares)
""",
        """\
from data import load_x
try:
    shares = [6 / s['a'] for s in load_x()]
except Exception:
    shares = 'broken'
print(shares)
""",
        verdict=Verdict.UNSAFE,
    ),
    Hazard(
        Reason.PARTIAL_EFFECTS,
        """\
from data import load_x
def report():
    for s in load_x():  #!
        print(s['a'])
try:
    report()
except ValueError:
    print('broken')
""",
        """\
from data import load_x
def by_a():
    found = {}
    for s in load_x():
        found[s['a']] = s
    return found
try:
    print(by_a())
except Exception:
    print('broken')
""",
        verdict=Verdict.UNSAFE,
    ),
    Hazard(
        Reason.EFFECTS_BETWEEN,
        """\
import os
from data import load_x
steps = [lambda: os.remove('rows.json')]
rows = load_x()
steps[0]()  #!
for s in rows:
    print(s['a'])
""",
        """\
import os
from data import load_x
steps = [lambda: os.remove('rows.json')]
rows = load_x()
for s in rows:
    print(s['a'])
steps[0]()
""",
        Written(
            """\
import os
from data import stream_x
steps = [lambda: os.remove('rows.json')]
steps[0]()
for s in stream_x():
    print(s['a'])
"""
        ),
    ),
    Hazard(
        Reason.WRITES_SOURCE,
        """\
import json
with open('rows.json') as f:
    for s in json.load(f):
        with open('rows.json', 'w') as g:  #!
            g.write('[]')
""",
        """\
import json
with open('rows.json') as f:
    for s in json.load(f):
        with open('out.json', 'w') as g:
            g.write('[]')
""",
        Written(
            """\
from loadstream import stream_json
with open('rows.json') as f:
    for s in stream_json(f):
        with open('rows.json', 'w') as g:
            g.write('[]')
"""
        ),
    ),
    Hazard(
        Reason.WRITES_SOURCE,
        """\
import json
def copy(source, target):
    with open(source) as f:
        for s in json.load(f):
            with open(target, 'w') as g:  #!
                g.write('[]')
copy('rows.json', 'rows.json')
""",
        """\
import json
def copy(source, target):
    with open(source) as f:
        for s in json.load(f):
            with open('copy.txt', 'w') as g:
                g.write('[]')
copy('rows.json', 'rows.json')
""",
        Written(
            """\
from loadstream import stream_json
def copy(source, target):
    with open(source) as f:
        for s in stream_json(f):
            with open(target, 'w') as g:
                g.write('[]')
copy('rows.json', 'rows.json')
"""
        ),
        Verdict.UNSAFE,
    ),
    Hazard(
        Reason.ARGUMENTS_CHANGE,
        """\
from data import load_x
path = 'rows.json'
rows = load_x(path)  #!
path = 'other.json'
for s in rows:
    print(s['a'])
""",
        """\
from data import load_x
path = 'rows.json'
rows = load_x(path)
other = 'other.json'
for s in rows:
    print(s['a'])
""",
        Written(
            """\
from data import stream_x
path = 'other.json'
for s in stream_x(path=path):
    print(s['a'])
"""
        ),
    ),
    Hazard(
        Reason.TARGET_LIVE,
        """\
from data import load_x
for s in load_x():
    if s['b']:
        print(s['a'])
print(s)  #!
""",
        """\
from data import load_x
for s in load_x():
    if s['b']:
        print(s['a'])
print('end')
""",
        Written(
            """\
from data import stream_x
for s in stream_x(filter_func=lambda s: s['b']):
    print(s['a'])
print(s)
"""
        ),
        Verdict.LESS,
    ),
    Hazard(
        Reason.TARGET_SHAPE,
        """\
from data import load_x
for a, b, c in load_x():  #!
    if a == 'a':
        print(b)
""",
        """\
from data import load_x
for a in load_x():
    if a['a']:
        print(a)
""",
        Written(
            """\
from data import stream_x
for a, b, c in stream_x(filter_func=lambda a: a == 'a'):
    print(b)
"""
        ),
        Verdict.LESS,
    ),
    Hazard(
        Reason.WALRUS,
        """\
from data import load_x
print([n for s in load_x() if (n := s['a'])])  #!
""",
        """\
from data import load_x
print([s['a'] for s in load_x() if s['a']])
""",
        Written(
            """\
from data import stream_x
print([n for s in stream_x(filter_func=lambda s: (n := s['a']))])
"""
        ),
        Verdict.LESS,
    ),
    Hazard(
        Reason.AWAIT,
        """\
import asyncio
from data import load_x
async def wanted(s):
    return s['b']
async def main():
    print([s for s in load_x() if await wanted(s)])  #!
asyncio.run(main())
""",
        """\
import asyncio
from data import load_x
def wanted(s):
    return s['b']
async def main():
    print([s for s in load_x() if wanted(s)])
asyncio.run(main())
""",
        Written(
            """\
import asyncio
from data import stream_x
async def wanted(s):
    return s['b']
async def main():
    print(list(stream_x(filter_func=lambda s: wanted(s))))
asyncio.run(main())
"""
        ),
        Verdict.LESS,
    ),
    Hazard(
        Reason.YIELD,
        """\
from data import load_x
def ask():
    for s in load_x():
        if (yield s['a']):  #!
            print(s)
print(list(ask()))
""",
        """\
from data import load_x
def ask():
    for s in load_x():
        if s['a']:
            yield s
print(list(ask()))
""",
        Written(
            """\
from data import stream_x
def ask():
    for s in stream_x(filter_func=lambda s: (yield s['a'])):
        print(s)
    yield
print(list(ask()))
"""
        ),
        Verdict.LESS,
    ),
    Hazard(
        Reason.FRAME,
        """\
from data import load_x
def work():
    rows = load_x()
    for s in rows:
        print(len(locals()))  #!
work()
""",
        """\
from data import load_x
def work():
    rows = load_x()
    for s in rows:
        print(len(s))
work()
""",
        Written(
            """\
from data import stream_x
def work():
    for s in stream_x():
        print(len(locals()))
work()
"""
        ),
    ),
    Hazard(
        Reason.LATE_BINDING,
        """\
from data import load_x
def work():
    for s in load_x():
        if s['a'] != last:  #!
            print(s)
    last = 1
    return last
work()
""",
        """\
from data import load_x
def work():
    last = 1
    for s in load_x():
        if s['a'] != last:
            print(s)
    return last
work()
""",
        Written(
            """\
from data import stream_x
def work():
    for s in stream_x(filter_func=lambda s: s['a'] != last):
        print(s)
    last = 1
    return last
work()
"""
        ),
        Verdict.LESS,
    ),
    Hazard(
        Reason.SELF_REFERENCE,
        """\
from data import load_x
out = []
for s in load_x():
    if s['c'] not in [o['c'] for o in out]:  #!
        out.append(s)
print(out)
""",
        """\
from data import load_x
seen = [{'c': []}]
out = []
for s in load_x():
    if s['c'] not in [o['c'] for o in seen]:
        out.append(s)
print(out)
""",
        Written(
            """\
from data import stream_x
out = []
out = list(stream_x(filter_func=lambda s: s['c'] not in [o['c'] for o in out]))
print(out)
"""
        ),
        Verdict.LESS,
    ),
    Hazard(
        Reason.STOP_ITERATION,
        """\
from data import load_x
numbers = iter([1])
for s in load_x():
    if next(numbers):  #!
        print(s['a'])
""",
        """\
from data import load_x
numbers = iter([1])
for s in load_x():
    if s['b']:
        print(s['a'], next(numbers, 0))
""",
        Written(
            """\
from data import stream_x
numbers = iter([1])
for s in stream_x(filter_func=lambda s: next(numbers)):
    print(s['a'])
"""
        ),
        Verdict.LESS,
    ),
    Hazard(
        Reason.INNER_TRY,
        """\
from data import load_x
def work():
    try:
        out = []
        for s in load_x():  #!
            share = 6 / s['a']
            if share > 1:
                out.append(s)
    finally:
        print('so far', out)
    print(out)
work()
""",
        """\
from data import load_x
def work():
    out = []
    for s in load_x():
        share = 6 / s['a']
        if share > 1:
            out.append(s)
    print(out)
work()
""",
        Written(
            """\
from data import stream_x
def work():
    out = []
    try:
        out = list(stream_x(filter_func=lambda s: 6 / s['a'] > 1))
    finally:
        print('so far', out)
    print(out)
work()
"""
        ),
        Verdict.LESS,
    ),
    Hazard(
        Reason.LOOP_ELSE,
        """\
from data import load_x
out = []
for s in load_x():  #!
    n = s['a']
    if n:
        out.append(s)
else:
    print('through')
print(out)
""",
        """\
from data import load_x
out = []
for s in load_x():
    n = s['a']
    if n:
        out.append(s)
print('through')
print(out)
""",
        Written(
            """\
from data import stream_x
out = list(stream_x(filter_func=lambda s: s['a']))
print(out)
"""
        ),
        Verdict.LESS,
    ),
    Hazard(
        Reason.POSITIONAL,
        """\
from data import load_x
print([i for i, s in enumerate(load_x()) if s['b']])  #!
""",
        """\
from data import load_x
print([s['a'] for s in load_x() if s['b']])
""",
        Written(
            """\
from data import stream_x
print([i for i, s in enumerate(stream_x(filter_func=lambda s: s['b']))])
"""
        ),
        Verdict.LESS,
    ),
    Hazard(
        Reason.KEYWORD_UNPACKING,
        """\
from data import load_x
given = ['rows.json']
for s in load_x(*given):  #!
    print(s['a'])
""",
        """\
from data import load_x
given = ['rows.json']
for s in load_x(given[0]):
    print(s['a'])
""",
    ),
    Hazard(
        Reason.SIGNATURE_MISMATCH,
        """\
from data import load_x
for s in load_x():  #!
    print(s['a'])
""",
        """\
from data import load_x
for s in load_x('rows.json'):
    print(s['a'])
""",
        files={
            "data.py": _PLAIN_PAIRS["data.py"].replace(
                "def stream_x(filter_func=None, path='rows.json')",
                "def stream_x(filter_func=None, path='other.json')",
            )
        },
    ),
    Hazard(
        Reason.CACHED_LOADER,
        """\
from data import load_x
for turn in range(2):
    for s in load_x():  #!
        s['a'] = print(s['a'])
""",
        """\
from data import load_y
for turn in range(2):
    for s in load_y():
        s['a'] = print(s['a'])
""",
        files={"data.py": _TWO_PAIRS.format(decorator="@lru_cache", body="return json.load(file)")},
    ),
    Hazard(
        Reason.LOADER_EFFECTS,
        """\
from data import load_x
for s in load_x():  #!
    print(s['a'])
""",
        """\
from data import load_y
for s in load_y():
    print(s['a'])
""",
        files={
            "data.py": _TWO_PAIRS.format(
                decorator="", body="return sorted(json.load(file), key=lambda s: str(s['a']))"
            )
        },
    ),
    Hazard(
        Reason.UNRESOLVED,
        """\
from data import load_x
def stream_x(*given, **named):
    return []
for s in load_x():  #!
    print(s['a'])
""",
        """\
from data import load_x
def stream_z(*given, **named):
    return []
for s in load_x():
    print(s['a'])
""",
    ),
    Hazard(
        Reason.NO_STREAM,
        """\
from data import load_z
for s in load_z():  #!
    print(s['a'])
""",
        """\
from data import load_y
for s in load_y():
    print(s['a'])
""",
        Pointless("there is no streamer that could be called"),
        files=_PLAIN_PAIRS,
    ),
    Hazard(
        Reason.PATCHED,
        """\
from data import load_x
for s in load_x():  #!
    print(s['a'])
""",
        """\
from data import load_y
for s in load_y():
    print(s['a'])
""",
        Pointless("the test that replaces the loader is not run here"),
        files={
            **_PLAIN_PAIRS,
            "test_script.py": "from unittest import mock\n\n"
            "def test_it():\n    with mock.patch('script.load_x'):\n        pass\n",
        },
    ),
    Hazard(
        Reason.SMALL_DATA,
        """\
from data import load_x
for s in load_x():  #!
    print(s['a'])
""",
        """\
from data import load_y
for s in load_y():
    print(s['a'])
""",
        Pointless("a stream would do the same; it would only save nothing"),
        files={**_PLAIN_PAIRS, "small.json": "[]"},
        settings=Settings(
            (PairSetting("data.load_x", "data.stream_x", data="small.json"),), None, 1000
        ),
    ),
    Hazard(
        Reason.KEEPS_EVERYTHING,
        """\
from data import load_x
out = []
for s in load_x():  #!
    out.append(s)
print(out)
""",
        """\
from data import load_x
out = []
for s in load_x():
    out.append(s['a'])
print(out)
""",
        Pointless("a stream would do the same; it would only save nothing"),
    ),
    Hazard(
        Reason.SUPPRESSED,
        """\
from data import load_x
for s in load_x():  # loadstream: keep  #!
    print(s['a'])
""",
        """\
from data import load_x
for s in load_x():  # as it is
    print(s['a'])
""",
        Pointless("the user wants it so"),
    ),
)

# Reasons that only carrying out an edit can show: tested where the edits are.
OF_EDITS = frozenset({Reason.COMMENT_LOST, Reason.NOT_EDITABLE})
OF_RUNS = frozenset({Reason.NOT_VERIFIED})  # given by rewrite --verify, which runs the code
OF_NOTEBOOKS = frozenset({Reason.NOTEBOOK_GLOBAL})  # programs of one file do not have it
