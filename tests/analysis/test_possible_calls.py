"""Which functions a call may run: methods by their name, what is handed over, and nested ones."""

from __future__ import annotations

import ast

import pytest

from loadstream.analysis.modules import Module
from loadstream.analysis.possible_calls import functions_behind, functions_given
from loadstream.analysis.repository import Repository
from loadstream.analysis.source import parse

TOOLS = "class Store:\n    def save(self, row): pass\ndef write(row): pass\n"

BEHIND = {
    "from tools import write\nwrite(1)": ["write"],
    "import tools\ntools.write(1)": ["write"],
    "class A:\n    def save(self): pass\nx.save()": ["A.save"],
    "from tools import Store\nx.save()": ["Store.save"],
    "import tools\nx.save()": ["Store.save"],
    "class A:\n    def __init__(self): pass\nA()": ["A.__init__"],
    "from functools import partial\nfrom tools import write\ng = partial(write, 1)\ng()": ["write"],
    "from tools import Store\nx = set()\nx.save()": [],
    "x.save()": [],
    "print(1)": [],
}
GIVEN = {
    "from tools import write\nlist(map(write, [1]))": [],
    "from tools import write\nmap(write, [1])": ["write"],
    "from tools import write\nsorted([1], key=write)": ["write"],
    "from tools import Store\nmap(store.save, [1])": ["Store.save"],
    "map(str, [1])": [],
}


def _call(text: str, tmp_path) -> tuple[ast.Call, Module, Repository]:
    (tmp_path / "tools.py").write_text(TOOLS)
    module = Module(parse(text + "\n", tmp_path / "a.py"))
    statement = module.source.tree.body[-1]
    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Call)
    return statement.value, module, Repository(tmp_path)


@pytest.mark.parametrize("text", BEHIND)
def test_what_is_called_is_found(text, tmp_path):
    call, module, repository = _call(text, tmp_path)
    found = [f.qualified_name for f in functions_behind(call.func, module, repository)]
    assert found == BEHIND[text]


@pytest.mark.parametrize("text", GIVEN)
def test_what_is_handed_over_is_found(text, tmp_path):
    call, module, repository = _call(text, tmp_path)
    found = [f.qualified_name for f in functions_given(call, module, repository)]
    assert found == GIVEN[text]
