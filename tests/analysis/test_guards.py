"""Guards around a loop that a stream makes needless."""

from __future__ import annotations

import json
import textwrap

import pytest

from tests.differential.harness import Workshop
from tests.differential.model import Document, Health, Program

OPENED = "import json\nwith open('rows.json') as f:\n    doc = json.load(f)\n"
FOLDED = {
    "a key": "if 'rows' in doc:\n    for r in doc['rows']:\n        print(r)\n",
    "a key of an object": "if 'rows' in doc:\n    for k, v in doc['rows'].items():\n"
    "        print(k, v)\n",
    "truth": "if doc:\n    for r in doc:\n        print(r)\n",
    "a length": "if len(doc) > 0:\n    for r in doc:\n        print(r)\n",
    "not None": "if doc is not None:\n    for r in doc:\n        print(r)\n",
    "a variable of its own": "rows = doc.get('rows')\nif rows:\n    for r in rows:\n"
    "        print(r)\n",
    "a numbered loop": "if 'rows' in doc:\n    for i, r in enumerate(doc['rows']):\n"
    "        print(i, r)\n",
}
# Objects that have what is asked for, or do not: there the guard and its absence are the same.
OBJECTS = [{"rows": [1, 2]}, {"rows": {"a": 1}}, {"rows": []}, {}, {"other": 3}]
DOCUMENTS = tuple(Document(json.dumps(one).encode()) for one in OBJECTS)


@pytest.mark.parametrize("rest", FOLDED.values(), ids=FOLDED)
def test_a_guard_goes_unsafely_and_objects_give_the_same(rest, tmp_path):
    text = OPENED + rest
    workshop = Workshop(tmp_path)
    rewritten = workshop.rewrite(text)
    [site] = rewritten.sites
    assert "folded-guard" in {refusal.reason.value for refusal in site.refusals}
    assert rewritten.safe == text
    assert "if " not in rewritten.every
    for document in DOCUMENTS:
        before, after = (workshop.run(one, document) for one in (text, rewritten.every))
        if before.raised is None:
            assert (before.printed, before.raised) == (after.printed, after.raised), document
    assert workshop.rewrite(rewritten.every).every == rewritten.every


KEPT = {
    "another key": "if 'other' in doc:\n    for r in doc['rows']:\n        print(r)\n",
    "an else": "if 'rows' in doc:\n    for r in doc['rows']:\n        print(r)\nelse:\n"
    "    print('none')\n",
    "more in its body": "if 'rows' in doc:\n    for r in doc['rows']:\n        print(r)\n"
    "    print('end')\n",
    "an elif": "if limit:\n    pass\nelif 'rows' in doc:\n    for r in doc['rows']:\n"
    "        print(r)\n",
    "more in its condition": "if limit and 'rows' in doc:\n    for r in doc['rows']:\n"
    "        print(r)\n",
    "another test": "if len(doc) > 1:\n    for r in doc:\n        print(r)\n",
    "a kind": "if isinstance(doc, list):\n    for r in doc:\n        print(r)\n",
    "a turn of a loop": "for k in range(2):\n    if 'rows' in doc:\n        for r in doc['rows']:\n"
    "            print(r)\n",
    "a default": "if 'rows' in doc:\n    for r in doc.get('rows', [1]):\n        print(r)\n",
    "not in": "if 'rows' not in doc:\n    for r in doc['rows']:\n        print(r)\n",
    "another use": "if 'rows' in doc:\n    for r in doc['rows']:\n        print(r)\nprint(doc)\n",
}


@pytest.mark.parametrize("rest", KEPT.values(), ids=KEPT)
def test_other_guards_keep_the_load(rest, tmp_path):
    text = f"limit = 0\n{OPENED}{rest}"
    workshop = Workshop(tmp_path)
    assert workshop.rewrite(text).every == text
    documents = (*DOCUMENTS, Document(b"[", Health.BROKEN_AT_ONCE))
    assert workshop.divergence(Program(text, documents)) is None


def test_comments_of_a_guard_stay_above_the_loop(tmp_path):
    text = OPENED + textwrap.dedent("""\
        # the rows
        if 'rows' in doc:  # are there any?
            # each of them
            for r in doc['rows']:
                print(r)
        """)
    new = Workshop(tmp_path).rewrite(text).every
    assert "# the rows\n# are there any?\n# each of them\nwith open('rows.json') as f:\n" in new


@pytest.mark.parametrize(
    "rest",
    [
        "if 'rows' in doc:\n    for r in doc['rows']:\n        print(r)\n    # no more\n",
        "if doc: \\\n    print\nfor r in doc:\n    print(r)\n",
    ],
)
def test_a_guard_that_cannot_be_taken_away_keeps_the_load(rest, tmp_path):
    text = OPENED + rest
    assert Workshop(tmp_path).rewrite(text).every == text
