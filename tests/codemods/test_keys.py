"""LS107: keys that are read alone, from the analysis to the text; old and new are both run."""

from __future__ import annotations

import json

import pytest

from tests.differential.harness import Workshop
from tests.differential.model import Document, Health, Program

_ONE = {"b": {"n": 1}, "a": {"n": 2, "m": None}, "": {}, "ab": [1]}
DOCUMENTS = (
    Document(json.dumps(_ONE).encode()),
    Document(json.dumps({"items": _ONE, "n": 3}).encode()),
    Document(b"{}"),
    Document(b'{"items": {}}'),
    Document(b'{"12": 1, "7": 2}'),
    Document(b'[["a", "b"], "c", 3]'),
    Document(b'{"items": [1, 2]}'),
    Document(b'{"items": null}'),
    Document(b"3"),
    Document(b"{nope", Health.BROKEN_AT_ONCE),
    Document(json.dumps(_ONE).encode() + b" x", Health.BROKEN_LATER),
)
TEXT = "import json\nwith open('rows.json') as f:\n    d = json.load(f)\n{}\n"
ITEMS = "stream_items(f)"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("print(sorted(d.keys()))", f"print(sorted(key for key, _ in {ITEMS}))"),
        ("print(max(d.keys(), key=len))", f"print(max((key for key, _ in {ITEMS}), key=len))"),
        ("print(sorted(d.keys(),))", f"print(sorted((key for key, _ in {ITEMS}),))"),
        ("print(sorted((d.keys())))", f"print(sorted((key for key, _ in {ITEMS})))"),
        ("print(set(map(str, d.keys())))", f"print(set(map(str, (key for key, _ in {ITEMS}))))"),
        ("print(len(d.keys()))", f"print(sum(1 for _ in {ITEMS}))"),
        ("print([k for k in d.keys()])", f"print([k for k, _ in {ITEMS}])"),
        ("print([k for k in d.keys() if k > 'a'])", f"print([k for k, _ in {ITEMS} if k > 'a'])"),
        ("print({k: 1 for k in d.keys()})", f"print({{k: 1 for k, _ in {ITEMS}}})"),
        ("print(', '.join(k for k in d.keys()))", f"print(', '.join(k for k, _ in {ITEMS}))"),
        ("print(any(k for k in d.keys()))", f"print(any(k for k, _ in {ITEMS}))"),
        ("print(next(k for k in d.keys()))", f"print(next(k for k, _ in {ITEMS}))"),
        ("print([a for a, b in d.keys()])", f"print([a for a, b in (key for key, _ in {ITEMS})])"),
        ("print(sum(1 for _ in d.keys()))", f"print(sum(1 for _, _ in {ITEMS}))"),
        ("_ = print\n_([k for k in d.keys()])", f"_([k for k, _value in {ITEMS}])"),
        ("for k in d.keys():\n    print(k)", f"for k, _ in {ITEMS}:\n    print(k)"),
        (
            "for i, k in enumerate(d.keys()):\n    print(i, k)",
            f"for i, k in enumerate(key for key, _ in {ITEMS}):\n    print(i, k)",
        ),
        (
            "for a, *b in d.keys():\n    print(a, b)",
            f"for a, *b in (key for key, _ in {ITEMS}):\n    print(a, b)",
        ),
        (
            "for k in d['items'].keys():\n    print(k)",
            "for k, _ in stream_items(f, '$.items'):\n    print(k)",
        ),
        (
            "print(sorted(  # all\n    d.keys()  # of them\n))",
            f"print(sorted(  # all\n    (key for key, _ in {ITEMS})  # of them\n))",
        ),
        (
            "ks = d['items'].keys()\nprint(sorted(ks))",
            "print(sorted(key for key, _ in stream_items(f, '$.items')))",
        ),
    ],
)
def test_keys_are_taken_from_the_pairs(old, new, tmp_path):
    workshop = Workshop(tmp_path)
    program = Program(TEXT.format(old), DOCUMENTS)
    text = workshop.rewrite(program.text).safe
    assert "".join(text.split()).endswith("".join(new.split()))
    divergence = workshop.divergence(program)
    assert divergence is None, str(divergence)


@pytest.mark.parametrize(
    "use",
    [
        "ks = d.keys()\nprint('a' in ks)",
        "print(d.keys() & {'a'})",
        "print(dict.fromkeys(d.keys()))",
        "print(*d.keys())",
        "print([k for k in d.keys() if d[k]])",
        "print([k for x in (1, 2) for k in d.keys()])",
        "print(d.keys())",
    ],
)
def test_keys_that_are_kept_or_asked_stay_loaded(use, tmp_path):
    program = TEXT.format(use)
    assert Workshop(tmp_path).rewrite(program).every == program


def test_long_keys_break_at_the_brackets_of_the_call_that_they_are_given_to(tmp_path):
    text = (
        "import json, os\nfor name in ['rows']:\n"
        "    ids = list("
        "json.load(open(os.path.join('.', name + '.json'), 'r', encoding='utf-8')).keys())\n"
        "    print(ids)\n"
    )
    new = Workshop(tmp_path).rewrite(text).every
    assert new.partition("']:\n")[2] == (
        "    ids = list(\n        key\n        for key, _ in stream_items(\n"
        "            open(os.path.join('.', name + '.json'), 'r', encoding='utf-8')\n"
        "        )\n    )\n    print(ids)\n"
    )
