"""Our scopes against the compiler's own symbol table, on real code."""

from __future__ import annotations

import ast
import symtable
import sys
from pathlib import Path

import pytest

from loadstream.analysis.scopes import COMPREHENSIONS, Access, Scope, Scopes

STDLIB = Path(ast.__file__).parent
MODULES = ["argparse.py", "ast.py", "dataclasses.py", "json/decoder.py", "typing.py", "tokenize.py"]


def compiler_tables(table: symtable.SymbolTable):
    """The compiler's tables of functions and classes, by name and line."""
    for child in table.get_children():
        if str(child.get_type()).rpartition(".")[2].lower() in ("function", "class"):
            yield (child.get_name(), child.get_lineno()), child
        yield from compiler_tables(child)


def our_tables(scopes: Scopes):
    for scope in scopes.module.walk():
        node = scope.node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
            yield (node.name, first), (node.name, node.lineno), scope


def local_names(scope: Scope) -> set[str]:
    # Type parameters have a table of their own, between the function's and the one around it.
    parameters = {p.name for p in getattr(scope.node, "type_params", [])}
    return scope.bound - scope.global_names - scope.nonlocal_names - parameters


@pytest.mark.parametrize("name", MODULES)
def test_a_function_has_the_local_names_that_the_compiler_gives_it(name):
    text = (STDLIB / name).read_text(encoding="utf-8")
    theirs = dict(compiler_tables(symtable.symtable(text, name, "exec")))
    compared = 0
    for decorated, plain, scope in our_tables(Scopes(ast.parse(text))):
        table = theirs.get(decorated) or theirs.get(plain)
        if table is None or isinstance(scope.node, ast.ClassDef):
            continue
        expected = {s.get_name() for s in table.get_symbols() if s.is_local()}
        inlined = {  # 3.12 and later list a comprehension's variables in the function around it
            n for c in scope.children if isinstance(c.node, COMPREHENSIONS) for n in c.bound
        }
        assert local_names(scope) - {".0"} <= expected | inlined, (name, plain)
        assert expected - inlined - {".0", ".type_params"} <= local_names(scope), (name, plain)
        compared += 1
    assert compared > 5


def scopes_of(text: str) -> Scopes:
    return Scopes(ast.parse(text))


def test_a_walrus_in_a_comprehension_binds_in_the_function():
    scopes = scopes_of("def f(xs):\n    return [y for x in xs if (y := x)]\n")
    function = scopes.module.children[0]
    assert [r.access for r in scopes.references(function, "y")].count(Access.BIND) == 1


def test_the_first_iterable_of_a_comprehension_belongs_to_the_outside():
    scopes = scopes_of("class A:\n    xs = []\n    ys = [x for x in xs]\n")
    holder = scopes.module.children[0]
    assert any(r.access is Access.READ for r in scopes.references(holder, "xs"))


def test_a_method_does_not_see_the_names_of_its_class():
    scopes = scopes_of("x = 1\nclass A:\n    x = 2\n    def f(self):\n        return x\n")
    method = scopes.module.children[0].children[0]
    assert method.home("x") is scopes.module


def test_global_and_nonlocal_lead_out_of_the_function():
    scopes = scopes_of(
        "def f():\n    n = 0\n    def g():\n        nonlocal n\n        global m\n"
        "        n = m = 1\n"
    )
    outer = scopes.module.children[0]
    inner = outer.children[0]
    assert inner.home("n") is outer
    assert inner.home("m") is scopes.module


def test_augmented_assignment_reads_and_binds():
    scopes = scopes_of("x = 1\nx += 1\n")
    kinds = [r.access for r in scopes.references(scopes.module, "x")]
    assert kinds.count(Access.BIND) == 2
    assert kinds.count(Access.READ) == 1


def test_handlers_imports_and_matches_bind():
    scopes = scopes_of(
        "import a.b, c.d as e\nfrom f import g as h\n"
        "try:\n    pass\nexcept E as err:\n    pass\n"
        "match v:\n    case {'k': k, **rest}:\n        pass\n    case [*many]:\n        pass\n"
    )
    assert {"a", "e", "h", "err", "k", "rest", "many"} <= scopes.module.bound


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters came with Python 3.12")
def test_type_parameters_belong_to_the_function():
    scopes = scopes_of("def f[T](x: T) -> T:\n    return x\n")
    assert "T" not in scopes.module.bound
