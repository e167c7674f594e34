"""Rewrite a program as `loadstream rewrite` would, run old and new in one process, and compare."""

from __future__ import annotations

import io
import json
import sys
import types
import warnings
from collections import Counter
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

from loadstream.analysis.modules import Repository
from loadstream.analysis.sites import Site, find_sites
from loadstream.analysis.source import parse
from loadstream_codemods.apply import apply

DATA = """\
import json

from loadstream import stream_json

from paths import SOURCE


def load_x(path=SOURCE):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def stream_x(filter_func=None, path=SOURCE):
    return stream_json(path, filter_func=filter_func)
"""

_ROW = {"a": 1, "b": True, "c": [1, 2]}
DOCUMENTS = [
    [],
    [_ROW],
    [{"a": a, "b": a % 3 == 0, "c": list(range(a % 4))} for a in range(7)],
    [_ROW, {"a": 2, "b": "", "c": []}, {"a": 5, "b": None, "c": [9]}, {"a": 1, "b": 0, "c": [0]}],
    [_ROW, {"a": 3, "b": True, "c": [5]}, {"b": True, "c": [1]}, {"a": 4, "b": False, "c": []}],
    [{"a": 0, "b": True, "c": [2]}, {"a": "x", "b": True, "c": [3]}, _ROW],
]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a program printed and how it ended."""

    printed: str
    raised: str | None


@dataclass(slots=True)
class Tally:
    """How many programs were tried, and what became of their sites."""

    programs: int = 0
    rewritten: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)


class Workshop:
    """A folder with the pair, in which programs are rewritten and run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = folder / "rows.json"
        (folder / "paths.py").write_text(f"SOURCE = {str(self.source)!r}\n")
        (folder / "data.py").write_text(DATA)
        self.repository = Repository(folder)
        self.tally = Tally()

    def sites(self, text: str) -> tuple[Site, ...]:
        """The sites of a program that stands beside the pair."""
        return find_sites(parse(text, self.folder / "script.py"), self.repository)

    def rewrite(self, text: str) -> str:
        """The program with every plan applied, unsafe ones too: the data is never broken here."""
        plans = [site.plan for site in self.sites(text) if site.plan is not None]
        return apply(text, plans) if plans else text

    def count(self, text: str, rewritten: bool) -> None:
        """Add a program to the tally."""
        self.tally.programs += 1
        self.tally.rewritten += rewritten
        for site in self.sites(text):
            if site.plan is not None:
                self.tally.codes[site.plan.code] += 1
            else:
                self.tally.reasons.update(r.reason.value for r in site.refusals)

    def run(self, text: str, document: object) -> Outcome:
        """Run a program on a document; its exception, if any, by class and message."""
        self.source.write_text(json.dumps(document))
        saved = {name: sys.modules.pop(name, None) for name in ("data", "paths")}
        sys.path.insert(0, str(self.folder))
        printed = io.StringIO()
        raised = None
        module = types.ModuleType("program")
        try:
            with redirect_stdout(printed), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                exec(compile(text, "program.py", "exec"), module.__dict__)
        except Exception as error:
            raised = f"{type(error).__name__}: {error}"
        finally:
            sys.path.remove(str(self.folder))
            for name, previous in saved.items():
                sys.modules.pop(name, None)
                if previous is not None:
                    sys.modules[name] = previous
        return Outcome(printed.getvalue(), raised)

    def divergence(self, text: str) -> str | None:
        """None if old and new agree on every document; otherwise all that is needed to see why."""
        new = self.rewrite(text)
        self.count(text, new != text)
        if new == text:
            return None
        for document in DOCUMENTS:
            before, after = self.run(text, document), self.run(new, document)
            if before != after:
                return f"on {document}\n--- old\n{text}\n--- new\n{new}\n{before}\n{after}"
        again = self.rewrite(new)
        if again != new:
            return f"a second run changes it\n--- new\n{new}\n--- again\n{again}"
        return None
