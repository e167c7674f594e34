"""Programs cut into the cells of a notebook, rewritten there, and run cell after cell.

In the text of such a program a line of `# %%` stands between two cells.
"""

from __future__ import annotations

import ast
import random
import re
import symtable
from collections.abc import Sequence
from pathlib import Path

from loadstream.analysis.notebook_text import read_notebook
from loadstream.analysis.notebooks import source_of
from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import find_sites
from loadstream.rewrite import Changed, Failed, rewrite
from tests.differential.harness import Rewritten, Workshop
from tests.differential.model import Divergence, Document, Health, Outcome, Program
from tests.notebooks import notebook

BETWEEN = "\n# %%\n"
SHELL = "!ls"
# What the names of the first version hold at the end; a name may only come.
_ANY_ORDER = """
for number in {order!r}:
    try:
        exec(compile({cells!r}[number], "cell", "exec"), globals())
    except Exception as error:
        print("cell", number, type(error).__name__)
del number
"""
_NAMES = "\nprint({{name: repr(globals().get(name, 'gone')) for name in {names!r}}})\n"


def cut(program: Program, chance: random.Random) -> Program:
    """The program with its statements in cells of one or more, and a shell line here and there."""
    text = program.text
    starts = [_first_line(statement) for statement in ast.parse(text).body]
    lines = text.split("\n")
    for index, line in reversed(list(enumerate(starts))):
        if chance.random() < 0.1:
            lines.insert(line - 1, SHELL)
        if index and chance.random() < 0.4:
            lines.insert(line - 1, BETWEEN.strip("\n"))
    return Program("\n".join(lines).rstrip("\n"), program.documents)


def python_of(text: str) -> str:
    """The program without its shell lines."""
    return re.sub(rf"^{re.escape(SHELL)}$", "pass", text, flags=re.MULTILINE)


def _first_line(statement: ast.stmt) -> int:
    decorators = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


class NotebookWorkshop(Workshop):
    """A workshop whose programs are notebooks, rewritten as files are."""

    def rewrite(self, text: str) -> Rewritten:
        """The program with every rewrite, and with the safe ones only."""
        path = self.folder / "script.ipynb"
        path.write_bytes(notebook(*text.split(BETWEEN)))
        source = source_of(path.read_bytes(), path)
        sites = find_sites(source, Repository(self.folder))
        safe, every = (self._written(text, unsafe) for unsafe in (False, True))
        path.unlink()
        return Rewritten(text, sites, safe, every)

    def _written(self, text: str, unsafe: bool) -> str:
        path = self.folder / "script.ipynb"
        [result] = rewrite([path], root=self.folder, unsafe=unsafe, named=[path])
        if isinstance(result, Failed):
            raise AssertionError(result.cause)
        if not isinstance(result, Changed):
            return text
        return BETWEEN.join(cell.text for cell in read_notebook(result.new).cells)

    def run(self, text: str, document: Document) -> Outcome:
        """Run the cells in order."""
        return super().run(python_of(text), document)


class NamesWorkshop(NotebookWorkshop):
    """One that looks at what every name of the notebook holds at the end; safe rewrites only."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._names: Sequence[str] = ()

    def rewrite(self, text: str) -> Rewritten:
        """The program with its safe rewrites; the names are those of the one it is asked first."""
        found = super().rewrite(text)
        return Rewritten(found.text, found.sites, found.safe, found.safe)

    def divergence(self, program: Program) -> Divergence | None:
        """What is found if the names of `program` are looked at, too."""
        table = symtable.symtable(python_of(program.text), "cells", "exec")
        self._names = sorted(
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
        )
        return super().divergence(program)

    def run(self, text: str, document: Document) -> Outcome:
        """Run a program and print its names."""
        return super().run(text + _NAMES.format(names=self._names), document)


class AnyOrderWorkshop(NamesWorkshop):
    """One that runs the cells in order and then again in any, on documents that are whole.

    A cell that raises ends by itself: the notebook goes on.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._seed = ""

    def divergence(self, program: Program) -> Divergence | None:
        """What is found in an order of cells that only the program decides."""
        whole = tuple(one for one in program.documents if one.health is Health.WHOLE)
        self._seed = program.text
        return super().divergence(Program(program.text, whole))

    def run(self, text: str, document: Document) -> Outcome:
        """Run each cell, and then some of them again."""
        cells = python_of(text).split(BETWEEN)
        chance = random.Random(self._seed)
        again = [chance.randrange(len(cells)) for _ in cells]
        order = [*range(len(cells)), *again]
        return super().run(_ANY_ORDER.format(order=order, cells=cells), document)
