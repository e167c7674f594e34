"""Every generated program that ever came out wrong, in its smallest form.

Old and new must agree, be it that the program is kept. The names say what was overlooked.
"""

from __future__ import annotations

import json
import random

import pytest

from tests.differential.harness import Workshop
from tests.differential.model import Document, Health, Program
from tests.differential.texts import documents

_ROWS = [{"a": 1, "b": True, "c": [1, 2]}, {"a": 0, "b": False, "c": []}]

CASES = {
    "a_variable_that_is_bound_to_itself": """\
import json
with open('rows.json') as f:
    data = json.load(f)
    data = data
    print(list(data))
""",
    "a_variable_that_becomes_a_part_of_itself": """\
import json
with open('rows.json') as f:
    data = json.load(f)
    data = data['items']
    for s in data:
        print(s)
""",
    "a_function_of_the_module_writes_the_source": """\
import json
def save(rows):
    with open('rows.json', 'w') as g:
        json.dump(rows, g)
for s in json.load(open('rows.json'))['items']:
    save([])
""",
    "a_function_writes_the_source_that_a_constant_names": """\
import json
SOURCE = 'rows.json'
def save(rows):
    with open('rows.json', 'w') as g:
        json.dump(rows, g)
def main():
    with open(SOURCE) as f:
        data = json.load(f)
        for k, s in data['items'].items():
            save([k])
main()
""",
    "write_text_of_the_source_in_the_pass": """\
import json
from pathlib import Path
def work(path='rows.json'):
    f = open(path)
    for k, item in enumerate(json.load(f)['items'], 1):
        Path('rows.json').write_text('[]')
work()
""",
    "len_of_what_has_none": """\
import json
with open('rows.json') as f:
    data = json.load(f)
print(len(data['items']))
""",
    "keys_of_what_is_no_object": """\
import json
with open('rows.json') as f:
    data = json.load(f)
    for k in data.keys():
        print(k)
""",
    "a_search_that_stops_before_the_break_under_a_handler": """\
import json
try:
    with open('rows.json') as f:
        result = next((s['a'] for s in json.load(f)['items'] if s['b']), None)
except ValueError:
    result = 'bad'
print(result)
""",
    "zip_that_stops_before_the_break_under_a_handler": """\
import json
try:
    with open('rows.json') as f:
        result = [s for i, s in zip(range(1), json.load(f)['items'])]
except ValueError:
    result = 'bad'
print(result)
""",
    "keys_read_in_a_nested_function": """\
import json
def work(path):
    with open(path) as f:
        data = json.load(f)
        def search():
            for k in data.keys():
                print(k)
        search()
        search()
work('rows.json')
""",
    "a_load_in_place_inside_another_comprehension": """\
import json
from pathlib import Path
print([[k for k in json.loads(Path('rows.json').read_text())] for x in range(2)])
""",
    "a_load_in_place_inside_a_lambda": """\
import json
from pathlib import Path
give = lambda: [s for s in json.loads(Path('rows.json').read_text())['items']]
print(give())
print(give())
""",
    "a_function_rebinds_the_global_path": """\
import json
path = 'rows.json'
def move():
    global path
    path = 'other.json'
data = json.load(open(path))
move()
for s in data['items']:
    print(s)
""",
    "a_load_in_a_loop_and_the_pass_behind_it": """\
import json
for path in ['rows.json', 'other.json']:
    data = json.load(open(path))
for s in data:
    print(s)
""",
    "a_condition_with_effects_under_a_handler": """\
import json
calls = []
def counting(x):
    calls.append(x['a'])
    return len(calls) % 2
def main():
    try:
        data = json.load(open('rows.json'))['items']
        print([s for s in data if counting(s)])
    except ValueError:
        print('bad')
main()
print(calls)
""",
    "the_path_is_in_an_object_that_is_changed": """\
import json
settings = {'path': 'rows.json'}
with open(settings['path']) as f:
    data = json.load(f)
settings.update(path='other.json')
for s in data:
    print(s)
""",
    "the_source_is_written_and_its_path_is_an_f_string": """\
import json
STEM = 'rows'
def save(rows):
    with open('rows.json', 'w') as g:
        json.dump(rows, g)
with open(f'{STEM}.json') as f:
    for s in json.load(f)['items']:
        save([])
""",
    "two_loads_in_place_in_one_statement": """\
import json
from pathlib import Path
P = Path('rows.json')
for x, y in zip(json.loads(P.read_text()), json.loads(P.read_text())):
    print(x, y)
""",
    "a_handle_that_is_rebound_before_it_would_be_opened": """\
import json
import io
with io.open('rows.json') as f:
    data = json.load(f)
f = None
for item in data.get('items', []):
    pass
print(f.closed)
""",
    "a_file_that_is_open_to_be_appended_to_while_it_is_read": """\
import json
with open('rows.json', 'a') as g, open('rows.json') as f:
    for s in json.load(f):
        g.write(str(s))
""",
    "a_load_by_another_name_beside_a_stream": """\
import json as js
with open('rows.json', 'rb') as handle:
    data = js.load(handle)
for x, y in zip(data.get('items'), js.load(open('other.json'))):
    pass
""",
    "a_generator_that_only_repeats_what_a_loop_filters": """\
import json
def load_rows(path):
    with open(path) as f:
        return json.load(f)
payload = load_rows('rows.json')
for item in (yes for yes in payload):
    if item['a'] != 1:
        print(item)
""",
    "standard_input_read_to_its_end_twice": """\
import json
import sys
for x, y in zip(json.load(sys.stdin), json.load(sys.stdin)):
    print(x, y)
""",
    "the_consumer_of_a_generator_writes_the_source": """\
import json
def save(rows):
    with open('rows.json', 'w') as g:
        json.dump(rows, g)
def rows_of():
    for s in json.load(open('rows.json'))['items']:
        yield s['a']
for x in rows_of():
    save([])
""",
    "a_generator_in_a_place_that_takes_none": """\
import json
with open('rows.json') as f:
    print(len(s for s in json.load(f)))
""",
    "the_name_of_the_runtime_read_and_never_bound": """\
import json
with open('rows.json') as f:
    for s in json.load(f):
        print(stream_json)
""",
    "the_name_of_the_streamer_read_and_never_bound": """\
from data import load_x
for s in load_x():
    print(stream_x)
""",
    "elements_told_apart_by_their_identity": """\
import json
marks = set()
with open('rows.json') as f:
    for s in json.load(f):
        marks.add(id(s))
print(len(marks))
""",
    "a_pass_that_may_not_run_and_a_key_that_may_be_missing": """\
import json
def main(wanted):
    with open('rows.json') as f:
        rows = json.load(f)['items']
        if wanted:
            for s in rows:
                print(s)
main(False)
""",
    "a_function_left_before_the_pass_and_a_key_that_may_be_missing": """\
import json
def main(wanted):
    with open('rows.json') as f:
        rows = json.load(f)['items']
        if not wanted:
            return 1
        return sum(1 for s in rows)
print(main(False))
""",
    "a_pass_behind_an_and_and_a_key_that_may_be_missing": """\
import json
wanted = False
with open('rows.json') as f:
    rows = json.load(f)['items']
    print(wanted and sum(1 for s in rows))
""",
    "a_call_that_prints_before_it_asks_a_list_for_its_items": """\
import json
def build(pairs):
    print('start')
    for k, v in pairs:
        print(k)
with open('rows.json') as f:
    build(json.load(f).items())
""",
    "a_streamer_that_is_defined_when_all_is_done": """\
import json
def load_x():
    with open('rows.json') as f:
        return json.load(f)
def main():
    for s in load_x():
        print(s)
main()
def stream_x():
    with open('rows.json') as f:
        yield from json.load(f)
""",
    "a_streamer_that_is_imported_under_a_condition": """\
import sys
from data import load_x
if len(sys.argv) > 5:
    from data import stream_x
for s in load_x():
    print(s)
""",
    "a_streamer_that_is_imported_for_types_only": """\
import json
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from loadstream import stream_json
for s in json.load(open('rows.json')):
    print(s)
""",
    "a_streamer_that_the_function_imports_too_late": """\
from data import load_x
def main():
    for s in load_x():
        print(s)
    from data import stream_x
main()
""",
    "a_streamer_that_is_deleted": """\
from data import load_x, stream_x
del stream_x
for s in load_x():
    print(s)
""",
    "a_method_writes_the_source_in_the_pass": """\
import json
class Store:
    def __init__(self):
        self.path = 'rows.json'
    def save(self, rows):
        with open(self.path, 'w') as g:
            json.dump(rows, g)
    def work(self):
        with open(self.path) as f:
            for s in json.load(f):
                self.save([s])
Store().work()
""",
    "a_method_with_a_harmless_name_writes_the_source": """\
import json
class Store:
    def update(self, row):
        with open('rows.json', 'w') as g:
            json.dump([row], g)
store = Store()
with open('rows.json') as f:
    rows = json.load(f)
    store.update(1)
    for s in rows:
        print(s)
""",
    "a_function_that_map_is_given_writes_the_source": """\
import json
def save(row):
    with open('rows.json', 'w') as g:
        json.dump([row], g)
with open('rows.json') as f:
    rows = json.load(f)
    list(map(save, [1]))
    for s in rows:
        print(s)
""",
    "a_nested_function_writes_the_source": """\
import json
def main():
    def save(row):
        with open(file='rows.json', mode='w') as g:
            json.dump([row], g)
    with open('rows.json') as f:
        for s in json.load(f):
            save(s)
main()
""",
    "a_lambda_writes_the_source": """\
import json
from pathlib import Path
save = lambda row: Path('rows.json').write_text('[]')
with open('rows.json') as f:
    for s in json.load(f):
        save(s)
""",
    "another_task_writes_the_source": """\
import asyncio
import json
async def read():
    with open('rows.json') as f:
        for s in json.load(f):
            await asyncio.sleep(0)
            print(s)
async def write():
    with open('rows.json', 'w') as g:
        g.write('[]')
async def main():
    await asyncio.gather(read(), write())
asyncio.run(main())
""",
    "a_handle_opened_long_before_appends_to_the_source": """\
import json
g = open('rows.json', 'a')
with open('rows.json') as f:
    for s in json.load(f):
        print(s, file=g, flush=True)
""",
    "a_manager_of_this_file_that_swallows_a_broken_file": """\
import json
from contextlib import contextmanager
@contextmanager
def ignoring():
    try:
        yield
    except ValueError:
        pass
with ignoring(), open('rows.json') as f:
    for s in json.load(f):
        print(s)
print('end')
""",
    "a_class_that_swallows_a_broken_file": """\
import json
class Ignore:
    def __enter__(self):
        return self
    def __exit__(self, *caught):
        return True
with Ignore():
    with open('rows.json') as f:
        for s in json.load(f):
            print(s)
print('end')
""",
    "a_list_that_is_half_filled_when_its_error_is_swallowed": """\
from contextlib import suppress
from data import load_x
with suppress(Exception):
    big = []
    for s in load_x():
        if s['a'] > 0:
            big.append(s)
print(big)
""",
    "a_finally_that_returns": """\
import json
def main():
    try:
        with open('rows.json') as f:
            for s in json.load(f):
                print(s)
    finally:
        return 5
print(main())
""",
    "a_finally_that_goes_on_with_the_loop_around_it": """\
import json
for i in range(2):
    try:
        with open('rows.json') as f:
            for s in json.load(f):
                print(s)
    finally:
        continue
""",
    "a_condition_on_what_a_later_clause_binds": """\
from data import load_x
x = 1
print([x for s in load_x() if s['b'] or x for x in s['c']])
""",
    "a_condition_that_keeps_a_lambda": """\
from data import load_x
kept = []
print([s for s in load_x() if kept.append(lambda: s['a']) or True])
print([f() for f in kept])
""",
    "a_condition_that_keeps_a_generator": """\
from data import load_x
kept = []
for s in load_x():
    if kept.append(s['a'] for _ in [0]) is None:
        print(s)
print([next(g) for g in kept])
""",
    "a_function_in_the_condition_raises_StopIteration": """\
from data import load_x
def first(s):
    return next(c for c in s['c'] if c > 1)
print([s for s in load_x() if first(s)])
""",
    "pairs_looked_up_when_the_key_is_another": """\
import json
with open('rows.json') as f:
    data = json.load(f)
    kept = []
    for k in data.keys():
        kept.append(data[k] for _ in [0])
    k = 'items'
    print([next(g) for g in kept])
""",
    "json_load_is_another_function_for_a_while": """\
import json
plain = json.load
json.load = lambda f: list(plain(f))[:1]
for s in json.load(open('rows.json')):
    print(s)
json.load = plain
""",
    "a_test_of_this_file_puts_a_text_in_the_place_of_the_file": """\
import json
from pathlib import Path
from unittest import mock
def count():
    return sum(1 for s in json.loads(Path('rows.json').read_text()))
with mock.patch.object(Path, 'read_text', return_value='[1, 2]'):
    print(count())
""",
    "a_mock_of_open": """\
import json
from unittest import mock
def count():
    with open('rows.json') as f:
        return sum(1 for s in json.load(f))
with mock.patch('builtins.open', mock.mock_open(read_data='[1, 2, 3]')):
    print(count())
""",
    "a_file_that_can_only_be_read_whole": """\
import json
class Answer:
    def __init__(self, text):
        self.text = text
    def read(self):
        return self.text
class Box:
    def open(self, name):
        with open(name) as f:
            return Answer(f.read())
for s in json.load(Box().open('rows.json')):
    print(s)
""",
    "standard_input_by_another_name": """\
import json
import sys
from sys import stdin
rows = json.load(sys.stdin)
rest = stdin.read()
for s in rows:
    print(s, rest)
""",
    "the_frame_is_looked_at": """\
import sys
from data import load_x
def main():
    rows = load_x()
    for s in rows:
        print(sorted(sys._getframe().f_locals))
main()
""",
    "the_annotation_of_the_variable_is_looked_at": """\
from data import load_x
rows: list = load_x()
for s in rows:
    print(s)
print(__annotations__)
""",
    "a_key_that_zip_never_asks_for": """\
import json
for x, s in zip([], json.load(open('rows.json'))['items']):
    print(x, s)
""",
    "a_path_that_the_loader_puts_together_of_what_it_is_given": """\
import json
import os
def read_rows(path):
    where = os.path.join('.', path)
    with open(where) as f:
        return json.load(f)
def save(rows):
    with open('rows.json', 'w') as g:
        json.dump(rows, g)
for s in read_rows('rows.json'):
    save([])
""",
    "a_loader_that_this_file_replaces_itself": """\
from unittest import mock
from data import load_x
class Here:
    pass
here = Here()
here.__dict__ = globals()
def main():
    return sum(1 for s in load_x())
with mock.patch.object(here, 'load_x', lambda: [1]):
    print(main())
""",
    "a_value_that_zip_never_asks_to_be_iterated": """\
import json
for x, s in zip([], json.load(open('rows.json'))):
    print(x, s)
""",
    "a_key_that_map_never_asks_for": """\
import json
for s in map(lambda x, s: (x, s), (), json.load(open('rows.json'))):
    print(s)
""",
    "a_loader_that_is_replaced_by_its_key": """\
from data import load_x
def main():
    return sum(1 for s in load_x())
globals()['load_x'] = lambda: [1]
print(main())
""",
    "a_loader_that_is_replaced_over_several_lines": """\
import sys
from unittest import mock
from data import load_x
class Here:
    pass
here = Here()
here.__dict__ = globals()
def main():
    return sum(1 for s in load_x())
with mock.patch.object(
    here,
    # in this file
    'load_x',
    lambda: [1],
):
    print(main())
""",
    "a_loader_that_patch_dict_replaces": """\
from unittest import mock
from data import load_x
def main():
    return sum(1 for s in load_x())
with mock.patch.dict(globals(), {'load_x': lambda: [1]}), mock.patch.dict(globals(), load_x=list):
    print(main())
""",
    "a_loader_whose_default_counts": """\
import itertools
import json
NUMBERS = itertools.count()
def get_rows(path='rows.json', number=next(NUMBERS)):
    with open(path) as f:
        return json.load(f)
for s in get_rows():
    print(s)
print(next(NUMBERS))
""",
    "a_loader_that_puts_the_path_together_and_a_pass_that_writes_there": """\
import json
import os
from pathlib import Path
SOURCE = 'rows.json'
def rows_of(path):
    where = os.path.join('.', str(path))
    with open(where) as f:
        return json.load(f)
for row in rows_of(SOURCE):
    Path('rows.json').write_text('[]')
""",
    "a_method_that_puts_the_path_together_and_a_pass_that_writes_there": """\
import json
import os
class Repo:
    def __init__(self, name):
        self.name = name
    def get_rows(self):
        base = '.'
        where = os.path.join(base, self.name)
        with open(where) as f:
            return json.load(f)
for row in Repo('rows.json').get_rows():
    with open('rows.json', 'w') as out:
        out.write('[]')
""",
    "a_property_that_writes_the_data": """\
import json
class Box:
    @property
    def size(self):
        open('rows.json', 'w').write('[]')
        return 1
box = Box()
for s in json.load(open('rows.json')):
    size = box.size
    print(s)
""",
    "a_generator_that_writes_the_data_where_it_goes_on": """\
import json
def sink():
    while True:
        yield
        open('rows.json', 'w').write('[]')
out = sink()
next(out)
for s in json.load(open('rows.json')):
    out.send(s)
""",
    "a_manager_that_writes_the_data": """\
import json
class Mark:
    def __enter__(self):
        return self
    def __exit__(self, *what):
        open('rows.json', 'w').write('[]')
mark = Mark()
for s in json.load(open('rows.json')):
    with mark:
        print(s)
""",
    "a_decorator_that_writes_the_data": """\
import json
def marking(function):
    def marked(*given):
        open('rows.json', 'w').write('[]')
        return function(*given)
    return marked
@marking
def show(s):
    print(s)
for s in json.load(open('rows.json')):
    show(s)
""",
    "a_loader_that_has_another_filter_func": """\
import json
def get_rows(path='rows.json'):
    filter_func = path
    with open(filter_func) as f:
        return json.load(f)
for s in get_rows():
    print(s)
""",
    "a_class_that_is_made_of_the_loaders_class": """\
import json
class Repo:
    def get_rows(self):
        with open('rows.json') as f:
            return json.load(f)
    def show(self):
        for s in self.get_rows():
            print(s)
def make(base):
    class Heir(base):
        def get_rows(self):
            return [1]
    return Heir
make(Repo)().show()
type('Other', (Repo,), {'get_rows': lambda self: [2]})().show()
""",
    "a_division_by_zero_before_the_stream_can_miss_a_key": """\
import json
def main():
    rows = json.load(open('rows.json'))['items']
    share = 1 / 0
    return [s for s in rows if s], share
try:
    print(main())
except ZeroDivisionError:
    print('zero')
""",
    "a_property_before_the_stream_can_miss_a_key": """\
import json
class Box:
    @property
    def size(self):
        print('size')
        return 1
box = Box()
rows = json.load(open('rows.json'))['items']
size = box.size
print([s for s in rows if s], size)
""",
    "a_part_of_a_list_that_is_known_outside": """\
import json
kept = {}
def fill():
    found = {'ids': []}
    kept['ids'] = found['ids']
    for s in json.load(open('rows.json')):
        found['ids'].append(s)
    return found
try:
    fill()
except ValueError:
    print(kept)
""",
    "a_list_that_a_shallow_copy_holds": """\
import json
kept = [[]]
def fill():
    found = list(kept)
    for s in json.load(open('rows.json')):
        found[0].append(s)
run = fill
try:
    run()
except ValueError:
    print(kept)
""",
}


def _documents() -> tuple[Document, ...]:
    rng = random.Random(7)
    items = json.dumps({"items": _ROWS}).encode()
    return (
        Document(items),
        Document(json.dumps(_ROWS).encode()),
        Document(b'{"items": 7}'),
        Document(b'{"items": {"one": {"a": 1}}}'),
        Document(b"3"),
        *documents(("items",), named=False, breaks=False, rng=rng),
        *documents((), named=False, breaks=False, rng=rng),
        Document(b"[nope", Health.BROKEN_AT_ONCE),
        Document(items + b" x", Health.BROKEN_LATER),
    )


@pytest.mark.parametrize("name", CASES)
def test_old_and_new_agree_on(name, tmp_path):
    divergence = Workshop(tmp_path).divergence(Program(CASES[name], _documents()))
    assert divergence is None, str(divergence)
