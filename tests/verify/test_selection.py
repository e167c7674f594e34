"""What a change touches: scripts, what imports a changed module, functions without arguments."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from loadstream.verify.callables import callables_beside, changed_callables
from loadstream.verify.checks import Call, Script
from loadstream.verify.selection import (
    Code,
    Selection,
    compared_variables,
    select,
)


def path_of(name: str) -> str:
    return name.removesuffix("__init__").replace("__", "/") + (
        "__init__.py" if name.endswith("__init__") else ".py"
    )


def code(**files: str) -> Code:
    """`a__b` stands for `a/b.py`."""
    sources = {path_of(name): text for name, text in files.items()}
    trees = {path: ast.parse(text) for path, text in sources.items()}
    return Code(Path("/nowhere"), trees, sources)


def selected(old: dict[str, str], **changes: str) -> Selection:
    new = {**old, **changes}
    changed = [path_of(name) for name in changes]
    return select(code(**old), code(**new), changed)


def names(selection: Selection) -> list[str]:
    return [check.name for check in selection.checks]


PRINTS = "from common import load\nprint(load())\n"
LIBRARY = "def load(n):\n    return n\n"


def test_a_changed_script_is_run() -> None:
    (check,) = selected({"a": PRINTS, "common": LIBRARY}, a=PRINTS + "print(1)\n").checks
    assert check.target == Script("a.py")
    assert check.files == ("a.py",)


def test_a_script_that_imports_what_changed_is_run_however_far_away_it_is() -> None:
    old = {
        "a": "import middle\nprint(1)\n",
        "b": "print(2)\n",
        "middle": "from common import load\n",
        "common": LIBRARY,
    }
    (check,) = selected(old, common=LIBRARY + "X = 1\n").checks
    assert (check.name, check.files) == ("a.py", ("common.py",))


@pytest.mark.parametrize(
    "importing",
    ["import pkg.common", "from pkg import common", "from pkg.common import load", "import pkg"],
)
def test_packages_are_followed(importing: str) -> None:
    old = {"a": f"{importing}\nprint(1)\n", "pkg____init__": "", "pkg__common": LIBRARY}
    new = {**old, "pkg____init__": "from pkg import common\n", "pkg__common": LIBRARY + "X = 1\n"}
    before = code(**{**new, "pkg__common": LIBRARY})
    found = select(before, code(**new), ["pkg/common.py"])
    assert names(found) == ["a.py"]


def test_the_src_layout_is_followed_and_its_functions_are_named_without_src() -> None:
    old = {
        "src__pkg____init__": "",
        "src__pkg__tool": "def count():\n    return 1\n",
        "scripts__run": "from pkg.tool import count\nprint(count())\n",
    }
    found = selected(old, src__pkg__tool="def count():\n    return 2\n")
    by_name = {check.name: check.target for check in found.checks}
    assert set(by_name) == {"scripts/run.py", "src/pkg/tool.py:count"}
    target = by_name["src/pkg/tool.py:count"]
    assert isinstance(target, Call)
    assert (target.module, target.function) == ("pkg.tool", "count")


def test_a_relative_import_makes_a_script_run_as_a_module() -> None:
    old = {"pkg____init__": "", "pkg__main": "from . import x\nprint(1)\n", "pkg__x": "A = 1\n"}
    (check,) = selected(old, pkg__x="A = 2\n").checks
    assert check.target == Script("pkg/main.py", module="pkg.main")


def test_changed_functions_are_those_that_need_no_arguments() -> None:
    signatures = ("a()", "b(x)", "c(x=1, *, y=2)", "d(*, y)")
    old = "".join(f"def {signature}: return 1\n" for signature in signatures)
    new = ast.parse(old.replace("return 1", "return 2") + "def e(): return 2\n")
    assert changed_callables(ast.parse(old), new) == ["a", "c"]


def test_functions_that_the_script_calls_itself_are_not_called_again() -> None:
    old = "def a(): return 1\ndef main(): return 1\nmain()\n"
    new = ast.parse(old.replace("return 1", "return 2"))
    assert callables_beside(ast.parse(old), new) == ("a",)


def test_comments_and_formatting_are_no_change() -> None:
    assert selected({"a": "print( 1 )\n"}, a="# new\nprint(1)\n") == Selection((), ())


@pytest.mark.parametrize(
    ("old", "changes", "note"),
    [
        ({"a": LIBRARY}, {"a": LIBRARY + "X = 1\n"}, "no script uses it"),
        ({}, {"a": PRINTS}, "is new"),
        ({"test_a": "def test_x(): assert 1\n"}, {"test_a": "def test_x(): assert 2\n"}, "a test"),
    ],
)
def test_what_is_not_run_is_said(old: dict[str, str], changes: dict[str, str], note: str) -> None:
    found = selected(old, **changes)
    assert not found.checks
    assert note in found.notes[0]


def test_what_lies_above_the_folder_is_left_alone() -> None:
    old = {"a": "print(1)\n", "sub__b": "print(1)\n"}
    new = {"a": "print(2)\n", "sub__b": "print(2)\n"}
    assert names(select(code(**old), code(**new), ["a.py", "sub/b.py"], "sub/")) == ["sub/b.py"]


def test_variables_of_both_versions_are_compared_but_not_those_of_loops() -> None:
    old = ast.parse(
        "rows = load()\ntotal = 0\nfor r in rows:\n    total += 1\n    last = r\n_x = 1\n"
    )
    new = ast.parse(
        "total = 0\nfor r in stream():\n    total += 1\n    last = r\nrows = 1\n_x = 1\n"
    )
    assert compared_variables(old, new) == ("rows", "total")


def test_a_changed_notebook_is_named_as_not_run(tmp_path):
    code = Code(tmp_path, {}, {})
    found = select(code, code, ["sub/nb.ipynb", "other/nb.ipynb", "data.json"], "sub/")
    assert found.checks == ()
    assert [note.partition(" is ")[0] for note in found.notes] == ["sub/nb.ipynb"]
