"""Parts of a document: which expressions lead to one, and how the runtime is asked for it."""

from __future__ import annotations

import pytest

# The part that a loop reads of the document `d`: the call of the runtime, as it will be written.
STREAMED = {
    "d": "stream_json(f)",
    "(d)": "stream_json(f)",
    "d['a']": 'stream_json(f, "$.a")',
    "d['class']": 'stream_json(f, "$.class")',
    "d['a']['b']": 'stream_json(f, "$.a.b")',
    "d[0]": 'stream_json(f, "$[0]")',
    "d['a'][0]['b']": 'stream_json(f, "$.a[0].b")',
    "d['a b']": "stream_json(f, ('a b',))",
    "d['a']['b c']": "stream_json(f, ('a', 'b c'))",
    "d['a b'][0]": "stream_json(f, ('a b', 0))",
    "d['ä']": "stream_json(f, ('ä',))",
    "d['']": "stream_json(f, ('',))",
    "d['a.b']": "stream_json(f, ('a.b',))",
    'd["it\'s"]': 'stream_json(f, ("it\'s",))',
    "d.get('a')": 'stream_json(f, "$.a", default=None)',
    "d.get('a', None)": 'stream_json(f, "$.a", default=None)',
    "d.get('a', [])": 'stream_json(f, "$.a", default=[])',
    "d.get('a', ())": 'stream_json(f, "$.a", default=())',
    "d.get('a', {})": 'stream_json(f, "$.a", default={})',
    "d.get('a', '')": "stream_json(f, \"$.a\", default='')",
    "d['a'].get('b', [])": 'stream_json(f, "$.a.b", default=[])',
    "d.items()": "stream_items(f)",
    "d.values()": "stream_values(f)",
    "d['a'].items()": 'stream_items(f, "$.a")',
    "d['a'].values()": 'stream_values(f, "$.a")',
    "d.get('a', {}).items()": 'stream_items(f, "$.a", default={})',
}
# What a stream cannot be asked for, with the reason.
REFUSED = {
    "d[-1]": "random-access",
    "d[i]": "random-access",
    "d[KEY]": "random-access",
    "d[True]": "random-access",
    "d[1.5]": "random-access",
    "d[None]": "random-access",
    "d[b'a']": "random-access",
    "d[f'{i}']": "random-access",
    "d['a' + 'b']": "random-access",
    "d['\\ud800']": "random-access",
    "d['a'][True]": "random-access",
    "d['a'][i]": "random-access",
    "d.get('a')['b']": "random-access",
    "d[1:]": "needs-list",
    "d['a'][1:]": "needs-list",
    "d['a'][:2]": "needs-list",
    "d.get('a', [1])": "needs-list",
    "d.get('a', fallback)": "needs-list",
    "d.get('a', list())": "needs-list",
    "d.get('a', default=[])": "needs-list",
    "d.get(KEY, [])": "needs-list",
    "d.get(0, [])": "needs-list",
    "d.get('a', {}).get('b', [])": "needs-list",
    "d.get('a') or []": "needs-list",
    "d.setdefault('a', [])": "needs-list",
    "d.pop('a')": "needs-list",
    "d.items(1)": "needs-list",
    "d['a'].copy()": "needs-list",
    "d.a": "needs-list",
    "d or []": "needs-list",
    "d['a'] or []": "needs-list",
    "split(d['a'])": "projection",
    "d['a'].lines": "projection",
    "d['a'].splitlines()": "projection",
}


def _program(expression: str) -> str:
    loop = f"    for s in {expression}:\n        use(s)\n"
    return "with open('d.json') as f:\n    d = json.load(f)\n" + loop


@pytest.mark.parametrize(("expression", "call"), STREAMED.items())
def test_a_part_is_streamed_by_its_path(expression, call, analyse):
    [site] = analyse(_program(expression), prelude="import json\n")
    stream = site.plan.stream
    assert f"{stream.callee}({', '.join(stream.arguments)})" == call


@pytest.mark.parametrize(("expression", "slug"), REFUSED.items())
def test_no_part_that_a_stream_has(expression, slug, verdict):
    assert verdict(_program(expression)) == slug


@pytest.mark.parametrize(
    "taking",
    [
        "print(json.load(f)['version'])",
        "version = json.load(f)['meta']['version']; print(version)",
        "check(json.load(f)['version'] == 2)",
        "version = json.load(f).get('version'); print(version)",
        "if json.load(f)['ready']: print('yes')",
        "name = json.load(f)['name'].strip()",
    ],
)
def test_one_value_of_a_document_is_a_projection(taking, verdict):
    assert verdict(f"with open('d.json') as f:\n    {taking}\n") == "projection"


@pytest.mark.parametrize(
    "taking", ["print(d['n'])", "n = d.get('n', 0); print(n)", "check(d['n'] == 2)"]
)
@pytest.mark.parametrize("first", [True, False])
def test_a_value_beside_the_array_is_a_header(taking, first, verdict):
    loop = "for s in d['rows']: use(s)"
    lines = [taking, loop] if first else [loop, taking]
    body = "".join(f"    {line}\n" for line in lines)
    assert verdict(f"with open('d.json') as f:\n    d = json.load(f)\n{body}") == "header-and-array"
