"""Programs around plain loaders, rewritten in one run with their twins: old and new do the same.

Every consumer is combined with every loader, and old and new are run on the same documents. Where
the old program fails in its load, the new one must fail with the same exception, unless it was done
before. `len()` of what has none fails with other words.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from loadstream.rewrite import Changed, Failed, rewrite, write

STORE = """\
import json
import os
from pathlib import Path

FOLDER = "."


def load_rows(path="rows.json"):
    with open(path, encoding="utf-8") as handle:
        data = json.load(handle)
    return data["rows"]


def load_all(path="rows.json"):
    return json.load(open(path))


def load_got(name="rows"):
    path = os.path.join(FOLDER, name + ".json")
    with open(path) as f:
        return json.load(f).get("rows", [])


def load_text():
    return json.loads(Path("rows.json").read_text(encoding="utf-8"))


def read_cells(path="rows.json"):
    with open(path) as f:
        return json.load(f)


def load(path="rows.json"):
    return json.loads(Path(path).read_text())


class Shelf:
    def __init__(self, path):
        self.path = path

    def load_rows(self):
        with open(self.path) as f:
            return json.load(f)["rows"]

    @staticmethod
    def load_got(path="rows.json"):
        return json.load(open(path)).get("rows", [])

    @classmethod
    def get_all(cls, path="rows.json"):
        with open(path) as f:
            return json.load(f)


shelf = Shelf("rows.json")
"""
CONSUMERS = {
    "filter": "return [r for r in LOAD() if r]",
    "filter by key": "return [r['n'] for r in LOAD() if r['n'] > 1]",
    "loop": "out = []\nfor r in LOAD():\n    print('saw', r)\n    out.append(str(r))\nreturn out",
    "loop with a variable": "rows = LOAD()\nprint('loaded')\nfor i, r in enumerate(rows):\n"
    "    print(i, r)\n",
    "guard": "for r in LOAD():\n    if not r:\n        continue\n    print(r)\n",
    "accumulate": "kept = []\nfor r in LOAD():\n    if r != 1:\n        kept.append(r)\n"
    "return kept",
    "count": "return len(LOAD())",
    "count some": "return len([r for r in LOAD() if r])",
    "first": "return next((r for r in LOAD() if r), None)",
    "first in a loop": "for r in LOAD():\n    if r:\n        return r\n",
    "sum": "return sum(1 for r in LOAD() if r is not None)",
    "any": "return any(isinstance(r, str) for r in LOAD())",
    "set": "return sorted(set(map(str, LOAD())))",
    "dict": "return {str(r): i for i, r in enumerate(LOAD())}",
    "join": "return ','.join(str(r) for r in LOAD())",
    "zip": "return dict(zip('abc', LOAD()))",
    "passed down": "return build(LOAD())",
    "passed down by name": "rows = LOAD()\nreturn build(least=0, rows=rows)",
    "handled": "try:\n    return sum(1 for r in LOAD())\nexcept Exception:\n    return 'no'",
    "handled apart": "try:\n    rows = LOAD()\nexcept (ValueError, KeyError):\n    rows = []\n"
    "return [r for r in rows if r]",
    "handled loop": "try:\n    for r in LOAD():\n        print(r)\nexcept (ValueError, KeyError):\n"
    "    print('no')",
    "error in the filter": "return [r for r in LOAD() if r / 2 > 1]",
    "twice": "rows = LOAD()\nreturn [r for r in rows if r], len(rows)",
    "indexed": "return LOAD()[0]",
    "truth": "rows = LOAD()\nif rows:\n    return [r for r in rows]\nreturn None",
    "nested": "return [(a, b) for a in LOAD() for b in 'xy']",
    "closure": "rows = LOAD()\nreturn (lambda: [r for r in rows])()",
    "writes what is read": "for r in LOAD():\n    with open('rows.json', 'a') as g:\n"
    "        g.write(' ')\n",
}
# What may end, or fail by itself, before a stream reaches the place where a file is broken.
EARLIER = {"first", "first in a loop", "any", "filter by key", "error in the filter"}
PROGRAM = """\
from store import {imported}


