"""Programs around loaders of their own, functions and methods, which get streaming twins first.

Out of the programs around a plain load: only where the document comes from is another.
"""

from __future__ import annotations

import random

from tests.differential import documents
from tests.differential.model import Program
from tests.differential.openings import Opening
from tests.differential.templates import indent, weighted

_NAMES = [
    (4.0, "load_rows"),
    (1.0, "_load_rows"),
    (0.5, "load_json"),
    *((0.6, name) for name in ("get_rows", "read_rows", "load", "_load", "rows_of", "read_json")),
    (0.4, "load_rows_eager"),
]
_BODIES = [
    (4.0, "with open(<p>) as f:\n    return json.load(f)"),
    (2.0, "with open(<p>, encoding='utf-8') as f:\n    data = json.load(f)\nreturn data"),
    (1.0, "return json.load(open(<p>))"),
    (1.0, "return json.loads(Path(<p>).read_text())"),
    (1.0, "f = open(<p>)\ndata = json.load(f)\nf.close()\nreturn data"),
    (1.0, "where = os.path.join('.', str(<p>))\nwith open(where) as f:\n    return json.load(f)"),
    (
        1.0,
        "where = <p>\nif where is None:\n    where = 'rows.json'\n"
        "with open(where) as f:\n    return json.load(f)",
    ),
    (
        0.5,
        "where = <p>\nif str(where).startswith('o'):\n    where = Path(where)\nelse:\n"
        "    where, _ = str(where), 1\nwith open(where) as f:\n    return json.load(f)",
    ),
    (0.5, "with open(<p>) as f:\n    return json.load(f)['items']"),
    (0.5, "with open(<p>) as f:\n    return json.load(f).get('items', [])"),
    # These do more than load.
    (0.3, "assert 'ows' in str(<p>)\nwith open(<p>) as f:\n    return json.load(f)"),
    (0.3, "print('loads')\nwith open(<p>) as f:\n    return json.load(f)"),
    (0.3, "with open(<p>) as f:\n    data = json.load(f)\nreturn sorted(data, key=str)"),
    (
        0.3,
        "if not os.path.exists(<p>):\n    return []\nwith open(<p>) as f:\n    return json.load(f)",
    ),
    (0.3, "with open(where()) as f:\n    return json.load(f)"),
]
_CHANGES = (
    "shelf.path = 'other.json'",
    "shelf.move('other.json')",
    "shelf = Shelf('other.json')",
    "print(shelf.path)",
    "del shelf.path",
    "shelf.<name> = list",
    "Shelf.<name> = lambda *given: [{'a': 3, 'b': 1, 'c': []}]",
    "print(hasattr(shelf, 'stream_rows'))",
    "calls.append(getattr(shelf, 'stream_rows', None) is None)",
)
_BESIDE = (
    "def load_rows(path=None):\n    return [{'a': 9, 'b': 1, 'c': []}]",
    "def stream_rows(path=None, filter_func=None):\n    yield {'a': 9, 'b': 1, 'c': []}",
    "def iter_rows(path='rows.json'):\n    yield {'a': 9, 'b': 1, 'c': []}",
    "def get_rows(path='rows.json'):\n    with open(path) as f:\n        return json.load(f)",
    "stream = None",
)
_HEIRS = (
    "class Lower(Shelf):\n    pass",
    "class Lower(Shelf):\n    def <name>(self, path=None):\n        return [{'a': 8, 'b': 1}]",
    "class Lower(Shelf):\n    stream_rows = None",
    "class Lower(Shelf):\n    def __getattr__(self, name):\n        return name",
)


def generate(rng: random.Random) -> Program:
    """One program around a loader."""
    name, body = weighted(rng, _NAMES), weighted(rng, _BODIES)
    kind = rng.choice([_function, _function, _own_path, _own_path, _given_path, _static, _of_class])
    call, helper = kind(name, body, rng)
    loads = [
        (3.0, Opening(f"<d> = {call}\n<between>\n<use>\n<after>")),
        (3.0, Opening("<use>\n<after>", call)),
    ]
    if "items'" in body:  # what fails in a part may fail later
        loads = loads[1:]
    if rng.random() < 0.15:
        helper = rng.choice(_BESIDE) + "\n" + helper
    if "shelf" in call and "items'" not in body and rng.random() < 0.4:
        change = rng.choice(_CHANGES).replace("<name>", name)
        place = f"<d> = {call}\n{change}\n<use>\n<after>"
        loads = [(1.0, Opening(place)), (1.0, Opening(f"{change}\n<use>\n<after>", call))]
    program = documents.generate(rng, loads, helper)
    # Which identity a string of total() has is up to the allocator: it is made anew each time.
    while "total()" in program.text and "id(" in program.text:
        program = documents.generate(rng, loads, helper)
    return program


def _function(name: str, body: str, rng: random.Random) -> tuple[str, str]:
    given = rng.choice(["<path>", "<path>", "path=<path>", ""])
    default = "='rows.json'" if rng.random() < 0.5 or not given else ""
    function = f"def {name}(path{default}):\n{indent(body.replace('<p>', 'path'))}"
    return f"{name}({given})", function


def _own_path(name: str, body: str, rng: random.Random) -> tuple[str, str]:
    method = f"def {name}(self):\n{indent(body.replace('<p>', 'self.path'))}"
    inside = ""
    if rng.random() < 0.3:
        inside = f"\n\ndef total(self):\n    return [str(x) for x in self.{name}()]"
        call = rng.choice(["shelf.total()", f"shelf.{name}()"])
    else:
        call = rng.choice(
            [f"shelf.{name}()", f"Shelf('rows.json').{name}()", f"Shelf(<path>).{name}()"]
        )
    return call, _class(method + inside, name, rng)


def _given_path(name: str, body: str, rng: random.Random) -> tuple[str, str]:
    method = f"def {name}(self, path):\n{indent(body.replace('<p>', 'path'))}"
    return f"shelf.{name}(<path>)", _class(method, name, rng)


def _static(name: str, body: str, rng: random.Random) -> tuple[str, str]:
    method = f"@staticmethod\ndef {name}(path):\n{indent(body.replace('<p>', 'path'))}"
    return f"{rng.choice(['shelf', 'Shelf'])}.{name}(<path>)", _class(method, name, rng)


def _of_class(name: str, body: str, rng: random.Random) -> tuple[str, str]:
    method = f"@classmethod\ndef {name}(cls, path):\n{indent(body.replace('<p>', 'path'))}"
    return f"{rng.choice(['shelf', 'Shelf'])}.{name}(<path>)", _class(method, name, rng)


def _class(methods: str, name: str, rng: random.Random) -> str:
    maker = "def __init__(self, path):\n    self.path = path"
    mover = "def move(self, path):\n    self.path = path"
    base = rng.choice(["", "", "(Base)"])
    above = "class Base:\n    pass\n" if base else ""
    shelf = f"{above}class Shelf{base}:\n{indent(maker)}\n\n{indent(methods)}\n\n{indent(mover)}\n"
    if rng.random() < 0.25:
        shelf += rng.choice(_HEIRS).replace("<name>", name) + "\n"
    return shelf + "shelf = Shelf('rows.json')"
