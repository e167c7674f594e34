"""Values become nodes that keep every difference that Python's equality would lose."""

from __future__ import annotations

import datetime
import enum
import json
import sys
import threading
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from loadstream.verify import encode as module
from loadstream.verify.encode import Encoder


def encode(value: Any, *replacements: tuple[str, str]) -> Any:
    return Encoder(replacements).encode(value)


@dataclass
class Point:
    x: int
    y: float = 0.0


class Slotted:
    __slots__ = ("a",)

    def __init__(self, a: int) -> None:
        self.a = a

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Slotted) and other.a == self.a

    __hash__ = None  # type: ignore[assignment]


class Plain:
    def __init__(self) -> None:
        self.a = 1


class Colour(enum.Enum):
    RED = 1


ALIKE_IN_PYTHON = [
    (1, True),
    (1, 1.0),
    (1, Decimal(1)),
    (1.0, Decimal(1)),
    (0.0, -0.0),
    ([1], (1,)),
    ({1}, {True}),
    ({1}, frozenset({1})),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ({1: "a"}, {1.0: "a"}),
    (Decimal("1.0"), Decimal("1.00")),
    (b"a", bytearray(b"a")),
    ("1", 1),
    (2**70, float(2**70)),
]


@pytest.mark.parametrize(("first", "second"), ALIKE_IN_PYTHON)
def test_what_differs_in_type_sign_or_order_has_another_node(first: Any, second: Any) -> None:
    # As text, because 1 and True are equal nodes in Python too.
    assert json.dumps(encode(first)) != json.dumps(encode(second))


@pytest.mark.parametrize(
    "make",
    [
        lambda: float("nan"),
        lambda: [1, {"a": (None, "x")}],
        lambda: Point(1),
        lambda: Slotted(3),
        lambda: Colour.RED,
        lambda: datetime.date(2020, 1, 2),
        lambda: 2**70,
        lambda: ValueError("x"),
        lambda: len,
        lambda: Path("a/b"),
        lambda: (n for n in range(3)),
        lambda: {}.keys(),
    ],
)
def test_the_same_value_made_twice_has_the_same_node(make: Any) -> None:
    first = encode(make())
    assert first == encode(make())
    assert json.loads(json.dumps(first)) == first
    assert "opaque" not in json.dumps(first)


def test_the_order_in_which_a_set_was_filled_is_nothing() -> None:
    assert encode({"a", "b", "c"}) == encode({"c", "b", "a"})


def test_a_dataclass_is_its_fields_and_a_slotted_object_its_slots() -> None:
    assert encode(Point(1))[3:] == [["x", 1], ["y", ["float", "0.0"]]]
    assert encode(Point(1)) != encode(Point(2))
    assert encode(Slotted(1)) != encode(Slotted(2))


def test_a_list_that_holds_itself_ends() -> None:
    value: list[Any] = [1]
    value.append(value)
    assert encode(value) == ["list", 1, ["again", 1]]
    other: dict[str, Any] = {"inner": {}}
    other["inner"]["outer"] = other
    assert encode(other) == ["dict", "inner", ["dict", "outer", ["again", 2]]]


def test_the_same_list_held_twice_is_no_cycle() -> None:
    inner = [1]
    assert encode([inner, inner]) == ["list", ["list", 1], ["list", 1]]


def test_nesting_without_an_end_is_not_compared_any_deeper() -> None:
    value: list[Any] = []
    for _ in range(module.MAX_DEPTH + 5):
        value = [value]
    node = encode(value)
    while node[0] == "list":
        node = node[1]
    assert node[0] == "opaque"


@pytest.mark.parametrize("value", [object(), threading.Lock(), Plain(), lambda: 1])
def test_what_compares_by_identity_only_is_opaque(value: Any) -> None:
    assert encode(value)[0] == "opaque"


def test_an_iterator_is_drained_and_its_exception_is_a_part_of_it() -> None:
    def numbers() -> Any:
        yield 1
        raise KeyError("k")

    assert encode(iter([1, 2])) == ["iterator", 1, 2]
    assert encode(numbers()) == ["iterator!", 1, ["exception", "KeyError", "'k'"]]


def test_a_subclass_is_its_base_and_its_name() -> None:
    class Rows(list):  # type: ignore[type-arg]
        pass

    assert encode(Rows([1])) != encode([1])
    assert encode(Rows([1])) == encode(Rows([1]))
    assert encode(Rows([1])) != encode(Rows([2]))


def test_the_sides_own_folder_is_no_difference() -> None:
    assert encode("in /x/slot0/tree/a", ("/x/slot0/tree", "<tree>")) == "in <tree>/a"
    assert encode(Path("/x/tree/a"), ("/x/tree", "<tree>")) == encode(
        Path("/y/tree/a"), ("/y/tree", "<tree>")
    )


def test_numpy_is_not_imported_for_the_users_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert encode([1, Point(2)])[0] == "list"


def test_a_value_of_too_many_nodes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_NODES", 10)
    with pytest.raises(module.TooLargeError):
        encode(list(range(20)))
