"""Walks give what those of `ast` give, without the contexts."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from loadstream.analysis import trees

EVERYTHING = """\
async def f(a, /, b: int = 1, *c, d=2, **e) -> None:
    async with a as x, b:
        del c[0], d.e
    async for i in range(3):
        await i
    return [*(y := [1]), {**e}, {1: 2 for z in (3, 4) if z if not z}, f"{a!r:>{b}}"]


class C(B, metaclass=M):
    x: int
    global G

    try:
        import os.path as p
    except (A, B) as error:
        raise C from error
    else:
        pass
    finally:
        from . import q


match point:
    case {"k": [1, *rest], **others} if rest:
        pass
    case C(x=1) | None as found:
        lambda: (yield)
"""


@pytest.mark.parametrize("text", [EVERYTHING, Path(trees.__file__).read_text(encoding="utf-8")])
def test_walk_is_that_of_ast_without_contexts(text: str) -> None:
    tree = ast.parse(text)
    wanted = [node for node in ast.walk(tree) if not isinstance(node, ast.expr_context)]
    assert list(trees.walk(tree)) == wanted


def test_children_are_in_the_order_of_the_fields() -> None:
    call = ast.parse("f(a, *b, c=d)", mode="eval").body
    assert [ast.unparse(node) for node in trees.children(call)] == ["f", "a", "*b", "c=d"]


def test_what_a_node_made_by_hand_lacks_is_passed_over() -> None:
    assert list(trees.walk(ast.Return())) != []
