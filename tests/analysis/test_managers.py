"""Context managers that swallow exceptions, told by their text."""

from __future__ import annotations

import ast

import pytest

from loadstream.analysis.managers import swallows
from loadstream.analysis.modules import Module
from loadstream.analysis.repository import Repository
from loadstream.analysis.source import parse

GENERATOR = "@contextmanager\ndef manage():\n    try:\n        yield\n    {end}\n"
CLASS = "class manage:\n    def __exit__(self, *caught):\n        {end}\n"

SWALLOWING = {
    "a handler": GENERATOR.format(end="except ValueError:\n        pass"),
    "a finally that returns": GENERATOR.format(end="finally:\n        return"),
    "suppress inside": "def manage():\n    with suppress(KeyError):\n        yield\n",
    "an exit that says true": CLASS.format(end="return True"),
    "an exit that may say true": CLASS.format(end="return caught[0] is KeyError"),
}
OTHERS = {
    "a finally": GENERATOR.format(end="finally:\n        print(1)"),
    "a handler that raises": GENERATOR.format(
        end="except ValueError:\n        print(1)\n        raise"
    ),
    "an exit that says nothing": CLASS.format(end="print(1)"),
    "an exit that says false": CLASS.format(end="return False"),
    "a function that manages nothing": "def manage():\n    try:\n        return open('x')\n"
    "    except OSError:\n        return None\n",
}


def _swallows(text: str, use: str, tmp_path) -> bool:
    (tmp_path / "tools.py").write_text(text)
    module = Module(parse(use, tmp_path / "a.py"))
    block = module.source.tree.body[-1]
    assert isinstance(block, ast.With)
    return swallows(block.items[0].context_expr, module, Repository(tmp_path))


@pytest.mark.parametrize("text", SWALLOWING.values(), ids=SWALLOWING)
@pytest.mark.parametrize("imported", [True, False])
def test_a_manager_that_swallows_is_known(text, imported, tmp_path):
    head = "from tools import manage\n" if imported else text
    assert _swallows(text, head + "with manage():\n    pass\n", tmp_path)


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_another_manager_is_none(text, tmp_path):
    assert not _swallows(text, text + "with manage():\n    pass\n", tmp_path)


def test_a_manager_in_a_variable_is_followed(tmp_path):
    assert _swallows("", "quiet = suppress(ValueError)\nwith quiet:\n    pass\n", tmp_path)
