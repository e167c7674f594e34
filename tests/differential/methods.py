"""Programs around a load by a method, out of those around a pair: the object may be changed too."""

from __future__ import annotations

import random
import re

from tests.differential import programs
from tests.differential.model import Program

CLASSES = """\
import json

from loadstream import stream_json

from paths import SOURCE


class Rows:
    def __init__(self, path=SOURCE):
        self.path = path
        self.least = 0
        self.fixed = 1

    def load_x(self):
        with open(self.path, encoding="utf-8") as file:
            return json.load(file)

    def stream_x(self, filter_func=None):
        return stream_json(self.path, filter_func=filter_func)

    def switch(self, least):
        self.least = least

    def update(self, path):
        self.path = path


class Late(Rows):
    def load_x(self):
        with open(self.path, encoding="utf-8") as file:
            return [r for i, r in enumerate(json.load(file)) if i >= self.least]

    def stream_x(self, filter_func=None):
        with open(self.path, encoding="utf-8") as file:
            for i, r in enumerate(json.load(file)):
                if i >= self.least and (filter_func is None or filter_func(r)):
                    yield r


class Fixed(Rows):
    def load_x(self):
        with open(self.path, encoding="utf-8") as file:
            return [r for i, r in enumerate(json.load(file)) if i >= self._first()]

    def stream_x(self, filter_func=None):
        with open(self.path, encoding="utf-8") as file:
            for i, r in enumerate(json.load(file)):
                if i >= self._first() and (filter_func is None or filter_func(r)):
                    yield r

    def _first(self):
        return self.fixed


class Heir(Fixed):
    pass


rows, late, fixed, heir = Rows(), Late(), Fixed(), Heir()
"""
_LOADS = ("load_x(path=SOURCE)", "load_x(SOURCE)", "data.load_x()", "load_x()", "get()")
_IMPORT = re.compile(r"from data import load_x(?:, stream_x| as get)?|^import data$", re.MULTILINE)
_CHANGES = (
    "{o}.fixed = 2",
    "{o}.fixed += 1",
    "vars({o})['fixed'] = 2",
    "{o}.least = 1",
    "{o}.least += 1",
    "{o}.switch(2)",
    "{o}.update('other.json')",
    "{o}.path = 'other.json'",
    "del {o}.path",
    "setattr({o}, 'least', 2)",
    "{o} = Rows('other.json')",
    "print({o}.least)",
)


def generate(rng: random.Random) -> Program:
    """One program, drawn again until it is valid Python."""
    while True:
        program = programs.generate(rng)
        text = _by_method(program.text, rng)
        try:
            compile(text, "program.py", "exec")
        except SyntaxError:
            continue
        if ".load_x()" in text:
            return Program(text, program.documents)


def _by_method(text: str, rng: random.Random) -> str:
    """The same program with a method in place of the loader, its object changed here and there."""
    owner = rng.choice(["Rows", "Rows", "Rows", "Late", "Fixed", "Heir"])
    receiver, prelude = rng.choice(
        [
            ("kept", f"from data import {owner}\nkept = {owner}()"),
            (f"{owner}()", f"from data import {owner}"),
            (f"{owner}(SOURCE)", f"from data import {owner}\nfrom paths import SOURCE"),
            (f"data.{owner}()", "import data"),
        ]
    )
    text = _IMPORT.sub(f"from data import Rows\n{prelude}", text, count=1)
    for load in _LOADS:
        text = re.sub(rf"(?<![\w.]){re.escape(load)}", f"{receiver}.load_x()", text)
    lines = text.split("\n")
    start = next((i for i, line in enumerate(lines) if ".load_x()" in line), 0)
    for _ in range(rng.choice([0, 0, 1, 1, 2])):
        at = rng.randrange(start, min(start + 9, len(lines)))
        indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        changed = "kept" if receiver == "kept" else "Rows"
        lines.insert(at, indent + rng.choice(_CHANGES).format(o=changed))
    return "\n".join(lines)
