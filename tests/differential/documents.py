"""Random programs around a plain `json.load`: every opening, with every consumption, anywhere.

`generate(random.Random(seed))` gives a script that prints everything it computes, and documents of
the shape that it expects and of others. Most programs are of harmless parts; some of the parts
were chosen because a careless rewrite of them would be wrong.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from tests.differential import consumers, openings
from tests.differential.consumers import Access
from tests.differential.model import Program
from tests.differential.openings import Opening
from tests.differential.templates import Fillers, fill, weighted
from tests.differential.texts import documents

IMPORTS = {
    "os": "import os",
    "gzip": "import gzip",
    "io": "import io",
    "sys": "import sys",
    "codecs": "import codecs",
    "asyncio": "import asyncio",
    "Path": "from pathlib import Path",
    "Counter": "from collections import Counter",
    "suppress": "from contextlib import suppress",
    "chain": "from itertools import chain",
    "islice": "from itertools import islice",
    "TemporaryDirectory": "from tempfile import TemporaryDirectory",
    "ZipFile": "from zipfile import ZipFile",
    "copy": "from shutil import copy",
    "contextmanager": "from contextlib import contextmanager",
    "tqdm": "from tqdm import tqdm",
}

CONSTANTS = {
    "SOURCE": "SOURCE = 'rows.json'",
    "HERE": "HERE = os.getcwd()",
    "HOME": "HOME = Path('.')",
    "STEM": "STEM = 'rows'",
    "KEY": "KEY = 'items'",
    "fallback": "fallback = [{'a': 1, 'b': 0, 'c': []}]",
    "stash": "stash = []",
    "calls": "calls = []",
    "shared": "shared = None",
    "marks": "marks = set()",
    "numbers": "numbers = iter([2, 1, 3])",
}

HELPERS = {
    "helper": "def helper(x):\n    return x['a'] not in (0, None)",
    "counting": "def counting(x):\n    calls.append(x['a'])\n    return len(calls) % 2",
    "poke": "def poke():\n    calls.append('poke')",
    "where": "def where():\n    calls.append('where')\n    return 'rows.json'",
    "save": "def save(rows):\n    with open('rows.json', 'w') as g:\n        json.dump(rows, g)",
    "once": "def once(rows):\n    return [str(r) for r in rows]",
    "twice": "def twice(rows):\n    return [str(r) for r in rows] + [1 for r in rows]",
    "few_picked": "def few_picked():\n    return len(globals().get('picked', ())) < 2",
    "inside": "@contextmanager\ndef inside(folder):\n    here = os.getcwd()\n    os.chdir(folder)\n"
    "    try:\n        yield\n    finally:\n        os.chdir(here)",
    "keep": "def keep(rows):\n    stash.append(rows)\n    return rows",
    "progress": "def progress(rows, label='at'):\n    for r in rows:\n        yield r",
    "hooked": "def hooked(x):\n    return {**x, 'seen': 1}",
    "load_rows": "def load_rows(path):\n    with open(path) as f:\n        return json.load(f)",
    "load_items": "def load_items(path):\n    with open(path, encoding='utf-8') as f:\n"
    "        data = json.load(f)\n    return data['items']",
    "load_cached": "@lru_cache\ndef load_cached(path):\n    with open(path) as f:\n"
    "        return json.load(f)",
    "load_checked": "def load_checked(path):\n    try:\n        with open(path) as f:\n"
    "            return json.load(f)\n    except ValueError:\n        return []",
}

SETUP = {
    "limit": "limit = 1",
    "total": "total = 0",
    "out": "out = []",
    "later": "later = []",
    "counts": "counts = {}",
    "seen": "seen = set()",
    "previous": "previous = None",
    "state": "state = {'last': None}",
}

# What a name of the standard library or of the runtime may mean instead.
SHADOWS = [
    "stream_json = None",
    "def stream_json(*given, **named):\n    return []",
    "list = tuple",
    "def open(path, *rest, **named):\n    return io.open('other.json')",
    "def len(x):\n    return 3",
    "from loadstream import stream_items as stream_json",
    "from loadstream import stream_json",
    "import loadstream",
    "from __future__ import annotations",
    "is_picked = is_result = 4",
]

_SETUP, _REPORT = "#setup", "#report"
_OF_JSON = re.compile(r"\bjson\.(loads?|dumps?|JSONDecodeError)\b")
_WORD = re.compile(r"\b[A-Za-z_]\w*\b")


def generate(
    rng: random.Random, loads: Sequence[tuple[float, Opening]] = (), helper: str = ""
) -> Program:
    """One program, drawn again until it is valid Python.

    Where `loads` are given the document comes by one of them, which call `helper`.
    """
    while True:
        program = _draw(rng, loads, helper)
        try:
            compile(program.text, "program.py", "exec")
        except SyntaxError:
            continue
        return program


def _draw(rng: random.Random, loads: Sequence[tuple[float, Opening]], helper: str) -> Program:
    usual = rng.random() < 0.5
    access = weighted(rng, consumers.USUAL_ACCESSES if usual else consumers.ACCESSES)
    family = rng.random()
    if family < 0.14:
        context = weighted(rng, [(1.0, c) for _, c in openings.CONTEXTS[:4]])
        opening = Opening(weighted(rng, openings.HANDLED))
        path = weighted(rng, openings.PATHS)
    elif family < 0.32:
        context = weighted(rng, openings.FILES)
        opening, path = weighted(rng, openings.OPENINGS), "path"
    else:
        context = weighted(rng, openings.CONTEXTS)
        opening, path = weighted(rng, openings.OPENINGS), weighted(rng, openings.PATHS)
    if loads:
        opening = weighted(rng, loads)
        access = access if rng.random() < 0.2 else consumers.ACCESSES[0][1]  # the whole of it
    text = fill(context, _fillers(rng, access, opening, path, usual))
    text = _with_surroundings(text, helper, rng)
    whole_effects = "yield" not in context and "suppress" not in context
    breaks = whole_effects and (family < 0.14 or rng.random() < 0.25)
    return Program(text, documents(access.path, access.named, breaks, rng))


def _fillers(
    rng: random.Random, access: Access, opening: Opening, path: str, usual: bool
) -> Fillers:
    """What comes at each place of the templates: names once for all, the rest drawn each time."""
    t = rng.choice(["s", "row", "item"])
    if rng.random() < 0.02:
        t = rng.choice(["data", "f", "path", "stream_json", "json", "file"])
    f = rng.choice(["f", "f", "fh", "file", "handle"])
    d = opening.inline or rng.choice(["data", "data", "doc", "payload"])
    mild = rng.random() < 0.65
    named = not opening.inline
    part = access.expression
    alias = ""
    direct = "<e>" in opening.template or "<clause>" in opening.template
    if rng.random() < 0.2 and "<d>" not in access.row and not direct:
        alias, part = rng.choice(["items", "records"]), access.expression

    def use() -> str:
        table = consumers.NAMED_PASSES if named and not mild else [(1.0, "<use_plain>")]
        before = f"{alias} = {part}\n" if alias else ""
        if alias and not mild and rng.random() < 0.3:
            before += "<between>\n"
        after = f"\nprint({alias})" if alias and not mild and rng.random() < 0.15 else ""
        return before + weighted(rng, table) + after

    def rarely(table: list[str], share: float) -> str:
        return rng.choice(table) if not mild and rng.random() < share else ""

    def clause() -> str:
        conditions = "".join(" if <c>" for _ in range(rng.choice([0, 1, 1, 1, 2])))
        return "for <target> in <e>" + conditions

    def between() -> str:
        if mild:
            return "print('between')" if rng.random() < 0.1 else ""
        return rarely(consumers.BETWEEN, 0.3)

    harmless = consumers.BODIES[:13]
    return {
        "program": lambda: opening.template + "\n" + _REPORT,
        "setup": lambda: _SETUP,
        "path": lambda: path,
        "f": lambda: f,
        "d": lambda: d,
        "d2": lambda: rng.choice(["data", "items", "limit"]),
        "t": lambda: t,
        "inline": lambda: part if named is False else part.replace("<d>", f"json.load({f})"),
        "e": lambda: alias or part,
        "e_plain": lambda: "<d>",
        "target": lambda: access.target,
        "row": lambda: access.row,
        "el": lambda: rng.choice(consumers.ELEMENTS),
        "c": lambda: rng.choice(consumers.CONDITIONS[: 12 if mild else None]),
        "clause": clause,
        "body": lambda: weighted(rng, harmless if mild else consumers.BODIES),
        "orelse": lambda: "else:\n    print('else')" if rng.random() < 0.1 else "",
        "show": lambda: "print(sorted(result) if isinstance(result, set) else result)",
        "use": use,
        "use_plain": lambda: weighted(rng, consumers.USUAL_PASSES if usual else consumers.PASSES),
        "simple": lambda: weighted(rng, consumers.SIMPLE_PASSES),
        "between": between,
        "after": lambda: rarely(consumers.AFTER, 0.35),
        "handler": lambda: rng.choice(openings.HANDLERS),
    }


def _with_surroundings(text: str, helper: str, rng: random.Random) -> str:
    """The program with the imports, helpers and variables that it names, and a last report."""
    shadow = rng.choice(SHADOWS) if rng.random() < 0.05 else ""
    words = set(_WORD.findall("\n".join((text, helper, shadow))))
    helpers = [helper] if helper else []
    for name, definition in HELPERS.items():
        if name in words:
            helpers.append(definition)
            words |= set(_WORD.findall(definition))
    constants = [line for name, line in CONSTANTS.items() if name in words]
    words |= set(_WORD.findall("\n".join(constants)))
    imports = [line for name, line in IMPORTS.items() if name in words]
    if "lru_cache" in words:
        imports.append("from functools import lru_cache")
    setup = {name: line for name, line in SETUP.items() if name in words}
    shown = ", ".join(f"sorted({name})" if name == "seen" else name for name in setup)
    text = _at_mark(text, _SETUP, list(setup.values()))
    text = _at_mark(text, _REPORT, [f"print({shown})"] if setup else [])
    text, json_import = _json_style(text, rng)
    last = "\n".join(f"print({name})" for name in ("calls", "stash") if name in words)
    head = [json_import, *imports]
    if shadow.startswith("from __future__"):
        head.insert(0, shadow)
    elif shadow:
        head.append(shadow)
        if "io." in shadow and "import io" not in imports:
            head.insert(0, "import io")
    return "\n".join(part for part in [*head, *constants, *helpers, text, last] if part)


def _at_mark(text: str, mark: str, lines: list[str]) -> str:
    """`text` with `lines` wherever a line is `mark`, as far in as that was."""
    result = []
    for line in text.split("\n"):
        if line.strip() == mark:
            result += [line.replace(mark, given) for given in lines]
        else:
            result.append(line)
    return "\n".join(result)


def _json_style(text: str, rng: random.Random) -> tuple[str, str]:
    """The program with json imported in one of the ways people do."""
    style = rng.random()
    if style < 0.75:
        return text, "import json"
    if style < 0.83:
        return _OF_JSON.sub(r"js.\1", text), "import json as js"
    if style < 0.93:
        used = sorted({*_OF_JSON.findall(text), "load"})
        return _OF_JSON.sub(r"\1", text), "from json import " + ", ".join(used)
    return re.sub(r"\bjson\.load\b", "read_document", text), (
        "import json\nfrom json import load as read_document"
    )
