"""Programs in other clothes: rewritten to the same, and every case in which they once were not."""

from __future__ import annotations

import ast
import random

import pytest

from loadstream.rewrite.driver import rewrite
from loadstream.rewrite.results import Failed
from tests.differential import documents, programs
from tests.differential.dressing import KINDS, Dress, dressed, varied
from tests.differential.formatting import Fitting, divergence_of
from tests.differential.harness import Workshop
from tests.differential.same import canonical

SHARDS = 4


@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_dressed_program_becomes_what_the_plain_one_does(shard, tmp_path):
    fitting = Fitting(Workshop(tmp_path))
    for seed in range(shard, 80, SHARDS):
        divergence = divergence_of(seed, fitting)
        assert divergence is None, f"seed {seed}: {divergence}"
    assert fitting.rewritten > 3


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_noise_changes_the_text_and_not_the_tree(kind):
    changed = 0
    for seed in range(12):
        rng = random.Random(seed)
        family = programs if seed % 2 else documents
        text = varied(family.generate(rng).text, rng)
        new = dressed(text, Dress(seed, frozenset({kind})))
        assert ast.dump(ast.parse(new)) == ast.dump(ast.parse(text))
        changed += new.rstrip() != text.rstrip() or new[-1:] != "\n"
    assert changed


def test_a_lambda_and_a_def_of_the_same_conditions_are_the_same():
    old = "x = 1\n"
    one = "y = g(f=lambda s: a(s) and s not in b)\n"
    other = (
        "def is_y(s):\n    if not a(s):\n        return False\n    return s not in b\n"
        "y = g(f=is_y)\n"
    )
    assert canonical(one, old) == canonical(other, old)
    assert canonical(one, old) != canonical(other.replace("not in", "in"), old)


REGRESSIONS = {
    "a_backslash_in_the_file_name_keeps_its_line_end": (
        "import json\r\nfor s in json.load(open( \\\r\n'rows.json')):\r\n    print(s)\r\n",
        "from loadstream import stream_json\r\n"
        "for s in stream_json(open( \\\r\n'rows.json')):\r\n    print(s)\r\n",
    ),
    "a_backslash_in_a_path_that_is_opened_keeps_its_line_end": (
        "import json\r\nfrom pathlib import Path\r\n"
        "for s in json.loads(Path( \\\r\n'rows.json').read_text()):\r\n    print(s)\r\n",
        "from pathlib import Path\r\nfrom loadstream import stream_json\r\n"
        "with Path( \\\r\n'rows.json').open() as file:\r\n"
        "    for s in stream_json(file):\r\n        print(s)\r\n",
    ),
    "a_comment_that_goes_into_the_with_is_not_in_the_call_too": (
        "import json\nfrom pathlib import Path\n"
        "for s in json.loads(Path(  # where\n    'rows.json').read_text()):\n    print(s)\n",
        "from pathlib import Path\nfrom loadstream import stream_json\n"
        "with Path(  # where\n    'rows.json').open() as file:\n"
        "    for s in stream_json(file):\n        print(s)\n",
    ),
    "a_comment_of_a_path_that_is_opened_further_down_is_not_left_behind_too": (
        "import json\nfrom pathlib import Path\n"
        "data = json.loads(Path('rows.json'  # c1\n).read_text())\nprint(sum(data))\n",
        "from pathlib import Path\nfrom loadstream import stream_json\n"
        "with Path('rows.json'  # c1\n).open() as file:\n    print(sum(stream_json(file)))\n",
    ),
    "a_file_is_not_opened_around_the_rest_of_the_line": (
        "import json\nwith open('rows.json') as f:\n    data = json.load(f)\n"
        "total = sum(s['a'] for s in data); print(total)\n",
        None,
    ),
    "a_twin_has_the_quotes_of_the_file": (
        "import json\n\n\ndef load_items(path):\n    with open(path) as f:\n"
        "        return json.load(f)['items']\n\n\n"
        "for s in load_items('rows.json'):\n    print(s['a'])\n",
        "import json\n\nfrom loadstream import stream_json\n\n\n"
        "def load_items(path):\n    with open(path) as f:\n"
        "        return json.load(f)['items']\n\n\n"
        "def iter_items(path, *, filter_func=None):\n"
        '    """Stream what `load_items` returns, one element at a time.\n\n    Yields:\n'
        "        Each element, in order, for which `filter_func` is true (None: each); memory\n"
        '        holds one of them at a time.\n    """\n    with open(path) as f:\n'
        "        yield from stream_json(f, '$.items', filter_func=filter_func)\n\n\n"
        "for s in iter_items(path='rows.json'):\n    print(s['a'])\n",
    ),
    "standard_input_is_read_elsewhere_with_other_spaces": (
        "import json\nimport sys\nfor s in json.load(sys.stdin):\n    print(s)\n"
        "print(sys . stdin.read())\n",
        None,
    ),
}


@pytest.mark.parametrize("name", REGRESSIONS)
def test_what_once_came_out_wrong(name, tmp_path):
    old, new = REGRESSIONS[name]
    assert Workshop(tmp_path).rewrite(old).every == (old if new is None else new)


def test_what_libcst_stumbles_over_fails_for_that_file_alone(tmp_path):
    odd = tmp_path / "odd.py"
    odd.write_text(
        "import json\nfor s in json.load(open('x')):\n    if(lambda y: y)(s):\n        print(s)\n"
    )
    fine = tmp_path / "fine.py"
    fine.write_text("import json\nfor s in json.load(open('x')):\n    print(s)\n")
    first, second = rewrite([odd, fine], root=tmp_path)
    assert isinstance(first, Failed)
    assert "LibCST" in first.cause
    assert not isinstance(second, Failed)
