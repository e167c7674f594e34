"""Twenty correct migrations from loading to streaming: all are equal, on inputs of many classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from loadstream.verify import Verdict

Changed = Callable[[str, str], Any]

IMPORTS = """\
import json
from collections import Counter
from pathlib import Path

from common import load_sessions, stream_sessions
from loadstream import stream_items, stream_json

DATA = "data/sessions.json"
"""

# Old and new, below the imports. Each prints what it finds, so that nothing else need be compared.
MIGRATIONS = {
    "a filtered list": (
        "print([s['session_id'] for s in load_sessions() if s['cost'] > 1])",
        "print([s['session_id'] for s in stream_sessions(lambda s: s['cost'] > 1)])",
    ),
    "a filtered list of whole elements": (
        "dear = [s for s in load_sessions() if s['cost'] > 1]\nprint(len(dear), dear[:1])",
        "dear = list(stream_sessions(lambda s: s['cost'] > 1))\nprint(len(dear), dear[:1])",
    ),
    "two conditions": (
        "print([s['cost'] for s in load_sessions() if s['period'] == 'P3' if s['cost'] > 0])",
        "is_dear = lambda s: s['period'] == 'P3' and s['cost'] > 0\n"
        "print([s['cost'] for s in stream_sessions(is_dear)])",
    ),
    "a loop with a condition": (
        "for s in load_sessions():\n    if s['cost'] > 1:\n        print(s['session_id'])",
        "for s in stream_sessions(lambda s: s['cost'] > 1):\n    print(s['session_id'])",
    ),
    "a loop that goes on": (
        "for s in load_sessions():\n    if not s['delegations']:\n        continue\n"
        "    print(s['cost'])",
        "for s in stream_sessions(lambda s: s['delegations']):\n    print(s['cost'])",
    ),
    "an accumulating loop": (
        "found = []\nfor s in load_sessions():\n    if s['cost'] < 1:\n        found.append(s)\n"
        "print(found)",
        "found = list(stream_sessions(lambda s: s['cost'] < 1))\nprint(found)",
    ),
    "a set": (
        "print(sorted({s['period'] for s in load_sessions()}))",
        "print(sorted({s['period'] for s in stream_sessions()}))",
    ),
    "a dict": (
        "print({s['session_id']: s['cost'] for s in load_sessions()})",
        "print({s['session_id']: s['cost'] for s in stream_sessions()})",
    ),
    "a Counter": (
        "print(Counter(s['period'] for s in load_sessions()))",
        "print(Counter(s['period'] for s in stream_sessions()))",
    ),
    "a sum": (
        "print(sum(s['cost'] for s in load_sessions()))",
        "print(sum(s['cost'] for s in stream_sessions()))",
    ),
    "a count": (
        "print(len([s for s in load_sessions() if s['cost'] > 1]))",
        "print(sum(1 for _ in stream_sessions(lambda s: s['cost'] > 1)))",
    ),
    "a largest": (
        "print(max((s['cost'] for s in load_sessions()), default=None))",
        "print(max((s['cost'] for s in stream_sessions()), default=None))",
    ),
    "a first": (
        "print(next((s for s in load_sessions() if s['cost'] > 1), None))",
        "print(next(stream_sessions(lambda s: s['cost'] > 1), None))",
    ),
    "a loop that stops": (
        "for s in load_sessions():\n    if s['cost'] > 1:\n        print(s)\n        break",
        "for s in stream_sessions(lambda s: s['cost'] > 1):\n    print(s)\n    break",
    ),
    "any": (
        "print(any(s['cost'] > 1 for s in load_sessions()))",
        "print(any(s['cost'] > 1 for s in stream_sessions()))",
    ),
    "numbered elements": (
        "for i, s in enumerate(load_sessions(), 1):\n    print(i, s['session_id'])",
        "for i, s in enumerate(stream_sessions(), 1):\n    print(i, s['session_id'])",
    ),
    "a generator function": (
        "def costs():\n    for s in load_sessions():\n        yield s['cost']\n\n"
        "print(list(costs()))",
        "def costs():\n    for s in stream_sessions():\n        yield s['cost']\n\n"
        "print(list(costs()))",
    ),
    "a function that returns": (
        "def costs():\n    return [s['cost'] for s in load_sessions()]\n\n"
        "if __name__ == '__main__':\n    print(len(costs()))",
        "def costs():\n    return [s['cost'] for s in stream_sessions()]\n\n"
        "if __name__ == '__main__':\n    print(len(costs()))",
    ),
    "a plain load of an array in an object": (
        "with open(DATA) as f:\n    doc = json.load(f)\nfor s in doc['sessions']:\n"
        "    print(s['cost'])",
        "for s in stream_json(DATA, '$.sessions'):\n    print(s['cost'])",
    ),
    "the items of an object": (
        "with open(DATA) as f:\n    doc = json.load(f)\nfor name, part in doc.items():\n"
        "    print(name, len(str(part)))",
        "for name, part in stream_items(DATA):\n    print(name, len(str(part)))",
    ),
    "a file that is written": (
        "Path('out.json').write_text(json.dumps([s['cost'] for s in load_sessions()]))",
        "Path('out.json').write_text(json.dumps([s['cost'] for s in stream_sessions()]))",
    ),
}


@pytest.mark.parametrize("migration", MIGRATIONS)
def test_a_correct_migration_is_equal(changed: Changed, migration: str) -> None:
    old, new = (f"{IMPORTS}\n{text}\n" for text in MIGRATIONS[migration])
    result = changed(old, new).result(max_cases=10)
    assert result.verdict is Verdict.EQUAL, result.explanation
    assert sum(entry.count for entry in result.cases) == 10
