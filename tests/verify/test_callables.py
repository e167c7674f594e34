"""What can be called with nothing: functions, and methods of classes made with nothing."""

from __future__ import annotations

import ast

import pytest

from loadstream.verify.callables import binds, callables, changed_callables


def names(text: str) -> list[str]:
    return list(callables(ast.parse(text)))


def test_decorated_functions_count_but_not_what_others_call() -> None:
    text = "@functools.cache\ndef a(): ...\n@lru_cache(maxsize=None)\ndef b(): ...\n"
    text += "@contextmanager\ndef c(): ...\n@pytest.fixture\ndef d(): ...\ndef e(x): ...\n"
    assert names(text) == ["a", "b"]


@pytest.mark.parametrize(
    "head",
    [
        "class A:\n",
        "class A:\n    def __init__(self, n=1): ...\n",
        "@dataclass\nclass A:\n    n: int = 0\n",
        "class B:\n    pass\nclass A(B):\n",
        "class B:\n    def __init__(self, n): ...\nclass A(B):\n    def __init__(self): ...\n",
    ],
)
def test_methods_of_a_class_made_with_nothing_count(head: str) -> None:
    body = "    def f(self): ...\n    @staticmethod\n    def g(): ...\n    def h(self, x): ...\n"
    body += "    @property\n    def i(self): ...\n    def __len__(self): ...\n"
    assert names(head + body) == ["A.f", "A.g"]


@pytest.mark.parametrize(
    "head",
    [
        "class A:\n    def __init__(self, n): ...\n",
        "@dataclass\nclass A:\n    n: int\n",
        "class A(Elsewhere):\n",
        "class B:\n    def __init__(self, n): ...\nclass A(B):\n",
        "class A(metaclass=M):\n",
        "@register\nclass A:\n",
        "class A:\n    @abstractmethod\n    def z(self): ...\n",
    ],
)
def test_other_classes_have_none(head: str) -> None:
    assert names(head + "    def f(self): ...\n") == []


def test_only_what_differs_is_changed() -> None:
    old = "class A:\n    def f(self): return 1\n    def g(self): return 1\n"
    new = old.replace("f(self): return 1", "f(self): return 2")
    assert changed_callables(ast.parse(old), ast.parse(new)) == ["A.f"]


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("def f(): ...", "f", True),
        ("f = g", "f", True),
        ("from m import g as f", "f", True),
        ("from m import *", "f", True),
        ("globals()['f'] = 1", "f", True),
        ("def g(): ...", "f", False),
        ("class A:\n    def f(self): ...", "A.f", True),
        ("class A:\n    def f(self): ...", "A.g", False),
        ("class A(B):\n    def f(self): ...", "A.g", True),
    ],
)
def test_a_name_that_a_module_cannot_have_is_known(text: str, name: str, found: bool) -> None:
    assert binds(ast.parse(text), name) is found