def build(rows, least=0):
    found = []
    for r in rows:
        found.append((least, r))
    return found


def main():
{body}
"""
DOCUMENTS = [
    *(
        f'{{"rows": {rows}, "other": [1]}}'
        for rows in (
            "[]",
            "[1]",
            "[0, 1, 2, 3]",
            '[{"n": 1}, {"n": 2}]',
            "[null, 1.5, true]",
            '{"a": 1}',
            '"text"',
            "5",
            "null",
            '[[1, 2], {"x": [3]}]',
        )
    ),
    "{}",
    "[]",
    "[1, 2, 3]",
    '["a", ""]',
    "5",
    '{"rows": [1, 2',
    "",
    "[1, 2",
    '{"rows": [1], x}',
]
RUNNER = """\
import contextlib, importlib, io, json, pathlib, sys, warnings
warnings.simplefilter("ignore")
documents = json.loads(pathlib.Path("documents").read_text())
for path in sorted(pathlib.Path(".").glob("p*.py")):
    module = importlib.import_module(path.stem)
    for number, document in enumerate(documents):
        pathlib.Path("rows.json").write_text(document)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            try:
                result = repr(module.main())
            except Exception as error:
                result = f"{type(error).__name__}: {error}"
        after = pathlib.Path("rows.json").read_text() == document
        print(json.dumps([path.stem, number, result, printed.getvalue(), after]))
"""


def outcomes(folder: Path) -> dict[tuple[str, int], list[object]]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "runner"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(folder)},
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return {(name, number): rest for name, number, *rest in rows}


def loads(loader: str, document: str) -> bool:
    try:
        data = json.loads(document)
        if loader.endswith("load_rows"):
            data["rows"]
        elif loader.endswith("load_got"):
            data.get("rows", [])
    except Exception:
        return False
    return True


def test_old_and_new_programs_do_the_same_on_every_document(tmp_path):
    loaders = (
        *("load_rows", "load_all", "load_got", "load_text"),
        *("shelf.load_rows", "Shelf.load_got", "shelf.get_all"),
        *("read_cells", "load"),
    )
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    (old / "store.py").write_text(STORE)
    (old / "runner").write_text(RUNNER)
    (old / "documents").write_text(json.dumps(DOCUMENTS))
    programs = {}
    for loader in loaders:
        consumers = list(CONSUMERS.items())[
            :: 1 if loader.endswith("load_rows") or loader == "load_all" else 4
        ]
        for what, body in consumers:
            name, imported = f"p{len(programs):03}", loader.partition(".")[0]
            lines = "".join(f"    {line}\n" for line in body.replace("LOAD", loader).splitlines())
            (old / f"{name}.py").write_text(PROGRAM.format(imported=imported, body=lines))
            programs[name] = (loader, what)
    shutil.copytree(old, new)
    files = [new / "store.py", *(new / f"{name}.py" for name in programs)]
    results = list(rewrite(files, root=new))
    assert not any(isinstance(result, Failed) for result in results)
    write(results, root=new)
    changed = {result.path.stem for result in results if isinstance(result, Changed)}
    assert "store" in changed
    assert not any(isinstance(result, Changed) for result in rewrite(files, root=new))
    kept = {what for name, (_, what) in programs.items() if name not in changed}
    assert kept == {
        "handled apart",
        "handled loop",
        "loop with a variable",  # a missing key would be missed after what stands between
        "twice",
        "indexed",
        "truth",
        "closure",
        "writes what is read",
    }
    before, after = outcomes(old), outcomes(new)
    differing = []
    for (name, number), was in before.items():
        loader, what = programs[name]
        now = after[name, number]
        if loads(loader, DOCUMENTS[number]) and not was[0].startswith("TypeError: object of type"):
            same = was == now
        else:
            same = what in EARLIER or was[0].partition(":")[0] == now[0].partition(":")[0]
        if not same:
            differing.append((what, loader, DOCUMENTS[number], was, now))
    assert not differing, "\n".join(map(repr, differing))
